"""What the page of important classes shows, as a value that travels in a URL."""

from __future__ import annotations

from dataclasses import dataclass

from lossviz.readings.view import MOST_RUNS, ReadView, setting

SECTIONS = {
    "plane": "Recall and accuracy",
    "classes": "Each class",
    "confusion": "Confusion",
    "difference": "Difference",
}
MOST_CLASSES = 100_000


@dataclass(frozen=True)
class ImportantView(ReadView):
    """The settings of the page. important: none: those that the runs' losses care for."""

    section: str = setting("plane", "choice", "show", "what is shown", choices=SECTIONS)
    important: tuple[int, ...] = setting(
        (), "numbers", "important classes", "the classes that matter", 0, MOST_CLASSES
    )
    others: bool = setting(
        True, "flag", "all runs of this data set", "the other runs kept here, as small points"
    )
    paths: bool = setting(False, "flag", "over training", "how each run came there, epoch by epoch")
    counts: bool = setting(False, "flag", "counts", "numbers of images in place of shares of their class")
    first: int = setting(0, "whole", "from", "the run that is compared with", 0, MOST_RUNS - 1)
    second: int = setting(1, "whole", "to", "the run that is compared", 0, MOST_RUNS - 1)
