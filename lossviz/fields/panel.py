"""Panels: losses over one plane, as a picture needs them, and the plane itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import torch

from lossviz.core.points import Point, rounded
from lossviz.core.text import number_text
from lossviz.fields.adversary import TrainedAdversary, train_adversary
from lossviz.fields.field import Array, Field, compute, spread
from lossviz.fields.opening import Opening, opening
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec
from lossviz.losses.state import zero_bias

# Limits of a plane: of its classes, of a bias and of its extent.
MIN_CLASSES, MAX_CLASSES = 2, 10
BIAS_LIMIT = 512.0
MIN_REACH, MAX_REACH = 0.1, 100.0


@dataclass(frozen=True, eq=False)
class Panel:
    """One picture: a loss, or one term of it. heights: [ny, nx]. path: of descent, or None. opening: of the
    valley, None where it is not shown."""

    key: str
    title: str
    note: str
    field: Field
    heights: Array
    arrows: tuple[Array, Array] | None = None
    path: Array | None = None
    opening: Opening | None = None


@dataclass(frozen=True)
class Plane:
    """All that panels share: class weights and centres, and how the plane is drawn.

    circle, level: where openings are measured; None without. anchors: of an adversary. rate: of descent.
    """

    weights: Sequence[Point]
    centers: Sequence[Point]
    label: int = 0
    reach: float = 3.0
    circle: float | None = None
    level: float = 0.0
    spacing: Literal["linear", "log"] = "linear"
    shared: bool = False
    presentation: bool = False
    anchors: Sequence[Point] = ()
    rate: float = 0.1

    @property
    def classes(self) -> int:
        return len(self.weights)


def note(spec: LossSpec, values: Mapping[str, Any]) -> str:
    """Parameters of a loss in a line: 'm = 22.5°, s = 16'; flags and matrices only when they are set.

    values: by name.
    """
    parts = []
    for p in spec.acting(values):
        value = values.get(p.name, p.default)
        if p.role == "training" or (p.kind in ("flag", "matrix") and value == p.default):
            continue
        parts.append(f"{p.letter}: {p.text(value)}" if p.kind == "flag" else f"{p.letter} = {p.text(value)}")
    return ", ".join(parts)


def bias_note(spec: LossSpec, bias: float, biases: Sequence[float]) -> str:
    """The biases of a loss in a line: "b = 1"; "" where it has none or all are 0."""
    if spec.needs.bias == "unified" and bias:
        return f"b = {number_text(bias)}"
    if spec.needs.bias == "diverse" and any(biases):
        return "b = (" + ", ".join(map(number_text, biases)) + ")"
    return ""


def even_points(classes: int, radius: float = 1.0) -> tuple[Point, ...]:
    """Points evenly spread on a circle, the first upwards, rounded as in a link."""
    return tuple((rounded(x), rounded(y)) for x, y in spread(classes, radius).tolist())


def default_plane(classes: int = 3) -> Plane:
    """Evenly spread classes; openings on two thirds of the way to the edge, at the loss of a guess."""
    weights, centers = even_points(classes), even_points(classes, 2.0)
    anchors = adversary_around(centers).anchors.tolist()
    return Plane(weights, centers, circle=2.0, level=rounded(math.log(classes)), anchors=anchors)


@lru_cache(maxsize=64)
def adversary_around(centers: tuple[Point, ...], seed: int = 0) -> TrainedAdversary:
    """The small adversary trained around centres, kept for the next picture."""
    return train_adversary(torch.tensor(centers, dtype=torch.float64), seed)


def default_panel(spec: LossSpec, plane: Plane, resolution: int) -> Panel:
    """A loss at its default parameters over a plane, in float32."""
    state = ClassState(
        torch.tensor(plane.weights, dtype=torch.float64),
        zero_bias(spec.needs.bias, plane.classes),
        torch.tensor(plane.centers, dtype=torch.float64),
        adversary_around(tuple(plane.centers)).network if spec.needs.adversary else None,
    )
    field = compute(spec, state, label=plane.label, resolution=resolution, dtype=torch.float32)
    made = None
    if plane.circle is not None:
        made = opening(spec, state, plane.label, {}, radius=plane.circle, level=plane.level)
    return Panel(spec.key, spec.title, note(spec, {}), field, field.z_yx, opening=made)
