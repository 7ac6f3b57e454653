"""The settings of the page of angles, all but the section that is shown."""

from __future__ import annotations

from dataclasses import dataclass

from lossviz.readings.view import ReadView, setting

MOST_CLASSES = 100_000


@dataclass(frozen=True)
class AnglesSettings(ReadView):
    """The settings that sections read. important: none: those that the runs' losses care for."""

    important: tuple[int, ...] = setting(
        (), "numbers", "important classes", "the classes that stand out", 0, MOST_CLASSES
    )
    between: str = setting(
        "weights",
        "choice",
        "gaps between",
        "the directions whose gaps are measured: of the class weights, as paper 001 says, or of the mean "
        "features",
        choices={"weights": "class weights", "means": "mean features"},
    )
    right: bool = setting(
        False,
        "flag",
        "recognised images only",
        "leave out images that the run takes for another class: a few of them, far from their class, can "
        "make most of a standard deviation",
    )
    normalised: bool = setting(
        False,
        "flag",
        "features of length 1",
        "scale each feature to length 1 first; then a class is an arc, and only its direction counts",
    )
