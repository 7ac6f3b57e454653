"""What all figures for the screen share: fonts, colours, margins, colour bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from lossviz.figures import palette

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif'
TEXT = 14  # pixels; the smallest text is 13


def apply(figure: go.Figure, dark: bool, height: int, margin: dict[str, int]) -> None:
    """Fonts, colours and margins; nothing of plotly's own template."""
    figure.update_layout(**layout(dark, height, margin))
    figure.update_xaxes(**axis(dark))
    figure.update_yaxes(**axis(dark))


def layout(dark: bool, height: int, margin: dict[str, int]) -> dict[str, Any]:
    """Fonts, colours and margins of a figure."""
    theme = palette.theme(dark)
    clear = glass(theme.background, 0)  # plotly mixes some colours with the invisible background
    return {
        "template": "none",
        "height": height,
        "margin": margin,
        "paper_bgcolor": clear,
        "plot_bgcolor": clear,
        "font": {"family": FONT, "size": TEXT, "color": theme.text},
        "hoverlabel": {
            "bgcolor": theme.background,
            "bordercolor": theme.border,
            "font": {"family": FONT, "size": 13, "color": theme.text},
            "namelength": -1,
        },
        "legend": {"font": {"size": 13, "color": theme.text}, "bgcolor": "rgba(0,0,0,0)"},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": theme.muted, "activecolor": theme.primary},
    }


def axis(dark: bool) -> dict[str, Any]:
    """Lines, ticks and texts of an axis."""
    theme = palette.theme(dark)
    return {
        "gridcolor": theme.grid,
        "linecolor": theme.border,
        "showline": True,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": theme.border,
        "zerolinecolor": theme.border,
        "zerolinewidth": 1,
        "tickfont": {"size": 13, "color": theme.muted},
        "title": {"font": {"size": TEXT, "color": theme.text}, "standoff": 8},
    }


def title(text: str, theme: palette.Theme) -> dict[str, Any]:
    """An axis title."""
    return {"text": text, "font": {"size": TEXT, "color": theme.text}}


def color_bar(
    text: str, values: Sequence[float], texts: Sequence[str], theme: palette.Theme
) -> dict[str, Any]:
    """A colour bar with our ticks and its meaning above it."""
    return {
        "title": {"text": text, "side": "top", "font": {"size": TEXT, "color": theme.text}},
        "tickvals": list(values),
        "ticktext": list(texts),
        "tickfont": {"size": 13, "color": theme.muted},
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": theme.border,
        "thickness": 14,
        "len": 0.9,
        "outlinewidth": 0,
    }


def glass(color: str, share: float = 0.72) -> str:
    """A colour that lets a little through."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"
