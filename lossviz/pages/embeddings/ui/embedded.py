"""The picture of the embeddings page with its files, its measures, and the controls at its side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.figures.scatter import Values
from lossviz.pages.embeddings import COLOURS, colours, coordinates, measures, picture
from lossviz.pages.embeddings.projected_points import ProjectedPoints
from lossviz.pages.embeddings.ui.projections import EmbeddingsPage, Scene, layer_names
from lossviz.readings import source
from lossviz.readings.reading import Array
from lossviz.runs import names
from lossviz.ui.binding import guarded, plain
from lossviz.ui.components import scatter
from lossviz.ui.control import control
from lossviz.ui.reading import pictures, sections

PICTURE = "embeddings.picture"
BENEATH_PX = 70  # what to notice, in the first window too


def how(made: Scene) -> None:
    """A line on which samples are shown and on pointing at them."""
    samples = _samples(made.projected)
    which = f"{samples[0][0].upper()}{samples[0][1:]}. " if len(samples) == 1 else ""
    own = any(p.reading.run_id for p in made.projected)
    point = "Point at one to see it" if own else "Point at one to see what it is"
    ringed = "; it is ringed under all runs." if len(made.projected) > 1 else "."
    with st.container(key="how"):
        st.caption(plain(f"{which}{point}{ringed}"))


def _samples(shown: Sequence[ProjectedPoints]) -> list[str]:
    return list(dict.fromkeys(p.sample for p in shown))


def lacking(page: EmbeddingsPage, made: Scene) -> None:
    """Name the runs that have no colour of the kind that is chosen."""
    colour = page.view.colour
    for each in made.projected:
        if why := colours.lacking(each.reading, colour):
            what = COLOURS[colour].lower()
            st.info(plain(f"{each.reading.name}: {why}, so there is no colour by “{what}”."))


def show(page: EmbeddingsPage, made: Scene) -> None:
    """The scatter, what to notice, and the files."""
    view, shown = page.view, made.projected
    scale = colours.scale(shown, view.colour)
    st.fragment(partial(_scatter, page, shown, scale))()
    with st.container(horizontal=True, horizontal_alignment="right", key="embeddings.files"):
        kinds: dict[str, Callable[[], Any]] = {
            "CSV": partial(coordinates.csv_text, shown),
            "NPZ": partial(coordinates.npz_bytes, shown),
        }
        pictures.save_menu("embeddings", page.file(f"coordinates-{view.method}"), kinds, "Coordinates")
        with st.container(width="content"):
            pictures.files(picture.file_chart(shown, view.colour, scale), PICTURE, page.file(view.method))
    st.markdown(plain(picture.notice(shown, view.colour)))


def _scatter(page: EmbeddingsPage, shown: Sequence[ProjectedPoints], scale: Values | None) -> None:
    view, state = page.view, st.session_state
    samples = hash(tuple((p.reading.run_id, p.reading.part, p.places.tobytes()) for p in shown))
    if state.get("embeddings.samples") != samples:
        # Among other samples the same place is another image, so the card is closed.
        state.update({"embeddings.samples": samples, "embeddings.picked": None})
    picked, echo = state.get("embeddings.picked"), state.get("embeddings.echo", 0)
    seen = [(p.reading.run_id, p.reading.epoch, p.reading.part, p.projection.of, p.mark) for p in shown]
    key = repr((view, seen, picked, echo))
    known, data = state.get("embeddings.sent", ("", b""))
    if known != key:
        state["embeddings.frame"] = state.get("embeddings.frame", 0) + 1
        data = _encoded(page, shown, scale, picked, echo, state["embeddings.frame"])
        state["embeddings.sent"] = (key, data)
    scatter.mount(data, key=PICTURE, on_pick=guarded(_picked))


def _encoded(
    page: EmbeddingsPage,
    shown: Sequence[ProjectedPoints],
    scale: Values | None,
    picked: Any,
    echo: int,
    frame: int,
) -> bytes:
    view = page.view
    apart = len(_samples(shown)) > 1
    made = [picture.panel(p, view.colour, scale, _images(page, p), apart) for p in shown]
    if len(made) > names.MANY:
        made = [replace(panel, title=names.short(panel.title)) for panel in made]
    return scatter.encode(
        made,
        options=scatter.Options(
            beneath=BENEATH_PX, presentation=view.presentation, **picture.options(view.colour, scale)
        ),
        frame=frame,
        echo=echo,
        picked=_card(page, shown, picked),
    )


def _pixels(page: EmbeddingsPage, projected: ProjectedPoints) -> Array | None:
    """The images of a reading, uint8 [N, C, H, W], where there are any."""
    for run in page.runs:
        if run.id == projected.reading.run_id:
            found = source.pixels(run, projected.reading.part)
            return found if found is not None and len(found) > projected.places.max(initial=-1) else None
    return None


def _images(page: EmbeddingsPage, projected: ProjectedPoints) -> Array | None:
    found = _pixels(page, projected)
    return None if found is None else picture.thumbnails(found[projected.places])


def _picked() -> None:
    event = st.session_state[PICTURE].pick
    if not isinstance(event, dict):
        return
    panel, index = event.get("panel"), event.get("index")
    st.session_state["embeddings.echo"] = int(event.get("id") or 0)
    st.session_state["embeddings.picked"] = (
        None if panel is None or index is None else (int(panel), int(index))
    )


def _card(page: EmbeddingsPage, shown: Sequence[ProjectedPoints], picked: Any) -> scatter.Picked | None:
    """The picked point with its image, as large as it is."""
    if picked is None or not 0 <= picked[0] < len(shown):
        return None
    panel, index = picked
    chosen = shown[panel]
    if not 0 <= index < len(chosen.places):
        return None
    pixels = _pixels(page, chosen)
    image = None if pixels is None else pixels[chosen.places[index]].transpose(1, 2, 0)
    return scatter.Picked(panel=panel, index=index, lines=picture.point_lines(chosen, index), image=image)


def numbers(page: EmbeddingsPage, made: Scene) -> None:
    """The classes as clusters, in a table across runs."""
    found, word = [], st.empty()
    for each in made.projected:
        # A message to the browser between two runs lets the visitor's next request come in.
        word.caption(plain(f"Measuring {each.reading.name}…"))
        try:
            found.append((each, measures.of(each)))
        except LossvizError as error:
            st.warning(plain(f"{each.reading.name}: {error}"))
    word.empty()
    if not found:
        return
    known = {each.reading.run_id: (each, m) for each, m in found}
    for group, end in page.groups([each.reading for each, _ in found]):
        own = [(replace(each, reading=r), m) for r in group for each, m in [known[r.run_id]]]
        sections.draw(page, measures.parts(own), group, end)
    st.caption(plain(measures.KEY))


def controls(page: EmbeddingsPage) -> None:
    """The controls of the projection and of the colours."""
    bound, view = page.bound, page.view
    control(bound, "method", st.segmented_control)
    control(bound, "colour")
    if view.method == "umap":
        control(bound, "neighbours")
        control(bound, "min_dist")
    elif view.method == "tsne":
        control(bound, "perplexity")
    control(bound, "solid")
    if page.runs and not view.file:
        known = {**layer_names(page.runs)}
        known.setdefault(view.layer, view.layer)
        control(bound, "layer", options=known, words=known)
    for _ in bound.folded("Samples and seed" if view.method != "pca" else "Samples"):
        if view.method != "pca":
            control(bound, "metric")
            control(bound, "seed", st.number_input)
        control(bound, "count", st.number_input)
