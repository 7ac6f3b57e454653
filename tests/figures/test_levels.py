from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from lossviz.figures import levels


def test_linear_edges_are_equal_steps_with_exact_ends() -> None:
    edges = levels.band_edges(0.1, 0.7, 3)
    assert edges == pytest.approx([0.1, 0.3, 0.5, 0.7])
    assert edges[0] == 0.1
    assert edges[-1] == 0.7


def test_log_edges_of_a_positive_field_are_equal_ratios() -> None:
    assert levels.band_edges(0.01, 10, 3, "log") == pytest.approx([0.01, 0.1, 1, 10])


@pytest.mark.parametrize("low", [1e-40, 0.0])
def test_log_edges_end_at_the_floor_and_the_lowest_band_holds_the_rest(low: float) -> None:
    edges = levels.band_edges(low, 10, 7, "log")
    assert edges == pytest.approx([low, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10])
    assert edges[0] == low
    assert levels.ticks(edges, "log")[0] == (pytest.approx(1e-5), "≤ 10⁻⁵")


def test_log_edges_with_negative_values_grow_outwards_and_keep_the_sign() -> None:
    edges = levels.band_edges(-10, 10, 10, "log")
    assert edges == pytest.approx(-edges[::-1])
    widths = np.diff(edges)
    assert (np.diff(widths[5:]) > 0).all()
    assert levels.band_edges(-3, 20, 14, "log")[[0, -1]].tolist() == [-3, 20]


@given(
    some.floats(-1e6, 1e6), some.floats(0, 1e6), some.integers(1, 30), some.sampled_from(["linear", "log"])
)
def test_edges_always_ascend(low: float, width: float, count: int, spacing: levels.Spacing) -> None:
    edges = levels.band_edges(low, low + width, count, spacing)
    assert edges.shape == (count + 1,)
    assert (np.diff(edges) > 0).all()


@given(some.floats(0, 1e-3), some.floats(1e-2, 1e6), some.integers(1, 30))
def test_log_edges_of_losses_always_ascend(low: float, high: float, count: int) -> None:
    edges = levels.band_edges(low, high, count, "log")
    assert (np.diff(edges) > 0).all()
    assert edges[[0, -1]].tolist() == [low, high]


@given(some.floats(-1e6, 1e6), some.floats(0, 1e6), some.sampled_from(["linear", "log"]))
def test_ticks_ascend_within_the_edges_and_are_few(low: float, width: float, spacing: levels.Spacing) -> None:
    edges = levels.band_edges(low, low + width, 14, spacing)
    values = [value for value, _ in levels.ticks(edges, spacing)]
    assert values == sorted(set(values))
    assert edges[0] <= values[0]
    assert values[-1] <= edges[-1]
    assert 1 <= len(values) <= 8


@pytest.mark.parametrize("value", [5.0, 0.0, -2.0, 1e-20])
@pytest.mark.parametrize("spacing", ["linear", "log"])
def test_a_flat_field_has_edges_around_its_value_and_one_tick(value: float, spacing: levels.Spacing) -> None:
    edges = levels.band_edges(value, value, 14, spacing)
    assert edges[0] < value < edges[-1]
    assert levels.ticks(edges, spacing) == [(pytest.approx(value), levels.number_text(value))]


@pytest.mark.parametrize(("low", "high"), [(math.nan, 1), (0, math.inf), (2, 1)])
def test_a_range_without_meaning_is_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="must be finite with low <= high"):
        levels.band_edges(low, high)


def test_symmetric_edges_mirror_exactly_and_hold_zero_in_the_middle() -> None:
    for spacing in ("linear", "log"):
        edges = levels.symmetric_edges(7.3, 15, spacing)
        assert (edges == -edges[::-1]).all()
        assert edges[7] < 0 < edges[8]


@pytest.mark.parametrize(
    ("low", "high", "spacing", "texts"),
    [
        (0, 14.2, "linear", ["0", "2.5", "5", "7.5", "10", "12.5"]),
        (0, 32, "linear", ["0", "10", "20", "30"]),
        (0, 1.0986, "linear", ["0", "0.25", "0.5", "0.75", "1"]),
        (-0.2, 0.7, "linear", ["−0.2", "0", "0.2", "0.4", "0.6"]),
        (1e-10, 2e-5, "linear", ["5×10⁻⁶", "10⁻⁵", "1.5×10⁻⁵", "2×10⁻⁵"]),
        (5.49e-11, 30, "linear", ["0", "10", "20", "30"]),
        (0.001, 40, "log", ["0.001", "0.01", "0.1", "1", "10"]),
        (0.01, 5, "log", ["0.01", "0.03", "0.1", "0.3", "1", "3"]),
        (-3, 20, "log", ["−1", "−0.1", "0", "0.1", "1", "10"]),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, spacing: levels.Spacing, texts: list[str]) -> None:
    assert [text for _, text in levels.ticks(levels.band_edges(low, high, 14, spacing), spacing)] == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.01, "0.01"),
        (1.5, "1.5"),
        (2e-5, "2×10⁻⁵"),
        (1e-7, "10⁻⁷"),
        (0.1 + 0.2, "0.3"),
        (-1.25e6, "−1.25×10⁶"),
        (100000, "100000"),
        (99999.9, "100000"),
        (9.9999e-4, "0.001"),
        (0, "0"),
        (math.nan, "–"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers_are_written_for_people(value: float, text: str) -> None:
    assert levels.number_text(value) == text


def test_shared_range_leaves_out_what_is_not_finite() -> None:
    grids = [np.array([[1.0, np.nan]]), np.array([[np.inf, 3.0]]), np.array([[-np.inf, 0.5]])]
    assert levels.shared_range(grids) == (0.5, 3.0)
    assert levels.shared_range([np.array([np.nan])]) == (0.0, 1.0)


def test_position_gives_every_band_the_same_height() -> None:
    edges = levels.band_edges(0, 10, 4, "log")
    assert levels.position(edges, edges) == pytest.approx([0, 0.25, 0.5, 0.75, 1])
