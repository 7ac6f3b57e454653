"""t* with the thresholds that are as good, and what the learned bias costs against it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lossviz.metrics import uniform
from lossviz.metrics.plateau import Plateau, plateau
from lossviz.metrics.vectors import rows_of_classes
from lossviz.pages.uniform import scores
from lossviz.pages.uniform.words import number, percent, rounded, unit_of, unit_within
from lossviz.readings.identity_cache import once
from lossviz.readings.reading import Reading

# One sample in this many, 0.1 points, hardly counts.
NEAR = 1000


@dataclass(frozen=True, eq=False)
class Best:
    """t* of a run, on metrics with the learned bias, and the thresholds that are nearly as good.

    right: the number of samples, of `samples`, that t* gets right. one: the thresholds that lose at most one
    sample. near: those that lose at most 0.1 points, or one sample where that is more.
    """

    threshold: float
    right: int
    samples: int
    one: Plateau
    near: Plateau

    @property
    def accuracy(self) -> float:
        """A_Uni, a fraction."""
        return self.right / self.samples

    def text(self, shift: float = 0.0) -> str:
        """t*, moved by a shift, up to the last digit that the samples determine within one of them."""
        return rounded(self.threshold + shift, self._unit(shift))

    def at(self, value: float) -> str:
        """Another threshold, as exactly as t* is known."""
        return rounded(value, self._unit(0.0))

    def _unit(self, shift: float) -> float:
        low, high = self.one.around(self.threshold)
        return unit_within(self.threshold + shift, low + shift, high + shift)

    def as_good(self, shift: float = 0.0) -> str:
        """The thresholds that are as good, moved by a shift, in words."""
        said = f"as good within one sample {reach(self.one, shift)}"
        return said + (f", within 0.1 points {reach(self.near, shift)}" if self.near.lose > 1 else "")


def reach(found: Plateau, shift: float = 0.0) -> str:
    """The ends of the thresholds that are as good, with one digit more than t*."""
    low, high = found.low + shift, found.high + shift
    unit = unit_of((high - low) / 10)
    gaps = ", with gaps" if len(found.ranges) > 1 else ""
    if math.isinf(low) or math.isinf(high):
        end = number(high if math.isinf(low) else low)
        return "everywhere" if low == -high else (f"up to {end}" if math.isinf(low) else f"from {end} on")
    return f"from {rounded(low, unit)} to {rounded(high, unit)}{gaps}"


def of(reading: Reading, softmax: bool = False) -> Best | None:
    """t* of a run by the metrics with the learned bias, or their softmax; None where nothing can be right."""
    report, sides = scores.report(reading, softmax), scores.sides(reading, softmax)
    if not np.isfinite(report.threshold):
        return None
    count = len(reading.labels)

    def near(lose: int) -> Plateau:
        return once(("plateau", lose), sides, lambda: plateau(*sides, lose))

    return Best(report.threshold, round(report.uniform * count), count, near(1), near(max(1, count // NEAR)))


def class_texts(reading: Reading, softmax: bool = False) -> tuple[str, ...]:
    """t_i* of each class, up to the last digit that its samples determine within one of them."""
    positive, negative = scores.sides(reading, softmax)
    limits = scores.report(reading, softmax).class_thresholds
    texts = []
    for rows, limit in zip(rows_of_classes(reading.labels, len(limits)), limits.tolist(), strict=True):
        ends = plateau(positive[rows], negative[rows], 1).around(limit)
        texts.append("–" if math.isnan(limit) else rounded(limit, unit_within(limit, *ends)))
    return tuple(texts)


def right_at_bias(reading: Reading) -> int:
    """The number of samples that the learned bias gets right: as it acts, a threshold of 0 on the logits."""
    key = (reading.logits, reading.labels)
    return once("at bias", key, lambda: uniform.at(*key, 0.0).right)


def cost(reading: Reading) -> str:
    """The accuracy that a learned threshold costs against t*; "" where none is learned, or there is no t*."""
    best = of(reading)
    if best is None or not scores.learns(reading):
        return ""
    right, now = right_at_bias(reading), percent(right_at_bias(reading) / best.samples)
    lost, top = best.right - right, percent(best.accuracy)
    if lost == 0:
        return f"at the learned threshold {now} are right, as at t*"
    more = f"{lost:,} {'sample' if lost == 1 else 'samples'} more"
    if top == now:
        return f"at the learned threshold {now} are right, at best {more}"
    return f"at the learned threshold {now} are right, at best {top} ({more})"
