"""Shared Streamlit parts of the pages that read runs: their sections, the choice of runs, files."""
