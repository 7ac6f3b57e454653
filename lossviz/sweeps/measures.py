"""Measure: a number that cells end with, how it is read, and which way is better."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lossviz.core.errors import SettingError
from lossviz.core.text import fixed, number_text
from lossviz.sweeps.results import ANGLE, MEASURES, PERCENT, SECONDS, Array, Result

RECALL = "recall_"
_FACTOR, _UNIT = {PERCENT: 100.0, ANGLE: 180 / np.pi}, {PERCENT: "%", ANGLE: "°", SECONDS: "s"}
# Where there is little room: on an axis among many.
_SHORT = {
    "test_accuracy": "accuracy",
    "balanced_accuracy": "balanced",
    "uniform_accuracy": "A_Uni",
    "threshold": "t*",
    "train_accuracy": "training",
    "test_loss": "loss",
    "angular_spread": "spread",
    "smallest_gap": "gap",
    "margin_share": "has margin",
    "merged_pairs": "merged",
    "seconds": "time",
}
# Neither way is better for the others: a threshold, an angle by itself.
_LOW = ("test_loss", "merged_pairs", "seconds", "angular_spread")
_HIGH = (
    "test_accuracy",
    "balanced_accuracy",
    "uniform_accuracy",
    "train_accuracy",
    "silhouette",
    "smallest_gap",
    "margin_share",
)


@dataclass(frozen=True)
class Measure:
    """name: in results. format: one of those of `lossviz.sweeps.results`. better: None: neither way."""

    name: str
    title: str
    format: str
    better: Literal["high", "low"] | None

    @property
    def short(self) -> str:
        """The title in a word or two."""
        return _SHORT.get(self.name, self.title.replace("recall of class", "recall"))

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


def measure(name: str, classes: Sequence[str] = ()) -> Measure:
    """The measure of this name: one of MEASURES, or recall_k of class k; SettingError for any other."""
    if name in MEASURES:
        title, form = MEASURES[name]
        return Measure(name, title, form, "high" if name in _HIGH else "low" if name in _LOW else None)
    if not re.fullmatch(rf"{RECALL}\d{{1,6}}", name):
        known = f"{', '.join(MEASURES)} or recall_0, recall_1, … of a class"
        raise SettingError(f"measure must be {known}; got {name[:40]!r}")
    k = int(name.removeprefix(RECALL))
    of = classes[k] if k < len(classes) else str(k)
    return Measure(name, f"recall of class {of}", PERCENT, "high")


def known(results: Iterable[Result]) -> list[Measure]:
    """The measures that these results have, in the order of MEASURES, recalls last."""
    classes: tuple[str, ...] = ()
    names = set[str]()
    for result in results:
        classes = classes or result.classes
        names |= result.measures.keys()
    recalls = sorted((n for n in names if n.startswith(RECALL)), key=lambda n: int(n.removeprefix(RECALL)))
    return [measure(name, classes) for name in [*(n for n in MEASURES if n in names), *recalls]]
