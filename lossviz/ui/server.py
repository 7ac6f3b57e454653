"""The parts of the server that the app adds to Streamlit: routes, the guard, and words for errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence

import streamlit as st
from anyio import to_thread
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route, Router
from starlette.types import Receive, Scope, Send
from streamlit import config
from streamlit.logger import get_logger

from lossviz.core.errors import ConfigError
from lossviz.core.mode import NONE
from lossviz.ui import chrome, serving, startup
from lossviz.ui.components import watch
from lossviz.ui.guard import Guard
from lossviz.ui.modes import mode
from lossviz.ui.page_files import FIRST


def routes(*makers: Callable[[str], Iterable[BaseRoute]]) -> Sequence[BaseRoute]:
    """Give our own routes, beside Streamlit's. makers: give the pages' routes for the app's base path; called
    at the first request, so that they may import what takes long."""
    base = st.get_option("server.baseUrlPath") or ""
    own = Route(serving.below(base, "lossviz/{path:path}"), _OwnRoutes(base, (*makers, watch.routes)))
    return (own, *first_page(base))


class _OwnRoutes:
    """The app of our own routes."""

    def __init__(self, base: str, makers: Sequence[Callable[[str], Iterable[BaseRoute]]]) -> None:
        self._base, self._makers = base, makers
        self._router: Router | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._router is None:
            self._router = await to_thread.run_sync(self._made)
        await self._router(scope, receive, send)

    def _made(self) -> Router:
        startup.wait()
        chrome.limit_threads()  # a route may be asked for before any page
        return Router([route for make in self._makers for route in make(self._base)])


def first_page(base: str) -> list[Route]:
    """The route of the first page by its name, where Streamlit has no page: it leads to the root, settings
    and all."""

    async def lead(request: Request) -> RedirectResponse:
        return RedirectResponse(f"./?{request.url.query}")  # relative: a proxy may serve the app elsewhere

    return [Route(serving.below(base, FIRST), lead)]


def middleware() -> Sequence[Middleware]:
    """Give the middleware that every request passes before it is answered. Writes to the log how the server
    is used; ends the server where the environment cannot be read."""
    try:
        now = mode()
    except ConfigError as error:
        sys.exit(f"lossviz: {error}")
    print(now.words(), file=sys.stderr, flush=True)
    if (memory := now.limits.memory) < NONE:
        # Workers read the limit from the environment.
        os.environ.setdefault("LOSSVIZ_WORKER_MEMORY", str(int(memory * 1e9)))
    if now.hosts or not now.loopback:
        # .streamlit/config.toml allows the names of a server at home only; the guard checks all names.
        config.set_option("server.allowedHosts", ["*"])
    return (Middleware(Guard, mode=now),)


def script_error(error: Exception) -> bool:
    """Log an exception that a page or a callback did not catch, and tell the visitor in words."""
    get_logger("lossviz").error("a page failed", exc_info=error)
    st.error(
        "Something went wrong here that should not have: it is in the log of the server. "
        "Your runs and files are as they were. Reload the page to go on."
    )
    return True
