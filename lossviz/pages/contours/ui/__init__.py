"""What the page Contours draws with Streamlit."""
