"""Folded below the curves: everything a run can be taken along as."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from lossviz.errors import LossvizError
from lossviz.live import handover, panels, replay
from lossviz.live.view import LiveView
from lossviz.runs import Run, export
from lossviz.ui.binding import Binding
from lossviz.ui.live import picture

Make = Callable[[], bytes | str]


def show(bound: Binding[LiveView], runs: Sequence[Run]) -> None:
    """Downloads; each is made when it is pressed."""
    able = [run for run in runs if not run.problem and run.frames()]
    for _ in bound.folded("Save: animation, pictures, weights, script"):
        if not able:
            st.caption("There is nothing to save before the first frame.")
            continue
        st.caption("The link in the address bar opens these runs again, from any tab.")
        view, epoch = bound.view, picture.shown_epoch(able)
        _row(
            "all",
            {
                "Animated page (.html)": (partial(replay.page, able, view), "lossviz.html", "text/html"),
                "This frame (.png)": (partial(replay.picture, able, view, epoch), "lossviz.png", "image/png"),
                "All frames (.zip of .png)": (
                    partial(replay.pictures, able, view),
                    "lossviz-frames.zip",
                    "application/zip",
                ),
            },
        )
        _of_run(bound, able, epoch)


def _of_run(bound: Binding[LiveView], able: Sequence[Run], epoch: float | None) -> None:
    names = {run.id: panels.title(run.config) for run in able}
    chosen = st.selectbox(
        "Of the run",
        list(names),
        format_func=lambda name: f"{names.get(name, name)} ({name})",
        key="live.save run",
        on_change=bound.touch,
    )
    run = next((r for r in able if r.id == chosen), able[0])
    _row(
        run.id,
        {
            "Weights (.safetensors)": (
                partial(export.weights, run),
                f"{run.id}.safetensors",
                "application/octet-stream",
            ),
            "Config (.json)": (partial(export.config_json, run), f"{run.id}.json", "application/json"),
            "Numbers (.csv)": (partial(export.metrics_csv, run), f"{run.id}.csv", "text/csv"),
        },
    )
    _row(
        f"{run.id} script",
        {
            "PyTorch script of this run (.py)": (
                partial(export.script, run),
                "script.py",
                "text/x-python",
            ),
            "Its images, where the script asks for them (.npz)": (
                partial(export.images, run),
                "images.npz",
                "application/octet-stream",
            ),
        },
    )
    st.code(run.config.to_command(), language="bash", wrap_lines=True)
    _contours(run, epoch)


def _contours(run: Run, epoch: float | None) -> None:
    """The loss over the plane with the class weights of this frame, on the contour page."""
    at = panels.frame_at(run.frames(), run.status.steps_per_epoch or 1.0, epoch)
    try:
        shot = panels.snapshot(run, run.frames()[at or 0])
        query = urlencode(handover.contour_view(run, shot).to_query())
    except LossvizError:
        return  # more than ten classes, or not in 2-D
    st.link_button(
        "Contours with the class weights of this frame", f"./?{query}", icon=":material/landscape:"
    )


def _row(key: str, files: dict[str, tuple[Make, str, str]]) -> None:
    columns = st.columns(len(files))
    for column, (label, (make, name, mime)) in zip(columns, files.items(), strict=True):
        column.download_button(
            label,
            data=make,
            file_name=name,
            mime=mime,
            key=f"live.save {key} {label}",
            on_click="ignore",
            width="stretch",
        )
