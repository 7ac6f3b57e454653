"""Sliders of the page that something follows in the browser while they are dragged.

`code` is a plain script for the module of a component (lossviz/ui/components/contours, lossviz/ui/components/flow), which says
what it does with a value; `lossviz.ui.control.slider` says which sliders there are. `angle` is the
line under a slider of an angle.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


def code() -> str:
    """The text of the script."""
    return _text("sliders.js")


def angle(slider: dict[str, Any], value: float, *, key: str) -> None:
    """A line with the angle in radians at which a slider (`lossviz.ui.control.slider`) stands.

    value: as the server has it.
    """
    _angle(key=key, data={**slider, "value": value})


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


_angle = st.components.v2.component(
    "lossviz_angle",
    html='<p class="lv-angle">&nbsp;</p>',
    css=_text("angle.css"),
    js=code() + _text("angle.js"),
)
