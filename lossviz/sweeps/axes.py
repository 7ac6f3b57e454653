"""Axis: a setting of a run, or a parameter of its loss, with the values that it takes in a sweep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lossviz.core.errors import ConfigError
from lossviz.core.settings import Setting
from lossviz.losses.spec import LossSpec
from lossviz.training.config import SETTINGS

MOST_VALUES = 200
RULE = "NAME=VALUE,VALUE,..., NAME=LOW:HIGH:COUNT or NAME=log:LOW:HIGH:COUNT"
# Settings that are no axis: the plan of a sweep has seeds of its own, and a cell is no fork.
REFUSED = ("loss", "seed", "subset_seed", "fork_run", "fork_epoch")


@dataclass(frozen=True)
class Axis:
    """name: of the setting or parameter. values: distinct, in its own type. text: as it was asked for."""

    name: str
    values: tuple[Any, ...]
    text: str

    @classmethod
    def read(cls, text: str, specs: Sequence[LossSpec]) -> Axis:
        """The axis that a text stands for: a list, or a range with equal steps or (log) equal ratios.

        Angles are in radians, or in degrees with the ending deg; lists of numbers and matrices are parted by
        ";". ConfigError or SettingError with the rule.
        """
        name, sign, values = text.partition("=")
        name = name.strip().replace("-", "_")
        if not sign or not name or not values.strip():
            raise ConfigError(f"vary takes {RULE}; got {text[:60]!r}")
        declared = declaration(name, specs)
        made = _range(declared, values) if ":" in values else _list(declared, values)
        distinct = tuple(dict.fromkeys(made))
        if len(distinct) > MOST_VALUES:
            raise ConfigError(f"vary: {name} takes at most {MOST_VALUES} values; got {len(distinct)}")
        return cls(name, distinct, f"{name}={values.strip()}")

    def declared(self, specs: Sequence[LossSpec]) -> Setting:
        """The declaration of its setting or parameter."""
        return declaration(self.name, specs)

    @property
    def of_run(self) -> bool:
        """True for a setting of a run; False for a parameter of a loss."""
        return self.name in SETTINGS


def declaration(name: str, specs: Sequence[LossSpec]) -> Setting:
    """The declaration of a setting of a run, or of a parameter that one of these losses has."""
    if name in REFUSED:
        own = {"loss": "give several losses", "seed": "give seeds", "subset_seed": "give subset seeds"}
        raise ConfigError(f"vary: {name} is no axis; {own.get(name, 'a cell of a sweep is no fork')}")
    if name in SETTINGS:
        return SETTINGS[name]
    has = {param.name: param for spec in reversed(specs) for param in spec.params}
    if name not in has:
        of = ", ".join(spec.key for spec in specs)
        there = f"{', '.join(has)} of {of}" if has else f"no parameter of {of}"
        raise ConfigError(
            f"vary: there is no setting {name[:40]!r}; there are {there}, and the settings of a run "
            f"({', '.join(each for each in SETTINGS if each not in REFUSED)})"
        )
    return has[name]


def _list(declared: Setting, text: str) -> list[Any]:
    parted = ";" in text or declared.kind == "matrix"
    parts = [part.strip() for part in text.split(";" if parted else ",")]
    return [declared.read(part, f"vary: {declared.name}") for part in parts if part]


def _range(declared: Setting, text: str) -> list[Any]:
    parts = [part.strip() for part in text.split(":")]
    log = parts[0] == "log"
    parts = parts[1:] if parts[0] in ("log", "linear") else parts
    name = declared.name
    if declared.kind not in ("real", "whole") or len(parts) != 3 or not parts[2].isdecimal():
        raise ConfigError(f"vary takes {RULE}; got {name}={text[:60]!r}")
    low, high = (declared.read(part, f"vary: {name}") for part in parts[:2])
    count = int(parts[2])
    if not 2 <= count <= MOST_VALUES:
        raise ConfigError(f"vary: a range takes 2 to {MOST_VALUES} values; got {count} for {name}")
    if low >= high or (log and low <= 0):
        rule = "0 < low < high" if log else "low < high"
        raise ConfigError(f"vary: a range needs {rule}; got {name}={text[:60]!r}")
    # Its ends are as they were given; between them, twelve digits (of an angle, in degrees) do not show the
    # last bits of the sum.
    if declared.unit == "rad":
        inner = [math.radians(value) for value in _between(math.degrees(low), math.degrees(high), count, log)]
    else:
        inner = _between(low, high, count, log)
    if declared.kind == "whole":
        inner = [round(value) for value in inner]
    return [declared.check(value, "vary") for value in (low, *inner, high)]


def _between(low: float, high: float, count: int, log: bool) -> list[float]:
    """The values between two ends, `count` with them, by equal steps or equal ratios."""
    shares = [step / (count - 1) for step in range(1, count - 1)]
    made = [low * (high / low) ** share if log else low + share * (high - low) for share in shares]
    return [float(f"{value:.12g}") for value in made]
