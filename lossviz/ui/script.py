"""The script that the server runs for every visit: page chrome and navigation, nothing else.

app.py serves it; AppTest takes it by `SCRIPT` of lossviz.ui.page_files.
"""

import streamlit as st

from lossviz.ui import chrome
from lossviz.ui.page_files import page_file

st.set_page_config(page_title="lossviz", page_icon=chrome.ICON, layout="wide")
chrome.apply()
_SEE, _READ = ("contours", "flow", "doctor", "reference"), ("angles", "uniform", "embeddings", "important", "imbalance")


def _group(name: str, pages: tuple[str, ...]) -> str:
    """The name of a group of pages with the one that is open: "Read: Angles"."""
    here = (st.context.url or "").rpartition("/")[2]
    return f"{name}: {here.capitalize()}" if here in pages else name


st.navigation(
    {
        _group("See", _SEE): [
            st.Page(page_file("contours"), title="Contours", icon=":material/landscape:", default=True),
            st.Page(page_file("flow"), title="Flow", icon=":material/air:"),
            st.Page(page_file("doctor"), title="Doctor", icon=":material/stethoscope:"),
            st.Page(page_file("reference"), title="Reference", icon=":material/menu_book:"),
        ],
        "": [st.Page(page_file("train"), title="Train", icon=":material/play_circle:")],
        _group("Read", _READ): [
            st.Page(page_file("angles"), title="Angles", icon=":material/architecture:"),
            st.Page(page_file("uniform"), title="Uniform", icon=":material/linear_scale:"),
            st.Page(page_file("embeddings"), title="Embeddings", icon=":material/bubble_chart:"),
            st.Page(page_file("important"), title="Important", icon=":material/star:"),
            st.Page(page_file("imbalance"), title="Imbalance", icon=":material/balance:"),
        ],
    },
    position="top",
).run()
