"""Controls of settings, made from their declarations: one kind of setting looks the same on every page."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from lossviz.core.errors import LossvizError, SettingError
from lossviz.core.points import points_lines
from lossviz.core.settings import Setting, log_steps
from lossviz.ui.binding import Binding, plain
from lossviz.ui.offers import Widget

OWN = "your own"
_VIEW = object()  # stands for "the value of the view"
Change = Callable[[Any, Any], Any]
Words = Mapping[Any, str] | Sequence[str] | Callable[[Any], str]
# Widget, value shown, other arguments by place and by name, and a function that turns answers into values.
Drawn = tuple[Widget, Any, tuple[Any, ...], dict[str, Any], Callable[[Any], Any]]


@dataclass(frozen=True)
class Control:
    """A setting as it is drawn.

    change(view now, answer): gives the view after an answer. widget: None for the usual one of the kind.
    options: the choices, where the declaration does not give them; words: their names. low, high: the ends
    of the control.
    """

    declared: Setting
    key: str
    value: Any
    change: Change
    label: str
    widget: Widget | None = None
    options: Collection[Any] | None = None
    words: Words | None = None
    low: float | None = None
    high: float | None = None

    def draw(self, bound: Binding[Any], **more: Any) -> None:
        """Draw it; more: further arguments of the widget."""
        if self.options is None and (self.declared.zero or self.declared.kind in ("numbers", "points")):
            self._type(bound, more)
            return
        widget, shown, args, options, convert = self._widget()

        def store(now: Any, new: Any) -> Any:
            if new is None and (self.options is None or None not in self.options):
                return now
            answer = None if new is None else convert(new)
            # Where at least one must be chosen, the last one stays.
            needed = self.declared.kind == "classes" or (self.declared.kind == "names" and self.declared.low)
            return now if answer == () and needed else self.change(now, answer)

        bound.control(widget, self.key, shown, store, self.label, *args, **options, **more)

    def _widget(self) -> Drawn:
        declared, value = self.declared, self.value
        if declared.kind == "flag":
            return st.toggle, bool(value), (), {}, bool
        if declared.kind in ("choice", "text", "names", "numbers", "classes") or self.options is not None:
            return self._choice()
        if declared.unit == "rad":
            return _degrees(declared, value)
        kind = int if declared.kind == "whole" else float
        if (steps := _steps(declared)) and self.widget is None:
            stops = sorted({*map(kind, steps), kind(value)})
            words = {"format_func": _words(self.words or "{:.4g}".format)}
            return st.select_slider, kind(value), (stops,), words, kind
        widget = self.widget or st.slider
        low = declared.ends[0] if self.low is None else self.low
        high = declared.ends[1] if self.high is None else self.high
        if declared.kind == "whole":
            options: dict[str, Any] = {"step": int(declared.step)} if declared.step else {}
            return widget, int(value), (int(low), int(high)), options, int
        step = declared.step or (1e-4 if widget is st.number_input else _round_step(high - low))
        options = {"step": step, "format": "%.4g"}
        return widget, float(value), (float(low), float(high)), options, lambda new: round(float(new), 6)

    def _choice(self) -> Drawn:
        """Give the widget for a choice of one option, or of several."""
        declared, value = self.declared, self.value
        offered = list(declared.choices if self.options is None else self.options)
        options: dict[str, Any] = {"format_func": _words(self.words or declared.choices or str)}
        if declared.kind == "classes":
            several = [value] if isinstance(value, int) else list(value)
            options |= {"selection_mode": "multi", "wrap": True}
            return st.segmented_control, several, (offered,), options, lambda new: tuple(sorted(new))
        if declared.kind == "numbers":
            return st.multiselect, list(value), (offered,), options, lambda new: tuple(sorted(new))
        if declared.kind == "names":
            most = {"max_selections": int(declared.high)} if declared.high else {}
            return st.multiselect, list(value), (offered,), {**options, **most}, tuple
        widget = self.widget or st.selectbox
        if widget is st.segmented_control:
            options["required"] = True
        return widget, value, (offered,), options, lambda new: new

    def _type(self, bound: Binding[Any], more: dict[str, Any]) -> None:
        """Draw a field for typed numbers or points, or for a number whose 0 is written as a word."""
        declared, value, text = self.declared, self.value, more.get("help", "")
        widget: Widget = st.text_input
        parse: Callable[[str], Any] = declared.read
        args: list[Any] = []
        if declared.kind == "points":
            widget, shown, more = st.text_area, points_lines(value), {"height": 34 + 24 * len(value), **more}
            parse = partial(declared.read, subject=declared.title[:1].upper() + declared.title[1:])
        elif declared.kind == "numbers":
            shown = declared.write(value)
            more |= {"placeholder": declared.zero, "help": f"{text} Numbers, joined by commas: 0, 1, 2."}
        else:
            widget, shown, parse = st.selectbox, f"{value:,}" if value else declared.zero, self._number
            steps = {int(step) for step in declared.steps if not self.high or step < self.high}
            args = [[declared.zero, *(f"{each:,}" for each in sorted(steps | {value} - {0}))]]
            more |= {"accept_new_options": True, "filter_mode": "prefix"}
            more["help"] = f"{text} Choose, or type a number."

        def change(now: Any, typed: str) -> Any:
            return self.change(now, parse(typed))

        text_control(bound, widget, self.key, shown, change, self.label, *args, **more)

    def _number(self, text: str) -> int:
        declared = self.declared
        try:
            said = text.replace(",", "").replace(" ", "")
            return 0 if text.strip().lower() == declared.zero else int(declared.read(said))
        except LossvizError:
            rule = f"{declared.zero} or a whole number from 1 to {int(declared.ends[1]):,}"
            raise SettingError(f"{self.label} must be {rule}; got {text[:40]!r}") from None


def control(
    bound: Binding[Any],
    name: str,
    widget: Widget | None = None,
    *,
    now: Any = _VIEW,
    change: Change | None = None,
    options: Collection[Any] | None = None,
    words: Words | None = None,
    label: str = "",
    help: str | None = "",
    inline: bool = False,
    low: float | None = None,
    high: float | None = None,
    **more: Any,
) -> None:
    """Draw the control of one setting of a page, as it is declared.

    now: the value in effect, where it is not that of the view. label, help: replace those of the
    declaration; inline: the meaning stands in the label. more: arguments of the widget; the others as in
    `Control`.
    """
    declared: Setting = bound.view.declaration(name)
    value = bound.view.get(name) if now is _VIEW else now
    change = change or (lambda view, new: view.with_setting(name, new))
    label = f"{declared.label}: {declared.meaning}" if inline else label or declared.label
    text = None if inline else declared.help if help == "" else help
    made = Control(declared, declared.link, value, change, label, widget, options, words, low, high)
    made.draw(bound, **({"help": text} if text else {}), **more)


def control_of_item(
    bound: Binding[Any],
    name: str,
    index: int,
    key: str,
    label: str,
    options: Collection[Any] | None = None,
    words: Words | None = None,
) -> None:
    """The control of one of several numbers or words that a setting holds."""
    several, declared = bound.view.get(name), bound.view.declaration(name)
    one = declared.but(kind="real" if declared.kind == "reals" else "text")

    def change(view: Any, new: Any) -> Any:
        before = view.get(name)
        return view.with_setting(name, (*before[:index], new, *before[index + 1 :]))

    Control(one, key, several[index], change, label, options=options, words=words).draw(bound)


def classes_control(bound: Binding[Any], names: Sequence[str], now: Sequence[int]) -> None:
    """Draw the control of the important classes, by name; kept as class numbers. now: those in effect."""
    shown = [k for k in now if k < len(names)]
    control(bound, "important", now=shown, options=range(len(names)), words=names)


def sections(bound: Binding[Any]) -> None:
    """Draw the buttons above the picture that choose the section of a page."""
    control(
        bound,
        "section",
        st.segmented_control,
        label="Show",
        help=None,
        label_visibility="collapsed",
    )


def preset(
    bound: Binding[Any],
    known: Iterable[str],
    name: str | None,
    taken: Change,
    key: str = "preset",
    label: str = "Preset",
) -> None:
    """Draw the choice of the named views of a page; any other view is called your own.

    name: of the present view, None for the visitor's own. taken(view now, name): gives the view after a
    choice.
    """

    def change(now: Any, new: str) -> Any:
        return now if new == OWN else taken(now, new)

    names = [*known] if name is not None else [OWN, *known]
    bound.control(st.selectbox, key, name or OWN, change, label, names)


def text_control(
    bound: Binding[Any],
    widget: Widget,
    key: str,
    shown: str,
    change: Callable[[Any, str], Any],
    *args: Any,
    **options: Any,
) -> None:
    """Draw a control in which text is typed. A text that `change` refuses changes nothing; the reason stands
    below the control until the view changes."""
    slot = f"{bound.name}.{key} wrong"

    def read(now: Any, text: str | None) -> Any:
        st.session_state.pop(slot, None)
        try:
            return now if text is None else change(now, text)
        except LossvizError as error:
            st.session_state[slot] = (now, str(error))
            return now

    bound.control(widget, key, shown, read, *args, **options)
    view, problem = st.session_state.get(slot, (None, ""))
    if problem and view == bound.view:
        st.error(plain(f"{problem}. Nothing was changed."))


def _degrees(declared: Setting, value: float) -> Drawn:
    """Give a slider in degrees, with steps of half a degree, which can be seen and read."""
    default = math.degrees(declared.default)

    def radians(new: float) -> float:
        return declared.default if new == default else math.radians(new)

    ends = tuple(math.degrees(end) for end in declared.ends)
    return st.slider, round(math.degrees(value), 10), ends, {"step": 0.5, "format": "%.4g°"}, radians


def _steps(declared: Setting) -> tuple[float, ...]:
    """The positions of a slider that does not move evenly; none of one that does."""
    if declared.steps or declared.spacing == "linear" or not declared.low:
        return declared.steps
    return log_steps(*declared.ends)


def _round_step(span: float) -> float:
    """A round step that divides a range into about a hundred parts."""
    return 10.0 ** math.floor(math.log10(span / 50))


def _words(words: Words) -> Callable[[Any], str]:
    """Give the function that names options; an option without words has its own text."""
    if callable(words):
        return words
    known = words if isinstance(words, Mapping) else dict(enumerate(words))
    return lambda each: str(known.get(each, each))


def slider(page: str, declared: Setting, key: str, value: Any, link: str = "") -> dict[str, Any]:
    """Describe a slider for the browser, which finds and reads it while it is dragged.

    key: of the widget, as in its class name. link: of the setting, or the name under which a component
    keeps the number. The result has values: those of the slider's stops, or low and high: those of its
    ends, in the unit of the setting.
    """
    at = {"key": class_key(f"{page}.{key}"), "link": link or declared.link}
    if declared.unit != "rad" and (steps := _steps(declared)):
        return {**at, "values": sorted({*map(float, steps), float(value)})}
    return {**at, "low": float(declared.ends[0]), "high": float(declared.ends[1])}


def class_key(key: str) -> str:
    """A widget's key as Streamlit writes it into a class name."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", key)
