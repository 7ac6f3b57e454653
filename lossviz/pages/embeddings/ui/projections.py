"""The embeddings page: what stands where, the jobs that lay it out, the picture and its files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.pages.embeddings import METHODS, EmbeddingsView, projected_points
from lossviz.pages.embeddings.projected_points import ProjectedPoints
from lossviz.readings import jobs, layers, source
from lossviz.readings.jobs import ReadingJob
from lossviz.readings.reading import Reading
from lossviz.runs import Run, permit
from lossviz.runs.names import legend
from lossviz.runs.status import RunStatus
from lossviz.training.estimate import duration
from lossviz.ui import visit
from lossviz.ui.binding import plain
from lossviz.ui.components import watch
from lossviz.ui.reading import sources
from lossviz.ui.reading.page import Page

EmbeddingsPage = Page[EmbeddingsView]
ASKED, MINE = "embeddings.asked", "embeddings.mine"


@dataclass
class Scene:
    """The picture of the page. projected: the points of each panel. jobs: those that make a UMAP or
    t-SNE that is not kept yet, by the name of the reading."""

    projected: list[ProjectedPoints] = field(default_factory=list)
    jobs: dict[str, ReadingJob] = field(default_factory=dict)


def scene(page: EmbeddingsPage) -> Scene:
    """Reads what the view names; starts the projections that a press of the button has asked for."""
    view, made = page.view, Scene()
    asked = st.session_state.pop(ASKED, False)
    for reading in _readings(page):
        try:
            made.projected.append(_project(page, reading, made, asked))
        except LossvizError as error:
            page.messages.append(str(error))
    made.projected, why = projected_points.aligned(made.projected)
    few = [projected_points.few_classes(each) for each in made.projected]
    made.projected = [each for each, _ in few]
    page.messages += [said for said in (why, *(said for _, said in few)) if said]
    if view.layer and view.file:
        page.messages.append("A file has no layers; its features are shown.")
    return made


def _project(page: EmbeddingsPage, reading: Reading, made: Scene, asked: bool) -> ProjectedPoints:
    """PCA, or the features themselves, until what is asked for is kept."""
    view = page.view
    here = projected_points.at_once(reading, view.dimension, view.count)
    recipe = view.recipe
    if recipe is None or projected_points.flat(reading, view.dimension):
        return here
    layer = "" if view.file else view.layer
    subject = _subject(page, reading)
    kept = jobs.find_projection(subject, reading.epoch, reading.part, recipe, layer)
    if kept is not None and kept.places.max(initial=-1) < len(reading.labels):
        return ProjectedPoints(reading, kept)
    job = jobs.projection(subject, reading.epoch, reading.part, recipe, layer)
    if asked:
        permit.check_reading("", visit.mode(), page.store)
        job.start(again=True, most=visit.mode().limits.whole("jobs"))
        st.session_state.setdefault(MINE, set()).add(job.id)
    made.jobs[reading.name] = job
    return here


def _subject(page: EmbeddingsPage, reading: Reading) -> Run | Path:
    for run in page.runs:
        if run.id == reading.run_id:
            return run
    return sources.path_of(page.view.file)


def _readings(page: EmbeddingsPage) -> list[Reading]:
    """The readings of the page, or those of the layer that is asked for, as far as they are kept."""
    view = page.view
    if not view.layer or view.file:
        return page.readings
    found, names = [], legend(page.runs)
    for run in page.runs:
        try:
            layers.find(run, view.layer)
            if source.available(run, view.at, view.part, view.layer):
                found.append(source.of_run(run, view.at, view.part, names[run.id], view.layer))
            else:
                page.waiting.append(page.extraction(run, view.part, view.layer))
        except LossvizError as error:
            page.messages.append(str(error))
    return found


def progress(page: EmbeddingsPage, made: Scene) -> None:
    """Show the progress of projections that are not kept yet, with the buttons that start and end them."""
    if not made.jobs:
        return
    told = {name: job.now for name, job in made.jobs.items()}
    if any(not now.ended for now in told.values()):
        _follow(page, made, told.values())
        return
    method = METHODS[page.view.method]
    for name, now in told.items():
        if now.state in ("failed", "lost"):
            st.warning(plain(f"{method} of {name}: {now.reason}"))
    again = any(now.resumable for now in told.values())
    label = f"Try {method} again" if again else f"Make {method}"
    whose = "" if len(made.jobs) == len(made.projected) else f" of {', '.join(made.jobs)}"
    with st.container(horizontal=True, vertical_alignment="center", key="embeddings.ask"):
        icon = ":material/play_circle:"
        page.bound.press(label, "make", _ask, page, made, icon=icon)
        st.caption(
            plain(f"{method}{whose} takes seconds to minutes, in the background, and is kept. PCA stands in.")
        )


def _ask(page: EmbeddingsPage, made: Scene) -> None:
    """Ask for the projections; a run that trains is laid out as it is now, and the page stays there."""
    st.session_state[ASKED] = True
    page.bound.touch()
    if page.view.at is None and any(run.alive for run in page.runs if not run.problem):
        page.bound.view = replace(page.view, at=min(p.reading.epoch for p in made.projected))


def _follow(page: EmbeddingsPage, made: Scene, told: Iterable[RunStatus]) -> None:
    """Progress, time left, and an end; the page follows when a job has ended."""
    method = METHODS[page.view.method]

    # On a shared server a visitor cancels only what they asked for: another may wait for the rest.
    asked = st.session_state.get(MINE, set())
    mine = [job for job in made.jobs.values() if not visit.mode().shared or job.id in asked]

    def cancel() -> None:
        for job in mine:
            job.cancel()

    with st.container(horizontal=True, vertical_alignment="center", key="embeddings.follow"):
        named = tuple(made.jobs.items())
        look = partial(_look, f"{method}, ", named)
        what = (method, [(name, job.id) for name, job in named])
        watch.mount(what, look, drawn=_word(told), key="embeddings.watch", on_changed=page.bound.touch)
        if mine:
            page.bound.press("Cancel", "cancel", cancel, icon=":material/close:")


def _look(start: str, named: Sequence[tuple[str, ReadingJob]]) -> watch.News:
    standing = [(name, job.now) for name, job in named]
    lines = []
    for name, now in standing:
        if not now.ended:
            left = "" if now.seconds_left is None else f", about {duration(now.seconds_left)} left"
            lines.append(watch.Line(f"{start}{name}: {now.words}{left}", now.progress))
    return watch.News(_word([now for _, now in standing]), lines)


def _word(standing: Iterable[RunStatus]) -> str:
    return " ".join("moving" if not now.ended else now.state for now in standing)


def layer_names(runs: Sequence[Run]) -> dict[str, str]:
    """The layers that all runs have, in order, with what they are; "" is the embedding."""
    found: dict[str, str] | None = None
    for run in runs:
        try:
            known = {layer.name: layer.title for layer in layers.layers(run)}
        except LossvizError:
            continue
        found = known if found is None else {name: text for name, text in found.items() if name in known}
    return {"": "the embedding", **(found or {})}
