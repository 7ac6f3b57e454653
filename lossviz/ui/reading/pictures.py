"""A chart or a table on a page, with its files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from lossviz.figures.chart import Chart
from lossviz.figures.table import Table
from lossviz.readings import images
from lossviz.ui.binding import Binding, plain
from lossviz.ui.chrome import heard
from lossviz.ui.components import width

MISSING = "–"
PRESENTATION = "reading.presentation"
MIME = {"csv": "text/csv", "tex": "text/x-tex"}
KINDS = {"PNG": "image/png", "SVG": "image/svg+xml", "PDF": "application/pdf"}


def dark() -> bool:
    """Whether the page is dark."""
    return bool(st.context.theme.type == "dark")


def large() -> bool:
    """Whether the page is shown to a room, as its view has said."""
    return bool(st.session_state.get(PRESENTATION))


def chart(made: Chart, key: str, name: str = "", folded: bool = False) -> None:
    """Draw the chart, with a text for those who cannot see it, and its files. folded: it is in a fold."""
    draw(made, key, folded)
    files(made, key, name)


def draw(made: Chart, key: str, folded: bool = False) -> None:
    """Draw the chart alone; `files` is to follow."""
    from lossviz.figures import screen_chart

    pixels, larger = width.room(large(), folded)
    show(screen_chart.draw(made, dark(), pixels), larger, key)


def show(figure: Any, larger: float, key: str) -> None:
    """Show a figure, so many times as large."""
    from lossviz.figures import screen, screen_large

    if larger != 1:
        figure = screen_large.enlarged(figure, larger)
    # The height is known before plotly has come: what stands below does not move.
    st.plotly_chart(
        figure, key=key, theme=None, width="stretch", height=round(figure.layout.height), config=screen.CONFIG
    )


def files(made: Chart, key: str, name: str = "") -> None:
    """The files of a picture that is drawn above, and its text for those who cannot see it."""
    with st.container(horizontal=True, horizontal_alignment="right", key=f"{key} files"):
        heard(made.alt)
        with st.popover("Save", icon=":material/download:", type="tertiary"):
            for kind, mime in KINDS.items():
                st.download_button(
                    kind, partial(_saved, made, kind.lower()), f"{name or 'lossviz'}.{kind.lower()}", mime,
                    key=f"{key} {kind}", on_click="ignore", width="stretch",
                )  # fmt: skip


def _saved(made: Chart, kind: Any) -> bytes:
    from lossviz.figures import print_chart

    return print_chart.save(made, kind)


def table(made: Table, key: str, name: str = "") -> None:
    """Show a table that can be sorted, with its files. A chart may have the same key."""
    key = f"{key} table"
    st.markdown(f"**{plain(made.title)}**" + (f" ({plain(made.note)})" if made.note else ""))
    st.dataframe(made.styled(), hide_index=True, width="stretch", key=key, placeholder=MISSING)
    with (
        st.container(horizontal=True, horizontal_alignment="right", key=f"{key} files"),
        st.popover("Save", icon=":material/download:", type="tertiary"),
    ):
        kinds: list[tuple[str, Callable[[], str], str]] = [("CSV", made.csv, "csv")]
        if units := made.raw_units:
            plural = {"fraction": "fractions", "rad": "radians"}
            words = " and ".join(plural[unit] for unit in units)
            kinds.append((f"CSV in {words}", partial(made.csv, raw=True), "csv"))
        for kind, make, ending in [*kinds, ("LaTeX", made.latex, "tex")]:
            st.download_button(
                kind, make, f"{name or 'lossviz'}.{ending}", MIME[ending],
                key=f"{key} {kind}", on_click="ignore", width="stretch",
            )  # fmt: skip


def pairs(bound: Binding[Any], made: Table | None, end: str, name: str) -> None:
    """The table of runs image by image, folded; nothing where there is none. end: of its key."""
    for _ in bound.folded("Image by image", f"Image by image{end}") if made is not None else ():
        assert made is not None
        table(made, f"{bound.name}.pairs{end}", name)
        st.caption(images.ONE_RUN)
