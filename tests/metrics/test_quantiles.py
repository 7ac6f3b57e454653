"""Quantiles class by class, by hand and against sorted lists."""

from __future__ import annotations

import numpy as np
import pytest

from lossviz.core.errors import MetricError
from lossviz.metrics.quantiles import class_quantiles


def test_quantiles_of_each_class_by_hand() -> None:
    values = [0.0, 10.0, 1.0, 3.0, 2.0]
    found = class_quantiles(values, [1, 1, 0, 0, 0], 3, (0.0, 0.5, 1.0))
    assert found[0].tolist() == [1, 2, 3]
    assert found[1].tolist() == [0, 5, 10]
    assert np.isnan(found[2]).all()


def test_between_samples_a_quantile_is_interpolated() -> None:
    assert class_quantiles([0.0, 1.0, 4.0], [0, 0, 0], 1, (0.25, 0.75))[0].tolist() == [0.5, 2.5]


@pytest.mark.parametrize(
    ("values", "shares", "told"),
    [([np.nan, 1.0], (0.5,), "finite"), ([1.0, 2.0], (1.5,), "1.5"), ([1.0, 2.0], (), "shares")],
)
def test_what_cannot_be_measured_is_said(values: list[float], shares: tuple[float, ...], told: str) -> None:
    with pytest.raises(MetricError, match=told):
        class_quantiles(values, [0, 0], 1, shares)
