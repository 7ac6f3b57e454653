"""Positive and negative metrics counted on common edges (paper 002, Figs. 2 and 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics.inputs import values
from lossviz.metrics.scores import metrics_and_labels
from lossviz.metrics.separation import sample_mask
from lossviz.metrics.vectors import Array, chunks


@dataclass(frozen=True, eq=False)
class Histograms:
    """Positive and negative metrics counted on the same edges.

    edges: [B + 1]. Counts: [B] whole numbers. Densities: [B], counts over all metrics of the kind
    and over the width of the bin; they integrate to 1 where no metric lies outside of the edges, and
    are 0 where there are none of the kind.
    """

    edges: Array
    positive_counts: Array
    negative_counts: Array
    positive_density: Array
    negative_density: Array


def histograms(
    metrics: ArrayLike, labels: ArrayLike, bins: int | ArrayLike = 60, right_only: bool = False
) -> Histograms:
    """Histograms of all positive and all negative metrics (002 Fig. 2, right).

    metrics: [N, K]; labels: [N]. bins: how many between the smallest and the largest metric, or
    rising edges [B + 1], as for several runs on one axis; what lies outside is left out. Where all
    metrics are (nearly) equal the edges reach at least half a unit beyond them. right_only: only
    samples with positive > largest negative, as in the paper. Raises MetricError for what cannot be
    measured.
    """
    metrics, labels = metrics_and_labels(metrics, labels)
    use = sample_mask(metrics, labels, right_only)
    edges, even = _edges(bins, metrics), isinstance(bins, (int, np.integer))
    positive = metrics[np.arange(len(labels)), labels][use]
    ones = _counted(positive, edges, even)
    # Together, then less the positives: no mask of all N × K numbers is needed.
    together = sum((_counted(metrics[r][use[r]], edges, even) for r in chunks(*metrics.shape)), 0 * ones)
    others = together - ones
    widths = np.diff(edges)
    negative_total = len(positive) * (metrics.shape[1] - 1)
    return Histograms(
        edges=edges,
        positive_counts=ones,
        negative_counts=others,
        positive_density=ones / (max(1, len(positive)) * widths),
        negative_density=others / (max(1, negative_total) * widths),
    )


def _edges(bins: int | ArrayLike, metrics: Array) -> Array:
    if isinstance(bins, (int, np.integer)):
        if bins < 1:
            raise MetricError(f"a histogram needs at least one bin; got {bins}")
        low, high = float(metrics.min()), float(metrics.max())
        edges = np.linspace(low, high, int(bins) + 1)
        if (np.diff(edges) > 0).all():
            return edges
        # Equal metrics, or closer than so many numbers of a float lie between them.
        reach = max(0.5, bins * float(np.spacing(max(abs(low), abs(high)))))
        return np.linspace(low - reach, high + reach, int(bins) + 1)
    edges = values("edges", bins, "[B + 1]")
    if len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise MetricError("edges of a histogram must rise, and be two at least")
    return edges


def _counted(numbers: Array, edges: Array, even: bool) -> Array:
    """Counts of the half-open bins; the last one holds its upper edge too."""
    # Bins of one width are counted five times as fast by their number and ends.
    bins, ends = (len(edges) - 1, (edges[0], edges[-1])) if even else (edges, None)
    return np.histogram(numbers.astype(np.float64), bins, ends)[0]
