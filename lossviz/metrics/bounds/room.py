"""A margin against what K classes in d dimensions can have: it fits with room, is tight, or does not fit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from lossviz.core.text import fixed
from lossviz.metrics.bounds import margins
from lossviz.metrics.bounds.angles import Bounds, separation
from lossviz.metrics.bounds.margins import ANGLE, COSINE, FACTOR

State = Literal["fits with room", "tight", "does not fit"]
# A margin leaves room while a sample half-way from its class weight to the boundary has it.
HALFWAY = 0.5


@dataclass(frozen=True)
class Room:
    """One margin, held against the largest that K classes can have and the largest that leaves room.

    link: the kind of margin, as in `margins.largest`. value: the margin, in its own unit. important: how
    many classes have it, None for all.
    """

    link: str
    value: float
    classes: int
    dimension: int
    important: int | None = None

    @property
    def angle(self) -> Bounds:
        """The largest angle θ* that all pairs of class weights can have, radians."""
        count = self.classes if self.important is None else min(self.classes, self.important + 1)
        return separation(count, self.dimension)

    @property
    def largest(self) -> Bounds:
        """The bound that the margin must stay below, in its own unit; infinite for a factor on the angle."""
        return margins.largest(self.link, self.classes, self.dimension, self.important)

    @property
    def practical(self) -> float:
        """The largest margin that leaves room, in its own unit, rounded down to one that can be set.

        With weights θ* apart the boundary is at θ*/2, and a sample half-way to it, δ = θ*/4 from its class
        weight, has its margin up to: θ*/2 on the angle; cos δ − cos(θ* − δ) on the cosine; 3 as a factor.
        """
        if self.link == FACTOR:
            return self._roomy
        if self.link == COSINE:
            return _down(self._roomy, 0.005)
        return math.radians(_down(math.degrees(self._roomy), 0.5))

    @property
    def _roomy(self) -> float:
        theta = self.angle.low
        if self.link == COSINE:
            at = HALFWAY * theta / 2
            return math.cos(at) - math.cos(theta - at)
        return (1 - HALFWAY) * theta if self.link == ANGLE else 2 / HALFWAY - 1

    @property
    def stray(self) -> float:
        """The angle (radians) to its class weight within which a sample surely has the margin.

        In the direction of the nearest other weight, where it has it worst. 0 where the margin does not fit.
        """
        theta = self.angle.low
        if self.link == FACTOR:
            return theta / (self.value + 1)
        if self.link == COSINE:
            # cos δ − cos(θ − δ) = 2 sin(θ/2) sin(θ/2 − δ)
            most = 2 * math.sin(theta / 2)
            return theta / 2 - math.asin(self.value / most) if self.value < most else 0.0
        return max(0.0, (theta - self.value) / 2)

    @property
    def state(self) -> State:
        """With room: a sample half-way to the boundary has it. Tight: it has not, or m may not fit."""
        if self.value == 0 or self.value <= self._roomy * (1 + 1e-9):
            return "fits with room"
        return "does not fit" if margins.answer(self.value, self.largest) == "does not fit" else "tight"

    @property
    def limit(self) -> str:
        """The largest margin and the practical one, with the reason: a sentence."""
        bound, low, high = self.largest, self.text(self.largest.low), self.text(self.largest.high)
        some = "any factor" if math.isinf(bound.high) else f"margins below {low}"
        if low != high:
            some += f" for sure, and none from {high} on"
        return (
            f"{self._who} can have {some}; with room up to {self.text(self.practical)}, where a sample "
            "half-way to the boundary still has it."
        )

    @property
    def sentence(self) -> str:
        m = self.text(self.value)
        if self.state == "does not fit":
            return f"The margin {m} does not fit: {self.limit}"
        if self.stray == 0:
            return f"The margin {m} is tight, and may not fit at all: {self.limit}"
        how = "fits with room" if self.state == "fits with room" else "fits, but is tight"
        near = f"samples within {degrees(self.stray)} of their class weight have it"
        return f"The margin {m} {how}: {near}. {self.limit}"

    @property
    def _who(self) -> str:
        who = f"{self.classes:,} classes in {self.dimension}-D"
        if self.important is None or self.important >= self.classes:
            return who
        return f"{self.important:,} of {who}"

    def text(self, margin: float) -> str:
        """A margin of this kind in its unit."""
        return text(margin, self.link)


def text(margin: float, link: str) -> str:
    """A margin in its unit: "22.5°", "0.191", "4"."""
    if link == ANGLE:
        return degrees(margin)
    return fixed(margin, 0) if link == FACTOR else _short(margin, 3)


def degrees(angle: float) -> str:
    """An angle in radians, in degrees with up to two decimals."""
    return _short(math.degrees(angle), 2) + "°"


def _short(value: float, digits: int) -> str:
    told = fixed(value, digits)
    return told.rstrip("0").rstrip(".") if "." in told else told


def _down(value: float, step: float) -> float:
    """The largest multiple of a step that is not above a value; of less than ten, to two digits."""
    if value < 10 * step and value > 0:
        step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return round(math.floor(value / step * (1 + 1e-9)) * step, 9)
