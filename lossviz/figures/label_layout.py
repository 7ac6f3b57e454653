"""Labels moved apart where they would cover each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lossviz.figures.panel import Anchor


def spread_apart(places: Sequence[float], least: float, top: float) -> list[float]:
    """Places moved as little as need be so that neighbours are `least` apart, within 0..top.

    Order is kept; equal places keep the order given, the first highest. With more places than fit
    the distance is what fits.
    """
    count = len(places)
    if count == 0:
        return []
    least = min(least, top / max(1, count - 1))
    order = sorted(range(count), key=lambda i: (places[i], -i))
    # Groups that touch share the mean of what their members want; merging until none overlap.
    groups: list[list[float]] = []  # [centre, members]
    for i in order:
        groups.append([min(max(places[i], 0.0), top), 1])
        while len(groups) > 1 and _touch(groups[-2], groups[-1], least):
            centre, members = groups.pop()
            before = groups[-1]
            total = before[1] + members
            merged = (before[0] * before[1] + centre * members) / total
            half = (total - 1) * least / 2
            groups[-1] = [min(max(merged, half), top - half), total]
    placed = [centre + (k - (n - 1) / 2) * least for centre, n in groups for k in range(int(n))]
    result = [0.0] * count
    for i, place in zip(order, placed, strict=True):
        result[i] = place
    return result


def _touch(below: Sequence[float], above: Sequence[float], least: float) -> bool:
    top = below[0] + (below[1] - 1) * least / 2
    bottom = above[0] - (above[1] - 1) * least / 2
    return bottom - top < least - 1e-9


def rows_above(
    places: Sequence[float], widths: Sequence[float], width: float
) -> tuple[list[Anchor], list[int]]:
    """The anchor and the row, counted from 0, of each label at its place, so that none covers another.

    A label that would leave 0..width begins, or ends, at its place.
    """
    anchors: list[Anchor] = [
        "left" if at < wide / 2 else "right" if width - at < wide / 2 else "center"
        for at, wide in zip(places, widths, strict=True)
    ]
    shifts = {"left": 0.5, "center": 0.0, "right": -0.5}
    middles = [at + shifts[a] * wide for at, a, wide in zip(places, anchors, widths, strict=True)]
    return anchors, rows_for(middles, widths)


def rows_for(places: Sequence[float], widths: Sequence[float], gap: float = 10.0) -> list[int]:
    """The row, counted from 0, of each label centred at its place so that none covers another."""
    rows = [0] * len(places)
    taken: list[list[tuple[float, float]]] = []
    for i in sorted(range(len(places)), key=lambda i: places[i]):
        start, end = places[i] - widths[i] / 2 - gap, places[i] + widths[i] / 2
        row = next(
            (r for r, spans in enumerate(taken) if all(end < a or start > b for a, b in spans)), len(taken)
        )
        if row == len(taken):
            taken.append([])
        taken[row].append((start + gap, end))
        rows[i] = row
    return rows


@dataclass(frozen=True)
class Side:
    """The place of a label beside its point: pixels to the right and up, and the end of it that is there."""

    dx: float
    dy: float
    anchor: Anchor


_SIDES = (
    Side(8, 0, "left"),
    Side(-8, 0, "right"),
    Side(6, 12, "left"),
    Side(6, -12, "left"),
    Side(0, 15, "center"),
    Side(0, -15, "center"),
    Side(-6, 12, "right"),
    Side(-6, -12, "right"),
)


def sides(
    points: Sequence[tuple[float, float]],
    widths: Sequence[float],
    room: tuple[float, float],
    height: float = 14.0,
    others: Sequence[tuple[float, float]] = (),
    texts: Sequence[tuple[float, float, float, Anchor]] = (),
) -> list[Side]:
    """A side for the label of each point, so that it covers no label and, if it can, no point.

    points, others: pixels from the lower left corner; others have no label. widths: of the labels; 0
    is none. room: the width and height of the panel, which labels stay in where they can. texts: what else is
    written there: place, width and which of its ends is there.
    """
    boxes = [_box(x, y, Side(0, 0, anchor), width, height) for x, y, width, anchor in texts]
    dots = [*points, *others]
    chosen = []
    for (x, y), width in zip(points, widths, strict=True):
        options = [(side, _box(x, y, side, width, height)) for side in _SIDES]
        side, box = min(options, key=lambda option: _cost(option[1], boxes, dots, room))
        chosen.append(side)
        if width > 0:
            boxes.append(box)
    return chosen


def _box(x: float, y: float, side: Side, width: float, height: float) -> tuple[float, float, float, float]:
    left = x + side.dx - {"left": 0.0, "center": width / 2, "right": width}[side.anchor]
    middle = y + side.dy
    return left, left + width, middle - height / 2, middle + height / 2


def _cost(
    box: tuple[float, float, float, float],
    boxes: Sequence[tuple[float, float, float, float]],
    dots: Sequence[tuple[float, float]],
    room: tuple[float, float],
) -> int:
    left, right, low, high = box
    labels = sum(left < b and right > a and low < d and high > c for a, b, c, d in boxes)
    points = sum(left < x < right and low < y < high for x, y in dots)
    outside = left < 0 or right > room[0] or low < 0 or high > room[1]
    return 10 * labels + 2 * points + 6 * outside
