"""The folds below the picture: formulas with the current numbers, files, and the program of a loss."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lossviz.pages.contours import panels
from lossviz.pages.contours.ui import handout
from lossviz.pages.contours.view import ContourView
from lossviz.readings.filenames import contours_file
from lossviz.ui.binding import Binding

FILES = {
    "png": ("PNG", "image/png"),
    "svg": ("SVG", "image/svg+xml"),
    "pdf": ("PDF", "application/pdf"),
    "npz": ("Arrays .npz", "application/octet-stream"),
    "csv": ("Arrays .csv", "text/csv"),
}


def show(bound: Binding[ContourView]) -> None:
    """Formulas, downloads, programs."""
    view = bound.view
    for _ in bound.folded("Formulas with the current numbers"):
        for spec in view.specs():
            st.markdown(f"**{spec.title}** · {spec.source}")
            st.latex(spec.formula_with(**view.values(spec)))
            if spec.needs.bias != "none":
                st.caption(_bias_text(view, spec.needs.bias))
    for _ in bound.folded("Save: pictures, arrays, programs"):
        st.caption("The link in the address bar holds this view exactly: copy it to share or to come back.")
        name = contours_file(view.losses)
        columns = st.columns(len(FILES))
        for column, (kind, (label, mime)) in zip(columns, FILES.items(), strict=True):
            column.download_button(
                label,
                data=partial(panels.write, view, kind),
                file_name=f"{name}.{kind}",
                mime=mime,
                key=f"contours.save {kind}",
                on_click="ignore",
                width="stretch",
            )
        st.download_button(
            "Page to hand out (.html)",
            data=partial(handout.page, view),
            file_name=f"{name}.html",
            mime="text/html",
            key="contours.save page",
            on_click="ignore",
            help="One file for a course page or an e-mail: arrows and sliders work in it, without Python "
            "and without the network.",
        )
        titles = {spec.key: spec.title for spec in view.specs()}
        key = bound.pick(
            st.selectbox,
            "program",
            view.losses[0],
            "PyTorch program of",
            list(titles),
            format_func=titles.get,
        )
        st.download_button(
            f"Program of {titles[key]} (.py)",
            data=partial(panels.program, view, key),
            file_name=f"{key.replace('-', '_')}.py",
            mime="text/x-python",
            key="contours.save program",
            on_click="ignore",
        )
        st.code(panels.command(view), language="bash", wrap_lines=True)


def _bias_text(view: ContourView, kind: str) -> str:
    if kind == "unified":
        return f"b = {view.bias:g}"
    return ", ".join(f"b{k} = {b:g}" for k, b in enumerate(view.biases))
