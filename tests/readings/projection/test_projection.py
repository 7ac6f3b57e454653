"""Projections: PCA against NumPy and scikit-learn, samples, recipes, UMAP and t-SNE as they are kept."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from lossviz.core.errors import ConfigError, ReadingError
from lossviz.readings.projection import cached, compute
from lossviz.readings.projection.settings import Recipe
from lossviz.readings.reading import Reading
from tests.readings.made import bare

DIGITS, LABELS = load_digits(return_X_y=True)


def reading_of(features: Any, labels: Any, **rest: Any) -> Reading:
    """A reading of these features; scores of no interest."""
    count = len(features)
    given = {
        "features": np.asarray(features, dtype=np.float32),
        "metrics": None,
        "of": f"all {count} test images",
    }
    return bare(np.zeros((count, 10)), labels, **(given | rest))


PIXELS = reading_of(DIGITS[:400], LABELS[:400])


@pytest.mark.parametrize("dimension", [2, 3])
def test_pca_is_that_of_scikit_learn_up_to_signs(dimension: int) -> None:
    made = cached.pca(PIXELS, dimension)
    theirs = PCA(dimension, svd_solver="full").fit(DIGITS[:400])
    expected = theirs.transform(DIGITS[:400])
    for mine, other in zip(made.points.T, expected.T, strict=True):
        np.testing.assert_allclose(mine * np.sign(mine @ other), other, atol=1e-3)
    np.testing.assert_allclose(made.shares, theirs.explained_variance_ratio_, rtol=1e-5)
    assert made.of == f"all 400 test images; PCA, {100 * made.shares.sum():.0f} % of the variance"


def test_signs_of_pca_do_not_depend_on_the_order_of_samples() -> None:
    turned = cached.pca(reading_of(DIGITS[:400][::-1], LABELS[:400][::-1]))
    np.testing.assert_allclose(turned.points[::-1], cached.pca(PIXELS).points, atol=1e-3)


def test_pca_in_many_dimensions_is_found_by_iteration(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = cached.pca(PIXELS, 3)
    monkeypatch.setattr(cached, "_EXACT", 10)
    made = cached.pca(PIXELS, 3)
    np.testing.assert_allclose(made.shares, exact.shares, rtol=1e-3)
    np.testing.assert_allclose(made.points, exact.points, atol=0.3)
    np.testing.assert_array_equal(cached.pca(PIXELS, 3).points, made.points)


def test_pca_of_fewer_dimensions_of_one_sample_and_of_constant_features() -> None:
    line = cached.pca(reading_of([[0.0], [1.0], [5.0]], [0, 1, 2]))
    np.testing.assert_allclose(line.points, [[-2, 0], [-1, 0], [3, 0]], atol=1e-6)
    np.testing.assert_allclose(line.shares, [1, 0])
    assert cached.pca(reading_of([[3.0, 4.0]], [0])).points.tolist() == [[0, 0]]
    flat = cached.pca(reading_of(np.ones((5, 4)), [0] * 5), 3)
    assert not flat.points.any()
    assert not flat.shares.any()


def test_metrics_without_features_cannot_be_projected() -> None:
    with pytest.raises(ReadingError, match=r"add an array features \[N, d\]"):
        cached.pca(replace(PIXELS, features=None))


def test_a_sample_keeps_the_shares_of_the_classes_and_follows_from_the_labels_alone() -> None:
    skewed = reading_of(np.zeros((300, 2)), [0] * 200 + [1] * 100)
    places = cached.sample(skewed, 30)
    assert np.bincount(skewed.labels[places]).tolist() == [20, 10]
    assert (np.diff(places) > 0).all()
    np.testing.assert_array_equal(cached.sample(replace(skewed, name="other"), 30), places)
    assert cached.sample(skewed, 1000).tolist() == list(range(300))
    unknown = reading_of(np.zeros((300, 2)), [-1] * 300)
    assert len(set(cached.sample(unknown, 30).tolist())) == 30


def test_a_recipe_is_checked_and_has_what_its_method_looks_at() -> None:
    with pytest.raises(ConfigError, match=r"dimension must be a whole number in \[2, 3\]; got 4"):
        Recipe(dimension=4)
    with pytest.raises(ConfigError, match="method must be one of umap, tsne"):
        Recipe(method="pca")
    assert "perplexity" not in Recipe("umap").settings()
    assert "neighbours" not in Recipe("tsne").settings()
    home = Path("run")

    def at(**changes: Any) -> Path:
        return cached.path_of(home, "test", 2.0, "", Recipe(**changes))

    assert at(perplexity=5.0) == at()
    assert len({at(), at(neighbours=5), at(seed=1), at(method="tsne"), at(count=100)}) == 5
    assert cached.path_of(home, "test", 1.0, "", Recipe()) != at()
    assert cached.path_of(home, "test", 2.0, "trunk.2", Recipe()) != at()


def test_t_sne_is_the_same_for_a_seed_is_kept_and_says_how_it_gets_on(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    recipe = Recipe("tsne", count=120, perplexity=60.0)
    made = compute.project(PIXELS, recipe, lambda words, share: told.append((words, share)))
    assert made.points.shape == (120, 2)
    assert made.points.dtype == np.float32
    # 60 neighbours of 120 samples: scikit-learn's own limit is a third.
    assert made.of == "120 samples from all 400 test images; t-SNE, perplexity 39.7, as much as they allow"
    assert made.trust is not None
    assert made.trust.value > 0.8
    assert told[0] == ("finding neighbours", 0.02)
    assert told[10][0] == "laying out: 500 of 1,000 steps"
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    again = compute.project(PIXELS, recipe, lambda words, share: None)
    np.testing.assert_array_equal(again.points, made.points)
    path = tmp_path / "tsne.safetensors"
    cached.write(path, made, recipe, {"part": "test"})
    kept = cached.read(path)
    assert kept is not None
    np.testing.assert_array_equal(kept.points, made.points)
    np.testing.assert_array_equal(kept.places, made.places)
    assert (kept.of, kept.trust, kept.method) == (made.of, made.trust, "tsne")


def test_umap_is_the_same_for_a_seed_and_separates_the_digits() -> None:
    told: list[tuple[str, float]] = []
    recipe = Recipe("umap", neighbours=10, dimension=3)
    made = compute.project(PIXELS, recipe, lambda words, share: told.append((words, share)))
    again = compute.project(PIXELS, recipe, lambda words, share: None)
    np.testing.assert_array_equal(again.points, made.points)
    assert made.points.shape == (400, 3)
    assert made.of == "all 400 test images; UMAP, 10 neighbours, least distance 0.1"
    means = np.array([made.points[PIXELS.labels == k].mean(0) for k in range(10)])
    nearest = np.linalg.norm(made.points[:, None] - means, axis=-1).argmin(1)
    assert (nearest == PIXELS.labels).mean() > 0.8
    assert any(words.startswith("laying out: ") for words, _ in told)
    assert {"finding neighbours", "a first layout"} <= {words for words, _ in told}


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "correlation", "manhattan"])
def test_neighbours_are_those_of_a_plain_loop(metric: str) -> None:
    x = DIGITS[:40]
    formulas = {
        "euclidean": lambda a, b: math.sqrt(sum((p - q) ** 2 for p, q in zip(a, b, strict=True))),
        "manhattan": lambda a, b: sum(abs(p - q) for p, q in zip(a, b, strict=True)),
        "cosine": lambda a, b: 1 - sum(a * b) / math.sqrt(sum(a * a) * sum(b * b)),
        "correlation": lambda a, b: formulas["cosine"](a - a.mean(), b - b.mean()),
    }
    near, far = compute.neighbours(x.astype(np.float32), 6, metric)
    for i, row in enumerate(near):
        expected = sorted(range(40), key=lambda j: (j != i, formulas[metric](x[i], x[j])))[:6]
        np.testing.assert_allclose(
            far[i], [0.0, *(formulas[metric](x[i], x[j]) for j in expected[1:])], rtol=1e-4, atol=1e-5
        )
        assert row.tolist() == expected


def test_a_sample_is_its_own_first_neighbour_among_copies_and_distances_exist() -> None:
    x = np.array([[1.0, 1.0, 1.0]] * 8 + [[1.0, 2.0, 3.0], [1.0, 2.0, 4.0], [9.0, 0.0, 1.0]], np.float32)
    for metric in ("euclidean", "correlation"):
        near, far = compute.neighbours(x, 4, metric)
        assert near[:, 0].tolist() == list(range(11))
        assert all(len(set(row)) == 4 for row in near.tolist())
        assert np.isfinite(far).all()
        assert not far[:, 0].any()


def test_too_few_samples_and_constant_features_are_told() -> None:
    with pytest.raises(ReadingError, match="at least 10 samples; there are 4"):
        compute.project(reading_of(DIGITS[:4], LABELS[:4]), Recipe(), lambda w, s: None)
    with pytest.raises(ReadingError, match="all features are the same"):
        compute.project(reading_of(np.ones((20, 3)), [0] * 20), Recipe(), lambda w, s: None)


def test_a_damaged_projection_is_told_and_one_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert cached.read(tmp_path / "umap.safetensors") is None
    (tmp_path / "umap.safetensors").write_bytes(b"x")
    with pytest.raises(ReadingError, match=r"umap.safetensors is damaged"):
        cached.read(tmp_path / "umap.safetensors")
