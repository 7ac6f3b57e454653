"""Runs on the same images against the first of them, image by image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lossviz.figures.table import Column, Table
from lossviz.metrics.paired import Paired
from lossviz.readings import images
from lossviz.readings.reading import Reading
from lossviz.readings.section import Fold, Part, Text


def table(readings: Sequence[Reading], important: Sequence[int] = ()) -> Table | None:
    """Images that each run gains and loses against the first, of all classes and of the important ones.

    None unless there are two runs on the same images.
    """
    first, *others = readings
    found = [(each, all_of) for each in others if (all_of := images.paired(first, each)) is not None]
    if not found:
        return None
    columns = [Column("run", tuple(each.name for each, _ in found)), *_columns([p for _, p in found], "")]
    if important:
        kind = "class" if len(important) == 1 else "classes"
        group = f" of {kind} {', '.join(first.classes[k] for k in important)}"
        own = [images.paired(first, each, important) for each, _ in found]
        columns += _columns([p for p in own if p is not None], group)
    title = f"Image by image against {first.name} (McNemar's test, mid-p)"
    return Table(title, tuple(columns), images.note([first, *(each for each, _ in found)]))


def parts(readings: Sequence[Reading], important: Sequence[int] = ()) -> Iterator[Part]:
    """The table in a fold, with a caption on its limits; nothing if there is no table."""
    if (found := table(readings, important)) is not None:
        caption = Text(images.ONE_RUN, "caption")
        yield Fold("Image by image", lambda: [("pairs", found), caption])


def _columns(found: Sequence[Paired], of: str) -> list[Column]:
    texts = tuple(images.p_text(each.mid).removeprefix("p ").removeprefix("= ") for each in found)
    return [
        Column(f"gained{of}", [each.gained for each in found], "count"),
        Column(f"lost{of}", [each.lost for each in found], "count"),
        Column(f"paired p{of}", [each.mid for each in found], "number", shown=texts),
    ]
