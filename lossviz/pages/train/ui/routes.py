"""The routes of the live page: pictures, points and curves of runs as bytes, made once for all who watch.

A request names runs by their ids, and options as the page's link does; nothing else is read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.routing import Route

from lossviz.core.errors import LossvizError
from lossviz.core.packet import Packet
from lossviz.core.settings import Setting
from lossviz.pages.train import packets
from lossviz.pages.train.packets import SETTINGS
from lossviz.pages.train.ui import numbers, picture
from lossviz.pages.train.view import LiveView
from lossviz.runs import RunStore
from lossviz.ui import serving

# The names in a request that are not settings of the page's link.
OWN = ("epoch", "run", "index")
LONGEST_QUERY = 2000
WATCH_S = 2.0
EACH = 4.5  # pictures a second that a watcher asks for

_EPOCH = Setting("epoch", low=0, high=1e6)
_INDEX = Setting("index", kind="whole", low=0, high=2**31)
More = Mapping[str, str]
Make = Callable[[RunStore, LiveView, More], Packet]
AtOnce = Callable[[RunStore, LiveView, More], Packet | None]


def routes(base: str) -> list[Route]:
    """The routes of the page. base: the path below which the app is served, "" for the root."""
    found = {
        picture.ROUTES["source"]: _route(_picture, _picture_at_once, (*SETTINGS, "epoch")),
        picture.ROUTES["point"]: _route(_point, _never, (*SETTINGS, *OWN)),
        numbers.ROUTE: _route(_curves, _curves_at_once, ("runs", "chart", "presentation")),
    }
    return [Route(serving.below(base, path), answer) for path, answer in found.items()]


def _picture(store: RunStore, view: LiveView, more: More) -> Packet:
    return packets.picture(view, packets.scene(store, view.runs), _epoch(more))


def _picture_at_once(store: RunStore, view: LiveView, more: More) -> Packet | None:
    scene = packets.scene_at_once(store, view.runs)
    return None if scene is None else packets.picture_at_once(view, scene, _epoch(more))


def _point(store: RunStore, view: LiveView, more: More) -> Packet:
    index = int(_INDEX.read(more.get("index", "")))
    return packets.point(view, packets.scene(store, view.runs), _epoch(more), more.get("run", ""), index)


def _never(store: RunStore, view: LiveView, more: More) -> None:
    return None


def _curves(store: RunStore, view: LiveView, more: More) -> Packet:
    return numbers.packet(store, view)


def _curves_at_once(store: RunStore, view: LiveView, more: More) -> Packet | None:
    return numbers.packet_at_once(store, view)


def _epoch(more: More) -> float | None:
    text = more.get("epoch")
    return None if text is None else float(_EPOCH.read(text))


@lru_cache(maxsize=512)
def _asked(query: str, names: tuple[str, ...]) -> tuple[LiveView, More]:
    """The view and the rest of a query; LossvizError for what is not known."""
    if len(query) > LONGEST_QUERY:
        raise LossvizError(f"a query may have {LONGEST_QUERY} letters; got {len(query)}")
    values = dict(parse_qsl(query, keep_blank_values=True))
    unknown = [name for name in values if name not in names]
    if unknown:
        raise LossvizError(f"there is no {unknown[0][:40]!r} here; known are {', '.join(names)}")
    more = {name: values.pop(name) for name in OWN if name in values}
    return packets.view_of_query(values), more


def _route(make: Make, at_once: AtOnce, names: tuple[str, ...]) -> serving.Endpoint:
    def found(request: Request) -> tuple[Packet | None, Callable[[], Packet]]:
        (view, more), store = _asked(request.url.query, names), RunStore()
        return at_once(store, view, more), partial(make, store, view, more)

    return serving.endpoint(found, lambda request: _watchers(_asked(request.url.query, names)[0].runs))


# Requests for each set of runs: when counting began, the count of the period before, the count since.
_counts: dict[tuple[str, ...], tuple[float, int, int]] = {}


def _watchers(runs: tuple[str, ...]) -> int:
    """The approximate number of visitors who follow these runs."""
    now = time.monotonic()
    began, before, count = _counts.get(runs, (now, 0, 0))
    if now - began > WATCH_S:
        began, before, count = now, count if now - began < 2 * WATCH_S else 0, 0
        if len(_counts) > 256:
            _counts.clear()
    _counts[runs] = (began, before, count + 1)
    return max(1, round(max(before, count) / (EACH * WATCH_S)))
