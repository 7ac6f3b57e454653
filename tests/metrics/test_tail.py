"""The largest negative metrics against a sort of all of them."""

import numpy as np
import pytest

from lossviz.core.errors import MetricError
from lossviz.metrics import vectors
from lossviz.metrics.tail import largest_negatives


def all_negatives(metrics, labels):
    return sorted(
        (
            float(v)
            for row, label in zip(metrics, labels, strict=True)
            for k, v in enumerate(row)
            if k != label
        ),
        reverse=True,
    )


@pytest.mark.parametrize("most", [0, 1, 7, 43, 60, 1000])
@pytest.mark.parametrize("block", [1, 11, 2_000_000])
def test_they_are_the_first_of_all_sorted_negatives(monkeypatch, most, block):
    """Also where blocks hold fewer numbers than are asked for."""
    monkeypatch.setattr(vectors, "CHUNK", block)
    draw = np.random.default_rng(3)
    metrics = draw.integers(-5, 5, size=(15, 5)).astype(np.float32)
    labels = draw.integers(0, 5, size=15)
    assert largest_negatives(metrics, labels, most).tolist() == all_negatives(metrics, labels)[:most]


def test_one_class_has_none():
    assert largest_negatives(np.ones((4, 1)), np.zeros(4, int), 10).tolist() == []


def test_metrics_that_are_not_finite_are_refused():
    with pytest.raises(MetricError, match="finite"):
        largest_negatives(np.array([[1.0, np.nan]]), np.array([0]), 3)
