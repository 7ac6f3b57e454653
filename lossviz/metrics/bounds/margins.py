"""Bounds on margins: those that all classes can have at once, and the dimensions or classes that fit them."""

from __future__ import annotations

import math
from typing import Literal

from lossviz.metrics.bounds.angles import Bounds, largest_count, separation

Answer = Literal["fits", "open", "does not fit"]
# Kinds of margin, by the link of the parameter.
ANGLE, COSINE, FACTOR = "margin", "cosine-margin", "angle-factor"
MOST_CLASSES, MOST_DIMENSIONS = 100_000, 512


def largest(link: str, classes: int, dimension: int, important: int | None = None) -> Bounds:
    """The margin that all K classes in d dimensions must stay below, in the margin's own unit.

    link: "margin", an angle added to θ_y, in radians: θ*(K, d). "cosine-margin", taken from cosθ_y:
    1 − cosθ*(K, d). Any other has no bound: a factor on the angle (SphereFace) asks mθ_y < θ_j, which a
    feature on its class weight meets whatever m is. important: that many classes have the margin
    (CAMRI), the others none: these may share a direction, so only one direction more is needed.

    A sample has its margin when θ_y + m < θ_j, or cosθ_j < cosθ_y − m, for every other class j. For the
    angle the bound holds for features anywhere, since θ_j − θ_y is at most the angle between the weights.
    For the cosine the features lie on their class weights, as in the derivation of the CosFace paper
    (H. Wang et al., 2018, Section 3.3: K/(K−1) for K ≤ d + 1).
    """
    count = classes if important is None else min(classes, important + 1)
    if link == ANGLE:
        return separation(count, dimension)
    if link == COSINE:
        angle = separation(count, dimension)
        return Bounds(1 - math.cos(angle.low), 1 - math.cos(angle.high), angle.low_source, angle.high_source)
    return Bounds(math.inf, math.inf, "no bound", "no bound")


def answer(value: float, bound: Bounds) -> Answer:
    """ "fits" for a margin below its bound; "open" between the two ends of one that is not known."""
    # The bound itself is too much, also where rounding puts it above.
    if value == 0 or value < bound.low * (1 - 1e-12):
        return "fits"
    return "does not fit" if value >= bound.high * (1 - 1e-12) else "open"


def most_classes(value: float, link: str, dimension: int) -> int:
    """The largest K up to MOST_CLASSES for which the margin surely fits; 0 if it fits for none."""
    return largest_count(lambda k: answer(value, largest(link, k, dimension)) == "fits", MOST_CLASSES)


def fewest_dimensions(value: float, link: str, classes: int, important: int | None = None) -> int:
    """The smallest d ≥ 2 up to MOST_DIMENSIONS in which the margin surely fits; 0 if there is none."""
    for dimension in range(2, MOST_DIMENSIONS + 1):
        if answer(value, largest(link, classes, dimension, important)) == "fits":
            return dimension
    return 0


def as_angle(value: float, link: str) -> float:
    """The angle between class weights that a margin asks for, in radians: m, or arccos(1 − m)."""
    return math.acos(max(-1.0, 1 - value)) if link == COSINE else value


def beam(factor: float, classes: int, dimension: int) -> Bounds:
    """The largest angle of a feature to its class weight under mθ_y < θ_j, in radians: θ*/(m + 1).

    With the nearest other weight at θ*, towards it. From m = 3 on, two samples of a class are nearer to
    each other than to samples of other classes (W. Liu et al., SphereFace, 2017, Property 3).
    """
    angle = separation(classes, dimension)
    part = 1 / (factor + 1)
    return Bounds(part * angle.low, part * angle.high, angle.low_source, angle.high_source)
