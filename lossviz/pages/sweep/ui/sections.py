"""The sections of the page, their controls, and the chosen cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from lossviz.pages.sweep import fronts, lines, maps, parallel, tables
from lossviz.pages.sweep.shown import Shown
from lossviz.pages.sweep.ui import slider
from lossviz.pages.sweep.view import SweepView
from lossviz.sweeps import Sweep
from lossviz.sweeps.table import csv_text
from lossviz.ui.binding import Binding, plain
from lossviz.ui.components import width
from lossviz.ui.control import control
from lossviz.ui.page_files import page_file
from lossviz.ui.reading import pictures

EMPTY = "No cell has ended yet: the picture comes with the first."
PARALLEL = "Drag along an axis to keep a range of cells, drag its name to move it."


def show(bound: Binding[SweepView], shown: Shown, sweep: Sweep) -> None:
    """Draw the section of the view."""
    section, name = shown.view.section, f"lossviz-sweep-{sweep.id}-{shown.view.section}"
    if not shown.groups.measures and section not in ("map", "cells"):
        st.info(EMPTY)
        return
    match section:
        case "cells":
            slider.show(bound, shown, sweep)
        case "map":
            pictures.chart(maps.chart(shown), "sweep.map", name)
            st.markdown(plain(maps.notice(shown)))
        case "lines":
            pictures.chart(lines.chart(shown), "sweep.lines", name)
        case "front":
            pictures.chart(fronts.chart(shown), "sweep.front", name)
            st.markdown(plain(fronts.notice(shown)))
        case "parallel":
            _parallel(shown, name)
        case "table":
            pictures.table(tables.table(shown), "sweep.table", name)
            files: dict[str, Callable[[], Any]] = {"CSV with a row a cell": partial(csv_text, sweep)}
            pictures.save_menu("sweep.cells", f"{name}-cells", files, "Save all cells")


def _parallel(shown: Shown, name: str) -> None:
    if not parallel.cells(shown):
        st.info(EMPTY)
        return
    pixels, larger = width.chart_width(pictures.large())
    st.caption(PARALLEL)
    pictures.show(parallel.figure(shown, pictures.dark(), pixels), larger, "sweep.parallel")
    pictures.files(parallel.chart(shown), "sweep.parallel", name)


def controls(bound: Binding[SweepView], shown: Shown) -> None:
    """The settings of the section."""
    section = shown.view.section
    known = {m.name: m.title for m in shown.groups.measures} or {shown.measure.name: shown.measure.title}
    if section not in ("table", "cells"):
        label = "From left to right" if section == "front" else "Measure"
        control(bound, "measure", now=shown.measure.name, options=known, words=known, label=label, help=None)
    if section == "front":
        label = "From below to above"
        control(bound, "against", now=shown.against.name, options=known, words=known, label=label, help=None)
    if section == "lines":
        same = {m.name: m.title for m in shown.groups.measures if m.unit == shown.measure.unit}
        same = {"": "nothing else"} | {n: t for n, t in same.items() if n != shown.measure.name}
        beside = "" if shown.beside is None else shown.beside.name
        control(bound, "beside", now=beside, options=same, words=same, label="And beside it", help=None)
    axes = {axis.name: shown.axis_title(i) for i, axis in enumerate(shown.plan.axes)}
    if section in ("map", "lines") and len(axes) > 1:
        names = list(axes)
        control(bound, "columns", now=names[shown.columns], options=axes, words=axes, help=None)
        if section == "map" and len(axes) > 2:
            others = {name: title for name, title in axes.items() if name != names[shown.columns]}
            control(bound, "rows", now=names[shown.rows], options=others, words=others, help=None)


def cell(bound: Binding[SweepView], shown: Shown) -> None:
    """The chosen cell: its loss, values and seed, as controls."""
    config = shown.cell.config
    seed = config.seed, config.subset_seed

    def put(id: str) -> Callable[[SweepView], SweepView]:
        return lambda now: replace(now, cell=id)

    if len(shown.plan.losses) > 1:
        bound.control(
            st.selectbox,
            "cell loss",
            config.loss,
            lambda now, new: put(shown.with_cell(new, shown.at, seed))(now),
            "Loss",
            list(shown.plan.losses),
            format_func=shown.loss_title,
        )
    for axis, each in enumerate(shown.plan.axes):
        if shown.cell.at[axis] < 0 or len(each.values) < 2:
            continue

        def moved(now: SweepView, new: int, axis: int = axis) -> SweepView:
            at = (*shown.at[:axis], new, *shown.at[axis + 1 :])
            return put(shown.with_cell(config.loss, at, seed))(now)

        bound.control(
            st.select_slider,
            f"cell {each.name}",
            shown.cell.at[axis],
            moved,
            shown.axis_title(axis),
            list(range(len(each.values))),
            format_func=partial(shown.value_text, axis),
        )
    seeds = [(s, sub) for s in shown.plan.seeds for sub in shown.plan.subset_seeds]
    if len(seeds) > 1:
        bound.control(
            st.selectbox,
            "cell seed",
            seed,
            lambda now, new: put(shown.with_cell(config.loss, shown.at, new))(now),
            "Seed",
            seeds,
            format_func=lambda s: f"{s[0]}, images {s[1]}" if len(shown.plan.subset_seeds) > 1 else f"{s[0]}",
        )


def numbers(shown: Shown) -> None:
    """The numbers of the chosen cell."""
    group, state = shown.group, shown.state
    index = 0 if group is None else group.cells.index(shown.cell)
    st.markdown(
        f"**{plain(shown.place_text(group) if group else '')}, seed {shown.cell.config.seed}**: {state}"
    )
    result = None if group is None else group.results[index]
    if result is not None and result.reason:
        st.caption(plain(result.reason))
    # The sliders have the numbers beside them.
    rows = tables.of_cell(shown) if shown.view.section != "cells" else []
    if rows:
        # A table, not a frame: its words break where there is little room, and no number is cut off.
        st.table(rows, hide_index=True, hide_header=True, border="horizontal", height=248)


def live(shown: Shown) -> None:
    """The way to the live view of the chosen cell."""
    if shown.state != "waiting":
        st.page_link(
            page_file("train"),
            label="Open as live view",
            icon=":material/play_circle:",
            query_params={"runs": shown.cell.id},
        )
