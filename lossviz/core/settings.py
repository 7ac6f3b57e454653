"""Setting: what anything declares of a value that can be chosen.

A parameter of a loss, a setting of a run and a choice on a page are declared alike, once. The declaration
feeds the check and its message, the text in a link and on the command line, JSON, the control on a page, the
reference and the property tests.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from numbers import Integral
from types import MappingProxyType
from typing import Any, Literal, Self

from lossviz.core.errors import LossvizError, SettingError, SettingTypeError
from lossviz.core.kinds import KINDS, Limits, as_float
from lossviz.core.matrices import matrix_words

_LETTERS = {
    r"\gamma": "γ",
    r"\lambda": "λ",
    r"\kappa": "κ",
    r"\alpha": "α",
    r"\beta": "β",
    r"\Delta": "Δ",
    "^{fn}": "ᶠⁿ",
    "^{fp}": "ᶠᵖ",
}


@dataclass(frozen=True)
class Setting(Limits):
    """One setting.

    name: in Python, in JSON and on the command line. link: in the links of pages, where it is not the name;
    parameters of different losses with the same link mean the same and are one control. title: its short
    name, without a capital letter. meaning: a sentence without a capital letter and full stop. symbol: in
    LaTeX. default: None stands for a value that others determine. zero: the word for 0, or for no numbers,
    and what that does.

    On a page: group: the fold in which it stands. acts: whether it has an effect, given the view; if not, it
    has no control. rank: of the parameters of a loss, those with the highest are in sight. steps: the values
    that its control offers; step: or how far apart they are. sweep: values worth comparing. role: a
    parameter with the role "training" has no effect on the value of a loss.
    """

    name: str = ""
    symbol: str = ""
    default: Any = field(default=None, hash=False)
    meaning: str = ""
    kind: str = "real"
    spacing: Literal["linear", "log"] = "linear"
    link: str = ""
    sweep: tuple[Any, ...] = ()
    role: Literal["loss", "training"] = "loss"
    title: str = ""
    zero: str = ""
    zero_means: str = ""
    group: str = ""
    acts: Callable[[Any], bool] | None = None
    rank: int = 0
    steps: tuple[float, ...] = ()
    step: float | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        if self.kind not in KINDS:
            raise SettingError(f"{self.name}: there is no kind {self.kind!r}; there are {', '.join(KINDS)}")
        put(self, "link", self.link or self.name)
        put(self, "title", self.title or self.name.replace("_", " "))
        if not isinstance(self.choices, Mapping):
            put(self, "choices", {word: word for word in self.choices})

    def but(self, **changes: Any) -> Self:
        """The same with other limits."""
        return dataclasses.replace(self, **changes)

    @property
    def letter(self) -> str:
        """The symbol as plain text: 'γ', 'm', 'cᶠⁿ'."""
        text = re.sub(r"\\text\{(\w+)\}", r"\1", self.symbol)
        for command, letter in _LETTERS.items():
            text = text.replace(command, letter)
        return text.replace("{", "").replace("}", "")

    @property
    def label(self) -> str:
        """The name of its control: 'm: angular margin, degrees'."""
        unit = "degrees" if self.unit == "rad" else self.unit
        title = f"{self.title}, {unit}" if unit and unit not in self.title else self.title
        if not self.symbol or self.kind == "flag":
            return title[:1].upper() + title[1:]
        return f"{self.letter}: {title}"

    @property
    def subject(self) -> str:
        """The setting in a message about a link: as its control is called, and as the link calls it."""
        quoted = f"“{self.label}”"
        return quoted if self.label.lower() == self.link else f"{quoted} ({self.link} in the link)"

    def meaning_with(self, zero: str) -> str:
        """Its meaning, with what a 0 does that stands for something, as the reader sees it."""
        return f"{self.meaning}; {zero}: {self.zero_means}" if self.zero_means else self.meaning

    @property
    def help(self) -> str:
        """Its meaning as a sentence, for its control; "" where there is none."""
        text = self.meaning_with(self.zero)
        return f"{text[:1].upper()}{text[1:]}." if text else ""

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest value."""
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high

    @property
    def rule(self) -> str:
        """The allowed values, as part of a sentence."""
        return KINDS[self.kind].rule(self)

    def text(self, value: Any) -> str:
        """The value for a reader: angles in degrees, classes as numbers, flags as yes or no, a matrix by what
        differs in it."""
        if self.kind == "flag":
            return "yes" if value else "no"
        if self.kind == "classes":
            return ", ".join(str(k) for k in ([value] if isinstance(value, Integral) else value))
        if self.kind == "matrix" and value is not None:
            return matrix_words(value)
        if self.kind not in ("real", "whole"):
            return self.write(value)
        if self.unit == "rad":
            return f"{math.degrees(value):.4g}°"
        return f"{float(value):.4g}".replace("-", "−")

    def for_classes(self, classes: int | None) -> Self:
        """The same for a number of classes, K; None: not known."""
        if classes is not None and self.kind == "classes":
            return self.but(high=classes - 1)
        return self.but(count=classes) if classes is not None and self.kind == "matrix" else self

    def check(self, value: Any, owner: str = "", classes: int | None = None) -> Any:
        """The value in its own type; SettingError with the rule and what came, in `owner`'s name.

        classes: K, where the declaration does not know it.
        """
        kind = KINDS[self.kind]
        if value is None and self.default is None:
            return None
        wrong = not kind.has_type(value)
        known = self.for_classes(classes)
        if not wrong and kind.allows(known, value):
            return kind.normalize(self, value)
        error = SettingTypeError if wrong else SettingError
        subject = f"{owner}: {self.name}" if owner else self.name
        came = "" if wrong else kind.wrong(known, value)
        raise error(f"{subject} must {known.rule}; got {came or _came(value)}{self._hint(value)}")

    def write(self, value: Any) -> str:
        """The value as text, for a link or a command."""
        return KINDS[self.kind].write(self, value)

    def read(self, text: str, subject: str = "") -> Any:
        """The value that such a text stands for; SettingError in the name of `subject`."""
        kind, text = KINDS[self.kind], text.strip()
        value: Any = text
        part, subject = "", subject or self.name
        try:
            value = kind.parse(self, text, subject)
            if kind.has_type(value) and kind.allows(self, value):
                return kind.normalize(self, value)
            part = kind.wrong(self, value)
        except SettingError:
            raise
        except LossvizError as error:  # from `resolve`
            raise SettingError(f"{subject}: {error}") from error
        except (ValueError, KeyError, IndexError):
            pass
        came = text if re.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?|nan|inf", text) else repr(text[:40])
        hint = "" if text.endswith("deg") else self._hint(value)
        raise SettingError(f"{subject} must {kind.text_rule(self)}; got {part or came[:42]}{hint}")

    def _hint(self, value: Any) -> str:
        if self.unit != "rad" or not KINDS["real"].has_type(value):
            return ""
        number = as_float(value)
        if not 1.01 * (self.high or 0.0) < number <= 360:
            return ""
        return f" (is that in degrees? {number:g}° is {math.radians(number):.4g} radians)"


def log_steps(low: float, high: float, per_octave: int = 4) -> tuple[float, ...]:
    """Numbers from low to high, both among them, so many to a doubling and rounded to three digits."""
    count = round(math.log2(high / low) * per_octave)
    marks = {float(f"{low * 2 ** (i / per_octave):.3g}") for i in range(count + 1)}
    return tuple(sorted({float(low), float(high)} | {mark for mark in marks if low <= mark <= high}))


def setting(
    default: Any,
    kind: str,
    title: str,
    meaning: str = "",
    low: float | None = None,
    high: float | None = None,
    **rest: Any,
) -> Any:
    """A dataclass field that carries its declaration; it takes the field's name."""
    declared = Setting(default=default, kind=kind, title=title, meaning=meaning, low=low, high=high, **rest)
    metadata = {"setting": declared}
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=metadata, hash=False)
    return field(default=default, metadata=metadata)


class Declared:
    """Base of frozen dataclasses whose fields carry settings."""

    @classmethod
    def declarations(cls) -> Mapping[str, Setting]:
        """The settings by name, in the order of the fields; a field without one is left out."""
        return declarations_of(cls)

    def check_settings(self) -> None:
        """Put every setting in its own type, from __post_init__; SettingError with the rule."""
        for name, declared in declarations_of(type(self)).items():
            object.__setattr__(self, name, declared.check(getattr(self, name)))


def declarations_of(kind: Any) -> Mapping[str, Setting]:
    """The settings that the fields of a dataclass carry, by name."""
    return _declarations(kind)


@cache
def _declarations(kind: Any) -> Mapping[str, Setting]:
    found = {}
    for each in dataclasses.fields(kind):
        if "setting" in each.metadata:
            declared: Setting = each.metadata["setting"]
            found[each.name] = declared.but(name=each.name, link=declared.link or each.name)
    return MappingProxyType(found)


def _came(value: Any) -> str:
    if isinstance(value, float) or (KINDS["real"].has_type(value) and not isinstance(value, Integral)):
        return f"{as_float(value):.10g}"
    text = repr(value)
    kind = f" ({type(value).__name__})" if isinstance(value, (bool, str)) else ""
    return (text if len(text) <= 60 else text[:57] + "...") + kind
