"""Groups of a sweep: the cells of one setting over all seeds, as maps, lines and fronts need them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lossviz.sweeps.axes import declaration
from lossviz.sweeps.measures import IMPORTANT, RECALL, Measure, known
from lossviz.sweeps.plan import Cell, Plan
from lossviz.sweeps.results import Array, Result
from lossviz.sweeps.statistics import Sample
from lossviz.sweeps.store import Sweep
from lossviz.training.config import RunConfig

At = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Group:
    """The cells of a loss at one value of each axis, over seeds.

    at: the index of the value on each axis, −1 where the loss lacks the parameter. states, results: of the
    cells, in their order.
    """

    loss: str
    at: At
    cells: tuple[Cell, ...]
    states: tuple[str, ...]
    results: tuple[Result | None, ...]

    @property
    def config(self) -> RunConfig:
        """The config of its first cell."""
        return self.cells[0].config

    def values(self, measure: Measure) -> Array:
        """The values of its cells [C]; NaN for one that has not finished."""
        return np.array(
            [
                r.measures.get(measure.name, math.nan) if r is not None and r.ended_well else math.nan
                for r in self.results
            ]
        )

    def sample(self, measure: Measure) -> Sample:
        """The values of the cells that have finished."""
        return Sample.of(self.values(measure))

    @property
    def broken(self) -> int:
        """The number of cells that diverged or failed."""
        return sum(state in ("diverged", "failed") for state in self.states)


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups of a sweep by loss and place."""

    plan: Plan
    of: Mapping[tuple[str, At], Group]

    @cached_property
    def measures(self) -> list[Measure]:
        """The measures that any cell has."""
        return known(r for group in self.of.values() for r in group.results if r is not None)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes; none before a cell has ended."""
        found = (r.classes for group in self.of.values() for r in group.results if r is not None)
        return next((classes for classes in found if classes), ())

    def group(self, loss: str, at: At) -> Group | None:
        """The group of a loss at a place; an axis that the loss lacks does not count."""
        exact = self.of.get((loss, at))
        if exact is not None:
            return exact
        return next(
            (
                group
                for (key, place), group in self.of.items()
                if key == loss and all(i in (-1, j) for i, j in zip(place, at, strict=True))
            ),
            None,
        )

    def along(self, loss: str, axis: int, at: At) -> list[Group | None]:
        """The groups of a loss at each value of an axis; on the others at `at`."""
        count = len(self.plan.axes[axis].values)
        return [self.group(loss, (*at[:axis], i, *at[axis + 1 :])) for i in range(count)]

    def lacks(self, loss: str, axis: int) -> bool:
        """True if the axis is no parameter of the loss: all its values are one setting."""
        return all(at[axis] < 0 for key, at in self.of if key == loss)

    def best(self, measure: Measure, groups: Iterable[Group | None] | None = None) -> Group | None:
        """The group with the best mean (the highest, where neither way is better); None without any."""
        sign = -1.0 if measure.better == "low" else 1.0
        sampled = [
            (sign * group.sample(measure).mean, group)
            for group in (self.of.values() if groups is None else groups)
            if group is not None
        ]
        finite = [pair for pair in sampled if math.isfinite(pair[0])]
        return max(finite, key=lambda pair: pair[0])[1] if finite else None


def read(sweep: Sweep) -> Groups:
    """The groups of a sweep as it stands."""
    plan, found = sweep.plan, sweep.results()
    cells: dict[tuple[str, At], list[Cell]] = {}
    for cell in plan.cells:
        cells.setdefault((cell.config.loss, cell.at), []).append(cell)
    groups = {}
    for key, own in cells.items():
        important = important_of(plan, own[0])  # the same for all seeds
        states = tuple(found[c.id].state if c.id in found else sweep.state(c) for c in own)
        groups[key] = Group(
            *key, tuple(own), states, tuple(with_important(found.get(c.id), important) for c in own)
        )
    return Groups(plan, groups)


def important_of(plan: Plan, cell: Cell) -> tuple[int, ...]:
    """The important classes of a cell: those of its loss, or, for a loss without any, those that all cells of
    the sweep share; none of other sweeps."""
    name = "important"
    chosen = cell.config.loss_params().get(name)
    if chosen is None and name in plan.base:
        chosen = declaration(name, plan.specs).read(plan.base[name])
    return () if chosen is None else (chosen,) if isinstance(chosen, int) else tuple(chosen)


def with_important(result: Result | None, important: Sequence[int]) -> Result | None:
    """A result with the mean recall of the important classes, where there are some and all have images."""
    names = [f"{RECALL}{k}" for k in important]
    if result is None or not names or not set(names) <= result.measures.keys():
        return result
    mean = float(np.mean([result.measures[name] for name in names]))
    return replace(result, measures={**result.measures, IMPORTANT.name: mean})


def borders(flags: Sequence[Sequence[bool | None]]) -> list[tuple[float, float, float, float]]:
    """The edges between cells [R][C] that are flagged and those that are not, each as x0, y0, x1, y1.

    Cell (r, c) has its middle at x = c, y = r; None is neither.
    """
    found = []
    for r, row in enumerate(flags):
        for c, flag in enumerate(row):
            right = row[c + 1] if c + 1 < len(row) else None
            below = flags[r + 1][c] if r + 1 < len(flags) else None
            if None not in (flag, right) and flag != right:
                found.append((c + 0.5, r - 0.5, c + 0.5, r + 0.5))
            if None not in (flag, below) and flag != below:
                found.append((c - 0.5, r + 0.5, c + 0.5, r + 0.5))
    return found


def front(x: Array, y: Array, signs: tuple[float, float] = (1.0, 1.0)) -> list[int]:
    """The places of the points [n] that no other point beats in both numbers, by x.

    signs: 1 where high is better, −1 where low is. A point with a NaN is on no front.
    """
    a, b = signs[0] * np.asarray(x, dtype=np.float64), signs[1] * np.asarray(y, dtype=np.float64)
    good = np.flatnonzero(np.isfinite(a) & np.isfinite(b))
    # From the best x on, a point is on the front if its y is above all before it.
    order, top, found = sorted(good, key=lambda i: (-a[i], -b[i])), -math.inf, []
    for i in order:
        if b[i] > top:
            found.append(int(i))
            top = float(b[i])
    return sorted(found, key=lambda i: float(x[i]))
