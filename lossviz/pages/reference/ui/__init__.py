"""What the page Reference draws with Streamlit."""
