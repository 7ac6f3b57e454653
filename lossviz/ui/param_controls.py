"""Controls of the losses' parameters, made from their declarations."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self

import streamlit as st

from lossviz.losses.spec import LossSpec, Param
from lossviz.pages.contours.view_texts import BIAS_LIMIT
from lossviz.ui.binding import Binding
from lossviz.ui.components.sliders import angle

IN_SIGHT = ("margin", "scale", "gamma")


class ParamView(Protocol):
    """A page's view with losses and their parameters, by link."""

    @property
    def params(self) -> Mapping[str, Any]:
        """The values that differ from the defaults, by link."""

    @property
    def classes(self) -> int:
        """K."""

    def specs(self) -> list[LossSpec]:
        """The losses."""

    def used_params(self) -> list[Param]:
        """Their parameters, each linked one once."""

    def with_param(self, link: str, value: Any) -> Self:
        """The view with one parameter set."""

    def to_query(self) -> dict[str, str]:
        """The settings as a URL's parameters."""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[Any, list[str]]:
        """The settings that a URL says, and what was wrong with it."""


def stops(low: float, high: float, value: float, per_octave: int = 4) -> list[float]:
    """Positions of a logarithmic slider: steps of a quarter octave, both ends, and `value`."""
    count = round(math.log2(high / low) * per_octave)
    marks = {float(f"{low * 2 ** (i / per_octave):.3g}") for i in range(count + 1)}
    return sorted({float(low), float(high), float(value)} | {m for m in marks if low <= m <= high})


def bias_stops(value: float) -> list[float]:
    """Positions of a bias slider: fine about zero, coarse far out, and `value`."""
    fine = [i / 4 for i in range(17)]
    coarse = [5.0, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384, BIAS_LIMIT]
    positive = fine + coarse
    return sorted({-m + 0.0 for m in positive} | set(positive) | {float(value)})


def radius_stops(value: float) -> list[float]:
    """Positions of a slider of a radius, and `value`."""
    return sorted({m for power in (0.1, 1.0, 10.0) for m in _round_numbers(power)} | {100.0, float(value)})


def level_stops(value: float) -> list[float]:
    """Positions of a slider of a loss, fine about 1, coarse below 0, and `value`."""
    positive = {m for power in (0.01, 0.1, 1.0, 10.0) for m in _round_numbers(power)} | {100.0}
    negative = {-m for m in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)}
    return sorted(negative | {0.0} | positive | {float(value)})


def _round_numbers(power: float) -> list[float]:
    return [float(f"{m * power:g}") for m in (1, 1.2, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9)]


def split_params(view: ParamView, without: str = "") -> tuple[list[Param], list[Param]]:
    """The parameters that act now: at most three for in sight, the rest for under More.

    without: the link of one that has no control now.
    """
    used = [p for p in view.used_params() if p.link != without]
    numbers = [p for p in used if p.kind in ("real", "whole")]
    numbers.sort(key=lambda p: IN_SIGHT.index(p.link) if p.link in IN_SIGHT else len(IN_SIGHT))
    chosen = numbers[:3]
    return chosen, [p for p in used if p not in chosen]


def param_control(bound: Binding[Any], param: Param) -> None:
    """One parameter of the losses shown: its symbol, name, unit and range."""
    view, link = bound.view, param.link
    value = view.params.get(link, param.default)
    shared = [s.title for s in view.specs() if any(p.link == link for p in s.params)]
    help_text = f"{param.meaning}. In {', '.join(shared)}."

    def store(convert: Callable[[Any], Any]) -> Callable[[ParamView, Any], ParamView]:
        return lambda now, new: now.with_param(link, convert(new))

    key = f"param {link}"
    if param.kind == "flag":
        bound.control(st.toggle, key, bool(value), store(bool), param.label, help=help_text)
    elif param.kind == "classes":
        chosen = [value] if isinstance(value, int) else list(value)

        def important(now: ParamView, new: list[int]) -> ParamView:
            numbers = tuple(sorted(new))
            return now.with_param(link, numbers[0] if len(numbers) == 1 else numbers) if numbers else now

        bound.control(
            st.segmented_control,
            key,
            chosen,
            important,
            param.label,
            list(range(view.classes)),
            selection_mode="multi",
            wrap=True,
            help=help_text,
        )
    elif param.unit == "rad":
        # Sliders turn in degrees: half a degree is a step that can be seen and read.
        degrees = round(math.degrees(value), 10)
        assert param.low is not None
        assert param.high is not None
        bound.control(
            st.slider,
            key,
            degrees,
            store(lambda new: math.radians(new) if new != math.degrees(param.default) else param.default),
            param.label,
            math.degrees(param.low),
            math.degrees(param.high),
            step=0.5,
            format="%.4g°",
            help=help_text,
        )
        angle(_slider(bound.name, param, value), float(value), key=f"{bound.name}.angle {link}")
    else:
        _number_control(bound, param, key, value, store, help_text)


def _number_control(
    bound: Binding[Any], param: Param, key: str, value: Any, store: Any, help_text: str
) -> None:
    assert param.low is not None
    assert param.high is not None
    label = param.label
    if param.spacing == "log":
        options = stops(param.low, param.high, float(value))
        bound.control(
            st.select_slider,
            key,
            float(value),
            store(float),
            label,
            options,
            format_func=lambda v: f"{v:.4g}",
            help=help_text,
        )
    elif param.kind == "whole":
        bound.control(
            st.slider, key, int(value), store(int), label, int(param.low), int(param.high), help=help_text
        )
    else:
        step = _step(param.high - param.low)
        bound.control(
            st.slider,
            key,
            float(value),
            store(lambda new: round(float(new), 6)),
            label,
            float(param.low),
            float(param.high),
            step=step,
            format="%.4g",
            help=help_text,
        )


def sliders(name: str, view: ParamView) -> list[dict[str, Any]]:
    """The sliders of real parameters on the page `name`, as the browser finds and reads them.

    key: of the widget, as in its class name. link: of the parameter. values: what the stops of the
    slider stand for, or low and high: what its ends stand for, in the unit of the parameter.
    """
    found: list[dict[str, Any]] = []
    for param in view.used_params():
        if param.kind != "real" or param.low is None or param.high is None:
            continue
        found.append(_slider(name, param, float(view.params.get(param.link, param.default))))
    return found


def _slider(name: str, param: Param, value: float) -> dict[str, Any]:
    assert param.low is not None
    assert param.high is not None
    at = {"key": class_key(f"{name}.param {param.link}"), "link": param.link}
    if param.spacing == "log" and param.unit != "rad":
        return {**at, "values": stops(param.low, param.high, value)}
    return {**at, "low": float(param.low), "high": float(param.high)}


def class_key(key: str) -> str:
    """A widget's key as Streamlit writes it into a class name."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", key)


def _step(span: float) -> float:
    """A round step that divides a range into about a hundred parts."""
    return 10.0 ** math.floor(math.log10(span / 50))
