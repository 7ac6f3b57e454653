"""The map: a measure over two axes, a panel for each loss; a cell is the mean over its seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lossviz.figures.chart import TEXT, Axis, Chart, Line, Mark, Matrix, Panel, Rule
from lossviz.pages.sweep.shown import Shown, sample_text
from lossviz.sweeps.aggregate import Group, borders
from lossviz.sweeps.bounds import Bound, bounds
from lossviz.sweeps.plan import MOST_SEEDS
from lossviz.sweeps.statistics import more_seeds

Rows = list[list[Group | None]]
CELL_PX, LEAST_PX, MOST_PX = 64, 120, 440


def chart(shown: Shown) -> Chart:
    """The map of the view."""
    maps = {loss: grid(shown, loss) for loss in shown.plan.losses}
    best = shown.groups.best(shown.measure, (g for rows in maps.values() for row in rows for g in row))
    panels = [_panel(shown, loss, rows, best) for loss, rows in maps.items()]
    most = max(len(rows) for rows in maps.values())
    return Chart(
        tuple(panels),
        alt(shown, maps, best),
        height=min(MOST_PX, max(LEAST_PX, CELL_PX * most)),
        columns=1 if most == 1 else None,
        legend="none",
    )


def grid(shown: Shown, loss: str) -> Rows:
    """The groups of a loss, the highest value of the rows' axis on top; one row or column for an axis that
    there is not or that the loss lacks."""
    groups, at = shown.groups, shown.at

    def along(axis: int) -> range:
        whole = axis >= 0 and not groups.lacks(loss, axis)
        return range(len(shown.plan.axes[axis].values)) if whole else range(1)

    def place(r: int, c: int) -> tuple[int, ...]:
        here = list(at)
        for axis, i in ((shown.rows, r), (shown.columns, c)):
            if axis >= 0:
                here[axis] = i
        return tuple(here)

    return [
        [groups.group(loss, place(r, c)) for c in along(shown.columns)] for r in reversed(along(shown.rows))
    ]


def undecided(shown: Shown, group: Group | None, best: Group | None) -> float:
    """The seeds that would tell a group from the best; 0 where they are told apart, or nothing is to tell."""
    if group is None or best is None or group is best or shown.measure.better is None:
        return 0.0
    found = more_seeds(group.sample(shown.measure), best.sample(shown.measure))
    return 0.0 if math.isnan(found) else found


def seeds_words(more: float) -> str:
    """A number of seeds in words: "4 more seeds would decide"."""
    if math.isinf(more):
        return "equal to the best: no number of seeds would decide"
    if more > MOST_SEEDS:
        return f"more than {MOST_SEEDS} more seeds would decide"
    return f"{more:.0f} more seed{'s' if more != 1 else ''} would decide"


def _names(shown: Shown, loss: str, axis: int, reverse: bool = False) -> tuple[str, ...]:
    if axis < 0:
        return ("",)
    if shown.groups.lacks(loss, axis):
        return ("",)
    names = [shown.value_text(axis, i) for i in range(len(shown.plan.axes[axis].values))]
    return tuple(reversed(names) if reverse else names)


def _panel(shown: Shown, loss: str, rows: Rows, best: Group | None) -> Panel:
    measure = shown.measure
    samples = [[None if g is None else g.sample(measure) for g in row] for row in rows]
    values = np.array(
        [[math.nan if s is None else float(measure.shown(s.mean)) for s in row] for row in samples]
    )
    more = [[undecided(shown, g, best) for g in row] for row in rows]
    matrix = Matrix(
        values,
        _names(shown, loss, shown.rows, reverse=True),
        _names(shown, loss, shown.columns),
        "values",
        tuple(tuple(_text(shown, g) for g in row) for row in rows),
        boxed=tuple((r, c) for r, row in enumerate(rows) for c, g in enumerate(row) if g is shown.group),
        value_title=measure.unit or " ",
        hover=tuple(
            tuple(_hover(shown, g, more[r][c], g is best) for c, g in enumerate(row))
            for r, row in enumerate(rows)
        ),
        hatched=tuple((r, c) for r, row in enumerate(more) for c, n in enumerate(row) if n),
    )
    axes = [shown.rows, shown.columns]
    lacks = [axis for axis in axes if axis >= 0 and shown.groups.lacks(loss, axis)]
    y, x = (Axis(shown.axis_title(axis) if axis >= 0 and axis not in lacks else "") for axis in axes)
    lacked = " and no ".join(shown.declared(axis).title for axis in reversed(lacks))
    parts = (f"has no {lacked}" if lacked else "", shown.others(axes))
    note = ", ".join(part for part in parts if part)
    return Panel((matrix, *bound(shown, rows)), shown.loss_title(loss), x, y, note=note)


def _text(shown: Shown, group: Group | None) -> str:
    """The mean in a cell; × where one has diverged or failed, nothing where none has ended."""
    if group is None:
        return ""
    sample = group.sample(shown.measure)
    told = shown.measure.text(sample.mean, unit=False) if sample.n else ""
    return " ".join(part for part in (told, "×" if group.broken else "") if part)


def _hover(shown: Shown, group: Group | None, more: float, best: bool) -> str:
    if group is None:
        return "no such cell"
    lines = [f"{shown.measure.title}: {sample_text(shown.measure, group.sample(shown.measure))}"]
    for state in ("diverged", "failed", "running", "waiting"):
        if count := group.states.count(state):
            lines.append(f"{count} of {len(group.states)} {state}")
    if best:
        lines.append("the best here")
    if more:
        lines.append(f"not told from the best: {seeds_words(more)}")
    return "\n".join(lines)


def bound(shown: Shown, rows: Rows) -> list[Mark]:
    """The lines beyond which no arrangement of the classes has what the loss asks for."""
    made: list[Mark] = []
    for found, edges in _parted(shown, rows):
        first = found[0]
        name = first.title if len({each.title for each in found}) == 1 else first.head
        dash = "solid" if first.most else "dashed"
        upright = {x0 for x0, _, x1, _ in edges if x0 == x1}
        level = {y0 for _, y0, _, y1 in edges if y0 == y1}
        if len(upright) == 1 and not level:
            made.append(Rule(upright.pop(), "x", TEXT, name, dash, 3.0))
        elif len(level) == 1 and not upright:
            made.append(Rule(level.pop(), "y", TEXT, name, dash, 3.0))
        else:
            x = [at for x0, _, x1, _ in edges for at in (x0, x1, math.nan)]
            y = [at for _, y0, _, y1 in edges for at in (y0, y1, math.nan)]
            made.append(Line(np.array(x), np.array(y), TEXT, name, dash, 3.0, silent=True))
    return made


def _parted(shown: Shown, rows: Rows) -> list[tuple[list[Bound], list[tuple[float, float, float, float]]]]:
    """The bounds of a map that have cells on either side, each for all its cells, and the edges between."""
    classes = len(shown.groups.classes)
    of = [[{} if g is None else {b.name: b for b in bounds(g.config, classes)} for g in row] for row in rows]
    made = []
    for name in dict.fromkeys(name for row in of for each in row for name in each):
        edges = borders([[each[name].fits if name in each else None for each in row] for row in of])
        if edges:
            made.append(([each[name] for row in of for each in row if name in each], edges))
    return made


def notice(shown: Shown) -> str:
    """What to notice, in a few sentences."""
    maps = {loss: grid(shown, loss) for loss in shown.plan.losses}
    every = [g for rows in maps.values() for row in rows for g in row if g is not None]
    best = shown.groups.best(shown.measure, every)
    if best is None:
        return "No cell has ended yet."
    word = {"high": "Best", "low": "Best (lowest)", None: "Highest"}[shown.measure.better]
    said = [
        f"{word}: {shown.place_text(best)}, {shown.measure.title} "
        f"{sample_text(shown.measure, best.sample(shown.measure))}."
    ]
    more = [n for g in every if (n := undecided(shown, g, best))]
    if more:
        said.append(f"Hatched: {len(more)} not told from it by these seeds; {_range(more)}.")
    elif best.sample(shown.measure).n < 2 and shown.measure.better:
        said.append("One seed: how much a setting varies is not known, so nothing is hatched.")
    if broken := sum(g.broken for g in every):
        said.append(f"×: {broken} cell{'s' if broken != 1 else ''} diverged or failed; means leave them out.")
    parted = [found[0] for rows in maps.values() for found, _ in _parted(shown, rows)]
    for why, most in {each.why: each.most for each in parted}.items():
        where = "Beyond the line" if most else "Short of the dashed line"
        said.append(f"{where} no arrangement of all classes has {why}.")
    return " ".join(said)


def _range(more: Sequence[float]) -> str:
    ends = [min(more), max(more)]
    if ends[0] > MOST_SEEDS:
        return f"more than {MOST_SEEDS} more seeds would decide"
    if ends[0] == ends[1]:
        return seeds_words(ends[0])
    if ends[1] > MOST_SEEDS:
        return f"from {ends[0]:.0f} to more than {MOST_SEEDS} more seeds would decide"
    return f"{ends[0]:.0f} to {ends[1]:.0f} more seeds would decide"


def alt(shown: Shown, maps: dict[str, Rows], best: Group | None) -> str:
    """The map in words."""
    axes = [shown.axis_title(a) for a in (shown.columns, shown.rows) if a >= 0]
    over = " and ".join(axes) or "one setting"
    said = [f"Map of {shown.measure.title} over {over}, mean over {shown.seeds_text}."]
    for loss, rows in maps.items():
        told = [
            f"{shown.place_text(g, (-1,))}: {sample_text(shown.measure, g.sample(shown.measure))}"
            for row in rows
            for g in row
            if g is not None
        ]
        said.append(f"{shown.loss_title(loss)}: {len(told)} settings. " + "; ".join(told[:24]) + ".")
    if best is not None:
        said.append(f"Best: {shown.place_text(best)}.")
    return " ".join(said)
