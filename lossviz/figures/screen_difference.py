"""The difference of two losses over the plane for the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from lossviz.core.text import number_text
from lossviz.figures import levels, palette, screen_theme
from lossviz.figures.levels import Spacing
from lossviz.figures.plane import (
    gap,
    name,
    same_boundaries,
    share_inside,
    thinned,
)
from lossviz.figures.screen_grid import per_row
from lossviz.figures.screen_theme import TEXT, WIDE

if TYPE_CHECKING:
    from lossviz.fields import Field


MAP_CELLS = 220


def difference(
    field_a: Field,
    field_b: Field,
    *,
    spacing: Spacing = "linear",
    count: int = 15,
    height: int = 520,
    width: int = WIDE,
    dark: bool = False,
) -> go.Figure:
    """The loss of `field_a` minus that of `field_b` in `count` bands centred at zero.

    The weights are those of `field_a`. The boundary is dashed; where that of `field_b` differs it
    is dotted. width: pixels that there are. Both fields need the same grid; raises ValueError.
    """
    x, y, below = thinned(field_a, gap(field_a, field_b), MAP_CELLS)
    low, high = levels.shared_range([below])
    edges = levels.symmetric_edges(max(abs(low), abs(high)), count, spacing)
    colors = palette.difference_colors(count)
    title_a, title_b = field_a.spec.title, field_b.spec.title
    # Bands are equally high in `position`, so one step size fits linear and log.
    steps = {"start": 1 / count, "end": 1 - 1 / count, "size": 1 / count, "coloring": "fill"}
    figure = go.Figure(
        go.Contour(
            x=x,
            y=y,
            z=np.where(np.isfinite(below), levels.position(below, edges), np.nan),
            customdata=below,
            autocontour=False,
            contours=steps,
            zmin=0,
            zmax=1,
            zauto=False,
            colorscale=[
                [i / (count - 1) if count > 1 else i, c] for i, c in enumerate(_at_least_two(colors))
            ],
            line={"width": 0.6, "color": palette.translucent(palette.ISOLINE, palette.ISOLINE_SHARE)},
            colorbar=screen_theme.color_bar(
                "difference", palette.theme(dark), screen_theme.band_ticks(edges, spacing)
            ),
            hovertemplate=(
                "z₁ = %{x:.2f}, z₂ = %{y:.2f}<br>"
                f"{title_a} − {title_b}: " + "%{customdata:.3~g}<extra></extra>"
            ),
            name=f"{title_a} − {title_b}",
        )
    )
    same = same_boundaries(field_a, field_b)
    _boundary(figure, field_a, "decision boundary" if same else f"boundary, {title_a}", "dash", dark)
    if not same:
        _boundary(figure, field_b, f"boundary, {title_b}", "dot", dark)
    _weights(figure, field_a, dark)
    names = [trace.name for trace in figure.data if trace.showlegend is not False][1:]
    rows = -(-len(names) // per_row(names, width - 68))
    margin = {"l": 56, "r": 12, "t": 12, "b": 62 + 22 * rows}
    plot = min(height - 96, width - 150)
    screen_theme.apply(figure, dark, plot + 12 + margin["b"], margin)
    x0, x1, y0, y1 = field_a.extent
    figure.update_xaxes(
        title_text="z₁", range=[x0, x1], constrain="domain", nticks=6, showgrid=False, zeroline=False
    )
    figure.update_yaxes(
        title_text="z₂",
        range=[y0, y1],
        scaleanchor="x",
        scaleratio=1,
        constrain="domain",
        nticks=6,
        showgrid=False,
        zeroline=False,
    )
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": -58 / plot, "yanchor": "top"})
    return figure


def _at_least_two(colors: list[str]) -> list[str]:
    return colors if len(colors) > 1 else colors * 2


def _boundary(figure: go.Figure, field: Field, text: str, dash: str, dark: bool) -> None:
    """Grey dashes on a light line: one trace each, the pieces with gaps between them."""
    if not field.boundaries:
        return
    gaps = [np.concatenate([np.asarray(line), [[np.nan, np.nan]]]) for line in field.boundaries]
    points = np.concatenate(gaps)
    theme = palette.theme(dark)
    casing = palette.translucent(theme.casing, theme.boundary_casing_share)
    for shown, line in (
        (False, {"color": casing, "width": 3}),
        (True, {"color": theme.boundary, "width": 2, "dash": dash}),
    ):
        figure.add_trace(
            go.Scatter(
                x=points[:, 0],
                y=points[:, 1],
                mode="lines",
                line=line,
                name=text,
                legendgroup=text,
                showlegend=shown,
                hoverinfo="skip",
            )
        )


def _weights(figure: go.Figure, field: Field, dark: bool) -> None:
    """Arrows from the origin with casing and name; the own one last, on top."""
    weights, theme = field.weights, palette.theme(dark)
    for k in sorted(range(len(weights)), key=lambda k: k == field.label):
        own = k == field.label
        share = share_inside(weights[k], field.extent)
        tip = weights[k] * min(1.0, share)
        color = theme.own if own else theme.other
        figure.add_trace(
            go.Scatter(
                x=[0, tip[0]],
                y=[0, tip[1]],
                mode="lines",
                line={"color": theme.casing, "width": 6 if own else 5},
                name=name("W", k),
                showlegend=False,
                hoverinfo="skip",
            )
        )
        figure.add_annotation(
            x=tip[0],
            y=tip[1],
            ax=0,
            ay=0,
            xref="x",
            yref="y",
            axref="x",
            ayref="y",
            text="",
            showarrow=True,
            arrowhead=2 if share >= 1 else 0,
            arrowwidth=3.0 if own else 2.2,
            arrowcolor=color,
        )
        length = float(np.linalg.norm(weights[k]))
        away = weights[k] / length if length > 0 else np.array([0.0, -1.0])
        away = away if share >= 1 else -away
        text = name("W", k)
        figure.add_annotation(
            x=tip[0],
            y=tip[1],
            text=f"<b>{text}</b>" if own else text,
            hovertext=f"{text}, length {number_text(length)}",
            xshift=16 * away[0],
            yshift=16 * away[1],
            showarrow=False,
            font={"color": color, "size": TEXT},
            bgcolor=palette.translucent(theme.casing),
            borderpad=1,
        )
    key = ((f"own weight vector, y = {field.label}", theme.own), ("other classes", theme.other))
    for text, color in key:
        # Annotations have no legend entry; an empty line stands in for them.
        figure.add_trace(
            go.Scatter(
                x=[None],
                y=[None],
                mode="lines+markers",
                name=text,
                hoverinfo="skip",
                line={"color": color, "width": 3 if color == theme.own else 2.2},
                marker={"symbol": "arrow-right", "size": 10},
            )
        )
