"""The metrics in the pictures of ranges and negatives, and the lines among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lossviz.figures.chart import Axis, Band, Dash, Line, Mark, RoleColor, Rule
from lossviz.pages.uniform import best, scores
from lossviz.pages.uniform.best import Best
from lossviz.pages.uniform.view import UniformSettings
from lossviz.pages.uniform.words import images, number
from lossviz.readings.identity_cache import once
from lossviz.readings.reading import Array, Reading

# More names of classes than these cannot be read on an axis.
NAMED = 30
# Runs whose metrics are this many times narrower than another's would be a spike on a common axis.
APART = 5.0


@dataclass(frozen=True, eq=False)
class MetricSample:
    """The metrics of a run that a picture shows: metrics [n, K] and labels [n] of the samples in it.

    best, bias: where t* and the threshold that the learned bias stands for lie among these metrics: [1] for
    all classes, [K] where each class has a line of its own, None where there is none. found: t* with the
    thresholds that are as good, on metrics with the bias.
    """

    reading: Reading
    metrics: Array
    labels: Array
    best: Array | None
    bias: Array | None
    found: Best | None

    @property
    def shift(self) -> float | None:
        """The distance of t* from its place on metrics with the bias; None where each class has a t* here."""
        one = self.found is not None and self.best is not None and len(self.best) == 1
        return float(self.best[0]) - self.found.threshold if one else None  # type: ignore[index, union-attr]

    @property
    def note(self) -> str:
        """The sample, and where the lines are that are the same for all classes."""
        said = [f"n = {len(self.labels):,}"]
        if self.shift is not None and self.found is not None:
            said.append(f"t* {self.found.text(self.shift)}")
        if self.bias is not None and len(self.bias) == 1:
            said.append(f"learned {self.at(float(self.bias[0]))}")
        return ", ".join(said)

    def at(self, value: float) -> str:
        """A threshold, as exactly as t* is known."""
        return number(value) if self.found is None else self.found.at(value)


def of(reading: Reading, view: UniformSettings, biased: bool | None = None) -> MetricSample:
    """The metrics of a run that the view asks for. biased: with the bias, in place of the view's word."""
    with_bias = view.biased if biased is None else biased
    whole = scores.biased(reading, view.softmax) if with_bias or view.softmax else scores.plain(reading)
    metrics, labels = _samples(reading, whole, view)
    found = best.of(reading, view.softmax)
    bias = None if view.softmax else scores.bias_on(reading, with_bias)
    if found is None:
        return MetricSample(reading, metrics, labels, None, bias, None)
    line = np.array([found.threshold])
    if not view.softmax and not with_bias and scores.acts(reading):
        # On plain metrics the one threshold is moved by the bias: by that of each class, if each has one.
        line = line + np.asarray(reading.thresholds, dtype=np.float64)
    return MetricSample(reading, metrics, labels, line, bias, found)


def _samples(reading: Reading, metrics: Array, view: UniformSettings) -> tuple[Array, Array]:
    """All samples, or those that are sample-wise right by what predictions are made from."""
    if view.everything:
        return metrics, reading.labels
    positive, negative = scores.sides(reading)
    if (positive > negative).all():
        return metrics, reading.labels
    right = once("right", (reading.logits, reading.labels), lambda: np.flatnonzero(positive > negative))
    labels = once("right labels", (reading.labels, right), lambda: reading.labels[right])
    return once("right metrics", (metrics, right), lambda: metrics[right]), labels


def ends(parts: Sequence[MetricSample]) -> tuple[float, float]:
    """The smallest and the largest metric of all runs, with a little room."""
    found = [end for part in parts for end in scores.ends(part.metrics)]
    lines = [line for part in parts for line in (part.best, part.bias) if line is not None]
    return scores.widened([*found, *(float(end) for line in lines for end in (line.min(), line.max()))])


def own_axes(view: UniformSettings, reaches: Sequence[tuple[float, float]]) -> bool:
    """True if each run has an axis of its own: as was chosen, else where the widest of these axes is
    more than 5 times as wide as the narrowest.

    reaches: the two ends of the axis of each run. Softmax has one scale for all runs, and so one axis
    unless others are chosen.
    """
    if view.own_axes is not None:
        return view.own_axes
    widths = [high - low for low, high in reaches]
    return not view.softmax and len(widths) > 1 and max(widths) > APART * min(widths)


def own_of(parts: Sequence[MetricSample], view: UniformSettings) -> bool:
    """`own_axes` of runs by their metrics."""
    return own_axes(view, [ends([part]) for part in parts])


def axis(part: MetricSample, together: Sequence[MetricSample], own: bool) -> tuple[float, float]:
    """The ends of the axis of a run: its own, or the same for all together."""
    return ends([part] if own else together)


def axes_words(own: bool, count: int) -> str:
    """A sentence that the axes of so many runs differ; "" where they do not."""
    return "Each run has an axis of its own." if own and count > 1 else ""


def title(view: UniformSettings, biased: bool) -> str:
    """The name of the metrics on an axis. biased: a learned bias is added to them."""
    if view.softmax:
        return "softmax of the metrics"
    return "metric with bias" if biased else "metric"


def images_text(readings: Sequence[Reading], view: UniformSettings) -> str:
    """The images of a picture, in words: those told right among those that t* is found on, or all of them."""
    counts = [len(of(reading, view).labels) for reading in readings]
    if view.everything or counts == [len(reading.labels) for reading in readings]:
        return f"All of {images(readings)}"
    listed = f"{counts[0]:,}" if len(counts) == 1 else ", ".join(f"{count:,}" for count in counts)
    return f"{listed} samples told right, of {images(readings)}; t* is found on all of these"


def class_axis(classes: Sequence[str]) -> Axis:
    """Classes along x: by name where there is room."""
    if len(classes) <= NAMED:
        return Axis("class", categories=tuple(classes))
    return Axis("class", low=-0.5, high=len(classes) - 0.5)


def bands(part: MetricSample, ends: tuple[float, float], across: Literal["x", "y"], top: float) -> list[Mark]:
    """The thresholds within 0.1 points (or one sample) of t*, shaded up to `top` of the other axis, cut at
    the ends of this one; none where each class has a t* of its own here."""
    if part.found is None or part.shift is None:
        return []
    made: list[Mark] = []
    for low, high in (part.found.near.ranges + part.shift).clip(*ends).tolist():
        if across == "x":
            made.append(Band(np.array([low, high]), np.zeros(2), np.full(2, top), RoleColor("own"), ""))
        else:
            x = np.array([-0.5, top - 0.5])
            made.append(Band(x, np.full(2, low), np.full(2, high), RoleColor("own"), ""))
    return made


def rules(part: MetricSample, across: Literal["x", "y"]) -> list[Mark]:
    """Lines at t* (solid) and at the learned threshold (dashed); a line through the classes where each has
    its own, which only a panel with classes along x can show. The note of the part says where they are.
    """
    made: list[Mark] = []
    lines: tuple[tuple[Array | None, Dash], ...] = ((part.best, "solid"), (part.bias, "dashed"))
    for values, dash in lines:
        if values is None:
            continue
        if len(values) == 1:
            made.append(Rule(float(values[0]), across, RoleColor("text"), "", dash))
        elif across == "y":
            made.append(Line(np.arange(len(values), dtype=float), values, RoleColor("text"), "", dash))
    return made
