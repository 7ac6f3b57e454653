"""Lines, areas, arrows, rules and texts of a chart for plotly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lossviz.figures import chart_inks, chart_scales, palette
from lossviz.figures.chart import Arrows, Band, Circle, Line, Note, Rule, Steps
from lossviz.figures.chart_polar import Polygon
from lossviz.figures.screen_chart_sheet import DASHES, NOTE_SIZE, Brush, drawable, plain, said, template
from lossviz.figures.screen_theme import glass


def line(brush: Brush, mark: Line) -> None:
    """A curve."""
    brush.scatter(
        mark.x,
        drawable(mark.y, brush.panel.y),
        mark.ink,
        mark.name,
        mode="lines",
        line={"color": brush.sheet.color(mark.ink), "dash": DASHES[mark.dash], "width": mark.width},
        **brush.pointing(mark.name),
    )


def steps(brush: Brush, mark: Steps) -> None:
    """A histogram; pointed at, a bin says its middle."""
    base = brush.ends[1][0] if brush.panel.y.spacing == "log" else 0.0
    x, y = chart_scales.outline(mark, base)
    color = brush.sheet.color(mark.ink)
    middles = np.repeat((mark.edges[1:] + mark.edges[:-1]) / 2, 2)
    brush.scatter(
        x,
        y,
        mark.ink,
        mark.name,
        mode="lines",
        line={"color": color, "width": 1.5, "dash": DASHES[mark.dash]},
        fill="tozeroy" if mark.filled else "none",
        fillcolor=glass(color, 0.85 if mark.solid else 0.28 if brush.sheet.dark else 0.22),
        customdata=np.concatenate([middles[:1], middles, middles[-1:]]),
        hovertemplate=template(mark.name, said(brush.panel.x, "customdata"), said(brush.panel.y, "y")),
    )


def band(brush: Brush, mark: Band) -> None:
    """An area, in one piece for each stretch of finite numbers."""
    for part in chart_scales.finite_parts(mark.x, mark.low, mark.high):
        brush.scatter(
            np.concatenate([mark.x[part], mark.x[part][::-1]]),
            np.concatenate([mark.low[part], mark.high[part][::-1]]),
            mark.ink,
            mark.name,
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=glass(brush.sheet.color(mark.ink), 0.2),
            hoverinfo="skip",
        )


def polygon(brush: Brush, mark: Polygon) -> None:
    """A polar histogram."""
    color = brush.sheet.color(mark.ink)
    brush.scatter(
        np.append(mark.x, mark.x[:1]),
        np.append(mark.y, mark.y[:1]),
        mark.ink,
        mark.name,
        mode="lines",
        line={"color": color, "width": 1.5},
        fill="toself" if mark.filled else "none",
        fillcolor=glass(color, 0.3),
        hoveron="fills",
        hoverinfo="name" if mark.name else "skip",
    )


def arrows(brush: Brush, mark: Arrows) -> None:
    """Arrows from the origin with a casing, so that they are seen on points of any colour."""
    for part in chart_inks.split(mark, always=True):
        _arrows(brush, part)


def _arrows(brush: Brush, mark: Arrows) -> None:
    good = np.flatnonzero(np.isfinite(mark.x) & np.isfinite(mark.y))
    start, gap = np.zeros(len(good)), np.full(len(good), np.nan)
    x, y = (np.stack([start, tips[good], gap], axis=1).ravel() for tips in (mark.x, mark.y))
    color, casing = brush.sheet.color(mark.ink), palette.casing(brush.sheet.dark)
    for width, paint, name in ((4.0, casing, ""), (2.0, color, mark.name)):
        heads = np.tile([0.0, 7.0 + 1.8 * width, 0.0], len(good))
        brush.scatter(
            x,
            y,
            mark.ink,
            name,
            mode="lines+markers",
            line={"color": paint, "width": width},
            marker={
                "symbol": "arrow",
                "angleref": "previous",
                "size": heads,
                "color": paint,
                "opacity": 1,
                "line": {"width": 0},
            },
            hoverinfo="skip",
        )
    for i in good if mark.labels else ():
        angle = math.atan2(mark.y[i], mark.x[i])
        beyond = {"xshift": 13 * math.cos(angle), "yshift": 13 * math.sin(angle)}
        note(brush, Note(float(mark.x[i]), float(mark.y[i]), mark.labels[i], "center", mark.ink), **beyond)


def rule(brush: Brush, mark: Rule) -> None:
    """A line from side to side; its name is written outside."""
    along, across = ("x", "y") if mark.across == "x" else ("y", "x")
    brush.sheet.shapes.append(
        {
            "type": "line",
            f"{along}ref": along + brush.number,
            f"{across}ref": f"{across}{brush.number} domain",
            f"{along}0": mark.at,
            f"{along}1": mark.at,
            f"{across}0": 0,
            f"{across}1": 1,
            "line": {"color": brush.sheet.color(mark.ink), "width": mark.width, "dash": DASHES[mark.dash]},
        }
    )


def note(brush: Brush, mark: Note, **options: Any) -> None:
    """A text with a halo of the page's colour."""
    placed = ((mark.x, brush.panel.x), (mark.y, brush.panel.y))
    if any(not math.isfinite(at) or (axis.spacing == "log" and at <= 0) for at, axis in placed):
        return
    x, y = (math.log10(at) if axis.spacing == "log" else at for at, axis in placed)
    case = palette.casing(brush.sheet.dark)
    halo = ",".join(f"{dx}px {dy}px 1px {case}" for dx in (-1, 0, 1) for dy in (-1, 0, 1))
    brush.sheet.annotations.append(
        {
            "text": plain(mark.text),
            "x": x,
            "y": y,
            **brush.refs,
            "xanchor": mark.anchor,
            "yanchor": "middle",
            "showarrow": False,
            "font": {
                "color": chart_inks.text_color(mark.ink, brush.sheet.dark),
                "size": NOTE_SIZE,
                "shadow": halo,
            },
            **options,
        }
    )


def circle(brush: Brush, mark: Circle) -> None:
    """A circle under the other marks."""
    brush.sheet.shapes.append(
        {
            "type": "circle",
            **brush.refs,
            "x0": mark.x - mark.radius,
            "x1": mark.x + mark.radius,
            "y0": mark.y - mark.radius,
            "y1": mark.y + mark.radius,
            "line": {"color": brush.sheet.color(mark.ink), "width": 1.2, "dash": DASHES[mark.dash]},
            "layer": "below",
        }
    )
