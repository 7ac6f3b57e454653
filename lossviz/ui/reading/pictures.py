"""A chart or a table on a page, with its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from lossviz.figures.chart import Chart
from lossviz.figures.table import Table
from lossviz.ui import imports
from lossviz.ui.binding import plain
from lossviz.ui.chrome import screen_reader_text
from lossviz.ui.components import width

MISSING = "–"
PRESENTATION = "reading.presentation"
KINDS = ("PNG", "SVG", "PDF")  # of a picture
# The type and the ending of each kind of file.
TYPES = {
    "PNG": ("image/png", "png"),
    "SVG": ("image/svg+xml", "svg"),
    "PDF": ("application/pdf", "pdf"),
    "CSV": ("text/csv", "csv"),
    "LaTeX": ("text/x-tex", "tex"),
    "HTML": ("text/html", "html"),
    "NPZ": ("application/octet-stream", "npz"),
}


def dark() -> bool:
    """True if the page is dark."""
    return bool(st.context.theme.type == "dark")


def large() -> bool:
    """True if the view asks for presentation, large enough for a room."""
    return bool(st.session_state.get(PRESENTATION))


def chart(made: Chart, key: str, name: str, folded: bool = False) -> None:
    """Draw the chart, with a text for screen readers, and its files. folded: it is in an expander."""
    draw(made, key, folded)
    files(made, key, name)


def draw(made: Chart, key: str, folded: bool = False) -> None:
    """Draw the chart alone; call `files` after it."""
    from lossviz.figures import screen_chart

    imports.finish()
    pixels, larger = width.chart_width(large(), folded)
    show(screen_chart.draw(made, dark(), pixels), larger, key)


def show(figure: Any, larger: float, key: str) -> None:
    """Show a figure, enlarged by the factor `larger`."""
    from lossviz.figures import screen, screen_large

    if larger != 1:
        figure = screen_large.enlarged(figure, larger)
    # The height is set before plotly is loaded, so the elements below do not move then.
    st.plotly_chart(
        figure, key=key, theme=None, width="stretch", height=round(figure.layout.height), config=screen.CONFIG
    )


def files(made: Chart, key: str, name: str) -> None:
    """Draw the menu of files of a picture that is drawn above, and its text for screen readers."""
    with st.container(horizontal=True, horizontal_alignment="right", key=f"{key} files"):
        screen_reader_text(made.alt)
        save_menu(key, name, {kind: partial(_saved, made, kind.lower()) for kind in KINDS})


def save_menu(key: str, name: str, files: Mapping[str, Callable[[], Any]], label: str = "Save") -> None:
    """Draw a menu of downloads. files: functions that make them, by labels that begin with their kind."""
    with st.popover(label, icon=":material/download:", type="tertiary"):
        for kind, make in files.items():
            mime, ending = TYPES[kind.partition(" ")[0]]
            file, slot = f"{name}.{ending}", f"{key} {kind}"
            st.download_button(kind, make, file, mime, key=slot, on_click="ignore", width="stretch")


def _saved(made: Chart, kind: Any) -> bytes:
    from lossviz.figures import print_chart

    return print_chart.save(made, kind)


def table(made: Table, key: str, name: str) -> None:
    """Show a table that can be sorted, with its files. A chart may have the same key."""
    key = f"{key} table"
    st.markdown(f"**{plain(made.title)}**" + (f" ({plain(made.note)})" if made.note else ""))
    st.dataframe(made.styled(), hide_index=True, width="stretch", key=key, placeholder=MISSING)
    with st.container(horizontal=True, horizontal_alignment="right", key=f"{key} files"):
        kinds: dict[str, Callable[[], str]] = {"CSV": made.csv}
        if units := made.raw_units:
            plural = {"fraction": "fractions", "rad": "radians"}
            kinds[f"CSV in {' and '.join(plural[unit] for unit in units)}"] = partial(made.csv, raw=True)
        save_menu(key, name, {**kinds, "LaTeX": made.latex})
