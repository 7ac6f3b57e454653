"""What a widget offers: how it is drawn with a value, and which of its answers a visitor can have given.

A browser knows an option by its label alone. It keeps the label when the options are replaced, and
Streamlit hands on what it cannot find among them as text. So labels are made unique, and an answer
counts only if it is one of what is offered now.
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

    args, options: of the widget, with the value to show. face: how the browser knows that value; another
    face needs another widget. takes: whether an answer is one that was offered.
    """

    args: tuple[Any, ...]
    options: dict[str, Any]
    face: Callable[[Any], Any]
    takes: Callable[[Any], bool]


def offer(widget: Widget, value: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Offer:
    """What a widget of Streamlit offers that shows `value`. args: its label, and what it chooses from: a
    list of options, or the lowest and highest number. options: its other arguments."""
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
    # What the view holds is shown, offered or not.
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
    """Whether it is an option; 1 is not True."""
    return any(new == each and type(new) is type(each) for each in names)


def labels(offered: Sequence[Any], name: Callable[[Any], Any]) -> dict[Any, str]:
    """The label of each option, no two alike: numbers get more digits, words a number."""
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
    # What the view holds is shown, however it came there.
    low, high = min(low, value), max(high, value)

    def takes(new: Any) -> bool:
        whole = isinstance(new, int) and not isinstance(new, bool)
        return (whole or isinstance(new, float)) and math.isfinite(new) and low <= new <= high

    return Offer((label, low, high, *rest), {**options, "value": value}, lambda _: None, takes)
