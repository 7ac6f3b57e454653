"""What the pages share: browser components, controls made from declarations, the view in the URL.

The only part of the library that imports Streamlit.
"""
