"""The numbers under the picture: curves over the epochs, speed and time left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from lossviz.errors import LossvizError
from lossviz.figures import palette
from lossviz.live import charts, choice
from lossviz.live.view import CHARTS, LABELS
from lossviz.runs import Run, RunStore
from lossviz.runs.status import RunStatus
from lossviz.ui import curves
from lossviz.ui.binding import guarded, plain
from lossviz.ui.live import picture

CURVES = "live.curves"
EACH_S = 1.0


def show(runs: Sequence[Run]) -> None:
    """Draw the curves; look again once a second while something trains."""
    bound = picture.bound()
    bound.control(
        st.segmented_control,
        "chart",
        bound.view.chart,
        lambda now, new: now if new is None else replace(now, chart=new),
        LABELS["chart"],
        list(CHARTS),
        format_func=lambda name: CHARTS.get(name, name),
        required=True,
        label_visibility="collapsed",
    )
    moving = any(picture.moves(run.status) for run in runs)
    st.fragment(_curves, run_every=EACH_S if moving else None)()


def _curves() -> None:
    if picture.turned():
        st.rerun(scope="app")
    view = picture.bound().view
    runs = [run for run in choice.shown(RunStore(), view)[0] if not run.problem]
    names = charts.names(runs)
    told = [(names[run.id], now) for run in runs if (now := run.status).step]
    st.caption(plain(_speeds(told)) or "No numbers yet.")
    try:
        made = [_chart(plot) for plot in charts.plots(runs, view.chart)]
    except LossvizError:
        return  # a folder was deleted meanwhile; the picture says so
    if made:
        epoch = picture.shown_epoch(runs)
        curves.mount(
            curves.encode(made, cursor=epoch, presentation=view.presentation),
            key=CURVES,
            on_seek=guarded(_seek),
        )


def _chart(plot: charts.Plot) -> curves.Chart:
    def color(curve: charts.Curve, dark: bool) -> str:
        of_runs = palette.curve_colors(dark)
        return (
            palette.class_color(curve.number) if curve.by == "class" else of_runs[curve.number % len(of_runs)]
        )

    told = [curve.name for curve in plot.curves]
    if all(curve.by == "run" for curve in plot.curves):
        told = told_apart(told)
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


def told_apart(names: Sequence[str]) -> list[str]:
    """Names without the parts that all of them share: "m 15°" of "ArcFace, s 16, m 15°".

    The room at a line's end holds a dozen letters, and they must not be those of every line.
    """
    parts = [name.split(", ") for name in names]
    shared = set.intersection(*map(set, parts)) if parts else set()
    return [
        ", ".join(p for p in own if p not in shared) or name for own, name in zip(parts, names, strict=True)
    ]


def _speeds(told: Sequence[tuple[str, RunStatus]]) -> str:
    """Where and how fast the runs train; a device that all of them share is named once."""
    said = [_speed(name, now) for name, now in told]
    devices = {now.device for _, now in told}
    if len(said) > 1 and len(devices) == 1:
        where = f"on {devices.pop()}"
        said = [*(text.replace(f" {where}", "") for text in said), f"all {where}"]
    return " · ".join(said)


def _speed(name: str, now: RunStatus) -> str:
    """Where and how fast a run trains, and what is left."""
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


def _seek() -> None:
    event = st.session_state[CURVES].seek
    if isinstance(event, dict):
        picture.go_to(float(event.get("x") or 0.0))
