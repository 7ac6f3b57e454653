"""What the page Embeddings draws with Streamlit."""
