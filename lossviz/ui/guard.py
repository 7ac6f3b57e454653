"""The guard before all routes: who may ask, how many pages may be open, and what browsers are told."""

from __future__ import annotations

import secrets
from collections import Counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.logger import get_logger
from streamlit.runtime.state import query_params

from lossviz.core.mode import Mode
from lossviz.ui.origins import RequestFacts, refusal

TOLD = {
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
VISITOR = "lossviz_visitor"
# One address gets at most this share of all connections: a whole class may have a single address.
SHARE = 0.25
_LOGGED, _KEPT_S = 100, 30 * 86_400
# Streamlit drops all settings of a link with more than this: the page would open with its defaults.
MOST_SETTINGS = query_params.CLIENT_STATE_QUERY_STRING_MAX_FIELDS


class Guard:
    """Middleware that refuses what does not come from the app's own pages.

    It stands before every route, Streamlit's and ours, HTTP and websocket. It removes the Origin
    from requests that pass: it has checked the Origin, and for another check Streamlit would ask the
    internet for this machine's address.
    """

    def __init__(self, app: ASGIApp, mode: Mode) -> None:
        self.app, self.mode = app, mode
        self.open: Counter[str] = Counter()
        self._logged: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        websocket = scope["type"] == "websocket"
        asked = RequestFacts(
            scope.get("method", "GET"), websocket, {name: headers.getlist(name) for name in headers}
        )
        problem = refusal(asked, self.mode)
        if problem:
            self._log(problem)
        elif websocket and self._full(_client(scope)):
            problem = "Too many pages are open here; close one, or try again later."
        if problem:
            await _refuse(problem, scope, receive, send)
            return
        if not websocket and (problem := _too_long(scope)):
            await PlainTextResponse(f"lossviz: {problem}\n", 414, TOLD)(scope, receive, send)
            return
        passed = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"origin"]}
        if not websocket:
            page = "text/html" in headers.get("accept", "") and not _known(headers)
            await self.app(passed, receive, _telling(send, name_it=page and self.mode.shared))
            return
        client = _client(scope)
        self.open[client] += 1
        try:
            await self.app(passed, receive, send)
        finally:
            self.open[client] -= 1
            self.open += Counter()  # drops those at zero

    def _full(self, client: str) -> bool:
        most = self.mode.limits.connections
        return self.open.total() >= most or self.open[client] >= most * SHARE

    def _log(self, problem: str) -> None:
        """Log each refusal once, and no more of them than anyone would read."""
        if problem not in self._logged and len(self._logged) < _LOGGED:
            self._logged.add(problem)
            get_logger("lossviz").warning("refused: %s", problem)


def _telling(send: Send, name_it: bool) -> Send:
    """Add to an answer the headers of TOLD, and, for a browser without a name, a cookie with one."""

    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(TOLD)
            if name_it:
                kept = f"Path=/; Max-Age={_KEPT_S}; HttpOnly; SameSite=Lax"
                headers.append("Set-Cookie", f"{VISITOR}={secrets.token_urlsafe(16)}; {kept}")
        await send(message)

    return telling


def _too_long(scope: Scope) -> str:
    """Say in words that a link has too many settings to be read; "" otherwise."""
    count = scope.get("query_string", b"").count(b"&") + 1
    if count <= MOST_SETTINGS:
        return ""
    return (
        f"A link may hold {MOST_SETTINGS:,} settings; this one has {count:,}, so none was read. "
        f"Shorten it, or open the page without any: {scope['path']}"
    )


def _known(headers: Headers) -> bool:
    """True if the browser has a name already."""
    return VISITOR in cookie_parser(headers.get("cookie", ""))


def _client(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


async def _refuse(problem: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await PlainTextResponse(f"lossviz: {problem}\n", 403, TOLD)(scope, receive, send)
        return
    # The websocket is not accepted yet, so the server answers 403.
    await send({"type": "websocket.close", "code": 1008, "reason": problem[:100]})
