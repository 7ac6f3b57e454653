"""Kinds of settings: which values each takes, the rule in words, and the value as text and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

from lossviz.core.matrices import Matrix, matrix_text, parse_matrix
from lossviz.core.points import exact_text, parse_points, points_text, rounded

COUNTS = {1: "one", 2: "two"}
WORDS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The values that a setting takes, beside its kind.

    low, high: the ends of the range, in `unit`; of names how many there may be; of classes `high` is the last
    one, None where that is not known. choices: allowed words with what a reader is told, or of a flag its
    words for no and yes. resolve: a word as it is kept; it raises LossvizError for one that is not known.
    count: of points, numbers, or the rows of a matrix; 0: a single point, or as many rows as there are
    classes. decimals: as many are written.
    """

    low: float | None = None
    high: float | None = None
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict, hash=False)
    resolve: Callable[[str], str] | None = None
    count: int = 0
    decimals: int | None = None


class Kind:
    """Text, and the base of the other kinds."""

    def has_type(self, value: Any) -> bool:
        """True if the value has the type."""
        return isinstance(value, str)

    def allows(self, setting: Limits, value: Any) -> bool:
        """True if a value of the type is allowed."""
        return True

    def normalize(self, setting: Limits, value: Any) -> Any:
        """An allowed value in its own type."""
        return setting.resolve(value) if setting.resolve and value else value

    def rule(self, setting: Limits) -> str:
        """The allowed values, as part of a sentence."""
        return "be a name"

    def text_rule(self, setting: Limits) -> str:
        """The allowed texts, as part of a sentence."""
        return self.rule(setting)

    def wrong(self, setting: Limits, value: Any) -> str:
        """The part of a value of the type that is not allowed, for one too long to be told; "" for others."""
        return ""

    def write(self, setting: Limits, value: Any) -> str:
        """A value as text."""
        return str(value)

    def parse(self, setting: Limits, text: str, subject: str) -> Any:
        """The value of a text, unchecked; ValueError where it stands for none, in the name of `subject`."""
        return text


class _Choice(Kind):
    """One of several words."""

    def allows(self, setting: Limits, value: Any) -> bool:
        return value in setting.choices

    def rule(self, setting: Limits) -> str:
        return f"be one of {', '.join(setting.choices)}"


class _Flag(Kind):
    """Yes or no; a setting with choices has words of its own for no and yes."""

    def has_type(self, value: Any) -> bool:
        return isinstance(value, bool) or type(value).__name__ == "bool_"

    def normalize(self, setting: Limits, value: Any) -> bool:
        return bool(value)

    def rule(self, setting: Limits) -> str:
        return "be true or false"

    def text_rule(self, setting: Limits) -> str:
        return f"be one of {', '.join(setting.choices)}" if setting.choices else "be yes or no"

    def write(self, setting: Limits, value: Any) -> str:
        return (list(setting.choices) or ["no", "yes"])[bool(value)]

    def parse(self, setting: Limits, text: str, subject: str) -> bool:
        return list(setting.choices).index(text) == 1 if setting.choices else WORDS[text.lower()]


class _Real(Kind):
    """A number in a range. An angle in radians is written in degrees where that is exact."""

    def has_type(self, value: Any) -> bool:
        return isinstance(value, Real) and not isinstance(value, bool)

    def allows(self, setting: Limits, value: Any) -> bool:
        number, ends = as_float(value), (setting.low, setting.high)
        if setting.low is not None and setting.low <= number <= (setting.high or 0.0):
            return True
        # A bound that was once float32 is inside.
        return any(math.isclose(number, end, rel_tol=1e-6) for end in ends if end is not None)

    def normalize(self, setting: Limits, value: Any) -> Any:
        number = float(value)
        if setting.low is not None and setting.high is not None:
            number = min(max(number, setting.low), setting.high) + 0.0
        return float(number)

    def rule(self, setting: Limits) -> str:
        unit = {"rad": " radians", "": ""}.get(setting.unit, f" {setting.unit}")
        return f"lie in {_range(setting)}{unit}"

    def text_rule(self, setting: Limits) -> str:
        if setting.unit != "rad":
            return self.rule(setting)
        top = math.degrees(setting.high or 0.0)
        return f"lie in [0, {top:g}] degrees, written as {top / 4:g}deg, or in {_range(setting)} radians"

    def write(self, setting: Limits, value: Any) -> str:
        if setting.unit == "rad":
            degrees = f"{math.degrees(value):.10g}"
            if math.radians(float(degrees)) == value:
                return f"{degrees}deg"
        return exact_text(value if setting.decimals is None else round(value, setting.decimals))

    def parse(self, setting: Limits, text: str, subject: str) -> float:
        if setting.unit == "rad" and text.endswith("deg"):
            return math.radians(float(text[:-3]))
        return float(text)


_REAL = _Real()


class _Whole(_Real):
    """A whole number in a range."""

    def allows(self, setting: Limits, value: Any) -> bool:
        number = as_float(value)
        return bool(math.isfinite(number) and value == round(value) and super().allows(setting, value))

    def normalize(self, setting: Limits, value: Any) -> int:
        return int(value)

    def rule(self, setting: Limits) -> str:
        return f"be a whole number in {_range(setting)}{' ' + setting.unit if setting.unit else ''}"

    def write(self, setting: Limits, value: Any) -> str:
        return str(value)

    def parse(self, setting: Limits, text: str, subject: str) -> int | float:
        return whole_or_float(text)


class _Numbers(Kind):
    """Several whole numbers, each once."""

    def has_type(self, value: Any) -> bool:
        return isinstance(value, (tuple, list))

    def allows(self, setting: Limits, value: Any) -> bool:
        low, high = setting.low or 0, setting.high or math.inf
        allowed = all(is_whole(n) and low <= n <= high for n in value)
        return allowed and len(set(value)) == len(tuple(value))

    def normalize(self, setting: Limits, value: Any) -> tuple[int, ...]:
        return tuple(int(n) for n in value)

    def rule(self, setting: Limits) -> str:
        return f"be whole numbers in {_range(setting)}, joined by commas (each once)"

    def write(self, setting: Limits, value: Any) -> str:
        return ",".join(str(n) for n in value)

    def parse(self, setting: Limits, text: str, subject: str) -> Any:
        return (
            () if text == "none" else tuple(whole_or_float(part) for part in text.split(",") if part.strip())
        )


class _Classes(_Numbers):
    """One class number, or several different ones; `high` is the last class, where that is known."""

    def has_type(self, value: Any) -> bool:
        if isinstance(value, (bool, str, bytes, Mapping)):
            return False
        return isinstance(value, Integral) or (
            isinstance(value, Iterable) and all(is_whole(k) for k in value)
        )

    def allows(self, setting: Limits, value: Any) -> bool:
        several = _several(value)
        return bool(several) and super().allows(setting, several)

    def normalize(self, setting: Limits, value: Any) -> Any:
        several = tuple(int(k) for k in _several(value))
        return several[0] if len(several) == 1 else several

    def rule(self, setting: Limits) -> str:
        top = "K-1" if setting.high is None else f"{setting.high:g}"
        return f"be one class number in 0..{top}, or several different ones"

    def text_rule(self, setting: Limits) -> str:
        where = "0..K-1" if setting.high is None else _range(setting)
        return f"be one class in {where}, or several joined by commas, each once"

    def write(self, setting: Limits, value: Any) -> str:
        return super().write(setting, _several(value))

    def parse(self, setting: Limits, text: str, subject: str) -> Any:
        return tuple(whole_or_float(part) for part in text.split(","))


class _Reals(Kind):
    """`count` numbers in a range, one a class."""

    def has_type(self, value: Any) -> bool:
        return isinstance(value, (tuple, list))

    def allows(self, setting: Limits, value: Any) -> bool:
        number = KINDS["real"]
        return len(value) == setting.count and all(number.allows(setting, each) for each in value)

    def normalize(self, setting: Limits, value: Any) -> tuple[float, ...]:
        return tuple(float(each) for each in value)

    def rule(self, setting: Limits) -> str:
        return f"be {setting.count} numbers in {_range(setting)}, one a class"

    def write(self, setting: Limits, value: Any) -> str:
        return ",".join(map(exact_text, value))

    def parse(self, setting: Limits, text: str, subject: str) -> tuple[float, ...]:
        return tuple(float(part) for part in text.split(",") if part.strip())


class _Matrix(Kind):
    """Numbers from `low` to `high`, a row and a column for each class, 0 on the diagonal; or none."""

    def has_type(self, value: Any) -> bool:
        if value is None:
            return True
        rows = _plain(value)
        return isinstance(rows, (tuple, list)) and all(
            isinstance(row, (tuple, list)) and all(map(_REAL.has_type, row)) for row in map(_plain, rows)
        )

    def allows(self, setting: Limits, value: Any) -> bool:
        return value is None or not self.wrong(setting, value)

    def normalize(self, setting: Limits, value: Any) -> Matrix | None:
        if value is None:
            return None
        return tuple(tuple(_REAL.normalize(setting, each) for each in _plain(row)) for row in _plain(value))

    def rule(self, setting: Limits) -> str:
        size = f"{setting.count} rows of {setting.count}" if setting.count else "K rows of K"
        return f"be {size} numbers in {_range(setting)}, 0 on the diagonal"

    def text_rule(self, setting: Limits) -> str:
        return f"{self.rule(setting)}, as in 0,1,4/1,0,1/1,1,0, or none"

    def wrong(self, setting: Limits, value: Any) -> str:
        rows = [list(_plain(row)) for row in _plain(value)]
        size, lengths = len(rows), sorted({len(row) for row in rows})
        if size != (setting.count or size) or size < 2 or lengths != [size]:
            return f"{size} row{'s' if size != 1 else ''} of {' and '.join(map(str, lengths))}"
        for i, row in enumerate(rows):
            for j, each in enumerate(row):
                if each if i == j else not _REAL.allows(setting, each):
                    return f"{as_float(each):.10g} in row {i}, column {j}"
        return ""

    def write(self, setting: Limits, value: Any) -> str:
        return "none" if value is None else matrix_text(value)

    def parse(self, setting: Limits, text: str, subject: str) -> Matrix | None:
        return None if text == "none" else parse_matrix(text)


class _Points(Kind):
    """`count` points of the plane, or one, with coordinates up to `high`."""

    def has_type(self, value: Any) -> bool:
        return isinstance(value, (tuple, list))

    def allows(self, setting: Limits, value: Any) -> bool:
        points, top = self._several(setting, value), setting.high or 0.0
        inside = all(len(p) == 2 and all(abs(each) <= top for each in p) for p in points)
        return inside and len(points) == (setting.count or 1)

    def normalize(self, setting: Limits, value: Any) -> Any:
        points = tuple((rounded(x), rounded(y)) for x, y in self._several(setting, value))
        return points if setting.count else points[0]

    def rule(self, setting: Limits) -> str:
        what = f"{setting.count} points, one a class" if setting.count else "one point"
        return f"be {what}, with coordinates in {_range(setting)}"

    def write(self, setting: Limits, value: Any) -> str:
        return points_text(self._several(setting, value))

    def parse(self, setting: Limits, text: str, subject: str) -> Any:
        found = parse_points(subject, text, setting.count or 1, setting.high or 0.0)
        return found if setting.count else found[0]

    @staticmethod
    def _several(setting: Limits, value: Any) -> Any:
        return value if setting.count else [value]


class _Names(Kind):
    """Between `low` and `high` words; of exactly so many one may stand twice, otherwise each once."""

    def has_type(self, value: Any) -> bool:
        return isinstance(value, (tuple, list)) and all(isinstance(each, str) for each in value)

    def allows(self, setting: Limits, value: Any) -> bool:
        return (setting.low or 0) <= len(value) <= (setting.high or math.inf)

    def normalize(self, setting: Limits, value: Any) -> tuple[str, ...]:
        found = tuple(setting.resolve(each) if setting.resolve else each for each in value)
        return found if setting.low == setting.high else tuple(dict.fromkeys(found))

    def rule(self, setting: Limits) -> str:
        least, most = (COUNTS.get(int(end or 0), f"{end or 0:g}") for end in (setting.low, setting.high))
        if setting.low == setting.high:
            return f"name {most}"
        return f"name at least {least}" if setting.low else f"name at most {most}"

    def write(self, setting: Limits, value: Any) -> str:
        return ",".join(value)

    def parse(self, setting: Limits, text: str, subject: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())


class _Params(Kind):
    """The parameters of a loss by their links, each a setting of its own."""

    def has_type(self, value: Any) -> bool:
        return isinstance(value, Mapping)

    def normalize(self, setting: Limits, value: Any) -> Any:
        return value


KINDS: Mapping[str, Kind] = {
    "text": Kind(),
    "choice": _Choice(),
    "flag": _Flag(),
    "real": _REAL,
    "whole": _Whole(),
    "numbers": _Numbers(),
    "classes": _Classes(),
    "reals": _Reals(),
    "matrix": _Matrix(),
    "points": _Points(),
    "names": _Names(),
    "params": _Params(),
}


def as_float(value: Any) -> float:
    """A number as a float; infinite beyond the range of floats."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def is_whole(value: Any) -> bool:
    """True if a value is a whole number and not a bool."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def whole_or_float(text: str) -> int | float:
    """A number as an int where it is whole; ValueError where the text is none."""
    value = float(text)
    return int(value) if math.isfinite(value) and value.is_integer() else value


def _plain(value: Any) -> Any:
    """An array as lists."""
    return value.tolist() if hasattr(value, "tolist") else value


def _several(value: Any) -> list[Any]:
    return [value] if isinstance(value, Integral) else list(value)


def _range(setting: Limits) -> str:
    return f"[{limit_text(setting.low)}, {limit_text(setting.high)}]"


def limit_text(number: float | None) -> str:
    """An end of a range, with at most four digits unless it is whole."""
    if number is None:
        return "?"
    return f"{number:g}" if float(number).is_integer() else f"{number:.4g}"
