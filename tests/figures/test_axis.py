"""Where axes end, and how their numbers are written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from lossviz.figures.chart import Axis, Bars, Chart, Dots, Line, Panel, Rule, Steps
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


def test_degrees_are_numbered_by_parts_of_a_turn() -> None:
    assert Axis(unit="°").degree_step((0, 180)) == 30
    assert Axis(unit="°").degree_step((-180, 180)) == 60
    assert Axis(unit="°").degree_step((0, 10)) is None
    assert Axis(unit="%").degree_step((0, 180)) is None


def test_units_stand_behind_numbers_or_behind_the_title() -> None:
    assert (Axis("a", "%").suffix, Axis("a", "%").label) == (" %", "a")
    assert (Axis("a", "s").suffix, Axis("a", "s").label) == ("", "a (s)")
