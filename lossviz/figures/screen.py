"""Figures for the screen, with plotly: curves, a surface, a map of differences.

Arrays in, figure out. The background is transparent, so a figure takes on the page's. Show with
`st.plotly_chart(figure, theme=None, config=screen.CONFIG)`: Streamlit's own theme would overwrite
colours and fonts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from lossviz.figures import palette, screen_chart
from lossviz.figures.curves import AXES, Curve, Kind, line_chart
from lossviz.figures.levels import Spacing
from lossviz.figures.screen_difference import difference
from lossviz.figures.screen_surface import surface
from lossviz.figures.screen_theme import WIDE

__all__ = ["CONFIG", "Curve", "Kind", "difference", "lines", "surface"]

CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "typesetMath": False,  # a name with dollar signs is no formula
    "responsive": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "svg", "filename": "lossviz"},
}
_AROUND = 68  # pixels above and below the plot of one line of text


def lines(
    curves: Sequence[Curve],
    kind: Kind = "angle",
    *,
    spacing: Spacing = "linear",
    y_range: tuple[float, float] | None = None,
    level: float | None = None,
    height: int = 420,
    width: int = WIDE,
    dark: bool = False,
) -> go.Figure:
    """Curves of several losses, each with its own colour, dash pattern and its name at its end.

    kind "angle": x is the angle from the own weight vector at fixed ‖z‖ in degrees, −180..180,
    y the loss. "target": x is θ in degrees, 0..180, y the target logit ψ(θ); cosθ, the logit without
    margin, is drawn in grey. "probability": x is p_y in per cent, y the loss. spacing: of y; "log"
    leaves out y <= 0. y_range: by default from the curves, without what is not finite and, against the
    probability, without p_y < 1 %. level: a loss that a straight line marks. height: pixels. width: pixels
    that there are; where the names would take too much of them, they stand in a legend above the figure.
    """
    if kind not in AXES:
        raise ValueError(f"lines: kind must be one of {', '.join(AXES)}; got {kind!r}")
    axes = AXES[kind]
    chart = line_chart(curves, kind, spacing, y_range, level, height - _AROUND, width)
    figure = screen_chart.draw(chart, dark, width)
    for trace in figure.data:
        trace.hovertemplate = f"{trace.name}: %{{y:{axes.y_hover}}}<extra></extra>"
    figure.layout.hovermode = "x unified"
    figure.layout.xaxis.update(
        unifiedhovertitle_text=axes.headline,
        # Under a transparent figure plotly takes the page for white and edges the spike in white.
        showspikes=not dark,
        spikecolor=palette.theme(dark).muted,
        spikethickness=1,
        spikedash="dot",
    )
    return figure
