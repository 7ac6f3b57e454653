"""The app: `streamlit run app.py` serves it. Its pages are named in lossviz/ui/script.py."""

import streamlit as st

from lossviz.pages.train.ui.routes import routes as live
from lossviz.ui import server
from lossviz.ui.page_files import SCRIPT

app = st.App(
    SCRIPT,
    routes=server.routes(live),
    middleware=server.middleware(),
    on_script_error=server.script_error,
)
