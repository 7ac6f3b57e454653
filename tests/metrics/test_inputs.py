"""Whatever holds the numbers, each measure gives what it gives for a plain array, or refuses in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from lossviz.core.errors import MetricError
from lossviz.metrics import (
    angular,
    circle,
    clusters,
    collapse,
    confusion,
    histograms,
    matrix,
    open_set,
    scatter,
    separation,
    uniform,
)

K = 3
LABELS = np.arange(24) % K
# Quarters: every type of floating-point numbers holds them exactly.
VECTORS = np.random.default_rng(0).integers(-8, 9, (24, K)) / 4 + np.eye(K)[LABELS]
VALUES = VECTORS[:, 0]
WEIGHTS = np.eye(K)

MEASURES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "angles": lambda x, v, y: angular.angles(x, x[:K]),
    "own_and_other": lambda x, v, y: angular.own_and_other(x, WEIGHTS, y),
    "spread": lambda x, v, y: angular.spread(v, y, K),
    "against_others": lambda x, v, y: angular.against_others(v, 0),
    "angular.histogram": lambda x, v, y: angular.histogram(v, y, K, [-4, 0, 4]),
    "directions": lambda x, v, y: circle.directions(x[:, :2]),
    "mean_directions": lambda x, v, y: circle.mean_directions(x[:, :2], y, K),
    "gaps": lambda x, v, y: circle.gaps(v),
    "silhouette": lambda x, v, y: clusters.silhouette(x, y, K),
    "calinski_harabasz": lambda x, v, y: clusters.calinski_harabasz(x, y, K),
    "calinski_harabasz_printed": lambda x, v, y: clusters.calinski_harabasz_printed(x, y, K),
    "trustworthiness": lambda x, v, y: clusters.trustworthiness(x, x[:, :2]),
    "collapse": lambda x, v, y: collapse.collapse(x, y, K, weights=x[:K], predictions=y),
    "confusion": lambda x, v, y: confusion.confusion(y, y, K),
    "shares": lambda x, v, y: confusion.shares(confusion.confusion(y, y, K)),
    "histograms": lambda x, v, y: histograms.histograms(x, y, 5),
    "metric_matrix": lambda x, v, y: matrix.metric_matrix(x, y),
    "metric_matrix of samples": lambda x, v, y: matrix.metric_matrix(x, y, y[:K]),
    "responses": lambda x, v, y: open_set.responses(x),
    "roc": lambda x, v, y: open_set.roc(v, v[:9]),
    "auroc": lambda x, v, y: open_set.auroc(v, v[:9]),
    "class_quantiles": lambda x, v, y: angular.class_quantiles(v, y, K, [0.5]),
    "scatter": lambda x, v, y: scatter.scatter(x, y, K, normalised=True),
    "ranges": lambda x, v, y: separation.ranges(x, y),
    "overlap": lambda x, v, y: separation.overlap(x, y),
    "of_class": lambda x, v, y: separation.of_class(x, y, 1),
    "shares_at": lambda x, v, y: separation.shares_at(x, y, v[:K]),
    "largest_negatives": lambda x, v, y: separation.largest_negatives(x, y, 5),
    "evaluate": lambda x, v, y: uniform.evaluate(x, y),
    "best_threshold": lambda x, v, y: uniform.best_threshold(v, v - 1),
    "softmax": lambda x, v, y: uniform.softmax(x),
    "curve": lambda x, v, y: uniform.curve(x, y),
    "curve_of": lambda x, v, y: uniform.curve_of(v, v - 1),
    "at": lambda x, v, y: uniform.at(x, y, 0.5),
}


def strided(array: Any) -> torch.Tensor:
    wide = torch.zeros(*array.shape, 2, dtype=torch.float64)
    wide[..., 1] = torch.tensor(array)
    return wide[..., 1]


FORMS: dict[str, Callable[[Any], Any]] = {
    "bfloat16": lambda a: torch.tensor(a, dtype=torch.bfloat16),
    "float16": lambda a: torch.tensor(a, dtype=torch.float16),
    "8 bits": lambda a: torch.tensor(a).to(torch.float8_e4m3fn),
    "gradient": lambda a: torch.tensor(a).requires_grad_(),
    "graph": lambda a: torch.tensor(a).requires_grad_() * 1.0,
    "strided": strided,
    "negated": lambda a: torch._neg_view(torch.tensor(-a)),
    "big-endian": lambda a: a.astype(">f4"),
    "longdouble": lambda a: a.astype(np.longdouble),
    "array of float16": lambda a: a.astype(np.float16),
    "backwards": lambda a: a[::-1].copy()[::-1],
    "objects": lambda a: a.astype(object),
    "nothing masked": lambda a: np.ma.masked_array(a, mask=np.zeros(a.shape, bool)),
}
LABEL_FORMS: dict[str, Callable[[Any], Any]] = {
    "int8 tensor": lambda y: torch.tensor(y, dtype=torch.int8),
    "int64 tensor": torch.tensor,
    "uint64": lambda y: y.astype(np.uint64),
    "big-endian": lambda y: y.astype(">i2"),
    "strided": lambda y: np.repeat(y, 2)[::2],
    "objects": lambda y: y.astype(object),
}


def same(found: Any, right: Any) -> None:
    if is_dataclass(right) and not isinstance(right, type):
        for field in fields(right):
            same(getattr(found, field.name), getattr(right, field.name))
    elif isinstance(right, tuple):
        for a, b in zip(found, right, strict=True):
            same(a, b)
    elif isinstance(right, (str, type(None))):
        assert found == right
    else:
        # float16 keeps its width in what is given back.
        np.testing.assert_allclose(found, right, rtol=2e-3 if np.asarray(found).dtype == np.float16 else 1e-6)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_gives_the_same_for_every_form_of_its_numbers(measure: str) -> None:
    call = MEASURES[measure]
    right = call(VECTORS, VALUES, LABELS)
    for name, form in FORMS.items():
        if name in ("8 bits", "negated") and measure in ("best_threshold", "curve_of"):
            continue  # torch itself cannot subtract 1 there
        same(call(form(VECTORS), form(VALUES), LABELS), right)
    for form in LABEL_FORMS.values():
        same(call(VECTORS, VALUES, form(LABELS)), right)


@pytest.mark.filterwarnings("ignore:Sparse CSR", "ignore:.*quantize")
def test_lists_tables_and_sparse_tensors_are_read() -> None:
    right = uniform.evaluate(VECTORS, LABELS)
    rows = [torch.tensor(row, requires_grad=True) for row in VECTORS]
    for given in (
        VECTORS.tolist(),
        rows,
        tuple(VECTORS),
        pd.DataFrame(VECTORS),
        pd.DataFrame(VECTORS).astype(object),
        torch.tensor(VECTORS).to_sparse(),
        torch.tensor(VECTORS).to_sparse_csr(),
        torch.quantize_per_tensor(torch.tensor(VECTORS, dtype=torch.float32), 0.25, 0, torch.qint8),
    ):
        same(uniform.evaluate(given, LABELS), right)
    for labels in (
        LABELS.tolist(),
        [torch.tensor(k) for k in LABELS],
        pd.Series(LABELS),
        pd.Series(LABELS, dtype="Int64"),
    ):
        same(uniform.evaluate(VECTORS, labels), right)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_tensors_on_a_gpu_are_read() -> None:
    for kind in (torch.bfloat16, torch.float32):
        given = torch.tensor(VECTORS, dtype=kind, device="cuda", requires_grad=True)
        same(uniform.evaluate(given, torch.tensor(LABELS, device="cuda")), uniform.evaluate(VECTORS, LABELS))


REFUSED: dict[str, Any] = {
    "complex": torch.tensor(VECTORS, dtype=torch.complex64),
    "bool": torch.ones(24, K, dtype=torch.bool),
    "meta": torch.empty(24, K, device="meta"),
    "ragged": [[1.0, 2.0], [1.0]],
    "ragged tensors": [torch.zeros(2), torch.zeros(3)],
    "words": [["a", "b", "c"]] * 24,
    "none": None,
    "nothing": np.empty((0, K)),
    "empty tensor": torch.empty(24, 0),
    "missing": pd.DataFrame(VECTORS).astype(object).where(VECTORS > 0, None),
    "masked": np.ma.masked_greater(VECTORS, 1),
    "NaN": torch.full((24, K), torch.nan, dtype=torch.bfloat16),
    "infinite": torch.full((24, K), -torch.inf).half(),
    # Infinite too where longdouble is no wider than float64.
    "beyond float64": np.full((24, K), np.longdouble("1e4000")),
    "one axis": VALUES,
    "dates": np.full((24, K), np.datetime64("2020-01-01")),
}


@pytest.mark.parametrize("given", REFUSED)
def test_what_is_no_table_of_numbers_is_refused_by_its_name(given: str) -> None:
    with pytest.raises(MetricError, match="metrics"):
        uniform.evaluate(REFUSED[given], LABELS)
    with pytest.raises(MetricError, match="features"):
        clusters.silhouette(REFUSED[given], LABELS, K)


@pytest.mark.parametrize(
    "labels",
    [
        np.eye(K, dtype=int)[LABELS],
        LABELS[:, None],
        LABELS.astype(float),
        torch.tensor(LABELS).bfloat16(),
        LABELS.astype(bool),
        LABELS - 1,
        LABELS.astype(np.uint64) + np.uint64(2**63),
        LABELS + K,
        [2**70] * 24,
        LABELS[:-1],
        pd.Series(["a"] * 24),
        None,
        torch.tensor(LABELS, device="meta"),
    ],
)
def test_labels_that_are_no_class_numbers_are_refused_in_words(labels: Any) -> None:
    for call in (uniform.evaluate, lambda x, y: scatter.scatter(x, y, K)):
        with pytest.raises(MetricError, match="labels"):
            call(VECTORS, labels)


@pytest.mark.parametrize("classes", [3.0, "3", None, 0, -1, torch.tensor(3.5)])
def test_a_number_of_classes_that_is_none_is_refused_in_words(classes: Any) -> None:
    with pytest.raises(MetricError, match="classes"):
        clusters.silhouette(VECTORS, LABELS, classes)


def test_important_classes_may_come_as_a_tensor_but_not_as_fractions() -> None:
    right = angular.against_others(VALUES, [0, 2])
    same(angular.against_others(VALUES, torch.tensor([0, 2])), right)
    for wrong in ([0.5], torch.tensor([]), [99], "0"):
        with pytest.raises(MetricError, match="important"):
            angular.against_others(VALUES, wrong)
