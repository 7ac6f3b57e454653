"""Texts, checks and places that print and screen figures of fields over the plane share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lossviz.figures.axis import Array

if TYPE_CHECKING:
    from lossviz.fields import Field


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def name(letter: str, k: int) -> str:
    """W₀, C₃: a letter with the class number, counted from 0 as in the code, as a subscript."""
    return letter + str(k).translate(_SUBSCRIPTS)


def params_note(field: Field) -> str:
    """The parameters of a field's loss in one line, as on the contour page: "s = 16, m = 22.5°"."""
    from lossviz.fields.panel import note

    return note(field.spec, field.params)


def pair_note(field_a: Field, field_b: Field) -> str:
    """The parameters of two losses in one line, each with the loss's name."""
    texts = [f"{f.spec.title}: {note}" for f in (field_a, field_b) if (note := params_note(f))]
    return "; ".join(texts)


def check_extents(fields: Sequence[Field]) -> None:
    """Raise ValueError unless there is a field and all fields show the same part of the plane."""
    if not fields:
        raise ValueError("figures: at least one field is needed; got none")
    for field in fields:
        if not np.allclose(field.extent, fields[0].extent):
            raise ValueError(
                "figures: all fields must have the same extent, or they cannot be compared; "
                f"got {fields[0].extent} and {field.extent}"
            )


def gap(field_a: Field, field_b: Field) -> Array:
    """The loss of `field_a` minus that of `field_b`, [ny, nx]; NaN where either is not finite."""
    check_extents([field_a, field_b])
    if field_a.z_yx.shape != field_b.z_yx.shape:
        raise ValueError(
            "difference: both fields must have the same grid; got "
            f"{field_a.z_yx.shape} and {field_b.z_yx.shape} (compute both with one resolution)"
        )
    with np.errstate(invalid="ignore"):
        below = np.asarray(field_a.z_yx, np.float64) - np.asarray(field_b.z_yx, np.float64)
    return np.where(np.isfinite(below), below, np.nan)


def same_boundaries(field_a: Field, field_b: Field) -> bool:
    """True where two fields' decision boundaries are the same to the eye: within 0.4 % of the extent."""
    close = 0.004 * (field_a.extent[1] - field_a.extent[0])
    a, b = field_a.boundaries, field_b.boundaries
    if not a or not b:
        return not a and not b
    return _reach(a, b) <= close and _reach(b, a) <= close


def _reach(lines: Sequence[Array], others: Sequence[Array]) -> float:
    """The longest way from a vertex of `lines` to the nearest point on `others`."""
    points = np.concatenate(lines)[:, None]
    start = np.concatenate([line[:-1] for line in others])
    along = np.concatenate([np.diff(line, axis=0) for line in others])
    share = ((points - start) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-300)
    nearest = start + np.clip(share, 0, 1)[..., None] * along
    return float(np.linalg.norm(points - nearest, axis=-1).min(-1).max())


def weight_factor(weights: Array, reach: float) -> float:
    """The round factor by which class weights [K, 2] are drawn longer where they would hardly be seen: in a
    plane from −reach to reach that is more than five times as large. 1 otherwise."""
    longest = float(np.linalg.norm(weights, axis=-1).max())
    return round_factor(0.5 * reach / longest) if 0 < longest < 0.2 * reach else 1.0


def round_factor(most: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is at most so much."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(m for m in (5, 2, 1) if m * power <= most) * power


def longer(factor: float) -> str:
    """The words of a legend for class weights that are drawn longer."""
    return "" if factor == 1 else f"; all are drawn {factor:g} times as long"


def share_inside(tip: Array, extent: Sequence[float]) -> float:
    """The share of the way from the origin to `tip` that lies within the extent; 1 and more: all of it."""
    x0, x1, y0, y1 = extent
    room = [((x1 if tip[0] > 0 else x0) / tip[0]) if tip[0] else math.inf]
    room.append(((y1 if tip[1] > 0 else y0) / tip[1]) if tip[1] else math.inf)
    return max(0.0, min(room))


def thinned(field: Field, values: Array, cells: int) -> tuple[Array, Array, Array]:
    """Every so many rows and columns, the last ones included, so that a figure stays small."""

    def pick(n: int) -> Array:
        return np.unique(np.linspace(0, n - 1, min(n, cells)).round().astype(int))

    rows, columns = pick(len(field.y)), pick(len(field.x))
    few = np.asarray(values, dtype=np.float64)[np.ix_(rows, columns)]
    return field.x[columns], field.y[rows], np.where(np.isfinite(few), few, np.nan)


def weight_on_surface(field: Field, weight: Array, x: Array, y: Array, heights: Array) -> tuple[Array, Array]:
    """A weight vector lying just above a surface [ny, nx]: points [n, 2] and their heights [n]."""
    from lossviz.fields import bilinear

    # Losses of the angle alone jump at the origin: the line begins just beside it.
    tip = weight * min(1.0, share_inside(weight, field.extent))
    points = np.linspace(0.03, 1, 49)[:, None] * tip
    return points, bilinear(heights, x, y, points) + 0.02


def view_angle(field: Field) -> float:
    """From where a valley opens, in radians: a little to the side of the own weight vector."""
    own = field.state.weights[field.label]
    return float(np.arctan2(float(own[1]), float(own[0]))) + 0.75
