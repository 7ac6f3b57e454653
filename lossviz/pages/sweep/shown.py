"""Shown: what of a sweep is on the page: measures, axes, and the chosen cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lossviz.core.settings import Setting
from lossviz.core.text import fixed
from lossviz.pages.sweep.view import SweepView
from lossviz.sweeps.aggregate import At, Group, Groups, important_of
from lossviz.sweeps.axes import Axis
from lossviz.sweeps.measures import IMPORTANT, RECALL, Measure
from lossviz.sweeps.measures import measure as measure_of
from lossviz.sweeps.plan import Cell
from lossviz.sweeps.statistics import Sample


@dataclass(frozen=True, eq=False)
class Shown:
    """A view of the groups of a sweep, with whatever the view leaves open filled in."""

    groups: Groups
    view: SweepView

    @property
    def plan(self) -> Any:
        return self.groups.plan

    @cached_property
    def measure(self) -> Measure:
        """The measure of maps and lines."""
        return measure_of(self.view.measure, self.groups.classes)

    @cached_property
    def against(self) -> Measure:
        """The measure of the front's other axis: by default the recall of what a loss cares for."""
        name = self.view.against
        if name == SweepView.initial().against and self.group is not None:
            cared = important_of(self.plan, self.group.cells[0])
            name = IMPORTANT.name if len(cared) > 1 else next((f"{RECALL}{k}" for k in cared), name)
        return measure_of(name, self.groups.classes)

    @cached_property
    def beside(self) -> Measure | None:
        """The second measure of lines; None without, or where it has another unit than the first."""
        found = measure_of(self.view.beside, self.groups.classes) if self.view.beside else None
        return found if found is not None and found.unit == self.measure.unit else None

    @cached_property
    def problems(self) -> list[str]:
        """What the link names and the sweep has not, as sentences."""
        names = [axis.name for axis in self.plan.axes]
        said = [
            f"this sweep has no axis {name[:40]!r}; it has {', '.join(names) or 'none'}"
            for name in dict.fromkeys((self.view.columns, self.view.rows))
            if name and name not in names
        ]
        if self.view.cell and self.view.cell not in self._cells:
            said.append(f"this sweep has no cell {self.view.cell!r}; the best is chosen")
        return said

    @cached_property
    def columns(self) -> int:
        """The axis from left to right, as its number; −1 without axes."""
        names = [axis.name for axis in self.plan.axes]
        return names.index(self.view.columns) if self.view.columns in names else 0 if names else -1

    @cached_property
    def rows(self) -> int:
        """The axis from below to above; −1 if there is none but that of the columns."""
        names = [axis.name for axis in self.plan.axes]
        if self.view.rows in names and names.index(self.view.rows) != self.columns:
            return names.index(self.view.rows)
        return next((i for i in range(len(names)) if i != self.columns), -1)

    @cached_property
    def _cells(self) -> dict[str, Cell]:
        return {cell.id: cell for cell in self.plan.cells}

    @cached_property
    def cell(self) -> Cell:
        """The chosen cell; else the first of the best setting, of a loss that has every axis if any does."""
        if self.view.cell in self._cells:
            return self._cells[self.view.cell]
        whole = [group for group in self.groups.of.values() if -1 not in group.at]
        best = self.groups.best(self.measure, whole) or self.groups.best(self.measure)
        return best.cells[0] if best is not None else self.plan.cells[0]

    @cached_property
    def group(self) -> Group | None:
        """The cells of the chosen cell's setting."""
        return self.groups.of.get((self.cell.config.loss, self.cell.at))

    @property
    def state(self) -> str:
        """The state of the chosen cell."""
        return "waiting" if self.group is None else self.group.states[self.group.cells.index(self.cell)]

    @property
    def at(self) -> At:
        """The place of the chosen cell on each axis; the first where its loss lacks the axis."""
        return tuple(max(0, i) for i in self.cell.at)

    def with_cell(self, loss: str, at: At, seed: tuple[int, int]) -> str:
        """The id of the cell of a loss at a place with (seed, subset seed); else of its first."""
        group = self.groups.group(loss, at)
        if group is None:
            return self.cell.id
        by_seed = {(c.config.seed, c.config.subset_seed): c.id for c in group.cells}
        return by_seed.get(seed, group.cells[0].id)

    # Words.

    def declared(self, axis: int) -> Setting:
        """The declaration of an axis."""
        own: Axis = self.plan.axes[axis]
        return own.declared(self.plan.specs)

    def axis_title(self, axis: int) -> str:
        """The title of an axis: "m: angular margin"."""
        declared = self.declared(axis)
        return f"{declared.letter}: {declared.title}" if declared.symbol else declared.title

    def value_text(self, axis: int, index: int) -> str:
        """A value on an axis: "22.5°"."""
        return self.declared(axis).text(self.plan.axes[axis].values[index]) if index >= 0 else "–"

    def loss_title(self, loss: str) -> str:
        """The title of a loss."""
        return next((str(spec.title) for spec in self.plan.specs if spec.key == loss), loss)

    def place_text(self, group: Group, without: Sequence[int] = ()) -> str:
        """A group in words: "ArcFace, m = 20°, s = 16"."""
        parts = [self.loss_title(group.loss)]
        for axis, index in enumerate(group.at):
            if index >= 0 and axis not in without:
                declared = self.declared(axis)
                name = declared.letter if declared.symbol else declared.title
                parts.append(f"{name} = {self.value_text(axis, index)}")
        return ", ".join(parts)

    def others(self, axes: Sequence[int]) -> str:
        """The values on the axes that a picture does not show: "; s = 16"."""
        told = []
        for axis in range(len(self.plan.axes)):
            if axis not in axes:
                declared = self.declared(axis)
                name = declared.letter if declared.symbol else declared.title
                told.append(f"{name} = {self.value_text(axis, self.at[axis])}")
        return ", ".join(told)

    @property
    def seeds_text(self) -> str:
        """The number of seeds: "3 seeds"."""
        count = len(self.plan.seeds) * len(self.plan.subset_seeds)
        return f"{count} seed{'s' if count != 1 else ''}"


def sample_text(measure: Measure, sample: Sample) -> str:
    """A sample in words: "97.2 % ± 0.3 (n = 3)"."""
    if not sample.n:
        return "no value yet"
    spread = ""
    if sample.n > 1:
        shown = float(measure.shown(sample.sd))
        spread = " ± " + (fixed(shown, 1) if measure.unit else measure.text(sample.sd, unit=False))
    return f"{measure.text(sample.mean)}{spread} (n = {sample.n})"


def in_unit(declared: Setting) -> Callable[[Any], float]:
    """The function that gives a value of an axis in the unit of a chart: degrees for radians."""
    import math

    return (lambda value: math.degrees(value)) if declared.unit == "rad" else float
