"""One threshold for all samples: what is drawn, said and tabulated of metrics counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lossviz.figures.chart import Line, Rule, Steps
from lossviz.pages.uniform import UniformView, accuracies, lacks, threshold
from tests.pages.uniform.made import LABELS, METRICS, cells, marks, reading

VIEW = UniformView()


def test_a_reading_without_metrics_is_told_what_gives_them():
    assert lacks(reading()) == ""
    assert "weights [K, d]" in lacks(replace(reading(), metrics=None))


def test_metrics_that_ran_away_are_told():
    broken = np.array(METRICS, dtype=np.float32)
    broken[0, 0] = np.inf
    assert "ran away" in lacks(reading(broken))


def test_the_picture_opens_at_the_threshold_of_the_run_that_gets_most_right():
    """[2, 3) and [4, 5) get two of four right, the lower is taken; without the last two samples: all."""
    better = reading(METRICS[:2], LABELS[:2], name="B")
    assert threshold.start([reading()], VIEW) == 2.5
    assert threshold.start([reading(np.array(METRICS) * 10), better], VIEW) == 2.5


def test_a_threshold_of_the_link_is_shown_where_there_are_metrics():
    assert threshold.start([reading()], UniformView(t=0.75)) == 0.75
    assert threshold.start([reading()], UniformView(t=-80.0)) == 2.5


def test_a_row_holds_every_sample_and_its_learned_bias_at_zero():
    (row,) = threshold.rows([reading(thresholds=[1.0])], False)
    assert row.positive.tolist() == [4, 2, 5, 0]
    assert row.negative.tolist() == [0, 1, 3, 1]
    assert row.labels.tolist() == LABELS
    assert row.tail.tolist() == [3, 1, 1, 0, -1, -1, -1, -1]
    assert row.negatives == 8
    assert row.best == (1.5, 0.5)
    assert row.bias == 0.0
    assert row.positive_heights.sum() == pytest.approx(1)
    assert row.negative_heights.sum() == pytest.approx(1)


def test_without_a_bias_in_the_predictions_there_is_no_line_for_it():
    assert threshold.rows([reading()], False)[0].bias is None
    acting_on_the_loss_alone = reading(thresholds=[1.0, 2.0, 3.0], logits=np.asarray(METRICS, np.float32))
    assert threshold.rows([acting_on_the_loss_alone], False)[0].bias is None
    assert threshold.rows([reading(thresholds=[1.0])], True)[0].bias is None


def test_of_many_negatives_the_largest_are_sent_and_the_others_counted(monkeypatch):
    monkeypatch.setattr(threshold, "TAIL", 3)
    (row,) = threshold.rows([reading()], False)
    assert row.tail.tolist() == [4, 2, 2]
    for place in (0, 400, len(row.rest) - 1):
        reach = sum(v >= row.rest[place] for v in (1, 0, 2, 0, 0, 4, 2, 0))
        assert row.rest_before[place] == reach
    assert (np.diff(row.rest) < 0).all()


def test_all_runs_share_one_axis_that_holds_every_metric_and_the_learned_bias():
    ends = threshold.edges([reading(), reading(np.array(METRICS) + 20)], False)
    assert ends[0] < 0 < 26 < ends[-1]
    assert threshold.edges([reading(np.array(METRICS) + 20, thresholds=[1.0])], False)[0] < 0
    assert threshold.edges([reading(np.array(METRICS) + 20)], False)[0] > 19
    assert threshold.edges([reading()], True)[[0, -1]].tolist() == [0, 1]


def test_equal_metrics_have_an_axis_too():
    ends = threshold.edges([reading(np.zeros((4, 3)))], False)
    assert (np.diff(ends) > 0).all()


def test_on_paper_the_curve_stands_at_the_share_that_is_right():
    chart = threshold.chart([reading()], UniformView(t=4.5))
    (curve,) = marks(chart.panels[0], Line)
    for t, right in ((0.5, 0), (1.5, 1), (2.5, 2), (3.5, 1), (4.5, 2), (5.5, 1)):
        at = np.searchsorted(curve.x, t, "right") - 1
        assert curve.y[at] == 25 * right, t
    assert [rule.at for rule in marks(chart.panels[0], Rule)] == [4.5]
    assert chart.panels[0].note == "all 4 test images, epoch 3"
    assert "of all 4 test images, epoch 3. A: 50.0 % right" in chart.alt


def test_below_it_each_run_has_its_metrics_with_t_and_the_bias():
    chart = threshold.chart([reading(), reading(thresholds=[1.0], name="B")], VIEW)
    assert [panel.title for panel in chart.panels[1:]] == ["A", "B"]
    assert {rule.name for rule in marks(chart.panels[1], Rule)} == {"t* 3"}
    assert {rule.name: rule.at for rule in marks(chart.panels[2], Rule)} == {
        "t* 2": 1.5,
        "learned threshold": 0.0,
    }
    for panel in chart.panels[1:]:
        # Heights are roots of shares; what is solid repeats the wrong side.
        whole = [steps for steps in marks(panel, Steps) if not steps.solid]
        assert [(steps.heights**2).sum() for steps in whole] == pytest.approx([1, 1])


def test_the_sentence_says_what_one_threshold_loses_and_what_the_bias_gets():
    both = [reading(thresholds=[0.5], name="B"), reading(METRICS[:2], LABELS[:2])]
    said = threshold.notice(both, VIEW)
    assert "costs B 25.0 points (75.0 % to 50.0 % right) and A nothing (100.0 % right)" in said
    assert "judged by B: all 4 test images, epoch 3; A: all 2 test images, epoch 3" in said
    one, other = threshold.of_each(both, VIEW)
    # Of the positives 5, 3, 6 and 1 three lie above 2.5, of the 8 negatives seven do not. At ½ none is right.
    assert one == (
        "B: 75.0 % of the positive metrics lie above t* and 87.5 % of the negative ones at or below; at the "
        "learned threshold 0.0 % are right, at best 50.0 % (2 samples more); it ended at 1 on metrics "
        "without the bias, where t* lies at 3."
    )
    assert "learned" not in other


def test_the_sentence_for_one_run_names_it_once():
    assert threshold.notice([reading()], VIEW) == (
        "One threshold for all samples in place of one for each costs A 25.0 points (75.0 % to 50.0 % "
        "right), judged by all 4 test images, epoch 3."
    )


def test_the_table_of_accuracies_has_what_was_counted_by_hand():
    (line,) = cells(accuracies.table([reading(thresholds=[1.0])], VIEW))
    kinds = ("sample-wise A_SW", "class-wise A_CW", "uniform A_Uni")
    assert [line[f"{kind} (fraction)"] for kind in kinds] == ["0.75", "0.75", "0.5"]
    assert (line["t*"], line["samples"]) == ("1.5", "4")
    # At 0 (1 on the plain metrics) only the first sample is right.
    assert line["at the learned threshold (fraction)"] == "0.25"
    # One sample fewer: on all of [0, 5) but nowhere else; less 1 for the bias.
    assert line["as good as t*"] == "from 0.0 to 5.0"


def test_softmax_keeps_the_sample_wise_accuracy():
    (line,) = cells(accuracies.table([reading()], UniformView(softmax=True)))
    assert line["sample-wise A_SW (fraction)"] == "0.75"
    assert 0 < float(line["t*"]) < 1
    assert "at the learned threshold (fraction)" not in line


def test_each_class_has_its_threshold_and_the_share_it_gets_right():
    lines = cells(accuracies.class_table([reading()], VIEW))
    assert [line["t_i*, A"] for line in lines] == ["3.0", "2.5", "5.0"]
    assert [line["right, A (fraction)"] for line in lines] == ["1.0", "0.5", "1.0"]
    assert [line["samples"] for line in lines] == ["1", "2", "1"]


def test_a_class_without_samples_has_an_empty_place():
    lines = cells(accuracies.class_table([reading(METRICS[:2], LABELS[:2])], VIEW))
    assert (lines[2]["t_i*, A"], lines[2]["right, A (fraction)"]) == ("", "")
