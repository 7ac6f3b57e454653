"""The control of a setting, made from its declaration: one kind of setting looks the same on every page."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import streamlit as st

from lossviz.core.errors import LossvizError, SettingError
from lossviz.core.points import points_lines
from lossviz.core.settings import Setting, log_steps
from lossviz.losses.spec import LossSpec
from lossviz.ui.binding import Binding, plain
from lossviz.ui.components.sliders import angle
from lossviz.ui.offers import Widget

OWN = "your own"
_VIEW = object()  # the value of the view
MOST_IN_SIGHT = 3
Change = Callable[[Any, Any], Any]
Words = Mapping[Any, str] | Sequence[str] | Callable[[Any], str]


class LossView(Protocol):
    """A page's view with losses and their parameters, by link."""

    @property
    def classes(self) -> int:
        """K."""

    def specs(self) -> list[LossSpec]:
        """The losses."""

    def used_params(self) -> list[Setting]:
        """Their parameters, each linked one once."""

    def get_param(self, link: str) -> Any:
        """The value of a parameter."""

    def with_param(self, link: str, value: Any) -> Self:
        """The view with one parameter set."""

    def to_query(self) -> dict[str, str]:
        """The settings as a URL's parameters."""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[Any, list[str]]:
        """The settings that a URL says, and what was wrong with it."""


@dataclass(frozen=True)
class Place:
    """How a page deviates from the declaration of a setting.

    now: the value in effect, where that is not the one of the view. change: the view with an answer. options:
    what can be chosen, where only the page knows. words: how options are called. label, help: in place
    of the declaration's. inline: its meaning stands in the label. low, high: the ends of the control.
    """

    widget: Widget | None = None
    now: Any = _VIEW
    change: Change | None = None
    options: Iterable[Any] | None = None
    words: Words | None = None
    label: str = ""
    help: str | None = ""
    inline: bool = False
    low: float | None = None
    high: float | None = None


def control(bound: Binding[Any], name: str, widget: Widget | None = None, **more: Any) -> None:
    """The control of one setting of a page.

    widget: another one than the usual for its kind. more: fields of Place; the rest goes to the widget.
    """
    place, options = _place(widget, more)
    declared: Setting = bound.view.declaration(name)
    value = bound.view.get(name) if place.now is _VIEW else place.now
    change = place.change or (lambda now, new: now.with_setting(name, new))
    _draw(bound, declared, declared.link, value, change, place, options)


def control_of_item(bound: Binding[Any], name: str, index: int, key: str, label: str, **more: Any) -> None:
    """The control of one of several numbers or words that a setting holds; more: as of `control`."""
    place, options = _place(more.pop("widget", None), {"label": label, "help": None, **more})
    several = bound.view.get(name)

    def change(now: Any, new: Any) -> Any:
        before = now.get(name)
        return now.with_setting(name, (*before[:index], new, *before[index + 1 :]))

    declared: Setting = bound.view.declaration(name)
    one = declared.but(kind="real" if declared.kind == "reals" else "text", zero="")
    _draw(bound, one, key, several[index], change, place, options)


def param_control(bound: Binding[Any], param: Setting) -> None:
    """One parameter of the losses shown: its symbol, name, unit and range."""
    view: LossView = bound.view
    value, key = view.get_param(param.link), f"param {param.link}"
    losses = ", ".join(s.title for s in view.specs() if any(p.link == param.link for p in s.params))
    place = Place(help=f"{param.meaning}. In {losses}.", options=range(view.classes))
    _draw(bound, param, key, value, lambda now, new: now.with_param(param.link, param.check(new)), place, {})
    if param.unit == "rad":
        angle(slider(bound.name, param, key, value), float(value), key=f"{bound.name}.angle {param.link}")


def classes_control(bound: Binding[Any], names: Sequence[str], now: Sequence[int]) -> None:
    """The important classes by their names, kept as class numbers. now: those in effect."""
    shown = [k for k in now if k < len(names)]
    control(bound, "important", now=shown, options=range(len(names)), words=names)


def sections(bound: Binding[Any]) -> None:
    """One press above the picture: which of the sections of a page is shown."""
    control(
        bound,
        "section",
        st.segmented_control,
        label="Show",
        help=None,
        label_visibility="collapsed",
    )


def preset(bound: Binding[Any], known: Sequence[str], name: str | None, taken: Change) -> None:
    """The named views of a page; any other view is called your own.

    name: of the view as it is, None for the visitor's own. taken(view now, name): the view that a choice
    leads to.
    """
    bound.control(
        st.selectbox,
        "preset",
        OWN if name is None else name,
        lambda now, new: now if new == OWN else taken(now, new),
        "Preset",
        [*known] if name is not None else [OWN, *known],
    )


def typed(
    bound: Binding[Any],
    widget: Widget,
    key: str,
    shown: str,
    change: Callable[[Any, str], Any],
    *args: Any,
    **options: Any,
) -> None:
    """A control in which text is typed; a text that `change` refuses changes nothing, and the reason stands
    below until the view changes."""
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


def _place(widget: Widget | None, more: dict[str, Any]) -> tuple[Place, dict[str, Any]]:
    own = {name: more.pop(name) for name in list(more) if name in Place.__dataclass_fields__}
    return Place(widget, **own), more


def _draw(
    bound: Binding[Any],
    declared: Setting,
    key: str,
    value: Any,
    change: Change,
    place: Place,
    more: dict[str, Any],
) -> None:
    label = place.label or declared.label
    if place.inline:
        label, text = f"{label}: {declared.meaning}", ""
    else:
        text = declared.help if place.help == "" else place.help or ""
    if text:
        more = {"help": text, **more}
    if place.options is None and (declared.zero or declared.kind in ("numbers", "points")):
        _typed_setting(bound, declared, key, value, change, label, place.high, more)
        return
    widget, shown, args, options, convert = _widget(declared, value, place)
    may_be_none = place.options is not None and None in place.options

    def store(now: Any, new: Any) -> Any:
        answer = convert(new) if new is not None else None
        # Of several that there must be the last one stays.
        empty = answer == () and (declared.kind == "classes" or (declared.kind == "names" and declared.low))
        return now if (answer is None and not may_be_none) or empty else change(now, answer)

    bound.control(widget, key, shown, store, label, *args, **options, **more)


def _widget(
    declared: Setting, value: Any, place: Place
) -> tuple[Widget, Any, tuple[Any, ...], dict[str, Any], Callable[[Any], Any]]:
    """(the widget, the value that it shows, its other arguments, how an answer becomes a value)."""
    if declared.kind == "flag":
        return st.toggle, bool(value), (), {}, bool
    if declared.kind in ("choice", "text", "names", "numbers", "classes"):
        return _choice(declared, value, place)
    if place.options is not None and declared.unit != "rad" and place.words is not None:
        return _choice(declared, value, place)
    options: dict[str, Any]
    low, high = declared.ends
    low = low if place.low is None else place.low
    high = high if place.high is None else place.high
    if declared.unit == "rad":
        return _degrees(declared, value)
    if (steps := _steps(declared)) and place.widget is None:
        kind = int if declared.kind == "whole" else float
        stops = sorted({*map(kind, steps), kind(value)})
        options = {"format_func": _words(place.words or "{:.4g}".format)}
        return st.select_slider, kind(value), (stops,), options, kind
    widget = place.widget or st.slider
    if declared.kind == "whole":
        options = {"step": int(declared.step)} if declared.step else {}
        return widget, int(value), (int(low), int(high)), options, int
    step = declared.step or (1e-4 if widget is st.number_input else _round_step(high - low))
    options = {"step": step, "format": "%.4g"}
    return widget, float(value), (float(low), float(high)), options, lambda new: round(float(new), 6)


def _choice(
    declared: Setting, value: Any, place: Place
) -> tuple[Widget, Any, tuple[Any, ...], dict[str, Any], Callable[[Any], Any]]:
    """One of several, or several: of the choices that are declared, or of those that the page knows."""
    offered = list(declared.choices if place.options is None else place.options)
    options: dict[str, Any] = {"format_func": _words(place.words or declared.choices or str)}
    if declared.kind == "classes":
        several = [value] if isinstance(value, int) else list(value)
        options |= {"selection_mode": "multi", "wrap": True}
        return st.segmented_control, several, (offered,), options, lambda new: tuple(sorted(new))
    if declared.kind in ("names", "numbers"):
        if declared.kind == "names" and declared.high:
            options["max_selections"] = int(declared.high)
        order = tuple if declared.kind == "names" else lambda new: tuple(sorted(new))
        return st.multiselect, list(value), (offered,), options, order
    widget = place.widget or st.selectbox
    if widget is st.segmented_control:
        options["required"] = True
    return widget, value, (offered,), options, lambda new: new


def _typed_setting(
    bound: Binding[Any],
    declared: Setting,
    key: str,
    value: Any,
    change: Change,
    label: str,
    most: float | None,
    more: dict[str, Any],
) -> None:
    """A list of numbers or points, or a number of which 0 is a word: typed. most: offered are those below."""
    if declared.kind == "points":
        height = 34 + 24 * len(value)

        def points(now: Any, text: str) -> Any:
            return change(now, declared.read(text, declared.title[:1].upper() + declared.title[1:]))

        typed(bound, st.text_area, key, points_lines(value), points, label, height=height, **more)
        return
    if declared.kind == "numbers":
        more["help"] = f"{more.get('help', '')} Numbers, joined by commas: 0, 1, 2.".lstrip()
        shown = declared.write(value)

        def numbers(now: Any, text: str) -> Any:
            return change(now, declared.read(text))

        typed(bound, st.text_input, key, shown, numbers, label, placeholder=declared.zero, **more)
        return

    def number(now: Any, text: str) -> Any:
        if text.strip().lower() == declared.zero:
            return change(now, 0)
        try:
            return change(now, declared.read(text.replace(",", "").replace(" ", "")))
        except LossvizError:
            rule = f"{declared.zero} or a whole number from 1 to {int(declared.ends[1]):,}"
            raise SettingError(f"{label} must be {rule}; got {text[:40]!r}") from None

    offered = {int(step) for step in declared.steps if not most or step < most} | {value} - {0}
    options = [declared.zero, *(f"{each:,}" for each in sorted(offered))]
    shown = f"{value:,}" if value else declared.zero
    more["help"] = f"{more.get('help', '')} Choose, or type a number.".lstrip()
    typed(
        bound,
        st.selectbox,
        key,
        shown,
        number,
        label,
        options,
        accept_new_options=True,
        filter_mode="prefix",
        **more,
    )


def _degrees(
    declared: Setting, value: float
) -> tuple[Widget, Any, tuple[Any, ...], dict[str, Any], Callable[[Any], Any]]:
    """Sliders turn in degrees: half a degree is a step that can be seen and read."""
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
    """How an option is called; one without words by its own text."""
    if callable(words):
        return words
    known = words if isinstance(words, Mapping) else dict(enumerate(words))
    return lambda each: str(known.get(each, each))


def split_params(view: LossView, without: str = "") -> tuple[list[Setting], list[Setting]]:
    """The parameters that act now: those in sight, and the rest for under More.

    without: the link of one that has no control now.
    """
    used = [param for param in view.used_params() if param.link != without]
    numbers = sorted((p for p in used if p.kind in ("real", "whole")), key=lambda p: -p.rank)
    chosen = numbers[:MOST_IN_SIGHT]
    return chosen, [param for param in used if param not in chosen]


def slider(page: str, declared: Setting, key: str, value: Any, link: str = "") -> dict[str, Any]:
    """A slider as the browser finds and reads it while it is dragged.

    key: of the widget, as in its class name. link: the setting, or where a component keeps its number.
    values: what the stops of the slider stand for, or low and high: what its ends stand for, in the unit
    of the setting.
    """
    at = {"key": class_key(f"{page}.{key}"), "link": link or declared.link}
    if declared.unit != "rad" and (steps := _steps(declared)):
        return {**at, "values": sorted({*map(float, steps), float(value)})}
    return {**at, "low": float(declared.ends[0]), "high": float(declared.ends[1])}


def param_sliders(page: str, view: LossView) -> list[dict[str, Any]]:
    """The sliders of the real parameters of the losses shown, as `slider` gives them."""
    return [
        slider(page, param, f"param {param.link}", view.get_param(param.link))
        for param in view.used_params()
        if param.kind == "real"
    ]


def class_key(key: str) -> str:
    """A widget's key as Streamlit writes it into a class name."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", key)
