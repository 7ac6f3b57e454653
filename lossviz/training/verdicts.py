"""What went wrong or cannot go right, in sentences: merged classes, margins that do not fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.metrics.corollary import least_gamma, separates
from lossviz.training.config import RunConfig
from lossviz.training.recipes import anneals
from lossviz.training.remedies import GAMMA_LOSSES, advice, margin_bound, margin_fits, remedies

Array = NDArray[Any]
Pair = tuple[int, int, float, float]
CONFUSED = 0.1
EARLIEST = 1 / 3
# Three directions on a circle can be more than a right angle apart; so many classes no recipe has to help.
MOST_CAUTIOUS = 3


def before(config: RunConfig, classes: int) -> list[str]:
    """What can be said before a step is taken."""
    said = []
    spec, params = config.spec, config.loss_params()
    ways = advice(remedies(config, classes, merged=False))
    if not margin_fits(config, classes):
        param = spec.param("margin")
        text, bound = param.text(params["margin"]), param.text(margin_bound(config, classes).high)
        said.append(
            f"The margin {text} cannot be satisfied by {classes} classes in {config.dimension}-D: it must "
            f"stay below {bound} (the gap between class weights that are as far apart as they can). {ways}"
        )
    if spec.key in GAMMA_LOSSES:
        gamma = float(params["gamma"])
        if classes > 1 and not separates(classes, -gamma, gamma):
            said.append(
                f"With γ = {gamma:g} the normalised BCE cannot tell {classes} classes apart (002, "
                f"Corollary 1): γ must lie above {least_gamma(classes):.2f}. {ways}"
            )
    if spec.caution and config.dimension == 2 and classes > MOST_CAUTIOUS:
        said.append(spec.caution)
    if spec.key == "gce" and classes == 2:
        said.append("With two classes the guided complement entropy is 0 everywhere: it teaches nothing.")
    return said


def merged_pairs(features: Array, labels: Array, guesses: Array, weights: Array) -> list[Pair]:
    """Pairs of classes that have merged: (i, j, angle between W_i and W_j, spread), in radians.

    Two classes have merged when their weight directions are closer than their samples spread, and a
    tenth of the samples of one are taken for the other. The spread of a class is 1.48 times the
    median angle between its samples and their mean direction (a standard deviation, were it normal);
    the larger of the two counts. The pair that is merged most, by angle over spread, comes first.
    """
    directions, classes = _unit(weights), len(weights)
    spreads = np.full(classes, np.nan)
    taken = np.zeros((classes, classes))
    for k in range(classes):
        own = labels == k
        if own.sum() >= 2:
            rays = _unit(features[own])
            spreads[k] = 1.4826 * float(np.median(_angles(rays, _unit(rays.mean(0, keepdims=True)))))
            taken[k] = np.bincount(guesses[own], minlength=classes) / own.sum()
    pairs = []
    apart = np.arccos(np.clip(directions @ directions.T, -1, 1))
    for i, j in np.argwhere(np.triu(np.maximum(taken, taken.T) >= CONFUSED, 1)).tolist():
        spread = float(np.fmax(spreads[i], spreads[j]))
        if apart[i, j] < spread:
            pairs.append((i, j, float(apart[i, j]), spread))
    return sorted(pairs, key=lambda pair: pair[2] / pair[3])


def after(config: RunConfig, pairs: Sequence[Pair], names: Sequence[str], epoch: int) -> list[str]:
    """What the embedding shows at the end of an epoch: classes that have merged, and what to change."""
    if not pairs:
        return []
    i, j, apart, spread = pairs[0]
    more = f" (and {len(pairs) - 1} more pair{'s' if len(pairs) > 2 else ''})" if len(pairs) > 1 else ""
    early = "" if epoch >= settled(config) else " It is early: classes may still part by themselves."
    return [
        f"Classes {names[i]} and {names[j]} have merged{more}: at the end of epoch {epoch} their weight "
        f"vectors are {math.degrees(apart):.1f}° apart, their samples spread over "
        f"{math.degrees(spread):.1f}°.{early} {advice(remedies(config, len(names)))}".rstrip()
    ]


def settled(config: RunConfig) -> float:
    """The epoch until which classes often part: half of the run, or the end of its annealing."""
    return config.epochs * max(0.5, config.anneal_share if anneals(config) else 0.0)


@dataclass
class Merging:
    """What is told of merged classes while a run trains, so that it neither comes too soon nor flickers.

    After a third of the run (before, most runs that end well have merged classes too) two ends of
    epochs in a row must agree before it is told, and before it is taken back. The last decides alone.
    before: whether classes had merged at the last end of an epoch.
    """

    told: list[str] = field(default_factory=list)
    before: bool = False

    def see(self, said: list[str], share: float) -> None:
        """The end of an epoch: what `after` says of it; share: of the run that is done, up to 1."""
        steady = bool(said) == self.before and share >= EARLIEST
        if share >= 1 or steady or (said and self.told):
            self.told = said
        self.before = bool(said)


def _unit(vectors: Array) -> Array:
    vectors = vectors.astype(np.float64)
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length == 0, 1, length)


def _angles(first: Array, second: Array) -> Array:
    return np.arccos(np.clip((first * second).sum(-1), -1, 1))
