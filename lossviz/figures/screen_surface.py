"""A loss over the plane for the screen, as a surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from lossviz.figures import levels, palette, screen_theme
from lossviz.figures.axis import Array
from lossviz.figures.levels import Spacing
from lossviz.figures.plane import (
    name,
    thinned,
    view_angle,
    weight_on_surface,
)
from lossviz.figures.screen_theme import TEXT, WIDE

if TYPE_CHECKING:
    from lossviz.fields import Field


SURFACE_CELLS = 140


def surface(
    field: Field,
    *,
    spacing: Spacing = "linear",
    height: int = 560,
    width: int = WIDE,
    dark: bool = False,
) -> go.Figure:
    """The loss of a field as a height over the plane, with the weight vectors lying on it.

    height, width: pixels that there are; a narrow one is about as high as it is wide. spacing "log": the
    heights follow `levels.band_edges` with log spacing, losses below its floor
    lie on the floor. Shown at no more than 140 cells a side.
    """
    theme = palette.theme(dark)
    x, y, z_yx = thinned(field, field.z_yx, SURFACE_CELLS)
    low, high = levels.shared_range([z_yx])
    edges = levels.band_edges(low, high, 200, spacing)
    shown = np.where(np.isfinite(z_yx), levels.position(z_yx, edges), np.nan)
    colors = palette.loss_colors(33)
    ticks = screen_theme.band_ticks(edges, spacing)
    isolines = {
        "show": True,
        "start": 1 / 14,
        "end": 13.5 / 14,
        "size": 1 / 14,
        "width": 1,
        "color": palette.translucent(palette.ISOLINE, palette.ISOLINE_SHARE),
    }
    figure = go.Figure(
        go.Surface(
            x=x,
            y=y,
            z=shown,
            customdata=z_yx,
            colorscale=[[i / 32, color] for i, color in enumerate(colors)],
            cmin=0,
            cmax=1,
            contours={"z": isolines, "x": {"highlight": False}, "y": {"highlight": False}},
            lighting={"ambient": 0.82, "diffuse": 0.35, "specular": 0.04, "roughness": 0.9},
            colorbar=screen_theme.color_bar("loss", theme, ticks),
            hovertemplate="z₁ = %{x:.2f}<br>z₂ = %{y:.2f}<br>loss %{customdata:.3~g}<extra></extra>",
            name=field.spec.title,
        )
    )
    _draped_weights(figure, field, x, y, shown)
    screen_theme.apply(figure, dark, min(height, round(1.1 * width)), {"l": 0, "r": 0, "t": 0, "b": 0})
    x0, x1, y0, y1 = field.extent
    side = max(x1 - x0, y1 - y0)
    axis = {
        "gridcolor": theme.border,
        "zeroline": False,
        "showbackground": False,
        "tickfont": {"size": 13, "color": theme.muted},
        "nticks": 5,
    }
    figure.update_scenes(
        xaxis={**axis, "title": screen_theme.title("z₁", theme), "range": [x0, x1]},
        yaxis={**axis, "title": screen_theme.title("z₂", theme), "range": [y0, y1]},
        zaxis={
            **axis,
            "title": screen_theme.title("loss", theme),
            "range": [-0.02, 1.02],
            "tickvals": [place for place, _ in ticks],
            "ticktext": [text for _, text in ticks],
        },
        aspectratio={"x": (x1 - x0) / side, "y": (y1 - y0) / side, "z": 0.62},
        camera=_camera(field),
    )
    figure.update_layout(showlegend=False)
    return figure


def _draped_weights(figure: go.Figure, field: Field, x: Array, y: Array, shown: Array) -> None:
    """The weight vectors as lines just above a surface, with a knob at the tip and the name."""
    notes = []
    for k, weight in enumerate(field.weights):
        points, heights = weight_on_surface(field, weight, x, y, shown)
        own = k == field.label
        color = palette.LIGHT.own if own else palette.LIGHT.other
        text = name("W", k)
        figure.add_trace(
            go.Scatter3d(
                x=points[:, 0],
                y=points[:, 1],
                z=heights,
                mode="lines+markers",
                line={"color": color, "width": 8 if own else 6},
                marker={"size": [0] * 48 + [5], "color": color, "line": {"width": 0}},
                name=text,
                hovertemplate=f"{text} = ({weight[0]:.2f}, {weight[1]:.2f})<extra></extra>",
            )
        )
        notes.append(
            {
                "x": points[-1, 0],
                "y": points[-1, 1],
                "z": heights[-1],
                "text": f"<b>{text}</b>" if own else text,
                "showarrow": False,
                "yshift": 16,
                "font": {"color": color, "size": TEXT},
                "bgcolor": palette.translucent(palette.LIGHT.casing),
                "borderpad": 1,
            }
        )
    figure.update_scenes(annotations=notes)


def _camera(field: Field) -> dict[str, Any]:
    """From where the valley opens: a little to the side of the own weight vector."""
    angle = view_angle(field)
    eye = {"x": 1.6 * np.cos(angle), "y": 1.6 * np.sin(angle), "z": 1.05}
    return {"eye": eye, "center": {"x": 0, "y": 0, "z": -0.1}}
