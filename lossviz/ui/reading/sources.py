"""The controls that choose what is read: runs side by side, or a file of one's own; epoch and images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from lossviz.core.errors import ReadingError, RunError
from lossviz.core.paths import resolve
from lossviz.readings import studies, user_file
from lossviz.readings.studies import Study
from lossviz.readings.view import ReadView
from lossviz.runs import Run, permit
from lossviz.runs.names import labels
from lossviz.ui import visit
from lossviz.ui.binding import Binding, plain
from lossviz.ui.control import control, text_control
from lossviz.ui.upload import upload

if TYPE_CHECKING:
    from lossviz.ui.reading.page import Page

LISTED = 200
# The paths that may be opened in a session.
LOOKED = "reading.looked"


def show(page: Page[Any]) -> None:
    """Draw the controls of what is read."""
    bound = page.bound
    _runs(page)
    if bound.view.runs and not bound.view.file:
        _epoch(bound, page.runs)
        control(bound, "part")
    for _ in bound.folded("Metrics of your own"):
        _file(bound)
    for _ in bound.folded("Train what this page is about"):
        _studies(page)
    control(bound, "presentation")


def _runs(page: Page[Any]) -> None:
    try:
        known = page.store.runs()[:LISTED]
    except RunError as error:
        st.caption(plain(str(error)))
        return
    told = labels([run for run in known if not run.problem])
    shown = [name for name in page.view.runs if name in told]
    if not told:
        st.caption("No runs yet.")
        return

    def choose(now: ReadView, chosen: tuple[str, ...]) -> ReadView:
        return replace(now, runs=chosen, file="", at=None) if chosen else now

    control(
        page.bound,
        "runs",
        now=[] if page.view.file else shown,
        change=choose,
        options=told,
        words=told,
        label=f"Runs, of {len(told)}",
        placeholder="runs instead of the file",
    )


def _epoch(bound: Binding[Any], runs: Sequence[Run]) -> None:
    """Draw the slider of the epochs that all runs have reached; its last place is "newest"."""
    ends = [_epochs(run) for run in runs if not run.problem]
    common = sorted(set.intersection(*ends)) if ends else []
    if len(common) < 2:
        return
    places: list[float | None] = [*common[:-1], None]
    at = bound.view.at
    now = min(common[:-1], key=lambda e: abs(e - at)) if at is not None and at < common[-1] else None
    control(
        bound,
        "at",
        st.select_slider,
        now=now,
        options=places,
        words=lambda e: "newest" if e is None else f"{e:g}",
    )


def _epochs(run: Run) -> set[float]:
    return {float(row["epoch"]) for row in run.metrics() if isinstance(row.get("epoch"), (int, float))}


def _file(bound: Binding[Any]) -> None:
    st.caption(
        "An .npz with labels [N] and metrics [N, K] (the score of each class), or with features [N, d] "
        "and labels, and, if you have them, weights [K, d], bias, classes."
    )
    kept = upload(
        "Upload",
        ["npz"],
        f"{bound.name}.upload",
        lambda content, name: user_file.keep(content, name, visit.quota()),
        on_change=bound.touch,
    )
    if kept is not None:
        bound.view = replace(bound.view, file=kept, runs=(), at=None)
        st.rerun()
    file = bound.view.file
    if uploaded := file.startswith(user_file.PREFIX):
        st.caption(plain(f"Shown: {user_file.file_name(file)}, as it was uploaded."))
    if visit.mode().shared:
        return
    label = bound.view.declaration("file").label
    shown = "" if uploaded else file
    text_control(bound, st.text_input, "file", shown, _typed, label, placeholder="metrics.npz")


def _typed(view: Any, path: str) -> Any:
    look(path.strip())
    return view.with_setting("file", path.strip())


def may_look(file: str) -> bool:
    """True if the file of a view may be opened: an upload, or a path that the visitor typed or pressed for.

    A link alone opens nothing on the machine of the app. `path_of` refuses files that may never be opened.
    """
    return (
        file.startswith(user_file.PREFIX) or visit.mode().shared or file in st.session_state.get(LOOKED, ())
    )


def look(file: str) -> None:
    """Let a path be opened in this session."""
    st.session_state.setdefault(LOOKED, set()).add(file)


def path_of(file: str) -> Path:
    """Give the path of the file of a view; ReadingError where it may not be read on this server."""
    if problem := permit.file_problem(file, visit.mode()):
        raise ReadingError(problem)
    return user_file.upload_path(file) if file.startswith(user_file.PREFIX) else resolve(file, "the file")


def _studies(page: Page[Any]) -> None:
    known = {study.name: study for study in studies.of(page.name)}
    study = known[page.bound.pick(st.selectbox, "study", next(iter(known)), "Study", list(known))]
    st.caption(study.notice)

    train_button(page, study, "Train these", "train")


def train_button(page: Page[Any], study: Study, label: str, key: str) -> None:
    """Draw a button that trains the runs of a study and shows them."""

    def started(now: ReadView) -> ReadView:
        return replace(now, runs=visit.start(study.configs), file="", at=None)

    page.bound.button(label, started, key, icon=":material/play_circle:")
