"""The script that the server runs for every visit: page chrome and navigation, nothing else.

app.py serves it; AppTest takes it by `SCRIPT` of lossviz.ui.page_files.
"""

import streamlit as st

from lossviz.ui import chrome
from lossviz.ui.page_files import page_file

st.set_page_config(page_title="lossviz", page_icon=chrome.ICON, layout="wide")
chrome.apply()
st.navigation(
    [
        st.Page(page_file("contours"), title="Contours", icon=":material/landscape:", default=True),
        st.Page(page_file("flow"), title="Flow", icon=":material/air:"),
        st.Page(page_file("doctor"), title="Doctor", icon=":material/stethoscope:"),
        st.Page(page_file("train"), title="Train", icon=":material/play_circle:"),
        st.Page(page_file("angles"), title="Angles", icon=":material/architecture:"),
        st.Page(page_file("uniform"), title="Uniform", icon=":material/linear_scale:"),
        st.Page(page_file("embeddings"), title="Embeddings", icon=":material/bubble_chart:"),
        st.Page(page_file("important"), title="Important", icon=":material/star:"),
        st.Page(page_file("imbalance"), title="Imbalance", icon=":material/balance:"),
        st.Page(page_file("reference"), title="Reference", icon=":material/menu_book:"),
    ],
    position="top",
).run()
