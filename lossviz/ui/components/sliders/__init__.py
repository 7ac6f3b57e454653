"""Sliders of the page that pictures in the browser follow while they are dragged.

`sliders.js` is imported by components (contours, flow), which say what they do with a value;
`lossviz.ui.control.slider` describes each slider to them. `angle` is the line under a slider of an angle.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from lossviz.figures.module_bundle import bundle

_HERE = Path(__file__).parent


def angle(slider: dict[str, Any], value: float, *, key: str) -> None:
    """Draw a line with the angle, in radians, of a slider (`lossviz.ui.control.slider`).

    value: of the slider, as the server knows it.
    """
    _angle(key=key, data={**slider, "value": value})


_angle = st.components.v2.component(
    "lossviz_angle",
    html='<p class="lv-angle">&nbsp;</p>',
    css=(_HERE / "angle.css").read_text(encoding="utf-8"),
    js=bundle(_HERE / "angle.js"),
)
