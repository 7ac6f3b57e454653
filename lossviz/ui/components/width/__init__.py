"""The width of the column in which a page's charts stand, measured by the browser.

A chart is laid out on the server: how many panels stand side by side, what is written where. The browser
reports when the column reaches another step of widths. Until the first report, the width is that of the
last visit, from a cookie, or else that of a laptop.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from lossviz.figures.screen_theme import WIDE
from lossviz.figures.wire import message
from lossviz.ui.binding import Binding
from lossviz.ui.components import component

# Pixels. A chart is laid out for the largest step below the column's width, and stretched to the width.
STEPS = (240, 280, 330, 390, 460, 540, 630, 740, WIDE, 1000, 1160, 1340, 1560, 1820)
FOLD_PX = 36  # what a fold takes of a column's width
AFAR_PX, MOST_AFAR = 1340, 1.4  # from this width on a window is looked at from afar, as on a wall
_KEY, _SLOT, _COOKIE = "width", "width.step", "lossviz_width"

_component = component("width", Path(__file__).parent, "step")


def measure(bound: Binding[Any]) -> None:
    """Watch the width of the column in which this is called; its charts follow the width."""

    def told() -> None:
        step = st.session_state[_KEY].step
        if step in STEPS:
            st.session_state[_SLOT] = step
        bound.touch()

    data = message({"steps": STEPS, "step": column_width(), "cookie": _COOKIE})
    _component(key=_KEY, data=data, on_step=told)


def column_width() -> int:
    """Give the step of the column's width, in pixels."""
    if _SLOT not in st.session_state:
        said = st.context.cookies.get(_COOKIE) or ""
        st.session_state[_SLOT] = int(said) if said in map(str, STEPS) else WIDE
    return int(st.session_state[_SLOT])


def chart_width(presentation: bool, folded: bool = False) -> tuple[int, float]:
    """Give the pixels for which a chart is laid out, and the factor by which it is then enlarged."""
    from lossviz.figures import screen_large

    width = column_width() - (FOLD_PX if folded else 0)
    larger = (screen_large.LARGER if presentation else 1) * min(MOST_AFAR, max(1, width / AFAR_PX))
    return round(width / larger), larger
