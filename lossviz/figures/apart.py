"""Labels moved apart where they would cover each other."""

from __future__ import annotations

from collections.abc import Sequence


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
