"""A visitor of a page without a browser, who answers as a browser does and notices what changes by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import (
    Button,
    ButtonGroup,
    ElementTree,
    InitialValue,
    Multiselect,
    Selectbox,
    SelectSlider,
    Widget,
)

from lossviz.ui.page_files import SCRIPT, page_file
from lossviz.ui.reading.sources import LOOKED
from tests.pages import opened

CHOICES = (Selectbox, Multiselect, SelectSlider, ButtonGroup)
UNTOUCHED = ("download_button", "file_uploader")


def remember_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let widgets of AppTest answer as a browser's do: what one was told to show when it came, or what the
    visitor chose since, is what it sends, as text, though its options have been replaced."""

    def answers(tree: ElementTree) -> WidgetStates:
        kept: dict[str, WidgetState] = vars(tree._runner).setdefault("answers", {})
        chosen: dict[str, WidgetState] = vars(tree._runner).setdefault("chosen", {})
        widgets = [node for node in tree if isinstance(node, Widget)]
        for gone in set(kept) - {each.id for each in widgets}:
            del kept[gone]
        for each in widgets:
            pressed = isinstance(each, Button) or not isinstance(each._value, InitialValue | None)
            if each.id in chosen:
                kept[each.id] = chosen.pop(each.id)
            elif each.id not in kept or pressed or getattr(each.proto, "set_value", False):
                kept[each.id] = each._widget_state
        sent = WidgetStates()
        sent.widgets.extend(kept[each.id] for each in widgets)
        return sent

    monkeypatch.setattr(ElementTree, "get_widget_states", answers)


@dataclass(frozen=True)
class Seen:
    """What a visitor sees: the link, the values of the controls by name, and what went wrong."""

    link: dict[str, str]
    values: dict[str, Any]
    errors: tuple[str, ...]


class Visitor:
    """One visit of a page with all its folds open. sources: the runs or the file that it is to show, where
    it shows any."""

    def __init__(self, page: str, **sources: Any) -> None:
        self.page, self.problems = page, list[str]()
        self.at = AppTest.from_file(SCRIPT, default_timeout=600)
        self.at.switch_page(page_file(page))
        self.run()
        known = {name: value for name, value in sources.items() if hasattr(self.view, name)}
        if known:
            self.back_to(replace(self.view, **known))

    @property
    def state(self) -> Any:
        return self.at.session_state

    @property
    def name(self) -> str:
        """How the keys of its controls begin."""
        return str(self.state["page"])

    def run(self) -> Seen:
        """Draw the page, and again as long as a fold is new."""
        while True:
            self.at.run()
            said = [f"{each.message} {' '.join(each.stack_trace)}"[-3000:] for each in self.at.exception]
            assert not said, f"{self.page}: {self.link()}: {said[0]}"
            closed = [key for key, is_open in self.state.items() if ".fold " in key and not is_open]
            if not closed:
                return self.seen()
            for key in closed:
                self.state[key] = True

    def link(self) -> dict[str, str]:
        """The settings in the address bar."""
        return opened.link(self.at)

    def controls(self) -> dict[str, Widget]:
        """The controls by their names: their keys without the page's name and a number."""
        found: dict[str, Widget] = {}
        for node in self.at._tree:
            if isinstance(node, Widget) and node.key and node.type not in UNTOUCHED:
                name = node.key.removeprefix(f"{self.name}.")
                if not isinstance(node, Button):
                    name = re.sub(r" \d+$", "", name)
                assert name not in found, f"{self.page}: two controls are called {name}"
                found[name] = node
        return found

    def seen(self) -> Seen:
        values = {name: c.value for name, c in self.controls().items() if not isinstance(c, Button)}
        return Seen(self.link(), values, tuple(each.value for each in self.at.error))

    def shows(self, name: str) -> list[str]:
        """The labels that the browser shows in a choice of several."""
        self.run()
        return list(vars(self.at)["answers"][self.controls()[name].id].string_array_value.data)

    def back_to(self, view: Any) -> Seen:
        """The page as it was with this view."""
        self.state[f"{self.name}.view"] = view
        self.state[LOOKED] = {getattr(view, "file", "")}
        return self.run()

    @property
    def view(self) -> Any:
        return self.state[f"{self.name}.view"]

    def answer(self, name: str, value: Any) -> Seen:
        """Give a control another value, or press a button."""
        control = self.controls()[name]
        if isinstance(control, Button):
            control.click()
        elif isinstance(control, CHOICES):
            # As a browser: the label, whatever it stands for.
            sent = WidgetState(id=control.id)
            if isinstance(control, Selectbox):
                sent.string_value = value
            else:
                sent.string_array_value.data.extend(value if isinstance(value, list) else [value])
            vars(self.at).setdefault("chosen", {})[control.id] = sent
        else:
            control.set_value(value)
        return self.run()


def other_values(control: Any) -> Iterator[Any]:
    """Values that a visitor could give a control now, without the one that it has; of a choice, by label."""
    now = control.value
    if control.type in ("toggle", "checkbox"):
        yield not now
    elif control.type == "button":
        yield True
    elif control.type in ("text_input", "text_area"):
        yield f"{now}?"
    elif control.type in ("slider", "number_input"):
        step = getattr(control, "step", None) or 1
        yield now + step if now + step <= control.max else now - step
    else:
        offered = list(control.options)
        several = control.type == "multiselect" or (
            isinstance(control, ButtonGroup) and not control._is_single_select
        )
        if several:
            shown = [str(control.format_func(each)) for each in control.value]
            left = [each for each in offered if each not in shown]
            if left:
                yield [*shown[:5], left[0]]
            if len(shown) > 1:
                yield shown[:-1]
        else:
            label = None if now is None else str(control.format_func(now))
            place = offered.index(label) if label in offered else -1
            yield from offered[place + 1 :] + offered[: max(place, 0)]
