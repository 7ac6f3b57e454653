"""What a setting of a run declares about itself, for JSON, URL, command line and widgets alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from lossviz.core.errors import ConfigError, LossError
from lossviz.core.query import flag, number, number_text, whole

Kind = Literal["text", "choice", "whole", "real", "flag", "numbers"]


@dataclass(frozen=True)
class Setting:
    """One setting: its range or choices, its name for a reader and what it does.

    zero: the word for 0 where that is no number of its own ("all", "auto"); zero_means: what it does.
    """

    kind: Kind
    title: str
    meaning: str
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()
    unit: str = ""
    spacing: Literal["linear", "log"] = "linear"
    zero: str = ""
    zero_means: str = ""

    def told(self, zero: str = "0") -> str:
        """What it does, in words; zero: how the reader sees a 0 that stands for something."""
        return f"{self.meaning}; {zero}: {self.zero_means}" if self.zero else self.meaning

    @property
    def label(self) -> str:
        """What its control is called; "K: classes" keeps its letter."""
        return self.title if self.title[1:2] == ":" else self.title[:1].upper() + self.title[1:]

    @property
    def rule(self) -> str:
        """The allowed values, as part of a sentence."""
        if self.kind == "choice":
            return f"be one of {', '.join(self.choices)}"
        if self.kind == "flag":
            return "be yes or no"
        if self.kind == "text":
            return "be a name"
        if self.kind == "numbers":
            return f"be whole numbers in [{self.low:g}, {self.high:g}], joined by commas"
        what = "be a whole number in" if self.kind == "whole" else "lie in"
        return f"{what} [{self.low:g}, {self.high:g}]{' ' + self.unit if self.unit else ''}"

    def check(self, name: str, value: Any) -> Any:
        """The value in its own type; ConfigError with the rule and what came."""
        good = _TYPES[self.kind](value)
        if good and self.kind in ("whole", "real"):
            good = self.low <= value <= self.high
        if good and self.kind == "choice":
            good = value in self.choices
        if good and self.kind == "numbers":
            good = all(_whole(n) and self.low <= n <= self.high for n in value)
            good = good and len(set(value)) == len(tuple(value))
        if not good:
            twice = " (each once)" if self.kind == "numbers" else ""
            raise ConfigError(f"{name} must {self.rule}{twice}; got {_shown(value)}")
        if self.kind == "real":
            return float(value)
        if self.kind == "whole":
            return int(value)
        return tuple(int(n) for n in value) if self.kind == "numbers" else value

    def write(self, value: Any) -> str:
        """The value as text for a URL or a command."""
        if self.kind == "flag":
            return "yes" if value else "no"
        if self.kind == "numbers":
            return ",".join(str(n) for n in value)
        return number_text(value) if self.kind == "real" else str(value)

    def read(self, name: str, text: str) -> Any:
        """The value that such a text stands for, checked."""
        try:
            return self.check(name, self._parsed(name, text.strip()))
        except LossError as error:
            raise ConfigError(f"{name} must {self.rule}; got {_shown(text)}") from error

    def _parsed(self, name: str, text: str) -> Any:
        if self.kind == "flag":
            return flag(name, text)
        if self.kind == "whole":
            return whole(name, text)
        if self.kind == "real":
            return number(name, text)
        if self.kind == "numbers":
            return tuple(whole(name, part) for part in text.split(",") if part.strip())
        return text


def setting(default: Any, kind: Kind, title: str, meaning: str, **rest: Any) -> Any:
    """A dataclass field that carries its Setting."""
    return dataclasses.field(default=default, metadata={"setting": Setting(kind, title, meaning, **rest)})


def settings_of(kind: type) -> dict[str, Setting]:
    """The settings that the fields of a dataclass carry, by name."""
    fields = dataclasses.fields(kind)
    return {field.name: field.metadata["setting"] for field in fields if "setting" in field.metadata}


class Declared:
    """Base of frozen dataclasses whose fields carry settings."""

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """The settings by name; fields without one are left out."""
        return settings_of(cls)

    def check_settings(self) -> None:
        """Put every setting in its own type, from __post_init__; ConfigError with the rule."""
        for name, declared in self.settings().items():
            object.__setattr__(self, name, declared.check(name, getattr(self, name)))


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _real(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "choice": lambda value: isinstance(value, str),
    "flag": lambda value: isinstance(value, bool),
    "whole": _whole,
    "real": _real,
    "numbers": lambda value: isinstance(value, (tuple, list)),
}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
