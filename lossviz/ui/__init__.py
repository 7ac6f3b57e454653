"""Shared parts of the pages: browser components, controls made from declarations, the view in the URL.

Apart from the pages, no other part of the library imports Streamlit.
"""
