"""The learned bias over training, beside the threshold that was best at that moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lossviz.errors import LossvizError
from lossviz.figures.chart import Axis, Chart, ClassInk, Line, Mark, Panel, RoleInk
from lossviz.losses import ClassState
from lossviz.reading.judged import thresholds
from lossviz.reading.uniform.words import number
from lossviz.runs.run import Run

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What a run measured at each epoch: epochs [E].

    bias: [E, 1] or [E, K], the threshold on metrics without bias that the bias stands for. best: [E],
    t* on the same metrics where there is one bias, else on metrics with bias. classes: names of K.
    """

    name: str
    epochs: Array
    bias: Array
    best: Array
    classes: tuple[str, ...]


def trajectory(run: Run, name: str) -> Trajectory | None:
    """Of a run whose loss learns a bias; None for others, and before its first epoch."""
    rows = [row for row in run.metrics() if isinstance(row.get("epoch"), (int, float))]
    keys = _keys(rows[-1]) if rows else []
    if not keys or run.config.bias == "none":
        return None
    raw = np.array([[_number(row.get(key)) for key in keys] for row in rows])
    sign = _sign(run, len(keys))
    best = np.array([_number(row.get("threshold")) for row in rows])
    if len(keys) == 1 and sign is not None:
        best = best + sign * raw[:, 0]
    return Trajectory(
        name,
        np.array([float(row["epoch"]) for row in rows]),
        (1.0 if sign is None else sign) * raw,
        best,
        run.points().classes,
    )


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


def trajectories(runs: Sequence[Run], names: dict[str, str]) -> tuple[list[Trajectory], list[str]]:
    """(those of the runs that learn a bias, why the others have none)."""
    found, without, silent = [], [], []
    for run in runs:
        if run.problem:
            continue
        name = names.get(run.id, run.id)
        try:
            one = trajectory(run, name)
        except (LossvizError, OSError, ValueError) as error:
            without.append(f"{name}: {error}")
            continue
        if one is not None:
            found.append(one)
        elif not run.metrics():
            without.append(f"{name}: no epoch has ended yet")
        else:
            silent.append(name)
    if silent:
        without.append(
            f"{', '.join(silent)}: no bias is learned; the losses with -u learn one and those with -d one "
            "for each class (setting bias)"
        )
    return found, without


def chart(found: Sequence[Trajectory], own_axes: bool = False) -> Chart:
    """The bias (solid) and t* (dashed) over the epochs, a panel a run."""
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
    marks: list[Mark] = []
    unified = one.bias.shape[1] == 1
    for k in range(one.bias.shape[1]):
        ink = RoleInk("text") if unified else ClassInk(k)
        name = "bias" if unified else one.classes[k] if k < len(one.classes) else str(k)
        marks.append(Line(one.epochs, one.bias[:, k], ink, name))
    marks.append(Line(one.epochs, one.best, RoleInk("own"), "t*", "dashed"))
    title = "threshold on the metrics" if unified else "threshold"
    return Panel(tuple(marks), one.name, Axis("epoch"), Axis(title))


def alt(found: Sequence[Trajectory]) -> str:
    """The last values, in words."""
    said = []
    for one in found:
        ends = one.bias[-1]
        bias = number(float(ends[0])) if len(ends) == 1 else f"{number(ends.min())} to {number(ends.max())}"
        best, epoch = number(float(one.best[-1])), number(float(one.epochs[-1]))
        said.append(f"{one.name}: bias {bias}, t* {best} at epoch {epoch}")
    return f"Learned bias and best threshold over training. {'; '.join(said)}."


def notice(found: Sequence[Trajectory]) -> str:
    """What to see in these numbers."""
    said = []
    for one in found:
        if one.bias.shape[1] > 1 or not np.isfinite(one.best[-1]):
            continue
        moved = float(one.bias[-1, 0] - one.bias[0, 0])
        apart = float(abs(one.bias[-1, 0] - one.best[-1]))
        said.append(
            f"{one.name}: at the end the bias stands {number(apart)} from t*; since the first epoch it has "
            f"moved by {number(abs(moved))}"
        )
    return ". ".join(said) + "." if said else ""
