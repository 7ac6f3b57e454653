"""Ranges, histograms, overlap and both types of negatives (002 Figs. 2 and 3) of metrics counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lossviz.figures.chart import Band, Bars, Line, Rule, Steps
from lossviz.pages.uniform import UniformView, metric_sample, negatives, ranges, scores
from tests.pages.uniform.made import METRICS, cells, marks, reading

VIEW = UniformView()
ALL = UniformView(everything=True)


def test_one_bias_moves_the_lines_from_metrics_with_bias_to_those_without():
    plain = metric_sample.of(reading(thresholds=[1.0]), ALL)
    with_bias = metric_sample.of(reading(thresholds=[1.0]), ALL, biased=True)
    assert (plain.best, plain.bias) == (pytest.approx([2.5]), pytest.approx([1.0]))
    assert (with_bias.best, with_bias.bias) == (pytest.approx([1.5]), pytest.approx([0.0]))
    assert plain.metrics.tolist() == METRICS
    assert with_bias.metrics.tolist() == (np.array(METRICS) - 1).tolist()


def test_a_bias_for_each_class_makes_a_line_through_the_classes():
    limits = [0.0, 1.0, 2.0]
    plain = metric_sample.of(reading(thresholds=limits), ALL)
    best = scores.report(reading(thresholds=limits)).threshold
    assert plain.bias == pytest.approx(limits)
    assert plain.best == pytest.approx([best, best + 1, best + 2])
    (panel,) = ranges.class_chart([reading(thresholds=limits)], ALL).panels
    assert [line.y.tolist() for line in marks(panel, Line)] == [pytest.approx(plain.best), limits]
    (spread,) = ranges.histogram_chart([reading(thresholds=limits)], ALL).panels
    assert marks(spread, Rule) == []
    assert marks(spread, Line) == []


def test_a_bias_that_acts_on_the_loss_alone_is_held_against_the_metrics_as_they_are():
    limits = np.array([1.0, 2.0, 3.0], np.float32)
    part = metric_sample.of(reading(thresholds=limits, logits=np.asarray(METRICS, np.float32)), ALL)
    assert part.best == pytest.approx([2.5])
    assert part.bias == pytest.approx(limits)


def test_of_softmax_there_is_no_learned_bias():
    part = metric_sample.of(reading(thresholds=[1.0]), UniformView(softmax=True, everything=True))
    assert part.bias is None
    assert part.metrics.sum(1) == pytest.approx(np.ones(4))


def test_samples_told_wrong_are_left_out_unless_all_are_asked_for():
    assert metric_sample.of(reading(), VIEW).metrics.tolist() == METRICS[:3]
    assert metric_sample.of(reading(), VIEW).note == "n = 3, t* 3"
    assert len(metric_sample.of(reading(), ALL).labels) == 4


def test_right_and_wrong_are_told_by_what_predictions_are_made_from():
    """On plain metrics the last sample is told wrong, with these biases right."""
    part = metric_sample.of(reading(thresholds=[5.0, 0.0, 0.0]), VIEW)
    assert part.labels.tolist() == [1, 2, 1]
    assert part.metrics.tolist() == METRICS[1:]


def test_ranges_reach_from_the_smallest_to_the_largest_metric_of_each_class():
    (panel,) = ranges.class_chart([reading()], ALL).panels
    negative, positive = marks(panel, Bars)
    assert positive.base.tolist() == [5, 1, 6]
    assert positive.heights.tolist() == [5, 3, 6]
    assert negative.base.tolist() == [0, 0, 0]
    assert negative.heights.tolist() == [1, 2, 4]
    rules = {(rule.dash, rule.color.role): rule.at for rule in marks(panel, Rule)}  # type: ignore[union-attr]
    assert rules == {
        ("dotted", "positive"): 4,  # of 5, 1, 6
        ("dotted", "negative"): pytest.approx(7 / 3),
        ("solid", "text"): 2.5,
    }


def test_the_overlap_is_a_band_from_the_smallest_positive_to_the_largest_negative():
    (panel,) = ranges.histogram_chart([reading()], ALL).panels
    overlap, good = marks(panel, Band)
    assert overlap.x.tolist() == [1, 4]
    # At most one sample fewer: one is right from 1 to 6.
    assert good.x.tolist() == [1, 6]
    assert [steps.heights.sum() for steps in marks(panel, Steps)] == pytest.approx([100, 100])


def test_where_nothing_overlaps_there_is_no_band_and_the_gap_is_told():
    gap = reading([[5.0, 1.0, 0.0], [2.0, 6.0, 0.0]], [0, 1])
    assert [band.name for band in marks(ranges.histogram_chart([gap], VIEW).panels[0], Band)] == [""]
    assert ranges.notice([gap], VIEW) == (
        "Under A the smallest positive metric lies 3 above the largest negative one: any threshold between "
        "splits all 2 samples shown."
    )


def test_the_table_of_overlaps_has_what_was_counted_by_hand():
    (line,) = cells(ranges.table([reading(thresholds=[1.0])], ALL))
    assert [line[name] for name in ("samples", "smallest positive", "largest negative")] == [
        "4",
        "1.0",
        "4.0",
    ]
    assert line["overlap width"] == "3.0"
    # Positives up to 4: 3 and 1; largest negatives from 1 on: all.
    assert line["samples in it (fraction)"] == "1.0"
    assert float(line["mean of largest negatives"]) == pytest.approx(7 / 3)
    assert float(line["sd"]) == pytest.approx(np.std([5, 1, 6]))
    assert (line["t*"], line["learned threshold"]) == ("2.5", "1.0")


def test_the_sentence_says_how_far_the_bias_lies_from_the_best_threshold():
    said = ranges.notice([reading(thresholds=[1.0])], ALL)
    assert said == (
        "Under A positive and negative metrics overlap from 1 to 4 (width 3), a range that 100.0 % of 4 "
        "samples reach with their positive or their largest negative metric. Its learned threshold, 1, lies "
        "inside the overlap: of all 4 samples at the learned threshold 25.0 % are right, at best 50.0 % (1 "
        "sample more). t* = 3, as good within one sample from 1.0 to 6.0."
    )


def test_a_learned_threshold_that_misses_a_gap_is_told():
    apart = reading([[5.0, 1.0, 0.0], [2.0, 6.0, 0.0]], [0, 1], thresholds=[7.0])
    said = ranges.notice([apart], VIEW)
    assert (
        "Its learned threshold, 7, lies outside of the gap: of all 2 samples at the learned threshold 0.0 %"
        in said
    )


def ends_of(chart: Any) -> list[tuple[float, float]]:
    return [(panel.y.low, panel.y.high) for panel in chart.panels]


def test_runs_share_an_axis_unless_each_is_to_have_its_own():
    both = [reading(), reading(np.array(METRICS) * 2, name="B")]
    shared, own = ranges.class_chart(both, ALL), ranges.class_chart(both, UniformView(own_axes=True))
    assert len(set(ends_of(shared))) == 1
    assert own.panels[0].y.high < 10
    assert (shared.shared_y, own.shared_y) == (True, False)


@pytest.mark.parametrize(
    ("chosen", "softmax", "times", "own"),
    [
        (None, False, 4.9, False),
        (None, False, 5.1, True),
        (None, True, 100, False),
        (False, False, 100, False),
        (True, False, 1, True),
        (True, True, 1, True),
    ],
)
def test_an_axis_for_each_run_is_on_by_itself_from_five_times_the_range_on(
    chosen: bool | None, softmax: bool, times: float, own: bool
) -> None:
    view = UniformView(own_axes=chosen, softmax=softmax, everything=True)
    both = [reading(), reading(np.array(METRICS) * times, name="B")]
    said = "Each run has an axis of its own. Lines:"
    assert ranges.key(both, view).startswith(said if own else "Lines:")
    assert ranges.histogram_chart(both, view).shared_x is not own
    assert negatives.own_axes(both, view) is own


def test_metrics_without_any_spread_have_an_axis_beside_those_with_one():
    flat = reading(np.zeros((4, 3)), name="B")
    low, high = ends_of(ranges.class_chart([reading(), flat], ALL))
    assert low[1] - low[0] > 5 * (high[1] - high[0]) > 0


def test_without_a_second_run_nothing_is_said_of_axes():
    view = UniformView(own_axes=True, everything=True)
    assert ranges.key([reading()], view).startswith("Lines:")
    assert negatives.own_axes([], view) is False


def test_negatives_of_each_run_have_their_own_axis_where_their_ranges_lie_far_apart():
    both = [reading(), reading(np.array(METRICS) * 100, name="B")]
    for chart in (negatives.chart(both, ALL), negatives.all_classes(both, ALL)):
        axis = "x" if chart.panels[0].x.low is not None else "y"
        ends = [getattr(panel, axis).high for panel in (chart.panels[0], chart.panels[-1])]
        assert (ends[0] < 10, ends[1] > 500) == (True, True)


def test_a_run_without_a_right_sample_is_told_and_left_out():
    wrong = reading([[0.0, 1.0]], [0], name="B")
    assert ranges.missing([wrong], VIEW) == [
        "B: no sample is classified right, so there is nothing to show; switch on “All samples”"
    ]
    assert ranges.parts([wrong], VIEW) == negatives.there([wrong], VIEW) == []
    assert len(ranges.parts([wrong], ALL)) == 1


def by_name(panel: Any) -> dict[str, Steps]:
    return {mark.name: mark for mark in marks(panel, Steps)}


def held(steps: Steps) -> list[float]:
    """The lower edges of the bins that hold something."""
    return [float(low) for low, height in zip(steps.edges, steps.heights, strict=False) if height > 0]


def test_type_one_negatives_are_of_the_class_s_samples_and_type_two_of_the_others():
    view = UniformView(everything=True, of_class=1)
    plain, with_bias = negatives.chart([reading(thresholds=[1.0])], view).panels
    width = plain.marks[0].edges[1] - plain.marks[0].edges[0]  # type: ignore[union-attr]
    expected = {"type I negatives": {2, 0}, "type II negatives": {1, 4}, "positive metrics": {3, 1}}
    for name, values in expected.items():
        steps = by_name(plain)[name]
        assert all(any(low <= v <= low + width for v in values) for low in held(steps)), name
        assert len(held(steps)) == len(values), name
    assert plain.note == "n = 2 of class c1"
    assert {rule.name for rule in marks(plain, Rule)} == {"t* 3", "learned 1"}
    assert {rule.name for rule in marks(with_bias, Rule)} == {"t* 2", "learned 0"}
    assert (plain.title, with_bias.title) == ("A", "A, with bias")


def test_a_class_beyond_the_last_is_the_last():
    assert negatives.class_of([reading()], UniformView(of_class=99)) == 2


def test_all_classes_are_shown_with_both_types_and_with_the_bias():
    one, two, biased = negatives.all_classes([reading(thresholds=[1.0])], ALL).panels
    assert [panel.title for panel in (one, two, biased)] == [
        "A: type I",
        "A: type II",
        "A: type I, with bias",
    ]
    assert marks(one, Bars)[0].heights.tolist() == [1, 2, 4]
    assert marks(two, Bars)[0].heights.tolist() == [2, 4, 0]
    assert marks(biased, Bars)[0].heights.tolist() == [0, 1, 3]


def test_the_table_says_what_the_bias_splits():
    view = UniformView(everything=True, of_class=1)
    (line,) = cells(negatives.table([reading(thresholds=[1.5])], view))
    # Class 1: positives 3 and 1 against 1.5; type I: 2, 0, 2, 0; type II: 1, 4.
    assert line["positives above learned threshold, class c1 (fraction)"] == "0.5"
    assert line["type I at or below learned threshold, class c1 (fraction)"] == "0.5"
    assert line["type II at or below learned threshold, class c1 (fraction)"] == "0.5"
    # Classes 0 and 2: type II of 0: 2, 0, 2; of 2: 0, 0, 0.
    assert float(line["type II at or below learned threshold, mean of classes (fraction)"]) == pytest.approx(
        (1 / 3 + 1 / 2 + 1) / 3
    )
