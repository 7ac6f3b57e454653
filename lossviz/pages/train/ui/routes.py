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
FRAME = (*SETTINGS, "epoch")
LONGEST_QUERY = 2000
# A watcher is counted for so long after its last question, and so many of them.
WATCH_S, MOST_WATCHERS = 2.5, 1000
# Milliseconds from one question of a watcher to the next: all together ask some ninety times a second, until
# there are so many that each would see less than four pictures.
QUICKEST_MS, EACH_WATCHER_MS, SLOWEST_MS = 80, 11, 220

_EPOCH = Setting("epoch", low=0, high=1e6)
_INDEX = Setting("index", kind="whole", low=0, high=2**31)
More = Mapping[str, str]
Make = Callable[[RunStore, LiveView, More], Packet]
AtOnce = Callable[[RunStore, LiveView, More], Packet | None]


def routes(base: str) -> list[Route]:
    """The routes of the page. base: the path below which the app is served, "" for the root."""
    found = {
        picture.ROUTES["source"]: _route(_picture, _picture_at_once, FRAME, _pace),
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


def _route(
    make: Make, at_once: AtOnce, names: tuple[str, ...], pace: serving.Told = serving.nothing
) -> serving.Endpoint:
    def found(request: Request) -> tuple[Packet | None, Callable[[], Packet]]:
        (view, more), store = _asked(request.url.query, names), RunStore()
        return at_once(store, view, more), partial(make, store, view, more)

    return serving.endpoint(found, pace)


# When each watcher asked last, and for which runs, by the name that its page has given itself; oldest first.
_watching: dict[str, tuple[float, tuple[str, ...]]] = {}


def _pace(request: Request) -> Mapping[str, str]:
    """Tell a watcher how many watch the same runs, and after how many milliseconds it may ask again."""
    now, name = time.monotonic(), request.headers.get("lossviz-watcher", "")[:40]
    runs = _asked(request.url.query, FRAME)[0].runs
    _watching.pop(name, None)
    _watching[name] = (now, runs)
    while len(_watching) > MOST_WATCHERS or _watching[oldest := next(iter(_watching))][0] < now - WATCH_S:
        del _watching[oldest]
    same = sum(each == runs for _, each in _watching.values())
    every = min(SLOWEST_MS, max(QUICKEST_MS, EACH_WATCHER_MS * len(_watching)))
    return {"Lossviz-Watchers": str(same), "Lossviz-Every": str(every)}
