"""Controls of a run's settings, made from their declarations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lossviz.errors import LossvizError
from lossviz.live.view import LiveView
from lossviz.training.config import SETTINGS
from lossviz.training.settings import Setting
from lossviz.ui.binding import Binding, plain
from lossviz.ui.param_controls import stops

# The folds under the form, and the settings in each.
GROUPS: dict[str, tuple[str, ...]] = {
    "Images": (
        "classes", "held_out", "train_images", "test_images", "imbalance", "imbalance_ratio", "augment",
    ),
    "Network and head": (
        "dimension", "normalize", "head", "head_scale", "bias", "bias_init", "weight_init",
    ),
    "Steps": (
        "anneal", "anneal_share", "objective", "complement_rate", "adversary_rate",
        "center_update", "center_rate", "center_decay",
    ),
    "Optimizer": (
        "optimizer", "rate", "momentum", "weight_decay", "rate_schedule", "warmup", "drops",
        "drop_factor", "batch",
    ),
    "Machine and frames": ("device", "threads", "precision", "seed", "snapshot_every", "frame_points"),
}  # fmt: skip


def acts(view: LiveView, name: str) -> bool:
    """Whether a setting has an effect with the others as they are."""
    value = view.setting
    centers = any(spec.needs.centers for spec in view.specs())
    adversarial = any(spec.needs.adversary for spec in view.specs())
    complement = value("objective") == "complement" or any(s.objective == "complement" for s in view.specs())
    rules: dict[str, Callable[[], bool]] = {
        "imbalance_ratio": lambda: value("imbalance") != "none",
        "head_scale": lambda: value("normalize") or value("head") == "cosine",
        "normalize": lambda: value("head") != "cosine",
        "bias_init": lambda: value("bias") != "none",
        "anneal": lambda: any(spec.anneals for spec in view.specs()),
        "anneal_share": lambda: value("anneal") != "off" and any(spec.anneals for spec in view.specs()),
        "complement_rate": lambda: complement,
        "adversary_rate": lambda: adversarial,
        "center_update": lambda: centers,
        "center_rate": lambda: centers and value("center_update") == "sgd",
        "center_decay": lambda: centers and value("center_update") == "sgd",
        "momentum": lambda: value("optimizer") == "sgd",
        "drops": lambda: value("rate_schedule") == "step" or centers,
        "drop_factor": lambda: bool(value("drops")),
        "threads": lambda: value("device") in ("auto", "cpu"),
    }
    return rules.get(name, lambda: True)()


def control(bound: Binding[LiveView], name: str) -> None:
    """One setting of the runs: its name, its range, what it does."""
    declared, value = SETTINGS[name], bound.view.setting(name)
    label = declared.title[0].upper() + declared.title[1:] + (f", {declared.unit}" if declared.unit else "")
    text = declared.meaning[0].upper() + declared.meaning[1:] + "."
    if declared.kind == "flag":
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


def _typed(bound: Binding[LiveView], name: str, label: str, text: str, declared: Setting) -> None:
    """Whole numbers, typed and joined by commas; what cannot be read is said and changes nothing."""
    wrong = f"{bound.name}.{name} wrong"

    def read(now: LiveView, typed: str) -> LiveView:
        st.session_state.pop(wrong, None)
        try:
            return now.with_setting(name, declared.read(name, typed))
        except LossvizError as error:
            st.session_state[wrong] = str(error)
            return now

    shown = declared.write(bound.view.setting(name))
    bound.control(st.text_input, name, shown, read, label, help=text, placeholder="0, 1, 2")
    if wrong in st.session_state:
        st.error(plain(f"{st.session_state[wrong]}. Nothing was changed."))
