"""What the page Uniform draws with Streamlit."""
