"""The settings of the page of important classes, all but the section that is shown."""

from __future__ import annotations

from dataclasses import dataclass

from lossviz.readings.view import MOST_RUNS, ReadView, setting

MOST_CLASSES = 100_000


@dataclass(frozen=True)
class ImportantSettings(ReadView):
    """The settings that sections read. important: none: those that the runs' losses care for."""

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
