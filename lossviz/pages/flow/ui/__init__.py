"""What the page Flow draws with Streamlit."""
