"""An axis of a panel, and how its numbers and places are written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lossviz.core.errors import LossvizError
from lossviz.core.text import number_text

Array = NDArray[Any]
Range = tuple[float, float]
_AIR = 0.04
_DEGREES = (5, 10, 15, 30, 45, 60, 90, 180)


@dataclass(frozen=True)
class Axis:
    """One axis.

    title: without unit. unit: written behind numbers ("°", "%"), or any other unit, written behind
    the title. spacing: "category" puts `categories` at 0, 1, 2, … low, high: ends of the axis;
    None: from the marks. ticks: (place, text) in place of the usual ones; an empty text is a tick
    without a number.
    """

    title: str = ""
    unit: str = ""
    spacing: Literal["linear", "log", "category"] = "linear"
    low: float | None = None
    high: float | None = None
    ticks: tuple[tuple[float, str], ...] = ()
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.categories and self.spacing == "linear":
            object.__setattr__(self, "spacing", "category")
        if self.log and self.low is not None and self.low <= 0:
            raise LossvizError(f"chart: a log axis starts above 0; got low = {self.low:g}")

    @property
    def log(self) -> bool:
        return self.spacing == "log"

    @property
    def suffix(self) -> str:
        """The unit as it stands behind a number."""
        return {"°": "°", "%": " %"}.get(self.unit, "")

    @property
    def label(self) -> str:
        """The title, with a unit that is not behind the numbers."""
        return f"{self.title} ({self.unit})" if self.unit and not self.suffix and self.title else self.title

    def number(self, value: float, digits: int = 4) -> str:
        """A number with the unit that stands behind numbers."""
        return number_text(float(value), digits) + self.suffix

    def place(self, at: float) -> str:
        """A place in words: its category, or its number with title and unit."""
        if self.categories:
            i = round(float(at))
            return self.categories[i] if 0 <= i < len(self.categories) else ""
        return f"{self.title}: {self.number(at)}" if self.title else self.number(at)

    def drawable(self, values: Array) -> Array:
        """Values with gaps (NaN) where a logarithmic axis cannot show them."""
        if not self.log:
            return values
        numbers = values.astype(np.float64)
        return np.where(numbers > 0, numbers, np.nan)

    def place_on(self, value: float) -> float:
        """A value as plotly wants it for an annotation: log₁₀ on a logarithmic axis."""
        return math.log10(value) if self.log else value

    def share(self, value: float, ends: Range) -> float:
        """The place of a value between the ends, as a share of the axis's length."""
        low, high = ends
        if self.log:
            return math.log(value / low) / math.log(high / low) if value > 0 else 0.0
        return (value - low) / (high - low)

    def degree_step(self, ends: Range, most: int = 7) -> int | None:
        """A step of degrees that divides a turn evenly, for at most so many ticks.

        None on an axis of another unit, and where ordinary ticks are finer.
        """
        span = ends[1] - ends[0]
        if self.unit != "°" or span <= 20:
            return None
        return next((step for step in _DEGREES if span / step <= most), None)

    def ends(self, loose: list[Array], tight: list[Array]) -> Range:
        """The ends of the axis around what its marks need, with a little air.

        tight: values beyond which there need be none, such as the foot of a bar.
        """

        def fit(values: Any) -> Array:
            numbers = np.asarray(values, dtype=np.float64).ravel()
            return numbers[np.isfinite(numbers) & ((numbers > 0) | (not self.log))]

        close = np.concatenate([*map(fit, tight), []])
        every = np.concatenate([*map(fit, loose), close])
        if not len(every):
            every = close = np.array([0.1, 1.0] if self.log else [0.0, 1.0])
        low, high = float(every.min()), float(every.max())
        at_low = bool(len(close)) and close.min() <= low
        at_high = bool(len(close)) and close.max() >= high
        if low == high:
            air = (low / 2, high * 2) if self.log else (low - 0.5 * (not at_low or low != 0), high + 0.5)
        elif self.log:
            factor = (high / low) ** _AIR
            air = low / (1 if at_low else factor), high * (1 if at_high else factor)
        else:
            more = _AIR * (high - low)
            air = low - (0 if at_low else more), high + (0 if at_high else more)
        low = air[0] if self.low is None else self.low
        high = air[1] if self.high is None else self.high
        return (low, high) if low < high else (low, low + 1.0) if self.high is None else (high - 1.0, high)
