"""Controls of a reading page's own settings, made from their declarations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from lossviz.ui.binding import Binding


def control(
    bound: Binding[Any],
    name: str,
    words: Callable[[str], str] = lambda name: name,
    widget: Callable[..., Any] | None = None,
) -> None:
    """One setting: its name, its range, what it does. words: how a choice is called; widget: another
    way to choose than a list, such as st.segmented_control."""
    declared, value = bound.view.settings()[name], getattr(bound.view, name)
    label = declared.label + (f", {declared.unit}" if declared.unit else "")
    text = declared.meaning[0].upper() + declared.meaning[1:] + "."

    def store(now: Any, new: Any) -> Any:
        return now if new is None else now.with_setting(name, new)

    if declared.kind == "flag":
        bound.control(st.toggle, name, value, store, label, help=text)
    elif declared.kind == "choice":
        more = {} if widget is None else {"required": True}
        bound.control(
            widget or st.selectbox, name, value, store, label, list(declared.choices), format_func=words,
            help=text, **more,
        )  # fmt: skip
    else:
        convert = int if declared.kind == "whole" else float
        step = {"step": (declared.high - declared.low) / 100} if declared.kind == "real" else {}
        bound.control(
            st.slider, name, convert(value), lambda now, new: store(now, convert(new)), label,
            convert(declared.low), convert(declared.high), help=text, **step,
        )  # fmt: skip


def flag(bound: Binding[Any], name: str, now: bool, change: Callable[[Any, bool], Any]) -> None:
    """A switch that stands at what is in effect. change: the view as it is asked for."""
    declared = bound.view.settings()[name]
    text = declared.meaning[0].upper() + declared.meaning[1:] + "."
    bound.control(st.toggle, name, now, change, declared.label, help=text)


def choice(
    bound: Binding[Any],
    name: str,
    now: Any,
    values: Sequence[Any],
    words: Any,
    change: Callable[[Any, Any], Any] | None = None,
) -> None:
    """One of several values that are known on the page only. words: by the values; change: as of `flag`."""
    declared = bound.view.settings()[name]
    text = declared.meaning[0].upper() + declared.meaning[1:] + "."
    bound.control(
        st.selectbox, name, now, change or (lambda view, new: view.with_setting(name, new)), declared.label,
        list(values), format_func=lambda value: words[value], help=text,
    )  # fmt: skip


def number(bound: Binding[Any], name: str, now: float) -> None:
    """A number that is typed, at what is in effect."""
    declared = bound.view.settings()[name]
    kind = int if declared.kind == "whole" else float
    bound.control(
        st.number_input, name, kind(now),
        lambda view, new: view if new is None else view.with_setting(name, kind(new)),
        declared.label, kind(declared.low), kind(declared.high),
        help=declared.meaning[0].upper() + declared.meaning[1:] + ".",
    )  # fmt: skip


def sections(bound: Binding[Any], names: Mapping[str, str]) -> None:
    """What of a page is shown: one press above the picture. names: by the choices of `section`."""
    bound.control(
        st.segmented_control,
        "section",
        bound.view.section,
        lambda view, new: view if new is None else view.with_setting("section", new),
        "Show",
        list(names),
        format_func=lambda name: names.get(name, name),
        required=True,
        label_visibility="collapsed",
    )


def classes_control(bound: Binding[Any], name: str, classes: Sequence[str], now: Sequence[int]) -> None:
    """A choice of several classes by their names, kept as class numbers; now: those in effect."""
    declared = bound.view.settings()[name]
    bound.control(
        st.multiselect,
        name,
        [k for k in now if k < len(classes)],
        lambda view, chosen: view.with_setting(name, tuple(sorted(chosen))),
        declared.label,
        list(range(len(classes))),
        format_func=lambda k: classes[k] if k < len(classes) else str(k),
        help=declared.meaning[0].upper() + declared.meaning[1:] + ".",
    )


def reading_control(bound: Binding[Any], name: str, names: Sequence[str]) -> None:
    """A choice of one of the runs shown, by its place."""
    declared = bound.view.settings()[name]
    bound.control(
        st.selectbox,
        name,
        min(getattr(bound.view, name), len(names) - 1),
        lambda view, new: view.with_setting(name, new),
        declared.label,
        list(range(len(names))),
        format_func=lambda n: names[n] if n < len(names) else str(n),
        help=declared.meaning[0].upper() + declared.meaning[1:] + ".",
    )
