"""Features as they come: every offered distance gives a picture or words, and UMAP needs no folder."""

from __future__ import annotations

import importlib.util
import io
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from lossviz.core.errors import ReadingError
from lossviz.readings import user_file
from lossviz.readings.projection import cached, compute
from lossviz.readings.projection.settings import Recipe
from lossviz.readings.reading import Reading

DISTANCES = ("euclidean", "cosine", "correlation", "manhattan")
random = np.random.default_rng(0)
NORMAL = random.normal(size=(30, 4))
ODD = {
    "zero vectors": np.where(np.arange(30)[:, None] < 5, 0.0, NORMAL),
    "constant rows": np.where(np.arange(30)[:, None] < 5, 7.3, NORMAL),
    "constant columns": NORMAL * [1, 0, 0, 0],
    "duplicates": np.repeat(NORMAL[:3], 10, 0),
    "fewest": NORMAL[:10],
    "one number": NORMAL[:, :1],
    "huge": np.clip(NORMAL * 1e38, -3e38, 3e38),
    "huge and small": NORMAL * [1e38, 1, 1e-38, 0],
    "tiny": NORMAL * 1e-38,
    "denormal": NORMAL * 1e-43,
    "beyond float16": NORMAL * 70_000,
}


def reading(features: np.ndarray) -> Reading:
    content = io.BytesIO()
    np.savez(content, features=features.astype(np.float32), labels=np.arange(len(features)) % 3)
    return user_file.of_file(content.getvalue(), "odd")


@pytest.mark.parametrize("name", ODD)
def test_a_picture_or_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn import manifold as library

    brief = library.TSNE
    monkeypatch.setattr(library, "TSNE", lambda **given: brief(**{**given, "max_iter": 250}))
    given = reading(ODD[name])
    flat = cached.pca(given, 2)
    assert np.isfinite(flat.points).all()
    assert np.isfinite(flat.shares).all()
    for metric in DISTANCES:
        recipe = Recipe(method="tsne", metric=metric)
        if (name, metric) == ("one number", "correlation"):
            with pytest.raises(ReadingError, match="correlation"):
                compute.project(given, recipe, lambda *told: None)
            continue
        made = compute.project(given, recipe, lambda *told: None)
        assert made.points.shape == (len(ODD[name]), 2)
        assert np.isfinite(made.points).all()


@pytest.mark.parametrize("metric", ["cosine", "correlation"])
def test_features_without_a_direction_are_as_far_from_all_as_a_right_angle(metric: str) -> None:
    features = ODD["constant rows"] if metric == "correlation" else ODD["zero vectors"]
    wide = compute.comparable(features.astype(np.float32), metric)
    right = cdist(features[5:].astype(np.float32), features[5:].astype(np.float32), metric)
    np.testing.assert_allclose(1 - wide[5:] @ wide[5:].T, right, atol=1e-5)
    np.testing.assert_array_equal(wide[:5] @ wide.T, 0)


def test_features_of_no_use_are_told() -> None:
    for features in (np.ones((30, 4)), np.full((30, 4), 1e38)):
        with pytest.raises(ReadingError, match="the same"):
            compute.project(reading(features), Recipe(method="tsne"), lambda *told: None)
    diverged = reading(NORMAL)
    object.__setattr__(diverged, "features", np.where(NORMAL > 1, np.nan, NORMAL).astype(np.float32))
    for project in (
        lambda: cached.pca(diverged),
        lambda: compute.project(diverged, Recipe(method="tsne"), lambda *told: None),
    ):
        with pytest.raises(ReadingError, match="NaN"):
            project()


def test_many_dimensions_of_huge_numbers_have_principal_axes() -> None:
    features = random.normal(size=(20, 1100)) * np.where(np.arange(1100) < 2, 1e37, 1e33)
    huge, right = cached.pca(reading(features)), cached.pca(reading(features / 1e37))
    np.testing.assert_allclose(huge.points / 1e37, right.points, rtol=1e-3, atol=1e-3)


@pytest.mark.skipif(sys.platform != "linux", reason="no folder is known that nobody can write")
def test_what_is_compiled_for_umap_is_kept_where_it_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from numba import njit
    from numba.core import config, dispatcher

    beside = tmp_path / "umap"
    beside.mkdir()
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: SimpleNamespace(submodule_search_locations=[str(beside)])
    )
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(dispatcher.Dispatcher, "enable_caching", dispatcher.Dispatcher.enable_caching)
    try:
        compute.place_compiled_code()
        assert os.environ["NUMBA_CACHE_DIR"] == ""
        beside = Path("/proc/lossviz")
        compute.place_compiled_code()
        assert config.CACHE_DIR == os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "cache" / "numba")
        for name in ("NUMBA_CACHE_DIR", "LOSSVIZ_CACHE"):
            monkeypatch.setenv(name, "/proc/lossviz")
        compute.place_compiled_code()
        # A function of no file has no place either: it would be refused.
        scope: dict[str, object] = {}
        exec("def twice(x):\n    return 2 * x", scope)
        assert njit(cache=True)(scope["twice"])(4) == 8
    finally:
        monkeypatch.undo()
        config.reload_config()
