"""Values as they are written in a URL or a command, and read back."""

from __future__ import annotations

import math
from typing import Any

from lossviz.errors import LossError
from lossviz.spec import Param


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
