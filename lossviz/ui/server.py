"""What the server of the app adds to Streamlit: routes, who may ask, and what is said of an error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence

import streamlit as st
import torch
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from streamlit import config
from streamlit.logger import get_logger

from lossviz.core.errors import ConfigError
from lossviz.core.mode import NONE
from lossviz.ui.components import watch
from lossviz.ui.guard import Guard
from lossviz.ui.modes import mode


def routes(*makers: Callable[[str], Iterable[BaseRoute]]) -> Sequence[BaseRoute]:
    """The routes of our own, beside Streamlit's. makers: of the pages' routes, given the app's base path."""
    torch.set_num_threads(1)  # as lossviz.ui.chrome says; a route may be asked before any page is
    base = st.get_option("server.baseUrlPath") or ""
    return tuple(route for make in (*makers, watch.routes) for route in make(base))


def middleware() -> Sequence[Middleware]:
    """What every request passes before it is answered. Says in the log how the server is used; ends it
    where the environment cannot be read."""
    try:
        now = mode()
    except ConfigError as error:
        sys.exit(f"lossviz: {error}")
    print(now.words(), file=sys.stderr, flush=True)
    if (memory := now.limits.memory) < NONE:
        # Workers read it there.
        os.environ.setdefault("LOSSVIZ_WORKER_MEMORY", str(int(memory * 1e9)))
    if now.hosts or not now.loopback:
        # The list in .streamlit/config.toml is that of a server at home; the guard knows all names.
        config.set_option("server.allowedHosts", ["*"])
    return (Middleware(Guard, mode=now),)


def script_error(error: Exception) -> bool:
    """Log an exception that a page or a callback let through, and tell the visitor in words."""
    get_logger("lossviz").error("a page failed", exc_info=error)
    st.error(
        "Something went wrong here that should not have: it is in the log of the server. "
        "Your runs and files are as they were. Reload the page to go on."
    )
    return True
