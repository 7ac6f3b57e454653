"""What to notice, in a sentence or two made from the numbers that are shown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lossviz.core.text import fixed
from lossviz.pages.angles import collapse, compactness, labels, measures, nearest, spread
from lossviz.pages.angles.view import AnglesView
from lossviz.readings.reading import Reading

# Classes whose gap is so small, or this share of the mean gap, point the same way.
MERGED, MERGED_SHARE = math.radians(1), 0.05


def notice(readings: Sequence[Reading], important: Sequence[int], view: AnglesView, section: str) -> str:
    """The sentences under the picture of a section."""
    if section in ("circle", "gaps"):
        between = view.between if section == "gaps" else "weights"
        told = [room(readings, important, between, view.right), merged(readings, between, view.right)]
        if section == "circle":
            told.append(spread.second_text(readings, important, view.right))
    elif section == "nearest":
        told = [nearest.notice(readings, view.right)]
    elif section == "components":
        told = [compactness.component_text(readings, view.normalised, view.right)]
    elif section == "collapse":
        told = [collapse.collapse_text(readings)]
    else:
        told = [spread.second_text(readings, important, view.right)]
        if section == "spread" and not view.right:
            told.append(spread.right_text(readings, important))
    return " ".join(filter(None, told))


def room(readings: Sequence[Reading], important: Sequence[int], between: str, right: bool = False) -> str:
    """Whether the gaps beside the important classes are wide, under each run and against the other runs."""
    found = []
    for reading in readings:
        relative = measures.gaps(reading, between, right).relative
        values = [relative[k] for k in important if math.isfinite(relative[k])]
        if values:
            found.append((reading.name, sum(values) / len(values)))
    if not found:
        return ""
    who = labels.group(readings[0].classes, important)
    of = "mean feature" if between == "means" else "weight"
    told = ", ".join(f"{name} {fixed(value, 2)}" for name, value in found)
    start = f"The gaps beside the {of} of {who}, over the mean gap"
    if len(found) == 1:
        return f"{start}: {fixed(found[0][1], 2)}."
    widest = max(found, key=lambda pair: pair[1])
    if sum(fixed(value, 2) == fixed(widest[1], 2) for _, value in found) > 1:
        return f"{start}: {told}."
    return f"{start}, are the widest under {widest[0]}: {told}."


def merged(readings: Sequence[Reading], between: str, right: bool = False) -> str:
    """Runs in which neighbouring classes share a direction."""
    told = []
    for reading in readings:
        found = measures.gaps(reading, between, right)
        limit = min(MERGED, MERGED_SHARE * found.mean)
        near = int((found.gaps < limit).sum())
        if near:
            told.append(
                f"{reading.name}: {near} of {len(found.gaps)} gaps are below {math.degrees(limit):.2g}°, "
                "those classes share a direction."
            )
    return " ".join(told)
