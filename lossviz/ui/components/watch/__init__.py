"""The watch: lines that say how something stands; the browser renews them, and tells the page of changes.

A page that waits for something mounts a watch instead of running again and again. The browser asks a
route; one call of `look` serves all browsers that wait for the same.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from lossviz.core.cache import Cache
from lossviz.core.errors import RunError
from lossviz.core.packet import Packet
from lossviz.core.timed_value import TimedValue
from lossviz.ui import serving
from lossviz.ui.components import component

__all__ = ["Line", "News", "mount", "routes"]

ROUTE = "lossviz/watch"
LOOK_S = 1.0
# A watch is named by its subject and this secret, so nobody can name a watch that no page has made.
_SECRET = secrets.token_hex(16)


@dataclass(frozen=True)
class Line:
    """A line of text. share: the part that is done, in [0, 1], drawn as a bar."""

    text: str
    share: float | None = None


@dataclass(frozen=True)
class News:
    """state: a word that changes where the page has something new to say. lines: how it stands now."""

    state: str
    lines: Sequence[Line] = ()


_watches: Cache[TimedValue[Packet]] = Cache(512)
_component = component("watch", Path(__file__).parent, "changed")


def mount(
    what: object, look: Callable[[], News], *, key: str, on_changed: Callable[[], None], drawn: str = ""
) -> Any:
    """Show the lines of `look`, and renew them. When the state changes, on_changed is called and the page
    runs once.

    what: identifies, by its repr, what is looked at; equal for all pages that look at the same. look: is
    kept, and called by a thread that belongs to no session, so it must hold nothing of a page. drawn: the
    state that the page shows; "": the present one.
    """
    token = hashlib.sha256(f"{_SECRET} {what!r}".encode()).hexdigest()[:32]
    watch = _watches.get(token, lambda: TimedValue(lambda: _packet(look()), lambda _: LOOK_S))
    data = json.loads(watch.renew().data)
    data |= {"source": f"{ROUTE}/{token}", "state": drawn or data["state"]}
    return _component(key=key, data=data, on_changed=on_changed)


def routes(base: str) -> list[Route]:
    """Give the routes of the watch. base: the path below which the app is served, "" for the root."""
    return [Route(serving.below(base, f"{ROUTE}/{{token}}"), serving.endpoint(_found))]


def _found(request: Request) -> tuple[Packet | None, Callable[[], Packet]]:
    watch = _watches.peek(request.path_params["token"])
    if watch is None:
        raise RunError("nothing is watched under this name (any more)")
    return watch.peek(), watch.get


def _packet(news: News) -> Packet:
    made = {"state": news.state, "lines": [asdict(line) for line in news.lines]}
    return Packet.of(json.dumps(made).encode(), media_type="application/json")
