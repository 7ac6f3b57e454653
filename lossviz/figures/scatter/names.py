"""Places of the names of classes among their points: on one of their own, never on each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lossviz.figures.scatter.panel import Array

# Of the nearer half of a class so many points are tried; names.js tries the same.
TRIED = 60


def places(
    points: Array, labels: Array, anchors: Array, boxes: Array, ends: Sequence[tuple[float, float]]
) -> Array:
    """The middles of the names, [K, 2]; NaN for one that finds no room.

    points: [P, 2]; labels: [P]; anchors: [K, 2], where the names would stand, NaN for none. boxes: [K, 2],
    half the width and height of the names, in units of the axes; ends: of both axes. A name that would
    cover another, or leave the axes, moves to the nearest of its class's points that has room, in the
    nearer half of the class: farther out it would be taken for the name of what it stands on.
    """
    found = np.full((len(anchors), 2), np.nan)
    low, high = np.array(ends, dtype=float).T
    for k in np.flatnonzero(np.isfinite(anchors).all(1)):
        box = boxes[k]
        tried = np.vstack([anchors[k], _nearer(points[labels == k], anchors[k])])
        within = ((tried - box >= low) & (tried + box <= high)).all(1)
        for j in np.flatnonzero(np.isfinite(found).all(1)):
            within &= (np.abs(tried - found[j]) > box + boxes[j]).any(1)
        if within.any():
            found[k] = tried[within.argmax()]
    return found


def _nearer(own: Array, anchor: Array) -> Array:
    """The nearer half of a class's points, the nearest first, thinned evenly."""
    own = own[np.isfinite(own).all(1)]
    order = np.argsort(((own - anchor) ** 2).sum(1), kind="stable")[: (len(own) + 1) // 2]
    step = max(1, -(-len(order) // TRIED))
    return np.asarray(own[order[::step]])
