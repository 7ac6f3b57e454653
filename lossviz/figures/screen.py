"""Figures for the screen, with plotly: curves, a surface, a map of differences.

Arrays in, figure out. The background is transparent, so a figure takes on the page's. Show with
`st.plotly_chart(figure, theme=None, config=screen.CONFIG)`: Streamlit's own theme would overwrite
colours and fonts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from lossviz.figures import levels, palette
from lossviz.figures.levels import Spacing
from lossviz.figures.plane import gap, name, same_boundaries, share_inside

if TYPE_CHECKING:
    from lossviz.fields import Field

Array = NDArray[Any]
Kind = Literal["angle", "target", "probability"]

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif'
TEXT = 14  # pixels; the smallest text is 13
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "svg", "filename": "lossviz"},
}
DASHES = ("solid", "8px,4px", "2px,3px", "9px,3px,2px,3px", "15px,4px", "9px,3px,2px,3px,2px,3px")
LINE_GAP = 18  # pixels between two labels at the ends of lines
SURFACE_CELLS = 140
MAP_CELLS = 220


@dataclass(frozen=True, eq=False)
class Curve:
    """A named curve: x [n] ascending, y [n]. Whatever has these three attributes will do."""

    name: str
    x: Array
    y: Array


@dataclass(frozen=True)
class _Axes:
    """What the axes of one kind of curve are called, and where x begins, ends and has its ticks."""

    x_title: str
    y_title: str
    x_range: tuple[float, float]
    x_step: float
    x_unit: str
    y_hover: str
    headline: str


_AXES: dict[Kind, _Axes] = {
    "angle": _Axes(
        "angle from the own weight vector",
        "loss",
        (-180, 180),
        45,
        "°",
        ".3~g",
        "%{x:.1f}° from W<sub>y</sub>",
    ),
    "target": _Axes(
        "θ, angle from the own weight vector",
        "target logit ψ(θ)",
        (0, 180),
        30,
        "°",
        ".3f",
        "θ = %{x:.1f}°",
    ),
    "probability": _Axes(
        "probability of the true class", "loss", (0, 100), 20, " %", ".3~g", "p<sub>y</sub> = %{x:.1f} %"
    ),
}


def lines(
    curves: Sequence[Curve],
    kind: Kind = "angle",
    *,
    spacing: Spacing = "linear",
    y_range: tuple[float, float] | None = None,
    height: int = 420,
    narrow: bool = False,
    dark: bool = False,
) -> go.Figure:
    """Curves of several losses, each with its own colour, dash pattern and its name at its end.

    kind "angle": x is the angle from the own weight vector at fixed ‖z‖ in degrees, −180..180,
    y the loss. "target": x is θ in degrees, 0..180, y the target logit ψ(θ); cosθ, the logit without
    margin, is drawn in grey. "probability": x is p_y in per cent, y the loss. spacing: of y; "log"
    leaves out y <= 0. y_range: by default from
    the curves, without what is not finite and, against the probability, without p_y < 1 %. height:
    pixels. narrow: for a phone, the names stand in a legend under the figure.
    """
    if kind not in _AXES:
        raise ValueError(f"lines: kind must be one of {', '.join(_AXES)}; got {kind!r}")
    axes, theme = _AXES[kind], palette.theme(dark)
    y_range = _y_range(curves, spacing, kind) if y_range is None else y_range
    figure = go.Figure()
    reference = [_plain_cosine()] if kind == "target" else []
    for curve in reference:
        figure.add_trace(_line(curve, theme.muted, "dot", 1.5, axes, spacing))
    for i, curve in enumerate(curves):
        figure.add_trace(_line(curve, curve_color(i, dark), DASHES[i % len(DASHES)], 2.5, axes, spacing))
    everything = [*reference, *curves]
    colors = [theme.muted] * len(reference) + [curve_color(i, dark) for i in range(len(curves))]
    margin = {"l": 64, "r": 16, "t": 14, "b": 56}
    if narrow:
        margin["b"] += 22 * len(everything)
        height += 22 * len(everything)
    else:
        margin["r"] = 24 + min(220, 8 * max((len(curve.name) for curve in everything), default=0))
        plot_height = height - margin["t"] - margin["b"]
        for note in _end_labels(everything, colors, y_range, spacing, plot_height):
            figure.add_annotation(note)
    _theme(figure, dark, height, margin)
    figure.update_layout(
        hovermode="x unified",
        showlegend=narrow,
        legend={
            "x": 0,
            "xanchor": "left",
            "y": -58 / (height - margin["t"] - margin["b"]),
            "yanchor": "top",
        },
    )
    figure.update_xaxes(
        title_text=axes.x_title,
        range=list(axes.x_range),
        dtick=axes.x_step,
        tick0=0,
        ticksuffix=axes.x_unit,
        unifiedhovertitle_text=axes.headline,
        # Under a transparent figure plotly takes the page for white and edges the spike in white.
        showspikes=not dark,
        spikecolor=theme.muted,
        spikethickness=1,
        spikedash="dot",
    )
    figure.update_yaxes(title_text=axes.y_title)
    if spacing == "log":
        figure.update_yaxes(type="log", range=[float(np.log10(v)) for v in y_range], **_log_axis(y_range))
    else:
        figure.update_yaxes(range=list(y_range), nticks=7)
    return figure


def surface(field: Field, *, spacing: Spacing = "linear", height: int = 560, dark: bool = False) -> go.Figure:
    """The loss of a field as a height over the plane, with the weight vectors lying on it.

    spacing "log": the heights follow `levels.band_edges` with log spacing, losses below its floor
    lie on the floor. Shown at no more than 140 cells a side.
    """
    theme = palette.theme(dark)
    x, y, z_yx = _thin(field, field.z_yx, SURFACE_CELLS)
    low, high = levels.shared_range([z_yx])
    edges = levels.band_edges(low, high, 200, spacing)
    shown = np.where(np.isfinite(z_yx), levels.position(z_yx, edges), np.nan)
    colors = palette.loss_colors(33)
    tick_values, tick_texts = _ticks(edges, spacing)
    isolines = {
        "show": True,
        "start": 1 / 14,
        "end": 13.5 / 14,
        "size": 1 / 14,
        "width": 1,
        "color": "rgba(16,20,28,0.55)",
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
            colorbar=_bar("loss", tick_values, tick_texts, theme),
            hovertemplate="z₁ = %{x:.2f}<br>z₂ = %{y:.2f}<br>loss %{customdata:.3~g}<extra></extra>",
            name=field.spec.title,
        )
    )
    _draped_weights(figure, field, x, y, shown, dark)
    _theme(figure, dark, height, {"l": 0, "r": 0, "t": 0, "b": 0})
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
        xaxis={**axis, "title": _title("z₁", theme), "range": [x0, x1]},
        yaxis={**axis, "title": _title("z₂", theme), "range": [y0, y1]},
        zaxis={
            **axis,
            "title": _title("loss", theme),
            "range": [-0.02, 1.02],
            "tickvals": tick_values,
            "ticktext": tick_texts,
        },
        aspectratio={"x": (x1 - x0) / side, "y": (y1 - y0) / side, "z": 0.62},
        camera=_camera(field),
    )
    figure.update_layout(showlegend=False)
    return figure


def difference(
    field_a: Field,
    field_b: Field,
    *,
    spacing: Spacing = "linear",
    count: int = 15,
    height: int = 520,
    dark: bool = False,
) -> go.Figure:
    """The loss of `field_a` minus that of `field_b` in `count` bands centred at zero.

    The weights are those of `field_a`. The boundary is dashed; where that of `field_b` differs it
    is dotted. Both fields need the same grid; raises ValueError.
    """
    theme = palette.theme(dark)
    x, y, below = _thin(field_a, gap(field_a, field_b), MAP_CELLS)
    low, high = levels.shared_range([below])
    edges = levels.symmetric_edges(max(abs(low), abs(high)), count, spacing)
    colors = palette.difference_colors(count)
    tick_values, tick_texts = _ticks(edges, spacing)
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
            line={"width": 0.6, "color": "rgba(16,20,28,0.40)"},
            colorbar=_bar("difference", tick_values, tick_texts, theme),
            hovertemplate=(
                "z₁ = %{x:.2f}, z₂ = %{y:.2f}<br>"
                f"{title_a} − {title_b}: " + "%{customdata:.3~g}<extra></extra>"
            ),
            name=f"{title_a} − {title_b}",
        )
    )
    same = same_boundaries(field_a, field_b)
    _boundary(figure, field_a, "decision boundary" if same else f"boundary, {title_a}", "dash")
    if not same:
        _boundary(figure, field_b, f"boundary, {title_b}", "dot")
    _weights(figure, field_a, dark)
    _theme(figure, dark, height, {"l": 56, "r": 12, "t": 12, "b": 84})
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
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": -58 / (height - 96), "yanchor": "top"})
    return figure


def curve_color(i: int, dark: bool = False) -> str:
    """The colour of the `i`-th curve of a figure; with `DASHES` the first 24 pairs are different."""
    colors = palette.curve_colors(dark)
    return colors[i % len(colors)]


# ---- curves ----------------------------------------------------------------------------------------


def _line(curve: Curve, color: str, dash: str, width: float, axes: _Axes, spacing: Spacing) -> go.Scatter:
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


def _plain_cosine() -> Curve:
    angle = np.linspace(0, 180, 181)
    return Curve("cos θ, no margin", angle, np.cos(np.radians(angle)))


def _y_range(curves: Sequence[Curve], spacing: Spacing, kind: Kind) -> tuple[float, float]:
    """The range of the curves with a little air; a log axis reaches down ten decades at most."""
    # Where p_y goes to 0 most losses go to infinity: the part above 1 % sets the scale.
    start = 1.0 if kind == "probability" else -np.inf
    shown = [np.asarray(curve.y, dtype=np.float64)[np.asarray(curve.x) >= start] for curve in curves]
    low, high = levels.shared_range(shown)
    if kind == "target":
        low, high = min(low, -1.0), max(high, 1.0)
    if spacing == "log":
        high = high if high > 0 else 1.0
        low = max(levels.shared_range([y[y > 0] for y in shown])[0], high * 1e-10)
        return (low / 1.3 if low > 0 else high / 10), high * 1.3
    air = 0.04 * (high - low) or 0.5
    return low - air, high + air


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


def spread_apart(places: Sequence[float], least: float, top: float) -> list[float]:
    """Places moved as little as need be so that neighbours are `least` apart, within 0..top.

    Order is kept; equal places keep the order given, the first highest. With more places than fit
    the distance is what fits.
    """
    count = len(places)
    if count == 0:
        return []
    least = min(least, top / max(1, count - 1))
    order = sorted(range(count), key=lambda i: (places[i], -i))
    # Groups that touch share the mean of what their members want; merging until none overlap.
    groups: list[list[float]] = []  # [centre, members]
    for i in order:
        groups.append([min(max(places[i], 0.0), top), 1])
        while len(groups) > 1 and _touch(groups[-2], groups[-1], least):
            centre, members = groups.pop()
            before = groups[-1]
            total = before[1] + members
            merged = (before[0] * before[1] + centre * members) / total
            half = (total - 1) * least / 2
            groups[-1] = [min(max(merged, half), top - half), total]
    placed = [centre + (k - (n - 1) / 2) * least for centre, n in groups for k in range(int(n))]
    result = [0.0] * count
    for i, place in zip(order, placed, strict=True):
        result[i] = place
    return result


def _touch(below: Sequence[float], above: Sequence[float], least: float) -> bool:
    top = below[0] + (below[1] - 1) * least / 2
    bottom = above[0] - (above[1] - 1) * least / 2
    return bottom - top < least - 1e-9


# ---- the plane -------------------------------------------------------------------------------------


def _thin(field: Field, values: Array, cells: int) -> tuple[Array, Array, Array]:
    """Every so many rows and columns, the last ones included, so that a figure stays small."""

    def pick(n: int) -> Array:
        return np.unique(np.linspace(0, n - 1, min(n, cells)).round().astype(int))

    rows, columns = pick(len(field.y)), pick(len(field.x))
    thinned = np.asarray(values, dtype=np.float64)[np.ix_(rows, columns)]
    return field.x[columns], field.y[rows], np.where(np.isfinite(thinned), thinned, np.nan)


def _ticks(edges: Array, spacing: Spacing) -> tuple[list[float], list[str]]:
    """Ticks as shares of the bar."""
    marks = levels.ticks(edges, spacing)
    return [float(v) for v in levels.position([v for v, _ in marks], edges)], [text for _, text in marks]


def _at_least_two(colors: list[str]) -> list[str]:
    return colors if len(colors) > 1 else colors * 2


def _boundary(figure: go.Figure, field: Field, text: str, dash: str) -> None:
    """Grey dashes on a light line: one trace each, the pieces with gaps between them."""
    if not field.boundaries:
        return
    gaps = [np.concatenate([np.asarray(line), [[np.nan, np.nan]]]) for line in field.boundaries]
    points = np.concatenate(gaps)
    for shown, line in (
        (False, {"color": "rgba(255,255,255,0.8)", "width": 3}),
        (True, {"color": palette.BOUNDARY, "width": 2, "dash": dash}),
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
    weights = field.state.weights.detach().cpu().numpy()
    for k in sorted(range(len(weights)), key=lambda k: k == field.label):
        own = k == field.label
        share = share_inside(weights[k], field.extent)
        tip = weights[k] * min(1.0, share)
        color = palette.OWN if own else palette.other(dark)
        case = palette.casing(dark and not own)
        figure.add_trace(
            go.Scatter(
                x=[0, tip[0]],
                y=[0, tip[1]],
                mode="lines",
                line={"color": case, "width": 6 if own else 5},
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
            hovertext=f"{text}, length {levels.number_text(length)}",
            xshift=16 * away[0],
            yshift=16 * away[1],
            showarrow=False,
            font={"color": color, "size": TEXT},
            bgcolor=_glass(case),
            borderpad=1,
        )
    key = ((f"own weight vector, y = {field.label}", palette.OWN), ("other classes", palette.other(dark)))
    for text, color in key:
        # Annotations have no legend entry; an empty line stands in for them.
        figure.add_trace(
            go.Scatter(
                x=[None],
                y=[None],
                mode="lines+markers",
                name=text,
                hoverinfo="skip",
                line={"color": color, "width": 3 if color == palette.OWN else 2.2},
                marker={"symbol": "arrow-right", "size": 10},
            )
        )


def _draped_weights(figure: go.Figure, field: Field, x: Array, y: Array, shown: Array, dark: bool) -> None:
    """The weight vectors as lines just above a surface, with a knob at the tip and the name."""
    weights = field.state.weights.detach().cpu().numpy()
    notes = []
    for k, weight in enumerate(weights):
        # Losses of the angle alone jump at the origin: the line begins just beside it.
        tip = weight * min(1.0, share_inside(weight, field.extent))
        points = np.linspace(0.03, 1, 49)[:, None] * tip
        heights = _bilinear(shown, x, y, points) + 0.02
        own = k == field.label
        color = palette.OWN if own else palette.OTHER_LIGHT
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
                "x": tip[0],
                "y": tip[1],
                "z": heights[-1],
                "text": f"<b>{text}</b>" if own else text,
                "showarrow": False,
                "yshift": 16,
                "font": {"color": color, "size": TEXT},
                "bgcolor": _glass(palette.CASE_LIGHT),
                "borderpad": 1,
            }
        )
    figure.update_scenes(annotations=notes)


def _bilinear(surface: Array, x: Array, y: Array, points: Array) -> Array:
    """A surface [ny, nx] at points [n, 2] inside the grid."""
    u = np.interp(points[:, 0], x, np.arange(len(x)))
    v = np.interp(points[:, 1], y, np.arange(len(y)))
    i, j = np.minimum(u.astype(int), len(x) - 2), np.minimum(v.astype(int), len(y) - 2)
    a, b = u - i, v - j
    low = (1 - a) * surface[j, i] + a * surface[j, i + 1]
    high = (1 - a) * surface[j + 1, i] + a * surface[j + 1, i + 1]
    return np.asarray((1 - b) * low + b * high)


def _camera(field: Field) -> dict[str, Any]:
    """From where the valley opens: a little to the side of the own weight vector."""
    own = field.state.weights[field.label]
    angle = float(np.arctan2(float(own[1]), float(own[0]))) + 0.75
    eye = {"x": 1.6 * np.cos(angle), "y": 1.6 * np.sin(angle), "z": 1.05}
    return {"eye": eye, "center": {"x": 0, "y": 0, "z": -0.1}}


# ---- theme -----------------------------------------------------------------------------------------


def _theme(figure: go.Figure, dark: bool, height: int, margin: dict[str, int]) -> None:
    """Fonts, colours and margins; nothing of plotly's own template."""
    theme = palette.theme(dark)
    clear = _glass(theme.background, 0)  # plotly mixes some colours with the invisible background
    figure.update_layout(
        template="none",
        height=height,
        margin=margin,
        paper_bgcolor=clear,
        plot_bgcolor=clear,
        font={"family": FONT, "size": TEXT, "color": theme.text},
        hoverlabel={
            "bgcolor": theme.background,
            "bordercolor": theme.border,
            "font": {"family": FONT, "size": 13, "color": theme.text},
            "namelength": -1,
        },
        legend={"font": {"size": 13, "color": theme.text}, "bgcolor": "rgba(0,0,0,0)"},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": theme.muted, "activecolor": theme.primary},
    )
    axis = {
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
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)


def _title(text: str, theme: palette.Theme) -> dict[str, Any]:
    return {"text": text, "font": {"size": TEXT, "color": theme.text}}


def _bar(text: str, values: Sequence[float], texts: Sequence[str], theme: palette.Theme) -> dict[str, Any]:
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


def _glass(color: str, share: float = 0.72) -> str:
    """A colour that lets a little through."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"
