"""The app: `streamlit run app.py` serves it. Its pages are named in lossviz/ui/script.py."""

from collections.abc import Iterable

import streamlit as st
from starlette.routing import BaseRoute

from lossviz.ui import server, startup
from lossviz.ui.page_files import SCRIPT

# Whatever imports torch is imported below, where it is needed: the server does not wait for it.


def first_page() -> None:
    """Import what the first page needs."""
    import lossviz.pages.contours.page  # noqa: F401


def live(base: str) -> Iterable[BaseRoute]:
    """Give the routes of the page Train."""
    from lossviz.pages.train.ui.routes import routes

    return routes(base)


app = st.App(
    SCRIPT,
    lifespan=startup.lifespan(first_page),
    routes=server.routes(live),
    middleware=server.middleware(),
    on_script_error=server.script_error,
)
