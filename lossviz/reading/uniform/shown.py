"""Which metrics of which samples the pictures of ranges and negatives show, and the lines among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lossviz.figures.chart import Axis, Dash, Line, Mark, RoleInk, Rule
from lossviz.reading.measured import once
from lossviz.reading.reading import Reading
from lossviz.reading.uniform import scores
from lossviz.reading.uniform.view import UniformView

Array = NDArray[Any]
# More names of classes than these cannot be read on an axis.
NAMED = 30
# On an axis for all, a run this many times narrower than another is a spike.
APART = 5.0


@dataclass(frozen=True, eq=False)
class Shown:
    """The metrics of a run that a picture shows: metrics [n, K] and labels [n] of the samples in it.

    best, bias: where t* and the learned bias lie among these metrics: [1] for all classes, [K] where
    each class has a line of its own, None where there is none.
    """

    reading: Reading
    metrics: Array
    labels: Array
    best: Array | None
    bias: Array | None

    @property
    def note(self) -> str:
        """The sample, and where the lines are that are the same for all classes."""
        said = [f"n = {len(self.labels):,}"]
        for what, values in (("t*", self.best), ("bias", self.bias)):
            if values is not None and len(values) == 1:
                said.append(f"{what} {float(values[0]):.3g}".replace("-", "−"))
        return ", ".join(said)


def of(reading: Reading, view: UniformView, biased: bool | None = None) -> Shown:
    """What the view asks for of a run. biased: with the learned bias, in place of the view's word."""
    with_bias = view.biased if biased is None else biased
    whole = scores.biased(reading, view.softmax) if with_bias or view.softmax else scores.plain(reading)
    metrics, labels = _samples(reading, whole, view)
    best = np.array([scores.report(reading, view.softmax).threshold])
    if not np.isfinite(best[0]):
        return Shown(reading, metrics, labels, None, None if view.softmax else _bias(reading, with_bias))
    if view.softmax:
        return Shown(reading, metrics, labels, best, None)
    if not with_bias and scores.acts(reading):
        # On plain metrics the one threshold is moved by the bias: by that of each class, if each has one.
        best = best + np.asarray(reading.thresholds, dtype=np.float64)
    return Shown(reading, metrics, labels, best, _bias(reading, with_bias))


def _bias(reading: Reading, with_bias: bool) -> Array | None:
    return scores.bias_on(reading, with_bias)


def _samples(reading: Reading, metrics: Array, view: UniformView) -> tuple[Array, Array]:
    """All samples, or those that are sample-wise right by what predictions are made from."""
    if view.everything:
        return metrics, reading.labels
    positive, negative = scores.sides(reading)
    if (positive > negative).all():
        return metrics, reading.labels
    right = once("right", (reading.logits, reading.labels), lambda: np.flatnonzero(positive > negative))
    labels = once("right labels", (reading.labels, right), lambda: reading.labels[right])
    return once("right metrics", (metrics, right), lambda: metrics[right]), labels


def ends(parts: Sequence[Shown]) -> tuple[float, float]:
    """The smallest and the largest metric of all runs, with a little room."""
    found = [scores.ends(part.metrics) for part in parts]
    low, high = min(low for low, _ in found), max(high for _, high in found)
    for part in parts:
        for line in (part.best, part.bias):
            if line is not None:
                low, high = min(low, float(line.min())), max(high, float(line.max()))
    room = max(0.03 * (high - low), 1e-3 * max(abs(low), abs(high), 1.0))
    return low - room, high + room


def own_axes(view: UniformView, reaches: Sequence[tuple[float, float]]) -> bool:
    """Whether each run has an axis of its own: what was chosen, else whether the widest of these axes is
    more than 5 times as wide as the narrowest.

    reaches: the two ends of the axis of each run. Softmax has one scale for all runs, and so one axis
    unless others are chosen.
    """
    if view.own_axes is not None:
        return view.own_axes
    widths = [high - low for low, high in reaches]
    return not view.softmax and len(widths) > 1 and max(widths) > APART * min(widths)


def own_of(parts: Sequence[Shown], view: UniformView) -> bool:
    """`own_axes` of runs by their metrics."""
    return own_axes(view, [ends([part]) for part in parts])


def axis(part: Shown, together: Sequence[Shown], own: bool) -> tuple[float, float]:
    """The ends of the axis of a run: its own, or the same for all together."""
    return ends([part] if own else together)


def axes_words(own: bool, count: int) -> str:
    """That the axes of so many runs differ, for the words below a picture; "" where they do not."""
    return "Each run has an axis of its own." if own and count > 1 else ""


def title(view: UniformView, biased: bool) -> str:
    """What the metrics are called on an axis; biased: a learned bias is added to them."""
    if view.softmax:
        return "softmax of the metrics"
    return "metric with bias" if biased else "metric"


def class_axis(classes: Sequence[str]) -> Axis:
    """Classes along x: by name where there is room."""
    if len(classes) <= NAMED:
        return Axis("class", categories=tuple(classes))
    return Axis("class", low=-0.5, high=len(classes) - 0.5)


def rules(part: Shown, across: Literal["x", "y"]) -> list[Mark]:
    """Lines at t* (solid) and at the learned bias (dashed); a line through the classes where each has
    its own, which only a panel with classes along x can show. The note of the part says where they are.
    """
    made: list[Mark] = []
    lines: tuple[tuple[Array | None, Dash], ...] = ((part.best, "solid"), (part.bias, "dashed"))
    for values, dash in lines:
        if values is None:
            continue
        if len(values) == 1:
            made.append(Rule(float(values[0]), across, RoleInk("text"), "", dash))
        elif across == "y":
            made.append(Line(np.arange(len(values), dtype=float), values, RoleInk("text"), "", dash))
    return made
