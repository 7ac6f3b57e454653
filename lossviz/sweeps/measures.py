"""Measure: a number that cells end with, how it is read, and which way is better."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from lossviz.core.errors import SettingError
from lossviz.core.text import fixed, number_text

if TYPE_CHECKING:
    from lossviz.sweeps.results import Result

Array = NDArray[Any]

RECALL = "recall_"
# The formats of measures: shares, radians, numbers, seconds.
PERCENT, ANGLE, NUMBER, SECONDS = "percent", "angle", "number", "seconds"
_FACTOR, _UNIT = {PERCENT: 100.0, ANGLE: 180 / np.pi}, {PERCENT: "%", ANGLE: "°", SECONDS: "s"}


@dataclass(frozen=True)
class Measure:
    """name: in results. short: the title in a word or two, where there is little room. better: None: neither
    way, as of a threshold."""

    name: str
    title: str
    short: str
    format: str
    better: Literal["high", "low"] | None = None

    @property
    def unit(self) -> str:
        """The unit in which it is shown."""
        return _UNIT.get(self.format, "")

    def shown(self, values: float | Array) -> Array:
        """Values in that unit: per cent, degrees."""
        return np.asarray(values, dtype=np.float64) * _FACTOR.get(self.format, 1.0)

    def text(self, value: float, unit: bool = True) -> str:
        """A value for a reader: "93.1 %", "36.0°", "0.25"; "–" for NaN."""
        shown = float(self.shown(value))
        told = fixed(shown, 1) if self.format in (PERCENT, ANGLE, SECONDS) else number_text(shown, 3)
        space = "" if self.unit in ("", "°") else " "
        return told + (space + self.unit if unit and np.isfinite(shown) else "")


MEASURES = {
    each.name: each
    for each in (
        Measure("test_accuracy", "accuracy on test images", "accuracy", PERCENT, "high"),
        Measure("balanced_accuracy", "balanced accuracy", "balanced", PERCENT, "high"),
        Measure("uniform_accuracy", "uniform accuracy A_Uni", "A_Uni", PERCENT, "high"),
        Measure("threshold", "best threshold t*", "t*", NUMBER),
        Measure("train_accuracy", "accuracy on training images", "training", PERCENT, "high"),
        Measure("test_loss", "loss on test images", "loss", NUMBER, "low"),
        Measure("silhouette", "silhouette", "silhouette", NUMBER, "high"),
        Measure(
            "angular_spread", "angular spread: mean angle to the own class weight", "spread", ANGLE, "low"
        ),
        Measure("smallest_gap", "smallest gap between class weights", "gap", ANGLE, "high"),
        Measure("margin_share", "test images that have the margin", "has margin", PERCENT, "high"),
        Measure("merged_pairs", "merged pairs of classes", "merged", NUMBER, "low"),
        Measure("seconds", "seconds of training", "time", SECONDS, "low"),
    )
}


# Of a cell of a sweep that has important classes (`aggregate.read`); no part of a result.
IMPORTANT = Measure("important_recall", "mean recall of the important classes", "important", PERCENT, "high")


def measure(name: str, classes: Sequence[str] = ()) -> Measure:
    """The measure of this name: one of MEASURES, IMPORTANT, or recall_k of class k; SettingError for any
    other."""
    if name in MEASURES:
        return MEASURES[name]
    if name == IMPORTANT.name:
        return IMPORTANT
    if not re.fullmatch(rf"{RECALL}\d{{1,6}}", name):
        known = f"{', '.join(MEASURES)}, {IMPORTANT.name} or recall_0, recall_1, … of a class"
        raise SettingError(f"measure must be {known}; got {name[:40]!r}")
    k = int(name.removeprefix(RECALL))
    of = classes[k] if k < len(classes) else str(k)
    return Measure(name, f"recall of class {of}", f"recall {of}", PERCENT, "high")


def known(results: Iterable[Result]) -> list[Measure]:
    """The measures that these results have, in the order of MEASURES; IMPORTANT and recalls last."""
    classes: tuple[str, ...] = ()
    names = set[str]()
    for result in results:
        classes = classes or result.classes
        names |= result.measures.keys()
    recalls = sorted((n for n in names if n.startswith(RECALL)), key=lambda n: int(n.removeprefix(RECALL)))
    ordered = (n for n in (*MEASURES, IMPORTANT.name) if n in names)
    return [measure(name, classes) for name in [*ordered, *recalls]]
