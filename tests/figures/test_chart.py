from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import numpy as np
import pytest

from lossviz.core.errors import LossvizError
from lossviz.figures import palette, print_chart, screen_chart
from lossviz.figures.chart import (
    Axis,
    Chart,
    ClassColor,
    Color,
    Dots,
    Line,
    Mark,
    Matrix,
    Panel,
    PolarSteps,
    RoleColor,
    RunColor,
    Scale,
    Steps,
)
from lossviz.figures.marks.polar import polar_grid
from lossviz.figures.panel import by_class
from lossviz.figures.roles import color_code, text_code
from tests.figures.chart_examples import ALL, NAMES, X


def test_lists_become_arrays_and_a_mark_stays_as_it_was_made() -> None:
    line = Line([0, 1], [2.0, 3.0])  # type: ignore[arg-type]
    assert isinstance(line.y, np.ndarray)
    with pytest.raises(FrozenInstanceError):
        line.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda: Line(X, X[1:]), "Line must be equally long; got x 5, y 4"),
        (lambda: Line(X, np.zeros((5, 2))), r"y of Line must be \[n\]; got \[5, 2\]"),
        (lambda: Dots(X, X, hover=("one",)), "x 5, y 5, hover 1"),
        (lambda: Dots(X, X, classes=X, values=X), "not by both"),
        (lambda: Dots(X, X, symbols=("ring",)), "got 1 for 5 points"),
        (lambda: Steps(X, X), "one edge more than heights; got 5 edges and 5 heights"),
        (lambda: Matrix(np.zeros((2, 3)), NAMES, NAMES), r"3 rows and 3 columns .* got \[2, 3\]"),
        (lambda: Matrix(np.zeros((1, 1)), ("a",), ("b",), texts=(("1", "2"),)), r"must be \[1, 1\]"),
        (lambda: Panel((PolarSteps(X, X[1:]),)), "PolarSteps needs a panel with polar=True"),
        (lambda: Panel((Dots(X, X, z=X),)), "Dots needs a panel with solid=True"),
        (lambda: Panel((Line(X, X),), solid=True), "Dots with z only"),
        (lambda: Axis(spacing="log", low=0), "starts above 0; got low = 0"),
        (lambda: Chart((), alt=""), "at least one panel"),
        (lambda: Chart((Panel(()),), alt="", columns=0), "columns must be at least 1; got 0"),
    ],
)
def test_what_cannot_be_drawn_is_told(made: object, told: str) -> None:
    with pytest.raises(LossvizError, match=told):
        made()  # type: ignore[operator]


def test_a_class_has_its_colour_in_both_themes_and_a_run_one_that_is_text() -> None:
    for dark in (False, True):
        assert color_code(ClassColor(3), dark) == palette.class_color(3)
        ground = palette.theme(dark).background
        for n in range(8):
            assert palette.contrast(color_code(RunColor(n), dark), ground) >= 4.5
    assert color_code(RunColor(0), False) != color_code(RunColor(0), True)


@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_is_readable_where_it_is_text(dark: bool) -> None:
    ground = palette.theme(dark).background
    roles = ("own", "other", "boundary", "text", "muted", "positive", "negative", "difference")
    colors = [*(ClassColor(k) for k in range(10)), *(ClassColor(k, True) for k in range(10))]
    for color in [*colors, *(RoleColor(role) for role in roles)]:  # type: ignore[arg-type]
        assert palette.contrast(text_code(color, dark), ground) >= 4.5


def test_readable_keeps_a_colour_that_is_readable_and_the_hue_of_one_that_is_not() -> None:
    assert palette.readable("#bd1f01", "#ffffff") == "#bd1f01"
    orange = palette.class_color(1)
    before, after = palette.oklab([orange, palette.readable(orange, "#ffffff")])
    turn = math.degrees(math.atan2(before[2], before[1]) - math.atan2(after[2], after[1]))
    assert after[0] < before[0]
    assert abs(turn) < 12


def test_muted_classes_are_nearer_to_the_page_and_drawn_first() -> None:
    for dark in (False, True):
        ground = palette.oklab([palette.theme(dark).background])[0]
        for k in range(10):
            own, muted = palette.oklab([color_code(ClassColor(k, m), dark) for m in (False, True)])
            assert np.linalg.norm(muted - ground) < 0.5 * np.linalg.norm(own - ground)
    mark = Dots(X, X, classes=np.array([0, 1, 2, 0, 1]), vivid=(0,))
    assert [color.k for color, _ in by_class(mark.classes, mark.vivid)] == [1, 2, 0]


def test_the_legend_has_each_name_once_and_classes_up_to_twelve() -> None:
    assert [name for name, _ in ALL["histograms"]().entries(lines=True)] == ["negative", "positive"]
    assert [name for name, _ in ALL["curves"]().entries(lines=True)] == ["cross-entropy", "ArcFace"]
    assert ALL["curves"]().entries(lines=False) == []
    assert [name for name, _ in ALL["solid"]().entries(lines=True)] == list(NAMES)
    many = Chart((Panel((Dots(np.arange(13), np.arange(13), classes=np.arange(13)),)),), alt="")
    assert many.entries(lines=True) == []


def test_a_polar_histogram_reaches_its_heights_along_its_angles() -> None:
    mark = PolarSteps(np.linspace(0, 2 * math.pi, 9), np.array([4.0, 1, 0, 0, 2, 0, 0, np.nan]))
    x, y = mark.outline(rim=4.0)
    radius, angle = np.hypot(x, y), np.degrees(np.arctan2(y, x)) % 360
    assert radius[(angle > 0.1) & (angle < 44.9)] == pytest.approx(1)
    assert radius[(angle > 45.1) & (angle < 89.9)] == pytest.approx(0.25)
    assert radius[(angle > 180.1) & (angle < 224.9) & (radius > 0)] == pytest.approx(0.5)
    pieces = np.diff(angle[(angle > 0) & (angle < 45)])
    assert abs(pieces).max() < 3.1


def test_the_rim_is_round_at_least_the_highest_and_shared_where_y_is() -> None:
    def of(height: float) -> Panel:
        return Panel((PolarSteps(np.array([0.0, 1.0]), np.array([height])),), polar=True)

    assert Chart((of(31.2), of(7.0)), alt="").rims() == pytest.approx([32, 7.0])
    assert Chart((of(31.2), of(7.0)), alt="", shared_y=True).rims() == pytest.approx([32, 32])
    assert Chart((Panel((), y=Axis(high=50), polar=True),), alt="").rims() == [50]


def test_an_empty_polar_panel_is_a_circle_with_its_angles() -> None:
    texts = [m.text for m in polar_grid(Axis(), 0.0) if hasattr(m, "text")]
    assert texts == [f"{degrees}°" for degrees in range(0, 360, 45)]


def test_a_difference_is_centred_at_zero_and_nothing_is_the_pages_colour() -> None:
    mark = Matrix(np.array([[-1.0, 3.0], [0.0, np.nan]]), ("a", "b"), ("c", "d"), "difference")
    assert mark.color_ends == (-3, 3)
    for dark in (False, True):
        theme = palette.theme(dark)
        colors = mark.cell_colors(dark)
        assert colors[2] == theme.secondary_background
        assert colors[3] == theme.background
        assert colors[1] == palette.difference_colors(3)[2]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("scale", ["counts", "share", "number", "difference"])
def test_texts_of_cells_are_readable_on_every_colour(scale: Scale, dark: bool) -> None:
    mark = Matrix(np.linspace(-100, 100, 41)[None], ("r",), tuple(map(str, range(41))), scale)
    cells, texts = mark.cell_colors(dark), mark.text_colors(dark)
    assert min(palette.contrast(a, b) for a, b in zip(cells, texts, strict=True)) >= 4.5


def test_cells_say_counts_per_cent_and_signed_differences() -> None:
    counts, share, gaps = (panel.marks[0] for panel in ALL["matrices"]().panels)
    assert isinstance(counts, Matrix)
    assert isinstance(share, Matrix)
    assert isinstance(gaps, Matrix)
    assert counts.cell_texts()[0] == ("8", "2", "0")
    assert share.cell_texts()[0] == ("80.0", "20.0", "0.0")
    assert gaps.cell_texts() == (("+2", "−2", "0"), ("0", "+1", "−1"), ("−4", "0", "–"))
    large = Matrix(np.array([[12345.0]]), ("a",), ("b",))
    assert large.cell_texts() == (("12,345",),)


@dataclass(frozen=True)
class Cross(Mark):
    """A mark that no drawer, layout or legend was told of."""

    at: float
    name: str = "cross"
    color: Color = RunColor(1)  # noqa: RUF009

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        yield [self.at], False

    def screen(self, axes: Any) -> None:
        axes.trace(self.name, self.color, x=[self.at], y=[self.at], mode="markers", **axes.hover(self.name))

    def print(self, axes: Any) -> None:
        axes.axes.plot([self.at], [self.at], "x", **axes.artist(self.name, self.color))


def test_a_new_mark_is_one_class() -> None:
    chart = Chart((Panel((Cross(2.0), Cross(6.0))),), alt="")
    drawn, printed = screen_chart.draw(chart), print_chart.figure(chart)
    assert [trace.x for trace in drawn.data] == [(2.0,), (6.0,)]
    assert [trace.showlegend for trace in drawn.data] == [True, False]
    low, high = drawn.layout.xaxis.range
    assert low < 2 < 6 < high
    assert printed.axes[0].get_xlim() == (low, high)
    assert [line.get_xdata()[0] for line in printed.axes[0].lines] == [2, 6]
    assert [text.get_text() for text in printed.legends[0].get_texts()] == ["cross"]
