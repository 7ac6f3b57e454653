"""The parts of the page Flow in Streamlit."""
