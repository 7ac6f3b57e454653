"""The style of all figures for the screen: fonts, colours, margins, colour bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lossviz.figures import levels, palette
from lossviz.figures.axis import Array
from lossviz.figures.levels import Spacing

if TYPE_CHECKING:
    import plotly.graph_objects as go

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif'
TEXT, NAME = 14, 13  # pixels: titles; names, numbers and notes
BOLD = 1.18 * TEXT  # a title in bold is as wide as in plain letters of this size
ROW = 18  # pixels from one line of names to the next
WIDE = 860  # pixels that a laptop has for a chart
LEAST_FOR_NAMES = 460  # pixels of a chart with names beside its lines


def apply(figure: go.Figure, dark: bool, height: int, margin: dict[str, int]) -> None:
    """Fonts, colours and margins; nothing of plotly's own template."""
    figure.update_layout(**layout(dark, height, margin))
    figure.update_xaxes(**axis(dark))
    figure.update_yaxes(**axis(dark))


def layout(dark: bool, height: int, margin: dict[str, int]) -> dict[str, Any]:
    """Fonts, colours and margins of a figure."""
    theme = palette.theme(dark)
    clear = palette.translucent(
        theme.background, 0
    )  # plotly mixes some colours with the invisible background
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


def color_bar(text: str, theme: palette.Theme, ticks: Sequence[tuple[float, str]] = ()) -> dict[str, Any]:
    """A colour bar with its meaning above it; ticks: places and texts in place of plotly's own."""
    named = {"tickvals": [at for at, _ in ticks], "ticktext": [text for _, text in ticks]} if ticks else {}
    return {
        "title": {"text": text, "side": "top", "font": {"size": TEXT, "color": theme.text}},
        **named,
        "tickfont": {"size": 13, "color": theme.muted},
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": theme.border,
        "thickness": 14,
        "len": 0.9,
        "outlinewidth": 0,
    }


def band_ticks(edges: Array, spacing: Spacing) -> list[tuple[float, str]]:
    """The ticks of a colour bar as shares of it, with their texts."""
    return [(float(levels.position(at, edges)), text) for at, text in levels.ticks(edges, spacing)]
