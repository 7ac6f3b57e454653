"""K directions in d dimensions that are far from each other: known ones, and ones found by repulsion."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from lossviz.metrics.vectors import Array

# Sharper and sharper: towards the end only the nearest pair counts.
_SHARPNESS = tuple(4.0 * 4.0**i for i in range(9))
MOST_FOUND = 48  # more directions than these take seconds


def smallest_angle(points: Array) -> float:
    """The smallest angle (radians) between two of the unit vectors [K, d].

    From chords, since the cosine of a small angle has few digits left.
    """
    cosines = points @ points.T
    np.fill_diagonal(cosines, -2.0)
    i, j = np.unravel_index(int(cosines.argmax()), cosines.shape)
    return 2 * math.asin(min(1.0, float(np.linalg.norm(points[i] - points[j])) / 2))


def optimal(classes: int, dimension: int) -> Array | None:
    """The best arrangement where it is known, unit vectors [K, d]; None elsewhere.

    In the plane evenly spaced; up to d + 1 directions the simplex; up to 2d some of ±e_i, among which
    d + 1 < K leaves none better than a right angle (Rankin 1955).
    """
    if dimension == 1:
        return np.array([[1.0], [-1.0]]) if classes == 2 else None
    if dimension == 2:
        turn = 2 * math.pi * np.arange(classes) / classes
        return np.stack([np.cos(turn), np.sin(turn)], axis=1)
    if 1 < classes <= dimension + 1:
        return _simplex(classes, dimension)
    if classes <= 2 * dimension:
        axes = np.eye(dimension)
        return np.concatenate([axes, -axes])[:classes]
    return None


def _simplex(classes: int, dimension: int) -> Array:
    centred = np.eye(classes) - 1 / classes
    # The rows lie in the plane where coordinates add up to 0; its own axes are the first K − 1 of the SVD.
    _, _, axes = np.linalg.svd(centred)
    points = np.zeros((classes, dimension))
    points[:, : classes - 1] = centred @ axes[: classes - 1].T
    return points / np.linalg.norm(points, axis=1, keepdims=True)


@lru_cache(maxsize=64)
def by_repulsion(classes: int, dimension: int, tries: int = 3) -> Array:
    """K unit vectors [K, d] found by repulsion from several starts: the ones farthest apart.

    Each start is drawn with its number as the seed, so the result is the same on every call. The
    logarithm of Σ exp(β cosθ_ij) falls by L-BFGS while β grows, from a start that differs too: a mild one
    leads to the same few arrangements. Not to be written to.
    """
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    farthest, widest = np.empty((0, dimension)), -1.0
    for seed in range(tries):
        draw = np.random.default_rng(seed).standard_normal((classes, dimension))
        # Products this small are ten times slower where threads of arithmetic wait for each other.
        with threadpool_limits(1, "blas"):
            points = _pushed_apart(draw, seed % 5, minimize)
        apart = smallest_angle(points)
        if apart > widest:
            farthest, widest = points, apart
    farthest.flags.writeable = False
    return farthest


def best(classes: int, dimension: int) -> Array:
    """The arrangement [K, d] that is known to be best, or else the one found by repulsion."""
    found = optimal(classes, dimension)
    return by_repulsion(classes, dimension) if found is None else found


def _pushed_apart(start: Array, skipped: int, minimize: Any) -> Array:
    count, dimension = start.shape
    points, steps = _unit(start), 200 if count <= 200 else 60
    for beta in _SHARPNESS[skipped:]:

        def energy(flat: Array, beta: float = beta) -> tuple[float, Array]:
            vectors = flat.reshape(count, dimension)
            length = np.linalg.norm(vectors, axis=1, keepdims=True)
            unit = vectors / length
            cosines = unit @ unit.T
            np.fill_diagonal(cosines, -np.inf)
            top = cosines.max()
            parts = np.exp(beta * (cosines - top))
            total = parts.sum()
            slope = 2 * (parts / total) @ unit
            slope -= (slope * unit).sum(1, keepdims=True) * unit
            return float(top + math.log(total) / beta), (slope / length).ravel()

        found = minimize(energy, points.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": steps})
        points = _unit(found.x.reshape(count, dimension))
    return points


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
