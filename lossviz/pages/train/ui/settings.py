"""Controls of a run's settings, made from their declarations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.core.settings import Setting
from lossviz.pages.train.view import LiveView
from lossviz.training.config import SETTINGS
from lossviz.ui.binding import Binding, plain
from lossviz.ui.param_controls import stops

# What a loss declares to help it.
RECIPE = "Recipe of the loss"
# The folds under the form, and the settings in each.
GROUPS: dict[str, tuple[str, ...]] = {
    "Images": (
        "classes", "held_out", "train_images", "test_images", "imbalance", "imbalance_ratio", "augment",
    ),
    "Network and head": (
        "dimension", "normalize", "head", "head_scale", "bias", "bias_init",
    ),
    RECIPE: ("weight_init", "weight_rate", "bias_start", "bias_rate", "anneal", "anneal_share"),
    "Steps": (
        "objective", "complement_rate", "adversary_rate",
        "center_update", "center_rate", "center_decay",
    ),
    "Optimizer": (
        "optimizer", "rate", "momentum", "weight_decay", "rate_schedule", "warmup", "drops",
        "drop_factor", "batch",
    ),
    "Machine and frames": ("device", "threads", "precision", "seed", "snapshot_every", "frame_points"),
}  # fmt: skip

# Numbers worth choosing where 0 stands for a word; any other can be typed.
OFFERED: dict[str, tuple[int, ...]] = {
    "train_images": (100, 300, 1000, 3000, 10_000, 30_000),
    "test_images": (100, 300, 1000, 3000),
    "batch": (16, 32, 64, 128, 256, 512),
    "snapshot_every": (1, 2, 5, 10, 20, 50, 100),
}
# What a list without numbers means.
NO_NUMBERS = {"classes": "all", "held_out": "none", "drops": "none"}


def acts(view: LiveView, name: str) -> bool:
    """Whether a setting has an effect with the others as they are; one that is varied has none."""

    def may(setting: str, *values: Any) -> bool:
        """Whether one of the runs has one of these values."""
        varied, several = view.vary
        return any(value in values for value in (several if varied == setting else (view.setting(setting),)))

    specs = view.specs()
    biased = may("bias", "unified", "diverse") or (
        may("bias", "auto") and any(spec.needs.bias != "none" for spec in specs)
    )
    centers = any(spec.needs.centers for spec in specs)
    anneals = any(spec.anneals for spec in specs)
    rules: dict[str, Callable[[], bool]] = {
        "imbalance_ratio": lambda: view.setting("imbalance") != "none",
        "head_scale": lambda: may("normalize", True) or may("head", "cosine"),
        "normalize": lambda: may("head", "linear"),
        "bias_init": lambda: biased,
        "bias_start": lambda: biased and may("bias_init", 0),
        "bias_rate": lambda: biased,
        "anneal": lambda: anneals,
        "anneal_share": lambda: anneals and may("anneal", "auto", "on"),
        "complement_rate": lambda: (
            may("objective", "complement") or any(s.objective == "complement" for s in specs)
        ),
        "adversary_rate": lambda: any(spec.needs.adversary for spec in specs),
        "center_update": lambda: centers,
        "center_rate": lambda: centers and may("center_update", "sgd"),
        "center_decay": lambda: centers and may("center_update", "sgd"),
        "momentum": lambda: may("optimizer", "sgd"),
        "drops": lambda: centers or may("rate_schedule", "step"),
        "drop_factor": lambda: bool(view.setting("drops")),
        "threads": lambda: may("device", "auto", "cpu"),
    }
    return view.vary[0] != name and rules.get(name, lambda: True)()


def control(bound: Binding[LiveView], name: str, most: int = 0) -> None:
    """One setting of the runs: its name, its range, what it does.

    most: where numbers are offered, only those below this one (0: all that are worth choosing).
    """
    declared, value = SETTINGS[name], bound.view.setting(name)
    unit = f", {declared.unit}" if declared.unit and declared.unit not in declared.title else ""
    label = declared.label + unit
    told = declared.told(declared.zero)
    text = told[0].upper() + told[1:] + "."
    if declared.zero:
        _offered(bound, name, label, text, most)
    elif declared.kind == "flag":
        bound.control(st.toggle, name, value, _store(name, bool), label, help=text)
    elif declared.kind == "choice":
        kept = _store(name, lambda new: new or value)
        bound.control(st.selectbox, name, value, kept, label, list(declared.choices), help=text)
    elif declared.kind == "numbers":
        _typed(bound, name, label, text, declared)
    elif declared.spacing == "log" and declared.low > 0:
        positions = stops(declared.low, declared.high, float(value))
        bound.control(
            st.select_slider, name, float(value), _store(name, float), label, positions,
            format_func=lambda v: f"{v:.4g}", help=text,
        )  # fmt: skip
    else:
        convert = int if declared.kind == "whole" else float
        options = {} if declared.kind == "whole" else {"step": 10.0**-4, "format": "%.4g"}
        bound.control(
            st.number_input, name, convert(value), _store(name, convert), label,
            convert(declared.low), convert(declared.high), help=text, **options,
        )  # fmt: skip


def _store(name: str, convert: Callable[[Any], Any]) -> Callable[[LiveView, Any], LiveView]:
    return lambda now, new: now.with_setting(name, convert(new))


def _offered(bound: Binding[LiveView], name: str, label: str, text: str, most: int) -> None:
    """A number of which 0 is a word: chosen from a few, or typed."""
    declared, value = SETTINGS[name], bound.view.setting(name)
    numbers = {n for n in OFFERED[name] if not most or n < most} | {value} - {0}
    options = [declared.zero, *(f"{n:,}" for n in sorted(numbers))]
    now = f"{value:,}" if value else declared.zero

    def parse(typed: str) -> Any:
        if typed.strip().lower() == declared.zero:
            return 0
        try:
            return declared.read(name, typed.replace(",", "").replace(" ", ""))
        except LossvizError:
            rule = f"{declared.zero} or a whole number from 1 to {declared.high:,}"
            raise LossvizError(f"{label} must be {rule}; got {typed[:40]!r}") from None

    bound.control(
        st.selectbox, name, now, _reading(bound, name, parse), label, options,
        accept_new_options=True, filter_mode="prefix", help=f"{text} Choose, or type a number.",
    )  # fmt: skip
    _refused(bound, name)


def _typed(bound: Binding[LiveView], name: str, label: str, text: str, declared: Setting) -> None:
    """Whole numbers, typed and joined by commas."""
    shown = declared.write(bound.view.setting(name))
    bound.control(
        st.text_input, name, shown, _reading(bound, name, lambda typed: declared.read(name, typed)), label,
        help=f"{text} Numbers, joined by commas: 0, 1, 2.", placeholder=NO_NUMBERS[name],
    )  # fmt: skip
    _refused(bound, name)


def _reading(
    bound: Binding[LiveView], name: str, parse: Callable[[str], Any]
) -> Callable[[LiveView, str | None], LiveView]:
    """A change by typed text; what cannot be read is noted and changes nothing."""
    wrong = f"{bound.name}.{name} wrong"

    def read(now: LiveView, typed: str | None) -> LiveView:
        st.session_state.pop(wrong, None)
        try:
            return now if typed is None else now.with_setting(name, parse(typed))
        except LossvizError as error:
            st.session_state[wrong] = str(error)
            return now

    return read


def _refused(bound: Binding[LiveView], name: str) -> None:
    """Say what was typed and could not be read."""
    said = st.session_state.get(f"{bound.name}.{name} wrong")
    if said:
        st.error(plain(f"{said}. Nothing was changed."))
