"""The numbers under the picture: curves over the epochs, speed and time left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from lossviz.errors import LossvizError
from lossviz.figures import palette
from lossviz.live import charts, choice
from lossviz.live.view import CHARTS
from lossviz.runs import Run, RunStore
from lossviz.runs.status import RunStatus
from lossviz.ui import curves
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
        "Curves",
        list(CHARTS),
        format_func=lambda name: CHARTS.get(name, name),
        required=True,
        label_visibility="collapsed",
    )
    moving = any(picture.moves(run.status) for run in runs)
    st.fragment(_curves, run_every=EACH_S if moving else None)()


def _curves() -> None:
    view = picture.bound().view
    runs = [run for run in choice.shown(RunStore(), view)[0] if not run.problem]
    st.caption(" · ".join(_speed(run, run.status) for run in runs if run.status.step) or "No numbers yet.")
    try:
        made = [_chart(plot) for plot in charts.plots(runs, view.chart)]
    except LossvizError:
        return  # a folder was deleted meanwhile; the picture says so
    if made:
        epoch = picture.shown_epoch(runs)
        curves.mount(
            curves.encode(made, cursor=epoch, presentation=view.presentation), key=CURVES, on_seek=_seek
        )


def _chart(plot: charts.Plot) -> curves.Chart:
    def color(curve: charts.Curve, dark: bool) -> str:
        of_runs = palette.curve_colors(dark)
        return (
            palette.class_color(curve.number) if curve.by == "class" else of_runs[curve.number % len(of_runs)]
        )

    lines = [
        curves.Line(
            name=curve.name,
            run=curve.run,
            x=curve.x,
            y=curve.y,
            color=color(curve, False),
            color_dark=color(curve, True),
            dash="dashed" if curve.dashed else "solid",
        )
        for curve in plot.curves
    ]
    return curves.Chart(plot.title, lines, plot.unit, plot.spacing, low=plot.low, high=plot.high)


def _speed(run: Run, now: RunStatus) -> str:
    """Where and how fast a run trains, what is left, and on how many images."""
    name = run.config.spec.title
    if now.ended:
        return f"{name}: {now.seconds:.1f} s on {now.device}"
    left = f", {now.seconds_left:.0f} s left" if now.seconds_left else ""
    return f"{name}: {now.images_per_second:,.0f} images/s on {now.device}{left}"


def _seek() -> None:
    event = st.session_state[CURVES].seek
    if isinstance(event, dict):
        picture.go_to(float(event.get("x") or 0.0))
