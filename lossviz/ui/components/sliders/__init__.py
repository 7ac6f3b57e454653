"""Sliders of the page that something follows in the browser while they are dragged.

`sliders.js` is imported by components (contours, flow), which say what they do with a value;
`lossviz.ui.control.slider` says which there are. `angle` is the line under a slider of an angle.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from lossviz.figures.module_bundle import bundle

_HERE = Path(__file__).parent


def angle(slider: dict[str, Any], value: float, *, key: str) -> None:
    """A line with the angle in radians at which a slider (`lossviz.ui.control.slider`) stands.

    value: as the server has it.
    """
    _angle(key=key, data={**slider, "value": value})


_angle = st.components.v2.component(
    "lossviz_angle",
    html='<p class="lv-angle">&nbsp;</p>',
    css=(_HERE / "angle.css").read_text(encoding="utf-8"),
    js=bundle(_HERE / "angle.js"),
)
