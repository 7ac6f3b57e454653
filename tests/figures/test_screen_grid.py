"""Where panels and the texts around them stand on the screen."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from lossviz.figures import screen_chart, screen_grid, text_width
from lossviz.figures.chart import Axis, Bars, Chart, Dots, Line, Panel, Rule, RunColor
from lossviz.figures.panel import finite_parts
from tests.figures.chart_examples import ALL, X


def test_bars_of_several_runs_stand_side_by_side_without_touching_the_next_group() -> None:
    marks = tuple(Bars(np.arange(3), np.ones(3), color=RunColor(n)) for n in range(3))
    panel = Panel(marks)
    drawn = screen_chart.draw(Chart((panel,), alt="")).data
    placed = [(bar.offset, bar.width) for bar in drawn]
    for (offset, width), (following, _) in itertools.pairwise(placed):
        assert offset + width == pytest.approx(following)
    assert placed[0][0] == pytest.approx(-0.4)
    assert sum(placed[-1]) == pytest.approx(0.4)
    alone = Bars(np.array([0.0, 10, 20]), np.ones(3), base=np.zeros(3))
    (bar,) = screen_chart.draw(Chart((Panel((alone,)),), alt="")).data
    assert (bar.offset, bar.width) == (-4, 8)
    apart_ = Panel((Bars(np.array([0.0, 2]), np.ones(2)), Bars(np.array([1.0]), np.ones(1))))
    for bar in screen_chart.draw(Chart((apart_,), alt="")).data:
        assert (bar.offset, bar.width) == pytest.approx((-0.4, 0.8))


@pytest.mark.parametrize(
    ("count", "columns"), [(1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (6, 3), (8, 4), (9, 3), (12, 4)]
)
def test_columns_suit_the_number_of_panels(count: int, columns: int) -> None:
    chart = Chart((Panel(()),) * count, alt="")
    assert chart.usual_columns == columns
    assert replace(chart, columns=2).usual_columns == min(2, count)


def test_titles_break_between_words() -> None:
    lines = text_width.wrapped("the share of the second principal component", 150, 14)
    assert len(lines) > 1
    assert " ".join(lines) == "the share of the second principal component"
    assert all(text_width.text_width(line, 14) <= 150 for line in lines)


def test_finite_parts_are_the_stretches_between_gaps() -> None:
    values = np.array([np.nan, 1, 2, np.nan, 3, np.inf])
    assert finite_parts(values, np.zeros(6)) == [slice(1, 3), slice(4, 5)]


def test_panels_of_a_grid_do_not_overlap_and_fill_the_figure() -> None:
    for chart, width in itertools.product([made() for made in ALL.values()], (350, 640, 940)):
        grid = screen_grid.grid_of(chart, width)
        for one, two in itertools.combinations(grid.cells, 2):
            assert (
                one.x[1] <= two.x[0] or two.x[1] <= one.x[0] or one.y[0] >= two.y[1] or two.y[0] >= one.y[1]
            )
        assert min(cell.x[0] for cell in grid.cells) == 0
        assert max(cell.x[1] for cell in grid.cells) == pytest.approx(1)
        inner = grid.height - grid.margin["t"] - grid.margin["b"]
        for cell in grid.cells:
            assert (cell.y[1] - cell.y[0]) * inner == pytest.approx(cell.height, rel=0.01)
            assert cell.height <= chart.height


def test_panels_of_equal_scales_are_no_higher_than_their_width_needs() -> None:
    square = Panel((Dots(np.array([-1.0, 1]), np.array([-1.0, 1])),), equal=True)
    phone = screen_grid.grid_of(Chart((square,), alt="", height=600), 350).cells[0]
    # As wide as it may turn out on a page between two steps of widths.
    assert phone.width <= phone.height <= 1.2 * phone.width
    wide = screen_grid.grid_of(Chart((square,), alt="", height=300), 940).cells[0]
    assert wide.height == 300
    beside = screen_grid.grid_of(Chart((square, Panel((Line(X, X),))), alt="", height=600), 940).cells
    assert [cell.height for cell in beside] == [600, 600]


def test_lines_are_named_at_their_ends_only_where_the_names_fit() -> None:
    def fits(*names: str, panels: int = 1, **options: object) -> bool:
        panel = Panel(tuple(Line(X, X, RunColor(n), name) for n, name in enumerate(names)))
        return screen_grid.grid_of(Chart((panel,) * panels, alt="", **options), 940).ends  # type: ignore[arg-type]

    assert fits("ArcFace", "CAMRI")
    assert not fits("ArcFace", "CAMRI", panels=2)
    assert not fits("a name that is much longer than a third of the figure is wide on a usual screen")
    assert not fits(*(f"run {n}" for n in range(30)))
    assert not fits("ArcFace", legend="top")
    assert not screen_grid.grid_of(ALL["curves"](), 350).ends


def test_names_at_ends_are_apart_and_within_the_panel() -> None:
    lines = tuple(Line(X, np.full(5, 1 + n / 1000), RunColor(n), f"run {n}") for n in range(6))
    cell = screen_grid.grid_of(Chart((Panel(lines, y=Axis(low=0, high=10)),), alt=""), 940).cells[0]
    places = [share * cell.height for _, share in cell.end_names(True)]
    assert min(np.diff(places)) >= 17.9
    assert 0 <= min(places) <= max(places) <= cell.height


def test_each_colour_bar_has_a_place_of_its_own_beside_the_plots() -> None:
    def panel(title: str) -> Panel:
        return Panel((Dots(X, X, values=X, value_title=title),))

    layout = screen_chart.draw(Chart((panel("loss"), panel("angle")), alt="")).layout
    first, second = layout.coloraxis.colorbar, layout.coloraxis2.colorbar
    assert (first.title.text, second.title.text) == ("loss", "angle")
    assert second.xpad - first.xpad >= 60
    assert layout.margin.r > second.xpad
    shared = screen_chart.draw(Chart((panel("loss"), panel("loss")), alt=""))
    assert {trace.marker.coloraxis for trace in shared.data} == {"coloraxis"}


def test_a_long_name_is_cut_where_its_width_ends() -> None:
    name = "no passing for vehicles over 3.5 tons"
    short = text_width.shortened(name, 90, 13)
    assert short.endswith("…")
    assert name.startswith(short[:-1])
    assert len(short) > 8
    assert text_width.text_width(short, 13) <= 90
    assert text_width.shortened(name, 900, 13) == name
    assert text_width.shortened("W", 1, 13)


def test_names_of_rules_near_the_edges_of_a_narrow_panel_do_not_overlap() -> None:
    rules = (Rule(0.2, name="own 20.0° of class 0"), Rule(7.9, name="other 81.5° of class 9"))
    panel = Panel((Line(np.array([0.0, 10.0]), np.array([0.0, 1.0])), *rules))
    cell = screen_grid.grid_of(Chart((panel,), alt="", shared_x=True), 300).cells[0]
    # Each is about 130 pixels wide, the panel 240: from its left edge, and ending at the rule.
    assert cell.width < 260
    assert len({row for *_, row in cell.rules}) == 2
