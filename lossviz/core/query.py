"""Values as they are written in a URL or a command, and read back."""

from __future__ import annotations

import math
import os
import re
import shlex
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from lossviz.core.errors import LossError
from lossviz.losses.spec import Param

Point = tuple[float, float]


def param_text(param: Param, value: Any) -> str:
    """A parameter's value in a URL: angles in degrees with the unit, classes joined by commas."""
    if param.kind == "flag":
        return "yes" if value else "no"
    if param.kind == "classes":
        return ",".join(str(k) for k in ([value] if isinstance(value, int) else value))
    if param.unit == "rad":
        degrees = f"{math.degrees(value):.10g}"
        return f"{degrees}deg" if math.radians(float(degrees)) == value else number_text(value)
    return number_text(value)


def param_value(param: Param, text: str, classes: int, owner: str = "settings") -> Any:
    """The value that a URL or the command line gives; LossError in `owner`'s name if not allowed."""
    value: Any = text.strip()
    if param.kind == "flag":
        value = flag(param.name, value)
    elif param.kind == "classes":
        numbers = tuple(whole(param.name, part) for part in value.split(","))
        value = numbers[0] if len(numbers) == 1 else numbers
    elif param.unit == "rad" and value.endswith("deg"):
        degrees = number(param.name, value[:-3])
        high = math.degrees(param.high or 0.0)
        if not 0 <= degrees <= high * (1 + 1e-9):
            raise LossError(f"{owner}: {param.name} must lie in [0, {high:g}] degrees; got {degrees:g}")
        value = math.radians(degrees)
    else:
        value = number(param.name, value)
        value = int(value) if param.kind == "whole" and value.is_integer() else value
    param.check(owner, value, classes)
    if param.kind in ("real", "whole") and param.low is not None and param.high is not None:
        # The check lets rounding pass; a slider does not.
        value = min(max(value, type(value)(param.low)), type(value)(param.high)) + 0
    return value


def labelled(label: str, name: str) -> str:
    """How a message about a link names a setting: as its control is called, and as the link calls it."""
    return f"“{label}”" if label.lower() == name else f"“{label}” ({name} in the link)"


def unknown_settings(names: Iterable[str]) -> list[str]:
    """What is said of names in a link that its page does not have."""
    return [f"unknown setting {name[:40]!r} in the link; it was left out" for name in names]


def briefly(problems: Sequence[str], most: int = 5) -> list[str]:
    """The first problems of a link, and how many more there are."""
    left = len(problems) - most
    if left <= 0:
        return list(problems)
    return [*problems[:most], f"and {left:,} more in the link: left out, or the default is shown"]


def linked_value(param: Param, text: str, classes: int) -> Any:
    """The value that the link of a page gives; LossError names the control and says all that is allowed."""
    try:
        return param_value(param, text, classes)
    except LossError:
        named = labelled(param.label, param.link)
        raise LossError(f"{named} must {_linked_rule(param, classes)}; got {text.strip()[:40]!r}") from None


def _linked_rule(param: Param, classes: int) -> str:
    if param.kind == "flag":
        return "be yes or no"
    if param.kind == "classes":
        return f"be one class in [0, {classes - 1}], or several joined by commas, each once"
    if param.unit == "rad":
        top = math.degrees(param.high or 0.0)
        radians = param.rule.removeprefix("lie in ")
        return f"lie in [0, {top:g}] degrees, written as {top / 4:g}deg, or in {radians}"
    return param.rule


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number."""
    short = f"{float(value):.10g}"
    return short if float(short) == float(value) else repr(float(value))


def number(name: str, text: str) -> float:
    """A finite number; LossError in the name of the setting."""
    try:
        value = float(text)
    except ValueError:
        raise LossError(f"{name} must be a number; got {text.strip()[:40]!r}") from None
    if not math.isfinite(value):
        raise LossError(f"{name} must be a finite number; got {text.strip()[:40]!r}")
    return value


def whole(name: str, text: str) -> int:
    """A whole number; LossError in the name of the setting."""
    value = number(name, text)
    if not value.is_integer() or abs(value) > 2**53:
        raise LossError(f"{name} must be a whole number; got {text.strip()[:40]!r}")
    return int(value)


def within(value: Any, low: float, high: float, name: str) -> Any:
    """The value, if it lies in [low, high]."""
    if not low <= value <= high:
        raise LossError(f"{name} must lie in [{low:g}, {high:g}]; got {value:g}")
    return value


def flag(name: str, text: str) -> bool:
    """yes or no, also true, false, 1, 0."""
    if text.lower() not in ("yes", "no", "true", "false", "1", "0"):
        raise LossError(f"{name} must be yes or no; got {text[:40]!r}")
    return text.lower() in ("yes", "true", "1")


def rounded(value: float, digits: int = 4) -> float:
    """A coordinate as it is kept and written: `digits` decimals, no negative zero."""
    return round(float(value), digits) + 0.0


def parse_points(name: str, text: str, count: int, limit: float) -> tuple[Point, ...]:
    """'0,1; -0.87,-0.5' (or one point a line) as points with coordinates in [−limit, limit].

    LossError says what is wrong, in the name of the setting.
    """
    parts = [p for p in text.replace("\n", ";").split(";") if p.strip()]
    points = []
    for part in parts:
        numbers, came = part.replace(",", " ").split(), part.strip()[:40]
        if len(numbers) != 2:
            raise LossError(f"{name}: each point needs two numbers, as in '0.5, -1'; got {came!r}")
        try:
            x, y = (within(number(name, n), -limit, limit, name) for n in numbers)
        except LossError:
            limits = f"[{-limit:g}, {limit:g}]"
            raise LossError(f"{name}: each coordinate must be a number in {limits}; got {came!r}") from None
        points.append((rounded(x), rounded(y)))
    if len(points) != count:
        wanted = "one point" if count == 1 else f"{count} points, one a class"
        raise LossError(f"{name} must be {wanted}; got {len(points)}")
    return tuple(points)


def points_lines(points: Iterable[Point]) -> str:
    """Points as text, one a line, as `parse_points` reads them."""
    return "\n".join(f"{number_text(x)}, {number_text(y)}" for x, y in points)


def points_text(points: Iterable[Point]) -> str:
    """Points as text in a URL."""
    return ";".join(f"{number_text(x)},{number_text(y)}" for x, y in points)


_HALVES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]")
_FILE = "file://"
_JOINED = "\u200d\ufe0e\ufe0f"


def path_text(name: str) -> str:
    """A name or path in letters that a link, a page and a file can hold.

    A path whose bytes are no UTF-8 becomes a file URI, which `path_of` takes; all else stays as it is.
    LossError for what no file can be called.
    """
    try:
        return Path(os.path.expanduser(name)).absolute().as_uri() if _HALVES.search(name) else name
    except UnicodeEncodeError:
        raise LossError(f"no file is called {shown(name)[:80]!r}: it holds half a character") from None


def path_of(text: str) -> Path:
    """The path that a text stands for; a file URI is one too."""
    return Path(os.fsdecode(unquote_to_bytes(text[len(_FILE) :])) if text.startswith(_FILE + "/") else text)


def shown(text: str) -> str:
    """A text for a reader, with a byte that is no UTF-8 as \\xe9."""
    return _HALVES.sub(lambda half: f"\\x{ord(half[0]) & 0xFF:02x}", text)


def line(text: str) -> str:
    """A text on one line of a terminal: what would break or colour it is written as \\n or \\x1b."""
    return _CONTROLS.sub(lambda sign: repr(sign[0])[1:-1], text)


def shortened(name: str, letters: int) -> str:
    """A name on one line, of at most so many letters: "very long na…"."""
    line = " ".join(name.split())
    end = len(line) if len(line) <= letters else letters - 1
    while 0 < end < len(line) and (unicodedata.combining(line[end]) or line[end] in _JOINED):
        end -= 1  # an accent goes with its letter
    return line if end == len(line) else f"{line[:end].rstrip()}…"


def option(name: str, text: str) -> str:
    """An option of a command as a shell takes it, whatever its value holds: --data 'my images'."""
    sign = "=" if text.startswith("-") else " "
    return f"--{name.replace('_', '-')}{sign}{shlex.quote(text)}"
