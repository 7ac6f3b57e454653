"""The picture of the live page: the embeddings of the runs shown, as they train or as they were.

The page puts it up with its first frame; it follows the runs, plays and goes back by itself, by the routes
of lossviz/pages/train/ui/routes.py. It tells the page where the timeline has come to rest, and that a run has
begun, paused or ended.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.figures.wire import with_header
from lossviz.pages.train import packets
from lossviz.pages.train.packets import Scene
from lossviz.pages.train.view import LiveView
from lossviz.readings import progress
from lossviz.runs import Run, RunStore
from lossviz.ui.binding import Binding, guarded
from lossviz.ui.components import scatter

PICTURE = "live.picture"
ROUTES = {"source": "lossviz/live/picture", "point": "lossviz/live/point"}
NAME = "live"


def bound() -> Binding[LiveView]:
    """The live page's settings in this session."""
    return Binding(NAME, LiveView)


def show(runs: Sequence[Run]) -> None:
    """Draw the panels and the timeline."""
    if not runs:
        return
    view = replace(bound().view, runs=tuple(run.id for run in runs))
    seen = progress.renew(runs)
    queue = progress.queue(RunStore()) if any(each.waits for each in seen) else progress.Queue({})
    scene = Scene(seen, queue)
    made = packets.picture(view, scene, packets.frame_epoch(scene, view.at))
    query = packets.query(view)
    data = with_header(
        made.data,
        **{name: f"{route}?{query}" for name, route in ROUTES.items()},
        etag=made.etag,
        place=_place(view),
        follow=view.at is None,
    )
    scatter.mount(data, key=PICTURE, on_rest=guarded(_rest), on_changed=lambda: bound().touch())


def _place(view: LiveView) -> str:
    """A word that changes where the page, not its visitor, moves the timeline: other runs, another link."""
    state, place = st.session_state, (view.runs, view.at)
    if state.get("live.place") != place:
        state["live.place"] = place
        state["live.moves"] = state.get("live.moves", 0) + 1
    return urlencode({"runs": ",".join(view.runs), "moves": state["live.moves"]})


def _rest() -> None:
    """Put the epoch at which the timeline has come to rest into the link; the rest of the page follows."""
    event = st.session_state[PICTURE].rest
    epoch = event.get("epoch") if isinstance(event, dict) else None
    view = bound().view
    try:
        scene = packets.scene(RunStore(), view.runs)
    except LossvizError:
        return  # deleted meanwhile; the page says so
    at = None if not isinstance(epoch, (int, float)) else epoch_in_link(scene, float(epoch))
    if at != view.at:
        st.session_state["live.place"] = (tuple(each.run.id for each in scene.seen), at)
        bound().view = replace(view, at=at)
    else:
        bound().touch()


def epoch_in_link(scene: Scene, epoch: float) -> float | None:
    """The epoch that a link names for the frame nearest to this one; None for the last of all."""
    if not math.isfinite(epoch):
        return None
    times = packets.timeline(scene, epoch)
    last = times.position == len(times.epochs) - 1
    if not times.epochs or (last and not times.running):
        return None
    return link_epoch(times.epochs[times.position])


def link_epoch(epoch: float) -> float:
    """An epoch as a link writes it: rounded up, since the frame of an epoch is the last one before it."""
    return math.ceil(epoch * 1e4 - 1e-3) / 1e4
