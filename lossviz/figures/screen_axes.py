"""The axes of a panel on the screen: its marks add traces, shapes and annotations of plotly."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any

from lossviz.figures import palette
from lossviz.figures.axis import Axis
from lossviz.figures.drawing import Drawing, PanelAxes
from lossviz.figures.panel import Anchor, Dash, ValueScale
from lossviz.figures.roles import TEXT, Color
from lossviz.figures.screen_theme import NAME
from lossviz.figures.text_width import shortened

Dict = dict[str, Any]
DASHES: dict[Dash, str] = {"solid": "solid", "dashed": "7px,4px", "dotted": "2px,3px"}
HOVER = "%{hovertext}<extra></extra>"
MOST_SVG_DOTS = 3000  # beyond, dots are drawn by WebGL


@dataclass
class ScreenDrawing(Drawing):
    """The lists that plotly wants. gl: dots by WebGL. legend_width: pixels for the longest name there."""

    gl: bool = False
    legend_width: float = 1000.0
    traces: list[Dict] = field(default_factory=list)
    shapes: list[Dict] = field(default_factory=list)
    annotations: list[Dict] = field(default_factory=list)


@dataclass
class ScreenAxes(PanelAxes):
    """Axes number 1, "2", "3", … of a figure; the first is ""."""

    drawing: ScreenDrawing
    number: str = ""

    @property
    def refs(self) -> Dict:
        """The names of the axes, for a shape or an annotation."""
        return {"xref": "x" + self.number, "yref": "y" + self.number}

    def trace(self, name: str, color: Color, **options: Any) -> None:
        """Add a trace; the first with its name and colour stands in the legend."""
        first = self.drawing.names(name, color)
        shown = shortened(name, self.drawing.legend_width, NAME) if first else name
        place = (
            {"scene": "scene" + self.number}
            if self.panel.solid
            else {"xaxis": "x" + self.number, "yaxis": "y" + self.number}
        )
        naming = {"name": plain(shown), "legendgroup": plain(name), "showlegend": first}
        self.drawing.traces.append({"type": "scatter", **place, **naming, **options})

    def color_axis(self, scale: ValueScale) -> str:
        """The name of the colour axis of a scale of numbers."""
        number = list(self.drawing.scales).index(scale)
        return f"coloraxis{number + 1 if number else ''}"

    def shape(self, kind: str, **options: Any) -> None:
        self.drawing.shapes.append({"type": kind, **self.refs, **options})

    def line_style(self, color: Color, width: float, dash: Dash = "solid") -> Dict:
        """A line; width: pixels."""
        return {"color": self.code(color), "width": width, "dash": DASHES.get(dash, dash)}

    def note(
        self, x: float, y: float, text: str, color: Color = TEXT, anchor: Anchor = "left", **options: Any
    ) -> None:
        """Add a text with a halo of the page's colour, one end of it or its middle at (x, y)."""
        if not self.shows(x, y):
            return
        case = palette.theme(self.dark).casing
        halo = ",".join(f"{dx}px {dy}px 1px {case}" for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        self.drawing.annotations.append(
            {
                "text": plain(text),
                "x": self.x.place_on(x),
                "y": self.y.place_on(y),
                **self.refs,
                "xanchor": anchor,
                "yanchor": "middle",
                "showarrow": False,
                "font": {"color": self.text_code(color), "size": NAME, "shadow": halo},
                **options,
            }
        )

    def hover(self, name: str) -> Dict:
        """The words at a point: its name alone in a polar panel, where x and y have no meaning."""
        if self.panel.polar:
            return {"hoverinfo": "name" if name else "skip"}
        return {"hovertemplate": template(name, value_words(self.x, "x"), value_words(self.y, "y"))}


def hover_texts(texts: tuple[str, ...]) -> Dict:
    """One text a point, or nothing where there are none."""
    return {"hovertext": [plain(text) for text in texts], "hovertemplate": HOVER} if texts else {}


def template(name: str, *texts: str) -> str:
    """The lines of a hover text under a name."""
    return "<br>".join([*([plain(name)] if name else []), *texts]) + "<extra></extra>"


def value_words(axis: Axis, name: str) -> str:
    """A number of an axis in a hover text, with its title and unit. name: of the number in the trace."""
    unit = axis.suffix or (f" {plain(axis.unit)}" if axis.unit else "")
    return f"{plain(axis.title) or name}: %{{{name}:.4~g}}{unit}"


def plain(text: str) -> str:
    """A text that plotly shows as it is; <br> for its line breaks."""
    return html.escape(text, quote=False).replace("%{", "%&#123;").replace("\n", "<br>")
