"""Corollary 1 at a γ, as N directions in d dimensions allow it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lossviz import losses
from lossviz.losses.spec import LossSpec
from lossviz.metrics.bounds import gammas
from lossviz.readings.advice.question import DoctorView


def concerns(spec: LossSpec) -> bool:
    """The corollary is about the loss: cosines scaled by γ, one learned threshold for all classes."""
    return spec.corollary and spec.learns_threshold and spec.needs.bias == "unified"


ABOUT = next(spec.key for spec in losses.catalogue().values() if concerns(spec))


@dataclass(frozen=True)
class Question:
    """A question to the corollary: γ, N and d."""

    gamma: float
    classes: int
    dimension: int

    @property
    def nearest(self) -> tuple[float, float]:
        """(Lower bound, surely reached) for the largest negative cosine at its smallest."""
        return gammas.nearest(self.classes, self.dimension)

    @property
    def bias(self) -> float | None:
        """The learned bias of the best arrangement at hand."""
        found = learned(self.classes, self.dimension, (self.gamma,))
        return None if found is None else found[0]

    @property
    def bias_or_nan(self) -> float:
        """The learned bias as a number; NaN if no arrangement is at hand."""
        return float("nan") if self.bias is None else self.bias

    def slope(self, bias: float) -> float:
        """The slope of the loss in the bias, if features lie on class weights as far apart as is known."""
        scales, biases = np.array([self.gamma]), np.array([bias])
        return float(gammas.slope(self.classes, self.dimension, scales, biases)[0])

    def separates(self, bias: float) -> bool:
        """True if a bias lies between the nearest negatives that are surely reached and γ."""
        return self.gamma * self.nearest[1] < bias < self.gamma

    @property
    def doctor(self) -> DoctorView:
        view = DoctorView(loss=ABOUT, classes=self.classes, dimension=self.dimension)
        low, high = view.param.low or 0.0, view.param.high or self.gamma
        return view.with_param("gamma", min(max(self.gamma, low), high))


@lru_cache(maxsize=64)
def learned(classes: int, dimension: int, scales: tuple[float, ...]) -> tuple[float, ...] | None:
    """The learned bias at each γ; None where no arrangement of so many directions is at hand."""
    found = gammas.learned_bias(classes, dimension, np.array(scales))
    return None if found is None else tuple(found.tolist())
