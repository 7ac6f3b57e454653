"""A run's numbers over its epochs, as named lines: learning, recall, schedule, bias and threshold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np

from lossviz.readings.reading import Array
from lossviz.runs import Run
from lossviz.runs.names import legend

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class Curve:
    """One line: x is the epoch, y a number of `metrics.jsonl`; number: of the run or the class, for
    its colour; by: what the colour stands for."""

    name: str
    run: str
    x: Array
    y: Array
    number: int
    by: Literal["run", "class"] = "run"
    dashed: bool = False


@dataclass(frozen=True, eq=False)
class Plot:
    """Curves that share a y axis. unit: "%", "°" or nothing. spacing: of y. low, high: values it includes."""

    title: str
    curves: tuple[Curve, ...]
    unit: Literal["", "%", "°"] = ""
    spacing: Literal["linear", "log"] = "linear"
    low: float | None = None
    high: float | None = None


def plots(runs: Sequence[Run], chart: str) -> list[Plot]:
    """The plots of one of `view.CHARTS`; those without any number are left out."""
    made = {"learning": _learning, "recall": _recall, "schedule": _schedule, "threshold": _threshold}
    return [plot for plot in made[chart](runs) if plot.curves]


def _curve(run: Run, number: int, rows: Rows, key: str, name: str, **rest: Any) -> list[Curve]:
    """The line of one number; empty where the run does not measure it."""
    found = [(row["epoch"], row[key]) for row in rows if _number(row.get(key)) and _number(row.get("epoch"))]
    if not found:
        return []
    x, y = np.array(found, dtype=np.float32).T
    return [Curve(name, run.id, x, y, number, **rest)]


def _curves(runs: Sequence[Run], rows: Callable[[Run], Rows], key: str) -> tuple[Curve, ...]:
    """The lines of one number, one a run."""
    name = legend(runs)
    return tuple(c for n, run in enumerate(runs) for c in _curve(run, n, rows(run), key, name[run.id]))


def _merged(run: Run) -> Rows:
    """Rows of frames and of epochs, in the order of steps; the step at the end of an epoch has two rows."""
    rows = [row for row in (*run.steps(), *run.metrics()) if _number(row.get("step"))]
    return sorted(rows, key=lambda row: float(row["step"]))


def _number(value: Any) -> bool:
    # A file may hold anything; float32 ends at 3e38; NaN stands for what could not be measured.
    return isinstance(value, (int, float)) and not abs(value) > 3e38


def _learned(run: Run, key: str) -> Rows:
    """The rows of one measure: training between frames where there are any, tests at epochs' ends.

    The mean over a whole epoch does not lie on the curve of the means since the last frame.
    """
    rows = run.steps()
    return rows if any(row.get(key) is not None for row in rows) else run.metrics()


def _learning(runs: Sequence[Run]) -> Iterable[Plot]:
    for key, title in (("train_loss", "Training loss"), ("test_loss", "Test loss")):
        curves = _curves(runs, _merged, key)
        # Not "all above 0": what could not be measured is NaN.
        positive = not any((curve.y <= 0).any() for curve in curves)
        yield Plot(title, curves, spacing="log" if positive else "linear")
    for key, title in (("train_accuracy", "Training accuracy"), ("test_accuracy", "Test accuracy")):
        yield Plot(title, _curves(runs, partial(_learned, key=key), key), unit="%", high=1.0)
    kept = _curves(runs, Run.metrics, "margin_share")
    yield Plot("Test images with their margin", kept, unit="%", high=1.0)


def _recall(runs: Sequence[Run]) -> Iterable[Plot]:
    name = legend(runs)
    for run in runs:
        rows = run.metrics()
        try:
            classes = run.points().classes
        except ValueError:
            continue
        curves: list[Curve] = []
        for k, label in enumerate(classes):
            curves += _curve(run, k, rows, f"recall_{k}", label, by="class")
        yield Plot(f"Recall: {name[run.id]}", tuple(curves), unit="%", high=1.0)


def _schedule(runs: Sequence[Run]) -> Iterable[Plot]:
    name = legend(runs)
    for key, title in (
        ("learning_rate", "Learning rate"),
        ("margin", "Margin"),
        ("scale", "Scale s"),
        ("blend", "Weight of ψ"),
    ):
        curves: list[Curve] = []
        angles: list[Curve] = []
        for n, run in enumerate(runs):
            made = _curve(run, n, _merged(run), key, name[run.id])
            units = {param.name: param.unit for param in run.config.spec.params}
            if units.get(key) == "rad":
                angles += [replace(curve, y=np.degrees(curve.y)) for curve in made]
            else:
                curves += made
        yield Plot(title, tuple(angles), unit="°", low=0.0)
        yield Plot(f"{title}, not an angle" if angles else title, tuple(curves), low=0.0)


def _threshold(runs: Sequence[Run]) -> Iterable[Plot]:
    name = legend(runs)
    for n, run in enumerate(runs):
        rows = run.metrics()
        curves = _curve(run, n, rows, "threshold", "t*, bias included", dashed=True)
        curves += _curve(run, n, _merged(run), "bias", "bias b")
        for k in range(len(run.points().classes) if _begun(run) else 0):
            curves += _curve(run, k, _merged(run), f"bias_{k}", f"b{k}", by="class")
        yield Plot(f"Bias and threshold: {name[run.id]}", tuple(curves))
    shares = _curves(runs, Run.metrics, "uniform_accuracy")
    yield Plot("Accuracy with one threshold", shares, unit="%", high=1.0)


def _begun(run: Run) -> bool:
    return bool(run.frames())
