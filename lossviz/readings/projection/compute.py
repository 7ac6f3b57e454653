"""UMAP and t-SNE of features, with progress from what the libraries print."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import re
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lossviz.core.errors import ReadingError
from lossviz.core.paths import own_place, writable
from lossviz.metrics import clusters
from lossviz.metrics.vectors import unit
from lossviz.readings.projection.cached import TITLES, Projection, count_text, features_of, sample
from lossviz.readings.projection.settings import LEAST, Recipe
from lossviz.readings.reading import Array, Reading

# Distances between directions.
ANGULAR = ("cosine", "correlation")

Progress = Callable[[str, float], None]


def project(reading: Reading, recipe: Recipe, progress: Progress) -> Projection:
    """UMAP or t-SNE of a reading's features. It takes seconds to minutes; what is printed meanwhile by
    the libraries becomes progress. The same reading and recipe give the same points on one machine.

    neighbours and perplexity are lowered where there are too few samples for them, and `of` says so.
    """
    began = time.monotonic()
    places = sample(reading, recipe.count)
    features = features_of(reading, places)
    if len(features) < LEAST:
        raise ReadingError(
            f"{reading.name}: a projection needs at least {LEAST} samples; there are {len(features)}"
        )
    wide = comparable(features, recipe.metric)
    if np.ptp(wide, axis=0).max() <= (1e-6 if recipe.metric in ANGULAR else 0.0):
        by = f" by their {recipe.metric} distance; try the Euclidean one" if recipe.metric in ANGULAR else ""
        raise ReadingError(f"{reading.name}: all features are the same{by}; there is nothing to lay out")
    # The libraries warn of things that are said here already, or that nobody can change.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        points, told = (_umap if recipe.method == "umap" else _tsne)(wide, recipe, progress)
    if not np.isfinite(points).all():
        raise ReadingError(
            f"{reading.name}: {TITLES[recipe.method]} found no finite places for these features with these "
            "settings; take another distance or other settings, or PCA"
        )
    progress("measuring the trustworthiness", 0.95)
    trust = clusters.trustworthiness(features, points, neighbours=min(5, (len(points) - 1) // 2 - 1 or 1))
    of = f"{count_text(len(places), reading)}; {TITLES[recipe.method]}, {told}"
    points = np.ascontiguousarray(points, dtype=np.float32)
    return Projection(points, places, recipe.method, of, trust, None, time.monotonic() - began)


def comparable(features: Array, metric: str) -> Array:
    """Features whose distances are those of `metric`, up to one factor, and stay in the range of float32.

    For the cosine and the correlation directions of length 1, whose cosine distance it is (0 for a feature
    without direction: zero, or constant under correlation; it is 1 from all others). Else the features
    themselves, multiplied by a power of 2 where they are huge or tiny: both methods set their own scale.
    """
    wide = features.astype(np.float64)
    if metric in ANGULAR:
        if metric == "correlation":
            wide -= wide[:, :1]
            wide -= wide.mean(1, keepdims=True)
        return unit(wide).astype(np.float32)
    wide -= wide.mean(0) if np.abs(wide).max() > 1e30 else 0.0
    largest = np.abs(wide).max()
    if 1e-10 < largest < 1e10:
        return features
    return np.ldexp(wide, -int(np.frexp(largest)[1])).astype(np.float32)


def _umap(features: Array, recipe: Recipe, progress: Progress) -> tuple[Array, str]:
    progress("loading UMAP", 0.0)
    place_compiled_code()
    from umap import UMAP

    count = min(recipe.neighbours, len(features) - 1)
    progress("finding neighbours", 0.05)
    near = neighbours(features, count, metric := _of_library(recipe))
    stages = {
        "fuzzy simplicial set": ("weighing neighbours", 0.2),
        "Construct embedding": ("a first layout", 0.3),
    }

    def heed(line: str) -> None:
        step = re.search(r"completed\s+(\d+)\s+/\s+(\d+)", line)
        if step:
            done, whole = int(step[1]), int(step[2])
            progress(f"laying out: {done} of {whole} epochs", 0.35 + 0.6 * done / whole)
        for words, (told, share) in stages.items():
            if words in line:
                progress(told, share)

    with contextlib.redirect_stdout(_Lines(heed)):
        made = UMAP(
            n_components=recipe.dimension,
            n_neighbors=count,
            min_dist=recipe.min_dist,
            metric=metric,
            random_state=recipe.seed,
            n_jobs=1,
            precomputed_knn=near,
            # Without it UMAP ignores the neighbours it is given for fewer than 4,096 samples.
            force_approximation_algorithm=True,
            verbose=True,
            tqdm_kwds={"disable": True},
        ).fit_transform(features)
    fewer = "" if count == recipe.neighbours else ", all there are"
    return np.asarray(made), f"{count} neighbours{fewer}, least distance {recipe.min_dist:g}{_by(recipe)}"


def place_compiled_code() -> None:
    """Says where numba keeps what it compiles for UMAP, before UMAP is imported.

    That is where it would be anyway, if it can be written: NUMBA_CACHE_DIR, else beside UMAP itself.
    Else it is the cache; where nothing can be kept there either, each process compiles anew.
    """
    package = importlib.util.find_spec("umap")
    if package is None or not package.submodule_search_locations:
        return
    beside = Path(package.submodule_search_locations[0]) / "__pycache__"
    if writable(os.environ.get("NUMBA_CACHE_DIR") or beside):
        return
    place = own_place("numba")
    if place is not None:
        os.environ["NUMBA_CACHE_DIR"] = str(place)
    from numba.core import config, dispatcher

    config.reload_config()
    if place is None:
        # The import of UMAP fails if a function that asks to be cached cannot be.
        dispatcher.Dispatcher.enable_caching = lambda self: None  # type: ignore[method-assign]


def neighbours(features: Array, count: int, metric: str) -> tuple[Array, Array]:
    """The nearest samples of each, itself first, and how far they are: int64 and float32 [N, count].

    Exact; of samples that are equally far, those that come first. The search that UMAP brings is made
    for millions, and compiled for half a minute in every process; scikit-learn's takes other samples of
    those equally far with another number of threads. A distance that does not exist (the correlation
    with a constant feature) is 1.
    """
    from sklearn.metrics import pairwise_distances_chunked

    near = np.empty((len(features), count), dtype=np.int64)
    far = np.empty((len(features), count), dtype=np.float32)
    start = 0
    for chunk in pairwise_distances_chunked(features, metric=metric, working_memory=64, n_jobs=1):
        rows = np.arange(len(chunk))
        chunk = np.nan_to_num(chunk, copy=False, nan=1.0)
        chunk[rows, start + rows] = -1.0
        limit = np.partition(chunk, count - 1, axis=1)[:, count - 1]
        row, sample = np.nonzero(chunk <= limit[:, None])
        order = np.lexsort((sample, chunk[row, sample], row))
        first = np.searchsorted(row, rows)[:, None] + np.arange(count)
        part = slice(start, start + len(chunk))
        near[part] = sample[order][first]
        far[part] = np.maximum(chunk[rows[:, None], near[part]], 0.0)
        start += len(chunk)
    return near, far


def _tsne(features: Array, recipe: Recipe, progress: Progress) -> tuple[Array, str]:
    progress("finding neighbours", 0.02)
    from sklearn.manifold import TSNE

    perplexity = min(recipe.perplexity, (len(features) - 1) / 3)

    def heed(line: str) -> None:
        step = re.search(r"Iteration (\d+)", line)
        if step:
            done = int(step[1])
            progress(f"laying out: {done:,} of {rounds:,} steps", 0.1 + 0.85 * done / rounds)

    rounds = 1000
    with contextlib.redirect_stdout(_Lines(heed)):
        made = TSNE(
            n_components=recipe.dimension,
            perplexity=perplexity,
            metric=_of_library(recipe),
            init="pca" if features.shape[1] >= recipe.dimension else "random",
            random_state=recipe.seed,
            max_iter=rounds,
            n_jobs=1,
            verbose=2,
        ).fit_transform(features)
    fewer = "" if perplexity == recipe.perplexity else ", as much as they allow"
    return np.asarray(made), f"perplexity {perplexity:.3g}{fewer}{_by(recipe)}"


def _of_library(recipe: Recipe) -> str:
    """The distance that is asked of the libraries between `comparable` features."""
    return "cosine" if recipe.metric in ANGULAR else recipe.metric


def _by(recipe: Recipe) -> str:
    return "" if recipe.metric == "euclidean" else f", {recipe.metric} distance"


class _Lines(io.TextIOBase):
    """An output that hands each line on."""

    def __init__(self, heed: Callable[[str], None]) -> None:
        self.heed, self._part = heed, ""

    def write(self, text: str) -> int:
        *lines, self._part = (self._part + text).split("\n")
        for line in lines:
            self.heed(line)
        return len(text)
