"""What the page Angles draws with Streamlit."""
