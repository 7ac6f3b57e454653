"""The app: navigation and page chrome, nothing else."""

import streamlit as st

from lossviz.ui import chrome

st.set_page_config(page_title="lossviz", page_icon=chrome.ICON, layout="wide")
chrome.apply()
st.navigation(
    [
        st.Page("pages/contours.py", title="Contours", icon=":material/landscape:", default=True),
        st.Page("pages/train.py", title="Train", icon=":material/play_circle:"),
        st.Page("pages/reference.py", title="Reference", icon=":material/menu_book:"),
    ],
    position="top",
).run()
