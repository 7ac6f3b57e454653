"""The parts of the page Reference in Streamlit."""
