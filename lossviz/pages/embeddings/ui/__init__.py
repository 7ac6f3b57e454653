"""The Streamlit part of the page Embeddings."""
