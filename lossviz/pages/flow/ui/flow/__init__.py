"""The flow component: features as free particles, moved and drawn in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from lossviz.figures.module_bundle import bundle
from lossviz.figures.palette import class_color, loss_colors
from lossviz.figures.wire import message
from lossviz.pages.flow.ui import controls
from lossviz.pages.flow.ui.flow import sending
from lossviz.pages.flow.view import FlowView
from lossviz.programs.javascript.flow import important_of

__all__ = ["encode", "mount"]

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "lossviz_flow",
    html="",
    css=(_HERE / "flow.css").read_text(encoding="utf-8"),
    js=bundle(_HERE / "main.js"),
)


def encode(view: FlowView) -> bytes:
    """All that the browser needs to run a flow by itself, as a message (lossviz.figures.wire)."""
    data: dict[str, Any] = sending.arithmetic(view)
    data |= {
        "colours": [class_color(k) for k in range(view.classes)],
        "bands": loss_colors(14),
        "important": important_of(view.spec, view.loss_params()),
        "options": {
            "speed": int(view.speed),
            "field": view.field - 1,
            "trails": view.trails,
            "circle": view.circle,
            "playing": True,
            "presentation": view.presentation,
        },
        "sliders": controls.sliders(view),
        "text": f"{view.particles} features of {view.classes} classes in {view.dimension}-D under "
        f"{view.spec.title}",
        "keys": "Keys on the picture: space plays or pauses, → takes one step, ↑ and ↓ change the speed, "
        "R starts again" + (", Shift with an arrow turns it." if view.dimension == 3 else "."),
    }
    return message(data)


def mount(data: bytes, *, key: str) -> Any:
    """Show a flow (`encode`); it runs by itself from then on."""
    return _component(key=key, data=data)
