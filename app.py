"""The app: navigation and page chrome, nothing else."""

import streamlit as st

from lossviz.ui import chrome

st.set_page_config(page_title="lossviz", page_icon=chrome.ICON, layout="wide")
chrome.apply()
st.navigation(
    [
        st.Page("pages/contours.py", title="Contours", icon=":material/landscape:", default=True),
        st.Page("pages/flow.py", title="Flow", icon=":material/air:"),
        st.Page("pages/doctor.py", title="Doctor", icon=":material/stethoscope:"),
        st.Page("pages/train.py", title="Train", icon=":material/play_circle:"),
        st.Page("pages/angles.py", title="Angles", icon=":material/architecture:"),
        st.Page("pages/uniform.py", title="Uniform", icon=":material/linear_scale:"),
        st.Page("pages/embeddings.py", title="Embeddings", icon=":material/bubble_chart:"),
        st.Page("pages/important.py", title="Important", icon=":material/star:"),
        st.Page("pages/imbalance.py", title="Imbalance", icon=":material/balance:"),
        st.Page("pages/reference.py", title="Reference", icon=":material/menu_book:"),
    ],
    position="top",
).run()
