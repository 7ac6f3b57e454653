"""What the server of the app adds to Streamlit: routes, who may ask, and what is said of an error."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
import torch
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from streamlit.logger import get_logger

from lossviz.ui import watch
from lossviz.ui.live import routes as live


def routes() -> Sequence[BaseRoute]:
    """The routes of our own, beside Streamlit's."""
    torch.set_num_threads(1)  # as lossviz.ui.chrome says; a route may be asked before any page is
    base = st.get_option("server.baseUrlPath") or ""
    return (*live.routes(base), *watch.routes(base))


def middleware() -> Sequence[Middleware]:
    """What every request passes before it is answered."""
    return ()


def script_error(error: Exception) -> bool:
    """Log an exception that a page or a callback let through, and tell the visitor in words."""
    get_logger("lossviz").error("a page failed", exc_info=error)
    st.error(
        "Something went wrong here that should not have: it is in the log of the server. "
        "Your runs and files are as they were. Reload the page to go on."
    )
    return True
