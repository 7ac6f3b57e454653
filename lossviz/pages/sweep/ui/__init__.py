"""The parts of the page Sweep in Streamlit."""
