"""The metric matrix, and every picture for metrics that are odd."""

from __future__ import annotations

import numpy as np
import pytest

from lossviz.figures import screen_chart
from lossviz.figures.chart import Matrix
from lossviz.figures.threshold import encode
from lossviz.pages.uniform import UniformView, accuracies, matrix, negatives, ranges, scores, threshold
from tests.pages.uniform.made import LABELS, METRICS, marks, reading

VIEW = UniformView()


def test_the_metric_matrix_frames_what_breaks_global_dominance_and_stars_what_breaks_columns():
    """Samples 0, 3, 2: columns (5, 1, 0), (2, 1, 0), (0, 4, 6); the smallest on the diagonal is 1."""
    data = reading([METRICS[0], METRICS[3], METRICS[2]], [0, 1, 2])
    (panel,) = matrix.chart([data], UniformView(pick="first")).panels
    (cells_,) = marks(panel, Matrix)
    assert cells_.texts == (("5.0", "2.0*", "0.0"), ("1.0", "1.0", "4.0"), ("0.0", "0.0", "6.0"))
    assert set(cells_.boxed) == {(0, 1), (1, 0), (1, 2)}
    best = scores.report(data).threshold
    assert cells_.values == pytest.approx(np.array([[5, 2, 0], [1, 1, 4], [0, 0, 6]]) - best)
    assert panel.note == "columns 2 of 3, global 2 of 3"
    assert matrix.notice([data], UniformView(pick="first")) == (
        "A: 1 of these samples is told wrong. One image of each class, of all 3 test images, epoch 3."
    )


def test_a_matrix_that_one_threshold_splits_is_told_so():
    data = reading([METRICS[0], [0.0, 4.0, 0.5], [0.0, 0.0, 6.0]], [0, 1, 2])
    assert matrix.notice([data], VIEW).startswith("A: one threshold splits these samples.")


def test_a_matrix_of_samples_that_are_each_right_counts_what_stands_in_the_way():
    data = reading(METRICS[:3], LABELS[:3])
    assert "1 other entry reaches the smallest on the diagonal." in matrix.notice([data], VIEW)


DRAW = np.random.default_rng(1)
ODD = {
    "one class": reading(DRAW.normal(size=(6, 1)), [0] * 6),
    "one sample": reading([[1.0, 2.0, 0.5]], [1]),
    "one sample, wrong": reading([[1.0, 2.0, 0.5]], [0]),
    "equal metrics": reading(np.ones((5, 3)), [0, 1, 2, 0, 1]),
    "empty classes": reading(DRAW.normal(size=(8, 10)), [3, 3, 3, 3, 7, 7, 7, 7]),
    "two classes": reading(DRAW.normal(size=(8, 2)), [0, 1] * 4, thresholds=[0.1, -0.1]),
    "two hundred classes": reading(DRAW.normal(size=(400, 200)), list(range(200)) * 2, thresholds=[0.3]),
    "huge metrics": reading(DRAW.normal(size=(6, 3)) * 1e30, [0, 1, 2] * 2),
}


@pytest.mark.parametrize("softmax", [False, True])
@pytest.mark.parametrize("name", list(ODD))
def test_every_picture_and_table_exists_for_odd_metrics(name: str, softmax: bool) -> None:
    data = [ODD[name]]
    view = UniformView(everything=True, softmax=softmax)
    at = threshold.start(data, view)
    assert np.isfinite(at)
    encode(threshold.rows(data, softmax), threshold.edges(data, softmax), data[0].classes, at)
    charts = [
        accuracies.chart(data, view),
        threshold.chart(data, view),
        threshold.chart(data * 2, view),
        ranges.class_chart(data, view),
        ranges.histogram_chart(data, view),
        negatives.chart(data, view),
        negatives.all_classes(data, view),
        matrix.chart(data, view),
    ]
    for chart in charts:
        assert "nan" not in chart.alt
        screen_chart.draw(chart)
    tables = [
        accuracies.table(data, view),
        accuracies.class_table(data, view),
        ranges.table(data, view),
        negatives.table(data, view),
    ]
    for table in tables:
        assert table.latex()
    for said in (threshold.notice, ranges.notice, negatives.notice, matrix.notice):
        assert "nan" not in said(data, view)
    assert "nan" not in " ".join(threshold.of_each(data, view))
