"""Colours of points: by class, by right and wrong, or by a number on a scale that all panels share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lossviz.figures.scatter import Values
from lossviz.metrics import angular
from lossviz.pages.embeddings.projected_points import ProjectedPoints
from lossviz.readings.identity_cache import once
from lossviz.readings.reading import Array, Reading

NUMBERS = ("loss", "angle")
# Losses below this share of the largest have one colour: nobody could tell them apart.
_LEAST_SHARE = 1e-4


def lacking(reading: Reading, colour: str) -> str:
    """The reason why a reading has no colour of this kind; "" where it has."""
    if colour in ("prediction", "error") and reading.metrics is None:
        return "nothing is predicted: put metrics or logits [N, K], or weights [K, d], into the file"
    if colour == "loss" and reading.loss_values is None:
        return "a file says nothing of losses; choose runs"
    if colour == "angle":
        if reading.weights is None:
            return "there are no class weights beside these features"
        if not np.isfinite(reading.weights).all():
            return "some class weights are not finite"
    return ""


def values(projected: ProjectedPoints, colour: str) -> Array | None:
    """The numbers that colour the points, float64 [n], degrees for angles; None where there are none."""
    reading = projected.reading
    if colour not in NUMBERS or lacking(reading, colour):
        return None
    if colour == "loss":
        assert reading.loss_values is not None
        return np.asarray(reading.loss_values[projected.places], dtype=np.float64)
    assert reading.features is not None
    assert reading.weights is not None
    features, weights, labels = reading.features[projected.places], reading.weights, projected.labels
    arrays = (reading.features, weights, reading.labels)
    key = ("own angle", projected.mark)
    return np.degrees(once(key, arrays, lambda: angular.own_and_other(features, weights, labels).own))


def scale(projected: Sequence[ProjectedPoints], colour: str) -> Values | None:
    """The scale of all panels; None for colours that are no numbers, and where nobody has any."""
    parts = [found for each in projected if (found := values(each, colour)) is not None]
    numbers = np.concatenate(parts) if parts else np.empty(0)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return None
    title = "loss" if colour == "loss" else "angle to own weight"
    low, high = (float(end) for end in np.quantile(numbers, (0.01, 0.995)))
    if colour == "angle":
        return Values(title, 0.0, max(high, 1.0), unit="°")
    if low < 0 or high <= 0:
        return Values(title, low, high if high > low else low + 1.0)
    return Values(title, max(low, _LEAST_SHARE * high), high if high > low else 2 * high, log=True)
