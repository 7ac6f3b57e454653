"""Tables: a row for each setting, with means and deviations over its seeds; and one cell's numbers."""

from __future__ import annotations

import math

from lossviz.figures.table import Column, Kind, Table
from lossviz.pages.sweep.maps import undecided
from lossviz.pages.sweep.shown import Shown
from lossviz.sweeps.measures import ANGLE, PERCENT, RECALL, Measure

KINDS: dict[str, Kind] = {PERCENT: "percent", ANGLE: "angle"}
USUAL = ("test_accuracy", "balanced_accuracy", "uniform_accuracy")


def table(shown: Shown) -> Table:
    """The settings of a sweep with the usual measures and those of the view."""
    groups = list(shown.groups.of.values())
    known = {m.name: m for m in shown.groups.measures}
    names = [n for n in dict.fromkeys((shown.measure.name, *USUAL, shown.against.name)) if n in known]
    columns = [Column("loss", [shown.loss_title(g.loss) for g in groups])]
    for axis in range(len(shown.plan.axes)):
        columns.append(_axis(shown, axis))
    columns.append(Column("n", [sum(s == "finished" for s in g.states) for g in groups], "count"))
    if any(g.broken for g in groups):
        columns.append(Column("diverged or failed", [g.broken for g in groups], "count"))
    for name in names:
        measure = known[name]
        samples = [g.sample(measure) for g in groups]
        columns += [
            _column(measure, measure.title, [s.mean for s in samples], best=True),
            _column(measure, f"± sd of {measure.title}", [s.sd for s in samples]),
        ]
    best = shown.groups.best(shown.measure)
    more = [undecided(shown, g, best) for g in groups]
    if any(more):
        texts = tuple("" if not n else "∞" if math.isinf(n) else f"{n:.0f}" for n in more)
        columns.append(Column("more seeds to tell it from the best", more, "number", shown=texts))
    note = f"mean and standard deviation over n of {shown.seeds_text}"
    return Table("Settings", tuple(columns), note=note)


def _axis(shown: Shown, axis: int) -> Column:
    declared, values = shown.declared(axis), shown.plan.axes[axis].values
    at = [g.at[axis] for g in shown.groups.of.values()]
    if declared.kind not in ("real", "whole"):
        return Column(declared.title, [shown.value_text(axis, i) for i in at])
    kind: Kind = "angle" if declared.unit == "rad" else "number"
    return Column(declared.title, [values[i] if i >= 0 else math.nan for i in at], kind)


def _column(measure: Measure, name: str, values: list[float], best: bool = False) -> Column:
    better = measure.better if best else None
    kind = KINDS.get(measure.format, "number")
    return Column(name, values, kind, unit="" if kind != "number" else measure.unit, best=better)


def of_cell(shown: Shown) -> list[dict[str, str]]:
    """The numbers of the chosen cell as rows, recalls of classes last; no line breaks before a unit."""
    group = shown.group
    result = None if group is None else group.results[group.cells.index(shown.cell)]
    if result is None:
        return []
    known = [m for m in shown.groups.measures if m.name in result.measures]
    ordered = sorted(known, key=lambda m: m.name.startswith(RECALL))
    return [
        {"measure": m.title, "value": m.text(result.measures[m.name]).replace(" ", "\u00a0")} for m in ordered
    ]
