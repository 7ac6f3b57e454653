"""The numbers under the picture: curves over the epochs, speed and time left."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lossviz.core.cache import Cache
from lossviz.core.errors import LossvizError, RunError
from lossviz.core.packet import Packet
from lossviz.core.timed_value import TimedValue
from lossviz.figures import palette
from lossviz.figures.wire import with_header
from lossviz.pages.train.ui import picture
from lossviz.pages.train.view import LiveView
from lossviz.readings import histories, progress
from lossviz.readings.progress import RunProgress
from lossviz.runs import Run, RunStore
from lossviz.runs.names import legend
from lossviz.runs.status import RunStatus
from lossviz.ui.components import curves
from lossviz.ui.control import control

CURVES = "live.curves"
ROUTE = "lossviz/live/curves"
EACH_S = 1.0
REST = 30.0  # of long runs each look takes longer, and shows less that is new

_timed_packets: Cache[TimedValue[Packet]] = Cache(32)
_packets: Cache[Packet] = Cache(bytes=2**20)


def show(runs: Sequence[Run]) -> None:
    """Draw the curves with the speed above them; they follow by themselves while something trains."""
    bound = picture.bound()
    control(bound, "chart", st.segmented_control, label_visibility="collapsed")
    view, store = bound.view, RunStore()
    if runs:
        seen = progress.follow(store, view.runs)
        # Once the runs have ended nothing newer will come, so the numbers read now are final.
        moving = any(each.moves for each in seen)
        made = _timed(store, view).get() if moving else _made(view, seen)
        data = with_header(made.data, source=f"{ROUTE}?{_query(view)}", etag=made.etag, cursor=view.at)
        curves.mount(data, key=CURVES)


def packet(store: RunStore, view: LiveView) -> Packet:
    """The curves of the runs of a view with their speeds, as of a second ago; RunError without any run."""
    if not any(progress.find(store, id) for id in view.runs):
        raise RunError("none of these runs is here (any more)")
    return _timed(store, view).get()


def packet_at_once(store: RunStore, view: LiveView) -> Packet | None:
    """Give the result of `packet` if nothing has to be read for it; else None."""
    known = _timed_packets.peek((store.path, _query(view)))
    return known.peek() if known is not None else None


def _timed(store: RunStore, view: LiveView) -> TimedValue[Packet]:
    def make() -> Packet:
        return _made(view, progress.follow(store, view.runs))

    return _timed_packets.get((store.path, _query(view)), lambda: TimedValue(make, lambda _: EACH_S, REST))


def _query(view: LiveView) -> str:
    return view.link_of("runs", "chart", "presentation")


def _made(view: LiveView, found: Sequence[RunProgress]) -> Packet:
    seen = [each for each in found if not each.problem]
    rows = tuple((each.run.path, each.status, each.tested, each.learned) for each in seen)
    return _packets.get((_query(view), rows), lambda: _drawn(view, seen))


def _drawn(view: LiveView, seen: Sequence[RunProgress]) -> Packet:
    runs = [each.run for each in seen]
    names = legend(runs)
    told = [(names[each.run.id], each.status) for each in seen if each.status.step]
    try:
        made = [_chart(plot) for plot in histories.plots(runs, view.chart)]
    except LossvizError:
        made = []  # a folder was deleted meanwhile; the picture says so
    return Packet.of(
        curves.encode(
            made,
            said=speeds_text(told) or "No numbers yet.",
            running=any(each.moves for each in seen),
            presentation=view.presentation,
        )
    )


def _chart(plot: histories.Plot) -> curves.Chart:
    def color(curve: histories.Curve, dark: bool) -> str:
        of_runs = palette.curve_colors(dark)
        return (
            palette.class_color(curve.number) if curve.by == "class" else of_runs[curve.number % len(of_runs)]
        )

    told = [curve.name for curve in plot.curves]
    if all(curve.by == "run" for curve in plot.curves):
        told = short_names(told)
    lines = [
        curves.Line(
            name=name,
            run=curve.run,
            x=curve.x,
            y=curve.y,
            color=color(curve, False),
            color_dark=color(curve, True),
            dash="dashed" if curve.dashed else "solid",
        )
        for name, curve in zip(told, plot.curves, strict=True)
    ]
    return curves.Chart(plot.title, lines, plot.unit, plot.spacing, low=plot.low, high=plot.high)


def short_names(names: Sequence[str]) -> list[str]:
    """Names without the parts that all of them share: "m 15°" of "ArcFace, s 16, m 15°".

    The room at a line's end holds a dozen letters, and they must not be those of every line.
    """
    parts = [name.split(", ") for name in names]
    shared = set.intersection(*map(set, parts)) if parts else set()
    return [
        ", ".join(p for p in own if p not in shared) or name for own, name in zip(parts, names, strict=True)
    ]


def speeds_text(told: Sequence[tuple[str, RunStatus]]) -> str:
    """Give the devices and the speeds of the runs; a device that all of them share is named once."""
    said = [_speed(name, now) for name, now in told]
    devices = {now.device for _, now in told}
    if len(said) > 1 and len(devices) == 1:
        where = f"on {devices.pop()}"
        said = [*(text.replace(f" {where}", "") for text in said), f"all {where}"]
    return " · ".join(said)


def _speed(name: str, now: RunStatus) -> str:
    """Give the device and the speed of a run, and the time left."""
    if now.ended:
        return f"{name}: {now.seconds:.1f} s on {now.device}"
    if now.state == "paused":
        return f"{name}: paused after {now.seconds:.1f} s on {now.device}"
    left = f", {_duration(now.seconds_left)} left" if now.seconds_left else ""
    return f"{name}: {now.images_per_second:,.0f} images/s on {now.device}{left}"


def _duration(seconds: float) -> str:
    """Seconds up to two minutes, then minutes, then hours: nobody divides 524 by 60 while watching."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
