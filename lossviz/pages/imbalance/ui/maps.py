"""Feature maps on a page: a row for each run, the same image under all of them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.figures import maps as figures
from lossviz.pages.imbalance import ImbalanceView, maps
from lossviz.readings import source
from lossviz.readings.reading import Reading
from lossviz.ui.binding import plain
from lossviz.ui.control import control
from lossviz.ui.reading import pictures
from lossviz.ui.reading.page import Page


def controls(page: Page[ImbalanceView], readings: Sequence[Reading]) -> None:
    """The class, the image and the layer."""
    bound, classes = page.bound, readings[0].classes
    k = maps.of_class(readings, page.view.of_class)

    def choose(now: ImbalanceView, new: int) -> ImbalanceView:
        return now.with_setting("of_class", new).with_setting("image", 0)

    numbers, label = range(len(classes)), "Image of class"
    control(bound, "of_class", now=k, change=choose, options=numbers, words=classes, label=label, help=None)
    shown = _shown(page)
    count = len(maps.places(shown[0][1], k)) if shown else 0
    if count > 1:
        control(
            bound,
            "image",
            now=min(page.view.image, count - 1) + 1,
            change=lambda now, new: now.with_setting("image", new - 1),
            low=1,
            high=count,
            help=f"Those that {shown[0][1].name} gets wrong come first.",
        )
    names = maps.choices(shown[0][0]) if shown else []
    if names:
        now = page.view.layer if page.view.layer in names else names[-1]
        control(bound, "layer", now=now, options=names, help=None)


def show(page: Page[ImbalanceView], readings: Sequence[Reading]) -> None:
    """The image, the mean of its maps and the strongest ones, under each run."""
    shown = _shown(page)
    if not shown:
        st.info("Feature maps are made by the network of a run; a file has none.")
        return
    k = maps.of_class(readings, page.view.of_class)
    places = maps.places(shown[0][1], k)
    if not len(places):
        st.info(plain(f"No image of class {readings[0].classes[k]} is among those shown in training."))
        return
    place = int(places[min(page.view.image, len(places) - 1)])
    rows, made = [], []
    pixels = shown[0][0].points().pixels[place]
    for run, reading in shown:
        try:
            found = maps.maps_of(run, reading, place, page.view.layer, page.view.at)
        except LossvizError as error:
            st.warning(plain(str(error)))
            continue
        made.append(found)
        rows.append(_row(found, pixels, readings[0].classes[k]))
    if not made:
        return
    st.html(f'<div class="lv-maps">{"".join(rows)}</div>')
    note = (
        f"Test image {place + 1:,} of {len(shown[0][1].labels):,} shown in training, of class "
        f"{readings[0].classes[k]}. Layer {made[0].layer}: the mean of its {made[0].count} maps, and "
        "those with the largest sums, blue low to yellow high; the mean, and the maps of each run, on scales "
        "of their own."
    )
    st.caption(plain(note))
    sheet = figures.sheet_rows(pixels, [[m.mean, *m.strongest] for m in made])
    heads = [f"{found.name}: {_verdict(found, readings[0].classes[k])}" for found in made]
    name = page.file("maps")
    with (
        st.container(horizontal=True, horizontal_alignment="right"),
        st.popover("Save", icon=":material/download:", type="tertiary"),
    ):
        for kind, mime in pictures.KINDS.items():
            st.download_button(
                kind, partial(_sheet, sheet, heads, note, kind.lower()), f"{name}.{kind.lower()}", mime,
                key=f"imbalance.maps {kind}", on_click="ignore", width="stretch",
            )  # fmt: skip


def _shown(page: Page[ImbalanceView]) -> list[tuple[Any, Reading]]:
    """The runs with what was shown in training: only of those images the pixels are kept."""
    found = []
    names = {reading.run_id: reading.name for reading in page.readings}
    for run in page.runs:
        if run.id in names:
            found.append((run, source.of_run(run, page.view.at, "shown", names[run.id])))
    same = {reading.labels.tobytes() for _, reading in found}
    return found if len(same) < 2 else found[:1]


def _sheet(rows: list[list[Any]], heads: list[str], note: str, kind: Any) -> bytes:
    from lossviz.figures import print_maps

    return print_maps.sheet(rows, heads, _names(max(map(len, rows))), note, kind)


def _names(count: int) -> list[str]:
    """What the images of a row are."""
    return ["the image", "mean of all", *(f"map {n}" for n in range(1, count - 1))]


def _verdict(found: maps.Maps, true: str) -> str:
    return "right" if found.predicted == true else f"taken for {found.predicted}"


def _row(found: maps.Maps, pixels: Any, true: str) -> str:
    low, high = figures.ends(list(found.strongest))
    names = _names(2 + len(found.strongest))
    images = [figures.image_png(pixels), figures.map_png(found.mean, *figures.ends([found.mean]))]
    images += [figures.map_png(m, low, high) for m in found.strongest]
    cells = "".join(map(_cell, images, names))
    head = f"<b>{escape(found.name)}</b>: {escape(_verdict(found, true))}"
    return f'<div class="lv-maps-row"><p>{head}</p><div>{cells}</div></div>'


def _cell(png: bytes, text: str) -> str:
    data = base64.b64encode(png).decode()
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{escape(text)}">'
        f"<figcaption>{escape(text)}</figcaption></figure>"
    )
