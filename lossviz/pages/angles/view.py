"""What the page of angles shows, as a value that travels in a URL."""

from __future__ import annotations

from dataclasses import dataclass

from lossviz.readings.view import ReadView, setting

SECTIONS = {
    "circle": "On the circle",
    "nearest": "Own and nearest other weight",
    "polar": "Each class, polar",
    "flat": "Each class, flat",
    "gaps": "Gaps between neighbours",
    "spread": "Spread of each class",
    "components": "Second principal component",
    "collapse": "Neural collapse",
}
# What is shown of directions in the plane alone.
PLANE = ("circle", "gaps")
MOST_CLASSES = 100_000


@dataclass(frozen=True)
class AnglesView(ReadView):
    """The settings of the page. important: none: those that the runs' losses care for."""

    section: str = setting("circle", "choice", "show", "what is shown", choices=SECTIONS)
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
