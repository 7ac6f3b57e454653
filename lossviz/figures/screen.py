"""Figures for the screen, with plotly: curves, a surface, a map of differences.

Arrays in, figure out. The background is transparent, so a figure takes on the page's. Show with
`st.plotly_chart(figure, theme=None, config=screen.CONFIG)`: Streamlit's own theme would overwrite
colours and fonts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lossviz.core.text import number_text
from lossviz.figures import levels, palette, screen_theme
from lossviz.figures.curves import (
    AXES,
    DASHES,
    Curve,
    CurveAxes,
    Kind,
    curve_color,
    place_of,
    plain_cosine,
    y_range_of,
)
from lossviz.figures.label_layout import spread_apart
from lossviz.figures.levels import Spacing
from lossviz.figures.screen_plane import difference, surface
from lossviz.figures.screen_theme import LEAST_FOR_NAMES, ROW, TEXT, WIDE
from lossviz.figures.text_width import wrapped

__all__ = ["CONFIG", "DASHES", "Curve", "Kind", "curve_color", "difference", "lines", "surface"]

Array = NDArray[Any]

CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "typesetMath": False,  # a name with dollar signs is no formula
    "responsive": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "svg", "filename": "lossviz"},
}
LINE_GAP = 18  # pixels between two labels at the ends of lines


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
    that there are; where the names would take too much of them, they stand in a legend under the figure.
    """
    if kind not in AXES:
        raise ValueError(f"lines: kind must be one of {', '.join(AXES)}; got {kind!r}")
    axes, theme = AXES[kind], palette.theme(dark)
    y_range = y_range_of(curves, spacing, kind) if y_range is None else y_range
    figure = go.Figure()
    reference = [plain_cosine()] if kind == "target" else []
    for curve in reference:
        figure.add_trace(_line(curve, theme.muted, "dot", 1.5, axes, spacing))
    places = [place_of(curve, i) for i, curve in enumerate(curves)]
    for i, curve in zip(places, curves, strict=True):
        figure.add_trace(_line(curve, curve_color(i, dark), DASHES[i % len(DASHES)], 2.5, axes, spacing))
    everything = [*reference, *curves]
    colors = [theme.muted] * len(reference) + [curve_color(i, dark) for i in places]
    title = wrapped(axes.x_title, width - 80, TEXT)
    margin = {"l": 64, "r": 16, "t": 14, "b": 38 + ROW * len(title)}
    beside = 24 + min(220, 8 * max((len(curve.name) for curve in everything), default=0))
    narrow = width < LEAST_FOR_NAMES or beside > 0.35 * width
    if narrow:
        margin["b"] += 22 * len(everything)
        height += 22 * len(everything)
    else:
        margin["r"] = beside
        plot_height = height - margin["t"] - margin["b"]
        for note in _end_labels(everything, colors, y_range, spacing, plot_height):
            figure.add_annotation(note)
    screen_theme.apply(figure, dark, height, margin)
    figure.update_layout(
        hovermode="x unified",
        showlegend=narrow,
        legend={
            "x": 0,
            "xanchor": "left",
            "y": -(40 + ROW * len(title)) / (height - margin["t"] - margin["b"]),
            "yanchor": "top",
        },
    )
    figure.update_xaxes(
        title_text="<br>".join(title),
        range=list(axes.x_range),
        dtick=_step(axes, width - margin["l"] - margin["r"]),
        tick0=0,
        ticksuffix=axes.x_unit,
        unifiedhovertitle_text=axes.headline,
        # Under a transparent figure plotly takes the page for white and edges the spike in white.
        showspikes=not dark,
        spikecolor=theme.muted,
        spikethickness=1,
        spikedash="dot",
    )
    if level is not None:
        line = {"color": palette.edge(dark), "width": 1.5}
        text = f"loss {number_text(level, 3)}"
        font = {"color": palette.edge(dark), "size": TEXT}
        figure.add_hline(
            level, line=line, annotation={"text": text, "font": font}, annotation_position="top left"
        )
    figure.update_yaxes(title_text=axes.y_title)
    if spacing == "log":
        figure.update_yaxes(type="log", range=[float(np.log10(v)) for v in y_range], **_log_axis(y_range))
    else:
        figure.update_yaxes(range=list(y_range), nticks=7)
    return figure


def _step(axes: CurveAxes, plot: float) -> float:
    """From one number of x to the next, so that they fit side by side along a plot of this width."""
    span = axes.x_range[1] - axes.x_range[0]
    return next((step for step in axes.x_steps if span / step * 56 <= plot), axes.x_steps[-1])


def _line(curve: Curve, color: str, dash: str, width: float, axes: CurveAxes, spacing: Spacing) -> go.Scatter:
    y = np.asarray(curve.y, dtype=np.float64)
    drawable = np.isfinite(y) & (y > 0) if spacing == "log" else np.isfinite(y)
    return go.Scatter(
        x=np.asarray(curve.x),
        y=np.where(drawable, y, np.nan),
        mode="lines",
        name=curve.name,
        line={"color": color, "dash": dash, "width": width},
        hovertemplate=f"{curve.name}: " + "%{y:" + axes.y_hover + "}<extra></extra>",
    )


def _log_axis(y_range: tuple[float, float]) -> dict[str, Any]:
    marks = levels.log_ticks(*y_range)
    return {"tickvals": [value for value, _ in marks], "ticktext": [text for _, text in marks]}


def _end_labels(
    curves: Sequence[Curve],
    colors: Sequence[str],
    y_range: tuple[float, float],
    spacing: Spacing,
    plot_height: float,
) -> list[dict[str, Any]]:
    """The names at the right ends of the curves, moved apart where they would cover each other."""
    bottom, top = np.log10(y_range) if spacing == "log" else y_range
    wanted = []
    for curve in curves:
        y = np.asarray(curve.y, dtype=np.float64)
        y = y[np.isfinite(y) & (y > 0)] if spacing == "log" else y[np.isfinite(y)]
        end = (np.log10(y[-1]) if spacing == "log" else y[-1]) if y.size else bottom
        wanted.append(float(np.clip((end - bottom) / (top - bottom), 0, 1)) * plot_height)
    return [
        {
            "text": curve.name,
            "x": 1,
            "xref": "paper",
            "xanchor": "left",
            "xshift": 8,
            "y": place / plot_height,
            "yref": "paper",
            "yanchor": "middle",
            "showarrow": False,
            "align": "left",
            "font": {"color": color, "size": TEXT},
        }
        for curve, color, place in zip(
            curves, colors, spread_apart(wanted, LINE_GAP, plot_height), strict=True
        )
    ]
