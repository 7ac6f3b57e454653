from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from lossviz.figures import label_layout, screen_chart, screen_grid, text_width
from lossviz.figures.chart import Axis, Bars, Chart, Dots, Line, Panel, Rule, RunColor, Steps
from lossviz.figures.panel import finite_parts
from tests.figures.chart_examples import ALL, X


def ends(*marks: object, x: Axis | None = None, y: Axis | None = None) -> tuple[object, object]:
    panel = Panel(marks, x=x or Axis(), y=y or Axis())  # type: ignore[arg-type]
    return Chart((panel,), alt="").ends()[0]


def test_a_line_ends_at_the_sides_and_has_air_above_and_below() -> None:
    assert ends(Line(X, 25 * X)) == ((0, 4), (-4, 104))


def test_bars_and_histograms_stand_on_the_axis() -> None:
    assert ends(Steps(np.array([1.0, 2, 3]), np.array([5.0, 10])))[1] == (0, pytest.approx(10.4))
    assert ends(Bars(np.arange(3), np.array([1.0, 2, 5]))) == ((-0.5, 2.5), (0, pytest.approx(5.2)))
    assert ends(Bars(np.arange(3), np.array([-1.0, 2, 5])))[1] == (pytest.approx(-1.24), pytest.approx(5.24))


def test_errors_and_rules_are_within_the_axis() -> None:
    assert ends(Bars(np.arange(2), np.array([5.0, 9]), errors=np.array([1.0, 1])))[1][1] > 10  # type: ignore[index]
    assert ends(Line(X, X), Rule(9, "y"))[1][1] > 9  # type: ignore[index]
    assert ends(Line(X, X), Rule(9, "x"))[0][1] > 9  # type: ignore[index]


def test_given_ends_win_and_what_is_not_finite_sets_none() -> None:
    bad = Line(X, np.array([np.nan, np.inf, 1, 2, -np.inf]))
    assert ends(bad, y=Axis(low=0, high=7))[1] == (0, 7)
    assert ends(bad)[1] == (pytest.approx(0.96), pytest.approx(2.04))


def test_a_log_axis_leaves_out_what_is_not_positive() -> None:
    low, high = ends(Dots(X, np.array([-1.0, 0, 1, 10, 100])), y=Axis(spacing="log"))[1]  # type: ignore[misc]
    assert 0.5 < low < 1
    assert 100 < high < 200


def test_nothing_at_all_still_has_an_axis() -> None:
    assert ends() == ((0, 1), (0, 1))
    low, high = ends(y=Axis(spacing="log"))[1]  # type: ignore[misc]
    assert 0 < low < high
    constant = ends(Line(X, np.full(5, 3.0)))[1]
    assert constant[0] < 3 < constant[1]  # type: ignore[index]


@given(some.lists(some.floats(-1e6, 1e6), min_size=1, max_size=9))
def test_every_point_is_within_the_axes(values: list[float]) -> None:
    x, y = ends(Dots(np.array(values), np.array(values[::-1])))
    assert x[0] <= min(values) <= max(values) <= x[1]  # type: ignore[index]
    assert y[0] < y[1]  # type: ignore[index]


def test_shared_axes_have_the_ends_of_all_panels() -> None:
    chart = ALL["histograms"]()
    (x1, y1), (x2, y2) = chart.ends()
    assert x1 == x2 == (-1, 5)
    assert y1 == y2 == (0, pytest.approx(4.16))
    apart_ends = replace(chart, shared_x=False).ends()
    assert apart_ends[0][0] == (-1, 3)


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


def test_degrees_are_numbered_by_parts_of_a_turn() -> None:
    assert Axis(unit="°").degree_step((0, 180)) == 30
    assert Axis(unit="°").degree_step((-180, 180)) == 60
    assert Axis(unit="°").degree_step((0, 10)) is None
    assert Axis(unit="%").degree_step((0, 180)) is None


def test_units_stand_behind_numbers_or_behind_the_title() -> None:
    assert (Axis("a", "%").suffix, Axis("a", "%").label) == (" %", "a")
    assert (Axis("a", "s").suffix, Axis("a", "s").label) == ("", "a (s)")


@pytest.mark.parametrize(
    ("count", "columns"), [(1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (6, 3), (8, 4), (9, 3), (12, 4)]
)
def test_columns_suit_the_number_of_panels(count: int, columns: int) -> None:
    chart = Chart((Panel(()),) * count, alt="")
    assert chart.usual_columns == columns
    assert replace(chart, columns=2).usual_columns == min(2, count)


@given(some.lists(some.tuples(some.floats(0, 500), some.floats(1, 120)), max_size=9))
def test_names_of_rules_in_one_row_do_not_overlap(labels: list[tuple[float, float]]) -> None:
    places, widths = [at for at, _ in labels], [width for _, width in labels]
    rows = label_layout.rows_for(places, widths)
    for i, j in itertools.combinations(range(len(labels)), 2):
        if rows[i] == rows[j]:
            assert abs(places[i] - places[j]) >= (widths[i] + widths[j]) / 2


def test_rules_far_apart_need_one_row() -> None:
    assert label_layout.rows_for([10, 200, 400], [50, 50, 50]) == [0, 0, 0]
    assert label_layout.rows_for([100, 110], [50, 50]) == [0, 1]


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


def test_labels_of_points_avoid_each_other() -> None:
    points = [(100.0, 100.0), (130.0, 100.0), (100.0, 112.0)]
    sides = label_layout.sides(points, [60.0, 60.0, 60.0], (400, 300))
    boxes = []
    for (x, y), side in zip(points, sides, strict=True):
        left = x + side.dx - {"left": 0, "center": 30, "right": 60}[side.anchor]
        boxes.append((left, left + 60, y + side.dy - 7, y + side.dy + 7))
    for (a, b, c, d), (e, f, g, h) in itertools.combinations(boxes, 2):
        assert b <= e or f <= a or d <= g or h <= c


def test_a_label_at_the_right_edge_stands_to_the_left() -> None:
    assert label_layout.sides([(395.0, 150.0)], [60.0], (400, 300))[0].anchor == "right"
    assert label_layout.sides([(5.0, 150.0)], [60.0], (400, 300))[0].anchor == "left"


def test_a_label_avoids_what_is_written_beside_its_point() -> None:
    written = [(110.0, 100.0, 80.0, "left")]
    (side,) = label_layout.sides([(100.0, 100.0)], [60.0], (400, 300), texts=written)  # type: ignore[arg-type]
    right = 100 + side.dx + {"left": 60, "center": 30, "right": 0}[side.anchor]
    assert right <= 110 or abs(side.dy) >= 14


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
