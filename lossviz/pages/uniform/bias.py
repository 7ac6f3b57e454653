"""The learned bias over training, beside the thresholds that were best at that moment."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from lossviz.core.errors import LossvizError, ReadingError
from lossviz.figures.chart import Axis, Band, Chart, ClassColor, Dots, Line, Mark, Panel, RoleColor
from lossviz.losses import ClassState
from lossviz.pages.uniform import best, scores
from lossviz.pages.uniform.words import images, number
from lossviz.readings import source
from lossviz.readings.reading import Array, Reading
from lossviz.readings.scores import thresholds
from lossviz.runs.run import Run


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The learned bias of a run at each epoch: epochs [E].

    bias: [E, 1] or [E, K], the threshold on metrics without bias that the bias stands for. best: [E],
    t* on the same metrics where there is one bias, else on metrics with bias. low, high: [E], the ends of
    the thresholds within 0.1 points, or one sample, of it; NaN where they were not looked for. classes: names
    of K. now: the images that the page judges by, at its epoch.
    """

    name: str
    epochs: Array
    bias: Array
    best: Array
    low: Array
    high: Array
    classes: tuple[str, ...]
    now: Reading

    @property
    def unified(self) -> bool:
        return self.bias.shape[1] == 1

    @property
    def at(self) -> int:
        """The place of the page's epoch."""
        return int(np.argmin(np.abs(self.epochs - self.now.epoch)))

    @property
    def shift(self) -> float:
        """The distance of t* from its place on metrics with the bias, at the page's epoch."""
        return float(self.bias[self.at, 0]) if self.unified and scores.acts(self.now) else 0.0


def trajectory(run: Run, reading: Reading) -> Trajectory | None:
    """The learned bias of a run over its epochs; None if its loss learns none, and before its first epoch.

    t* is found on the images of the reading: for those shown in training at every epoch, for all test images
    as training measured it, for others at the epoch of the reading alone.
    """
    rows = [row for row in run.metrics() if isinstance(row.get("epoch"), (int, float))]
    keys = _keys(rows[-1]) if rows else []
    if not keys or run.config.bias == "none":
        return None
    raw = np.array([[_number(row.get(key)) for key in keys] for row in rows])
    sign = _sign(run, len(keys))
    bias = (1.0 if sign is None else sign) * raw
    epochs = np.array([float(row["epoch"]) for row in rows])
    found = np.array([_thresholds(run, row, reading) for row in rows])
    if len(keys) == 1 and sign is not None:
        found = found + bias
    return Trajectory(
        reading.name, epochs, bias, found[:, 0], found[:, 1], found[:, 2], reading.classes, reading
    )


def _thresholds(run: Run, row: dict[str, Any], reading: Reading) -> tuple[float, float, float]:
    """t* on metrics with the bias after an epoch, and the ends of those nearly as good; NaN: not known."""
    nothing, epoch = float("nan"), float(row["epoch"])
    judged = reading if abs(epoch - reading.epoch) < 1e-6 else None
    if judged is None and reading.part == "shown":
        with suppress(ReadingError):  # an epoch whose snapshot is not kept
            before = source.of_run(run, epoch)
            judged = before if abs(before.epoch - epoch) < 1e-6 else None
    if judged is None:
        return _number(row.get("threshold")) if reading.part == "test" else nothing, nothing, nothing
    found = best.of(judged)
    return (nothing,) * 3 if found is None else (found.threshold, found.near.low, found.near.high)


def _keys(row: dict[str, Any]) -> list[str]:
    if "bias" in row:
        return ["bias"]
    found = [key for key in row if key.startswith("bias_") and key[5:].isdigit()]
    return sorted(found, key=lambda key: int(key[5:]))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")


def _sign(run: Run, count: int) -> float | None:
    """+1 where the bias is subtracted from the metrics, −1 where it is added; None where predictions are
    made without it."""
    spec = run.config.spec
    state = ClassState(weights=torch.ones(max(count, 2), 2), bias=torch.ones(()))
    params = {param.name: param.default for param in spec.params} | run.config.loss_params()
    found = thresholds(spec, state, params)
    bare = spec.logits_function(torch.zeros(1, 2), state, **params)
    return None if found is None or float(bare[0, 0]) == 0 else float(found[0])


def trajectories(runs: Sequence[Run], readings: Sequence[Reading]) -> tuple[list[Trajectory], list[str]]:
    """(those of the runs that learn a bias, why the others have none)."""
    known = {run.id: run for run in runs if not run.problem}
    found, without, silent = [], [], []
    for reading in readings:
        run = known.get(reading.run_id)
        if run is None:
            continue
        try:
            one = trajectory(run, reading)
        except (LossvizError, OSError, ValueError) as error:
            without.append(f"{reading.name}: {error}")
            continue
        if one is not None:
            found.append(one)
        else:
            silent.append(reading.name)
    if silent:
        without.append(
            f"{', '.join(silent)}: no bias is learned; the losses with -u learn one and those with -d one "
            "for each class (setting bias)"
        )
    return found, without


def chart(found: Sequence[Trajectory], own_axes: bool = False) -> Chart:
    """The threshold that the bias stands for (solid) and t* (dashed, with a band) over the epochs."""
    return Chart(
        tuple(_panel(one) for one in found),
        alt(found),
        shared_x=True,
        shared_y=not own_axes,
        height=300 if len(found) < 3 else 190,
        legend="ends",
        classes=found[0].classes,
    )


def _panel(one: Trajectory) -> Panel:
    ends = np.clip(one.low, *_reach(one)), np.clip(one.high, *_reach(one))
    marks: list[Mark] = [Band(one.epochs, *ends, RoleColor("own"))]
    for k in range(one.bias.shape[1]):
        color = RoleColor("text") if one.unified else ClassColor(k)
        name = "learned" if one.unified else one.classes[k] if k < len(one.classes) else str(k)
        marks.append(Line(one.epochs, one.bias[:, k], color, name))
    marks.append(Line(one.epochs, one.best, RoleColor("own"), "t*", "dashed"))
    known = np.isfinite(one.best)
    if known.sum() == 1:
        marks.append(Dots(one.epochs[known], one.best[known], RoleColor("own"), size=8))
    title = "threshold on the metrics" if one.unified else "threshold"
    return Panel(tuple(marks), one.name, Axis("epoch"), Axis(title), note=_note(one))


def _reach(one: Trajectory) -> tuple[float, float]:
    """The ends at which a band is cut: its finite ends and lines, and half as far again."""
    found = np.concatenate([one.bias.ravel(), one.best, one.low, one.high])
    found = found[np.isfinite(found)]
    low, high = (found.min(), found.max()) if len(found) else (0.0, 0.0)
    return low - 0.5 * (high - low), high + 0.5 * (high - low)


def _note(one: Trajectory) -> str:
    return f"t* of {one.now.of.rsplit(', epoch', 1)[0]}"


def key(found: Sequence[Trajectory]) -> str:
    """The key of the lines, and what is not known."""
    said = (
        "Solid: the threshold that the learned bias b stands for, −b where the loss adds it to the metrics, "
        "b where it subtracts it. Dashed: t*. Shaded: thresholds within 0.1 points, or one sample, of t*"
    )
    missing = any(np.isnan(one.low).any() and np.isfinite(one.low).any() for one in found)
    return f"{said}{'; at epochs whose images were not read it is not known.' if missing else '.'}"


def alt(found: Sequence[Trajectory]) -> str:
    """The values at the page's epoch, in words."""
    said = []
    for one in found:
        ends, judged = one.bias[one.at], best.of(one.now)
        bias = f"{number(float(ends.min()))} to {number(float(ends.max()))}"
        if one.unified:
            bias = judged.at(float(ends[0])) if judged else number(float(ends[0]))
        where = judged.text(one.shift) if judged else "none"
        said.append(f"{one.name}: learned threshold {bias}, t* {where} at epoch {number(one.now.epoch)}")
    return f"Learned and best threshold over training. {'; '.join(said)}."


def notice(found: Sequence[Trajectory]) -> list[str]:
    """The images that are judged, then for each run what its bias costs, which thresholds are as good and
    how far it moved; nothing where no threshold is learned."""
    told = [one for one in found if best.cost(one.now)]
    return [f"Judged by {images([one.now for one in told])}:", *map(_of_run, told)] if told else []


def _of_run(one: Trajectory) -> str:
    judged, said = best.of(one.now), f"{one.name}: {best.cost(one.now)}"
    if judged is None:
        return said + "."
    said += f"; t* = {judged.text(one.shift)}, {judged.as_good(one.shift)}."
    if not one.unified:
        return said
    first, now = (judged.at(float(one.bias[place, 0])) for place in (0, one.at))
    since = f"the end of epoch {number(one.epochs[0])}"
    if first == now:
        return f"{said} Its learned threshold has stood at {now} since {since}."
    return f"{said} Its learned threshold went from {first} at {since} to {now}."
