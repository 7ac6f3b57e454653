"""Projections of features to two or three dimensions: PCA at once; UMAP and t-SNE as a job has kept them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lossviz.core.errors import ReadingError
from lossviz.metrics import clusters
from lossviz.readings.projection.settings import MOST, Recipe
from lossviz.readings.reading import Array, Reading
from lossviz.runs import files

TITLES = {"pca": "PCA", "umap": "UMAP", "tsne": "t-SNE"}
# Up to this many dimensions the principal axes are exact.
_EXACT = 1024
_VERSION = 1


@dataclass(frozen=True, eq=False)
class Projection:
    """Features in two or three dimensions.

    points: float32 [n, 2 or 3]. places: int64 [n], which samples of the reading they are. method: a
    key of TITLES. of: for the page: "2,000 of 10,000 test images, epoch 8; UMAP, 15 neighbours".
    trust: their trustworthiness, or None (PCA). shares: of the variance along each axis (PCA), or
    None. seconds: what it took.
    """

    points: Array
    places: Array
    method: str
    of: str
    trust: clusters.Trust | None = None
    shares: Array | None = None
    seconds: float = 0.0


def pca(reading: Reading, dimension: int = 2, places: Array | None = None) -> Projection:
    """The first principal components of a reading's features, at once; ReadingError without features.

    Signs are fixed: the entry of an axis that is largest in size is positive. Of more than 1,024
    dimensions the axes are found by iteration. Axes that the features do not have are 0. places: the
    samples to take; else up to 10,000, stratified.
    """
    chosen = sample(reading, MOST) if places is None else places
    wide = torch.tensor(features_of(reading, chosen), dtype=torch.float64)
    wide -= wide.mean(0)
    count, width = wide.shape
    if width <= _EXACT:
        squares, columns = torch.linalg.eigh(wide.T @ wide)
        found, axes = squares.flip(0).clamp_min(0), columns.flip(1)[:, :dimension]
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            most = min(dimension + 10, count, width)
            # Their squares must stay within float32.
            unit = wide.abs().max().clamp_min(1e-300)
            _, sizes, columns = torch.pca_lowrank((wide / unit).float(), q=most, center=False, niter=8)
        found, axes = (sizes.double() * unit).square(), columns[:, :dimension].double()
    signs = axes.gather(0, axes.abs().argmax(0, keepdim=True)).sign()
    axes = axes * torch.where(signs == 0, 1.0, signs)
    points = torch.zeros(count, dimension, dtype=torch.float64)
    points[:, : axes.shape[1]] = wide @ axes
    if not points.float().isfinite().all():
        raise ReadingError(f"{reading.name}: its features are too large to project; divide them by a number")
    shares = torch.zeros(dimension, dtype=torch.float64)
    shares[: axes.shape[1]] = found[:dimension] / wide.square().sum().clamp_min(1e-300)
    of = f"{count_text(len(chosen), reading)}; PCA, {100 * float(shares.sum()):.0f} % of the variance"
    return Projection(points.float().numpy(), chosen, "pca", of, shares=shares.numpy())


def sample(reading: Reading, count: int) -> Array:
    """Places of at most `count` samples of a reading, classes in their shares, int64, rising.

    They follow from the labels alone: of the same part of a data set, every run gives the same.
    """
    labels, whole = reading.labels, len(reading.labels)
    if whole <= count:
        return np.arange(whole)
    if labels.min() < 0:
        return np.linspace(0, whole - 1, count).astype(np.int64)
    return clusters.stratified_sample(labels, len(reading.classes), count, seed=0)


def path_of(home: Path, part: str, epoch: float, layer: str, recipe: Recipe) -> Path:
    """The path of a projection; home: the folder of the run or of the file."""
    key = json.dumps([_VERSION, part, round(epoch, 6), layer, recipe.settings()], sort_keys=True)
    return home / "readings" / f"{recipe.method}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.safetensors"


def read(path: Path) -> Projection | None:
    """The projection of a file; None where there is none. ReadingError if it is damaged."""
    if not path.is_file():
        return None
    try:
        arrays, facts = files.read_arrays(path)
        trust = facts["trust"]
        if trust is not None:
            trust = clusters.Trust(
                **{**trust, "value": float("nan") if trust["value"] is None else trust["value"]}
            )
        return Projection(
            arrays["points"],
            arrays["places"],
            str(facts["method"]),
            str(facts["of"]),
            trust,
            None,
            float(facts["seconds"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ReadingError(f"{path.name} is damaged ({error!s:.80}); delete it and make it again") from None


def write(path: Path, made: Projection, recipe: Recipe, source: dict[str, Any]) -> None:
    """Keep a projection; source: of which part, epoch and layer it is."""
    facts = {
        "method": made.method,
        "recipe": recipe.settings(),
        **source,
        "of": made.of,
        "trust": None if made.trust is None else asdict(made.trust),
        "seconds": made.seconds,
    }
    files.replace_file(path, files.encode_arrays({"points": made.points, "places": made.places}, facts))


def features_of(reading: Reading, places: Array | None = None) -> Array:
    """The features of a reading, as they are; or those of some samples, to be projected. ReadingError where
    it has none, and where those to be projected are not finite."""
    if reading.features is None:
        raise ReadingError(
            f"{reading.name}: it holds metrics without features; add an array features [N, d] to project"
        )
    if places is None:
        return reading.features
    found = np.ascontiguousarray(reading.features[places])
    if not np.isfinite(found).all():
        raise ReadingError(
            f"{reading.name}: some features are NaN or infinite; did the run diverge? Take an earlier epoch"
        )
    return found


def count_text(count: int, reading: Reading) -> str:
    """The samples in words: all of a reading, or so many of it."""
    return reading.of if count == len(reading.labels) else f"{count:,} samples from {reading.of}"
