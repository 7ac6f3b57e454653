"""The front: one measure against another, every cell a dot, and the cells that no other beats in both."""

from __future__ import annotations

import numpy as np

from lossviz.core.text import listed
from lossviz.figures.chart import TEXT, Array, Axis, Chart, Dots, Line, Mark, Panel, RunColor
from lossviz.pages.sweep.shown import Shown
from lossviz.sweeps.aggregate import Group, front
from lossviz.sweeps.measures import Measure
from lossviz.sweeps.plan import Cell

Point = tuple[Group, Cell, float, float]


def points(shown: Shown) -> list[Point]:
    """The cells that have finished, with both measures in the units in which they are shown."""
    found = []
    for group in shown.groups.of.values():
        x, y = (m.shown(group.values(m)) for m in (shown.measure, shown.against))
        found += [
            (group, cell, float(a), float(b))
            for cell, a, b in zip(group.cells, x, y, strict=True)
            if np.isfinite(a) and np.isfinite(b)
        ]
    return found


def on_front(shown: Shown, found: list[Point]) -> list[Point]:
    """The points that no other beats in both; none where neither way is better."""
    better = shown.measure.better, shown.against.better
    if None in better or shown.measure == shown.against:
        return []
    signs = tuple(1.0 if way == "high" else -1.0 for way in better)
    x, y = (np.array([point[i] for point in found]) for i in (2, 3))
    return [found[i] for i in front(x, y, (signs[0], signs[1]))]


def chart(shown: Shown) -> Chart:
    """The front of the view."""
    found = points(shown)
    best = on_front(shown, found)
    marks: list[Mark] = []
    if best:
        x, y = _stairs(shown, np.array([p[2] for p in best]), np.array([p[3] for p in best]))
        marks.append(Line(x, y, TEXT, "Pareto front", width=1.5, label_at_end=False))
    for n, loss in enumerate(shown.plan.losses):
        own = [point for point in found if point[0].loss == loss]
        if own:
            hover = tuple(_hover(shown, point) for point in own)
            x, y = (np.array([point[i] for point in own]) for i in (2, 3))
            marks.append(Dots(x, y, RunColor(n), shown.loss_title(loss), hover=hover, size=7))
    chosen = [point for point in found if point[1].id == shown.cell.id]
    for _, _, x0, y0 in chosen:
        marks.append(Dots(np.array([x0]), np.array([y0]), TEXT, "chosen cell", symbols="ring", size=13))
    note = f"{len(found):,} cells"
    panel = Panel(tuple(marks), "", _axis(shown.measure), _axis(shown.against), note=note)
    return Chart((panel,), alt(shown, found, best), height=420, legend="top")


def _axis(measure: Measure) -> Axis:
    return Axis(measure.title, measure.unit)


def _stairs(shown: Shown, x: Array, y: Array) -> tuple[Array, Array]:
    """The front as steps: between two of its points nothing better than the worse in each is known."""
    xs, ys = [x[0]], [y[0]]
    for i in range(1, len(x)):
        # With high better in x, going right the front falls (or rises, where low is better in y) at once.
        corner = (x[i - 1], y[i]) if shown.measure.better == "high" else (x[i], y[i - 1])
        xs += [corner[0], x[i]]
        ys += [corner[1], y[i]]
    return np.array(xs), np.array(ys)


def _hover(shown: Shown, point: Point) -> str:
    group, cell, x, y = point
    pairs = ((shown.measure, x), (shown.against, y))
    told = [f"{m.title}: {v:.4g}{' ' if m.unit not in ('', '°') else ''}{m.unit}" for m, v in pairs]
    return "\n".join([f"{shown.place_text(group)}, seed {cell.config.seed}", *told])


def notice(shown: Shown) -> str:
    """The cells of the front in a sentence."""
    found = points(shown)
    if not found:
        return "No cell has finished yet."
    best = on_front(shown, found)
    if not best:
        return "Choose two measures of which each has a better end, and the front is drawn."
    names = list(dict.fromkeys(shown.place_text(point[0]) for point in best))
    more = f" and {len(names) - 4} more settings" if len(names) > 4 else ""
    told = "; ".join(names[:4])
    return (
        f"No cell beats those on the line in both. They are of {told}{more}. A front of single cells favours "
        "settings that vary: compare means in the table."
    )


def alt(shown: Shown, found: list[Point], best: list[Point]) -> str:
    """The front in words."""
    said = [f"{shown.against.title.capitalize()} against {shown.measure.title}, {len(found)} cells."]
    if best:
        told = [f"{shown.place_text(g)} ({x:.4g}, {y:.4g})" for g, _, x, y in best[:12]]
        said.append(f"On the Pareto front: {listed(told)}.")
    return " ".join(said)
