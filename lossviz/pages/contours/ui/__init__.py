"""The parts of the page Contours in Streamlit."""
