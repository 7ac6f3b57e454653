"""What the page Imbalance draws with Streamlit."""
