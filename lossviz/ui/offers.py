"""Offers of widgets: how a widget is drawn with a value, and which answers a visitor can have given.

A browser knows an option by its label alone. It keeps the label when the options are replaced, and
Streamlit passes on as text a label that is not among them. So labels are made unique, and an answer
counts only if it is among the present options.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

SINGLE = (st.selectbox, st.segmented_control, st.select_slider)
NUMBERS = (st.slider, st.number_input)
Widget = Callable[..., Any]


@dataclass(frozen=True)
class Offer:
    """How a widget is drawn, and what it may answer.

    args, options: of the widget, with the value to show. face: gives the form in which the browser knows a
    value; a changed face needs a new widget. takes: True if an answer is one that was offered.
    """

    args: tuple[Any, ...]
    options: dict[str, Any]
    face: Callable[[Any], Any]
    takes: Callable[[Any], bool]


def offer(widget: Widget, value: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Offer:
    """Give the offer of a widget of Streamlit that shows `value`. args: its label, and its choices: a list
    of options, or the lowest and highest number. options: its other arguments."""
    several = widget is st.multiselect or options.get("selection_mode") == "multi"
    if several or widget in SINGLE:
        return _choice(widget, value, several, args, options)
    if widget in NUMBERS:
        return _number(value, args, options)
    kind = bool if widget is st.toggle else str
    return Offer(args, {**options, "value": value}, lambda _: None, lambda new: isinstance(new, kind))


def _choice(
    widget: Widget, value: Any, several: bool, args: tuple[Any, ...], options: dict[str, Any]
) -> Offer:
    offered = list(args[1])
    # The value of the view is shown even if it is not among the options.
    offered += [each for each in (value if several else [value]) if each not in offered and each is not None]
    names = labels(offered, options.get("format_func", str))
    most = options.get("max_selections") or len(offered)
    typed = bool(options.get("accept_new_options"))
    unpicked = value is None or (widget is st.segmented_control and not options.get("required"))

    def face(each: Any) -> Any:
        return tuple(map(str, map(names.get, each, each))) if several else names.get(each, each)

    def takes(new: Any) -> bool:
        if several:
            return isinstance(new, (list, tuple)) and len(new) <= most and all(n in names for n in new)
        if new is None and None not in names:
            return unpicked
        return _among(new, names) or (typed and isinstance(new, str))

    shown = {**options, "format_func": lambda each: names.get(each, str(each))}
    if widget is st.selectbox:
        shown["index"] = None if value is None and None not in names else offered.index(value)
    elif widget is st.select_slider:
        shown["value"] = value
    else:
        shown["default"] = value
    return Offer((args[0], offered, *args[2:]), shown, face, takes)


def _among(new: Any, names: dict[Any, str]) -> bool:
    """True if the answer is an option; types must agree too, so 1 is not True."""
    return any(new == each and type(new) is type(each) for each in names)


def labels(offered: Sequence[Any], name: Callable[[Any], Any]) -> dict[Any, str]:
    """Give each option a label, no two equal: where two would be, numbers get more digits, words a number."""
    found: dict[Any, str] = {}
    taken: set[str] = set()
    for each in offered:
        said = name(each)
        plain = label = str(each if said is None else said)
        if label in taken and isinstance(each, float):
            label = f"{each:.12g}"
        count = 1
        while label in taken:
            count += 1
            label = f"{plain} ({count})"
        taken.add(label)
        found[each] = label
    return found


def _number(value: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Offer:
    label, low, high, *rest = args
    # The value of the view is shown, even out of range.
    low, high = min(low, value), max(high, value)

    def takes(new: Any) -> bool:
        whole = isinstance(new, int) and not isinstance(new, bool)
        return (whole or isinstance(new, float)) and math.isfinite(new) and low <= new <= high

    return Offer((label, low, high, *rest), {**options, "value": value}, lambda _: None, takes)
