"""The folds below the curves: files of a run to take along.

A file that takes a moment is made when its button is pressed. One that takes longer is made by a job of the
queue, with its progress shown, and can then be downloaded.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.pages.train import replay
from lossviz.pages.train.export_job import ExportJob
from lossviz.pages.train.view import LiveView
from lossviz.readings import landscape, panels
from lossviz.readings.filenames import run_file
from lossviz.runs import Run, export
from lossviz.runs import names as labels
from lossviz.runs.names import legend
from lossviz.training.estimate import duration
from lossviz.ui.binding import Binding, plain
from lossviz.ui.components import watch
from lossviz.ui.modes import mode

Make = Callable[[], bytes | str]
SLOT, WRONG = "live.making", "live.making wrong"


@dataclass(frozen=True)
class Kind:
    """A file that takes a while: its name on the page, what its name on the disk ends in."""

    title: str
    what: str
    ending: str
    mime: str
    icon: str = ":material/movie:"


KINDS = {
    "html": Kind("animated page (.html)", "training", "html", "text/html"),
    "frames": Kind("all frames (.zip of .png)", "frames", "zip", "application/zip"),
    "images": Kind(
        "images of the run (.npz)", "images", "npz", "application/octet-stream", ":material/photo_library:"
    ),
}


@dataclass(frozen=True, eq=False)
class Order:
    """A file that is being made. of: its runs, in words. name: of the file."""

    kind: str
    of: str
    name: str
    job: ExportJob


def show(bound: Binding[LiveView], runs: Sequence[Run]) -> None:
    """Draw the downloads, and the buttons that make files."""
    able = [run for run in runs if not run.problem and run.frames()]
    for _ in bound.folded("Save: animation, pictures, weights, script"):
        if not able:
            st.caption("There is nothing to save before the first frame.")
            continue
        st.caption("The link in the address bar opens these runs again, from any tab.")
        epoch = bound.view.at
        left, middle, right = st.columns(3)
        with left:
            _make(bound, "html", able)
        with middle:
            _make(bound, "frames", able)
        with right:
            made = partial(replay.picture, able, replace(bound.view, at=epoch))
            shown = "frame" if epoch is None else f"epoch-{epoch:.4g}"
            _download("all", "This frame (.png)", made, f"{run_file(able, shown)}.png", "image/png")
        _ordered(bound, ("html", "frames"))
        _of_run(bound, able, epoch)


def _make(bound: Binding[LiveView], kind: str, runs: Sequence[Run]) -> None:
    """A button that begins to make a file; one at a time."""
    order: Order | None = st.session_state.get(SLOT)
    busy = order is not None and order.job.working

    def press() -> None:
        st.session_state.pop(WRONG, None)
        # What was made before goes with the old order.
        st.session_state.pop(SLOT, None)
        names = legend(runs)
        name = f"{run_file(runs, KINDS[kind].what)}.{KINDS[kind].ending}"
        try:
            job = ExportJob(kind, runs, bound.view, mode().limits.whole("exports"))
        except LossvizError as error:
            st.session_state[WRONG] = str(error)
            return
        st.session_state[SLOT] = Order(kind, ", ".join(names.values()), name, job)

    bound.press(
        f"Make {KINDS[kind].title}",
        f"make {kind}",
        press,
        icon=KINDS[kind].icon,
        disabled=busy,
        help="One file is made at a time." if busy else None,
        width="stretch",
    )


def _ordered(bound: Binding[LiveView], kinds: Sequence[str]) -> None:
    """Show the progress of the file that was ordered, if of one of these kinds, or the finished file."""
    if st.session_state.get(WRONG):
        st.error(plain(st.session_state[WRONG]))
    order: Order | None = st.session_state.get(SLOT)
    if order is None or order.kind not in kinds:
        return
    kind, job = KINDS[order.kind], order.job
    title = f"{kind.title[0].upper()}{kind.title[1:]} of {order.of}"
    if job.working:
        # The watch outlives the session, the job must not: so it holds the job weakly.
        look = partial(_look, title, weakref.ref(job))
        watch.mount((title, id(job), job.began), look, key="live.make watch", on_changed=bound.touch)
        bound.press("Cancel", "make cancel", _cancel, icon=":material/close:")
        return
    if job.problem:
        st.error(plain(f"{title}: {job.problem}"))
        return
    st.download_button(
        f"Save {order.name} ({job.size / 1e6:,.1f} MB)",
        data=job.read,
        file_name=order.name,
        mime=kind.mime,
        key=f"live.made {id(job)}",
        on_click="ignore",
        type="primary",
        icon=":material/download:",
        help=plain(title),
    )
    st.caption(plain(f"{title}."))


def _look(title: str, held: weakref.ref[ExportJob]) -> watch.News:
    job = held()
    if job is None or (now := job.now).ended:
        return watch.News("ended")
    left = "" if now.seconds_left is None else f", {duration(now.seconds_left)} left"
    return watch.News("working", [watch.Line(f"{title}: {now.words}{left}", now.progress)])


def _cancel() -> None:
    order: Order | None = st.session_state.pop(SLOT, None)
    if order is not None:
        order.job.cancel()


def _of_run(bound: Binding[LiveView], able: Sequence[Run], epoch: float | None) -> None:
    names = labels.labels(able)
    chosen = bound.pick(
        st.selectbox, "save run", able[0].id, "Of the run", list(names), format_func=names.get
    )
    run = next(r for r in able if r.id == chosen)
    left, middle, right = st.columns(3)
    with left:
        weights = partial(export.weights, run)
        _download(
            run.id, "Weights (.safetensors)", weights, f"{run.id}.safetensors", "application/octet-stream"
        )
    with middle:
        config = partial(export.config_json, run)
        _download(run.id, "Config (.json)", config, f"{run.id}.json", "application/json")
    with right:
        numbers = partial(export.metrics_csv, run)
        _download(run.id, "Numbers (.csv)", numbers, f"{run.id}.csv", "text/csv")
    _script(bound, run)
    st.code(run.config.to_command(), language="bash", wrap_lines=True)
    _contours(run, epoch)


def _script(bound: Binding[LiveView], run: Run) -> None:
    """The program of a run, or why there is none; the images, where it asks for them."""
    try:
        needs_images = export.needs_images(run)
        export.lineage(run)
    except LossvizError as error:
        st.caption(plain(str(error)))
        return
    left, right = st.columns(2)
    with left:
        made = partial(export.script, run)
        name = f"{run_file([run], 'script')}.py"
        _download(run.id, "PyTorch script of this run (.py)", made, name, "text/x-python")
    if needs_images:
        with right:
            _make(bound, "images", [run])
        _ordered(bound, ("images",))


def _contours(run: Run, epoch: float | None) -> None:
    """The loss over the plane with the class weights of this frame, on the contour page."""
    at = panels.frame_at(run.frames(), run.status.steps_per_epoch or 1.0, epoch)
    try:
        shot = panels.snapshot(run, run.frames()[at or 0])
        query = urlencode(landscape.link(run, shot))
    except LossvizError:
        return  # more than ten classes, or not in 2-D
    st.link_button(
        "Contours with the class weights of this frame", f"./?{query}", icon=":material/landscape:"
    )


def _download(key: str, label: str, make: Make, name: str, mime: str) -> None:
    """A file that is made when it is pressed."""
    st.download_button(
        label,
        data=make,
        file_name=name,
        mime=mime,
        key=f"live.save {key} {label}",
        on_click="ignore",
        width="stretch",
    )
