"""The settings of the page Sweep: which sweep is shown and how, and the form of a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from lossviz import losses
from lossviz.core.errors import ConfigError, SettingError
from lossviz.core.query import View
from lossviz.core.settings import Setting, setting
from lossviz.losses import key_of
from lossviz.losses.spec import LossSpec
from lossviz.sweeps import Plan
from lossviz.sweeps.axes import REFUSED, Axis, declaration
from lossviz.sweeps.measures import measure
from lossviz.training.config import SETTINGS

SECTIONS = {
    "cells": "Cells",
    "map": "Map",
    "lines": "Lines",
    "front": "Front",
    "parallel": "Parallel",
    "table": "Table",
}
VARIED = ("vary", "vary2", "vary3")
# The settings of runs that the form has a control for; others are typed.
SHARED = ("data", "epochs", "net", "dimension", "train_images")
SHOWN = ("section", "measure", "against", "beside", "columns", "rows")
FORM = ("losses", *VARIED, "seeds", "subset_seeds", *SHARED, "more")
_VALUES = (
    "a list (0,15deg,30deg), a range in equal steps (0:45deg:4) or in equal ratios (log:1:64:4); sets of "
    "classes (3;8;3,8) and matrices (none;0,1,4/1,0,1/1,1,0) are parted by semicolons"
)


def _measure(text: str) -> str:
    return measure(text).name


def _beside(text: str) -> str:
    return measure(text).name if text else ""


def _id(text: str) -> str:
    if not text.isascii() or len(text) > 60 or "/" in text:
        raise SettingError("must be an id; got something else")
    return text


def _of_run(name: str, **changes: Any) -> Any:
    declared = SETTINGS[name].but(group="", **changes)
    return field(default=declared.default, metadata={"setting": declared})


@dataclass(frozen=True)
class SweepView(View):
    """The sweep that is shown ("": the newest) and how; then the form of a new one.

    columns, rows: names of axes; "": the first, and the next. cell: id of the chosen one; "": of the best.
    vary, vary2, vary3: axes as the command line takes them. more: settings and parameters, name=value.
    """

    sweep: str = setting("", "text", "sweep", resolve=_id)
    section: str = setting("map", "choice", "show", "what is shown", choices=SECTIONS)
    measure: str = setting("test_accuracy", "text", "measure", "of a cell at its end", resolve=_measure)
    against: str = setting("recall_0", "text", "against", "the measure of the other axis", resolve=_measure)
    beside: str = setting("", "text", "and beside it", "a second measure of the lines", resolve=_beside)
    columns: str = setting("", "text", "from left to right", "the setting on this axis")
    rows: str = setting("", "text", "from below to above", "the setting on this axis")
    cell: str = setting("", "text", "cell", resolve=_id)
    presentation: bool = setting(
        False, "flag", "presentation", "larger texts and thicker lines, for a projector"
    )
    losses: tuple[str, ...] = setting(
        ("arcface",), "names", "losses", "every setting is trained under each", 1, 20, resolve=key_of
    )
    vary: str = setting("margin=0:60deg:7", "text", "values", _VALUES)
    vary2: str = setting("scale=4,16,64", "text", "values", _VALUES)
    vary3: str = setting("", "text", "values", _VALUES)
    seeds: str = setting("3", "text", "seeds", "how many (5), or which (0,7,9): every setting with each")
    subset_seeds: str = setting(
        "", "text", "seeds of subsets", "which images are drawn and shown (1,2); none: the same for all"
    )
    data: str = _of_run("data")
    epochs: int = _of_run("epochs")
    net: str = _of_run("net")
    dimension: int = _of_run("dimension")
    train_images: int = _of_run("train_images")
    more: str = setting(
        "", "text", "other settings", "as name=value, parted by spaces: batch=64 rate=0.01 anneal=off"
    )

    def specs(self) -> list[LossSpec]:
        """The losses of the form."""
        return [losses.get(key) for key in self.losses]

    def base(self) -> dict[str, str]:
        """The settings that all cells share, as text by name; ConfigError for what is no name=value."""
        axes = {self.varied(slot) for slot in VARIED}
        made = {
            name: SETTINGS[name].write(self.get(name))
            for name in SHARED
            if name not in axes and (name == "data" or self.get(name) != SETTINGS[name].default)
        }
        for word in self.more.split():
            name, sign, text = word.partition("=")
            name = name.removeprefix("--").replace("-", "_")
            if not sign or not name or not text:
                raise ConfigError(f"other settings are name=value, parted by spaces; got {word[:40]!r}")
            if name in SHARED:
                raise ConfigError(f"other settings: {name} has a control of its own; set it there")
            made[name] = text
        return made

    def plan(self) -> Plan:
        """The plan of the form; LossvizError with the rule."""
        vary = [text for slot in VARIED if (text := self.get(slot))]
        return Plan.read(self.base(), self.losses, vary, self.seeds, self.subset_seeds)

    def varied(self, slot: str) -> str:
        """The name of the setting that a slot varies; "": none."""
        return str(self.get(slot)).partition("=")[0]

    def may_vary(self) -> dict[str, Setting]:
        """The declarations of what can be varied by name, parameters of the losses first; a set of classes or
        epochs is typed on the command line."""
        names = dict.fromkeys(param.name for spec in self.specs() for param in spec.params)
        run = [name for name in SETTINGS if name not in REFUSED]
        found = {name: declaration(name, self.specs()) for name in [*names, *run]}
        return {name: declared for name, declared in found.items() if usual(declared)}

    def with_axis(self, slot: str, name: str, values: str) -> Self:
        """The view with other values of a slot; LossvizError with the rule."""
        if not name:
            return self.put(slot, "")
        return self.put(slot, Axis.read(f"{name}={values}", self.specs()).text)

    def with_losses(self, keys: tuple[str, ...]) -> Self:
        """The view with other losses in the form; parameters that none of them has are varied no more."""
        now = self.with_setting("losses", keys)
        kept = now.may_vary()
        for slot in VARIED:
            now = now if now.varied(slot) in kept else now.put(slot, "")
        return now

    def with_form(self, other: SweepView) -> Self:
        """The view with the form of another."""
        now = self
        for name in FORM:
            now = now.put(name, other.get(name))
        return now

    def of_sweep(self, id: str) -> Self:
        """The view of a sweep, with the form as it is at first."""
        first = type(self).initial()
        return replace(self.with_form(first), sweep=id, cell="", columns="", rows="")

    def shown_as(self, other: SweepView) -> Self:
        """The view with the section, measures and axes of another."""
        now = self
        for name in SHOWN:
            now = now.put(name, other.get(name))
        return now


def usual(declared: Setting) -> str:
    """The values that a setting is varied over at first, as the form takes them."""
    if declared.kind == "flag":
        return "no,yes"
    if declared.kind == "choice":
        return ",".join(declared.choices)
    if declared.sweep:
        sign = ";" if declared.kind in ("classes", "numbers") else ","
        return sign.join(declared.write(value) for value in declared.sweep)
    if declared.kind == "classes":
        return "0;1;0,1"
    if declared.kind not in ("real", "whole") or declared.low is None or declared.high is None:
        return declared.write(declared.default)
    if declared.steps:
        inside = declared.steps[:: max(1, len(declared.steps) // 5)]
        return ",".join(declared.write(declared.check(step)) for step in inside)
    if declared.spacing == "log" and declared.low > 0:
        return f"log:{declared.write(declared.low)}:{declared.write(declared.high)}:5"
    return f"{declared.write(declared.low)}:{declared.write(declared.high)}:5"


def of_plan(plan: Plan) -> SweepView | None:
    """The form that asks for a plan; None where it has more axes than the form."""
    if len(plan.axes) > len(VARIED):
        return None
    texts: Mapping[str, Any] = plan.to_values()
    made = SweepView(losses=plan.losses, vary="", vary2="", vary3="", seeds=texts["seeds"])
    for slot, text in zip(VARIED, texts["vary"], strict=False):
        made = made.put(slot, text)
    if texts["subset_seeds"] != "1":
        made = replace(made, subset_seeds=texts["subset_seeds"])
    more = []
    for name, text in plan.base.items():
        if name in SHARED:
            made = made.with_text(name, text)
        else:
            more.append(f"{name}={text}")
    return replace(made, more=" ".join(more))
