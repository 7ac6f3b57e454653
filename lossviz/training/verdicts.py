"""What went wrong or cannot go right, in sentences: merged classes, margins that do not fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.metrics.corollary import least_gamma, separates
from lossviz.training.config import RunConfig
from lossviz.training.rates import anneals

Array = NDArray[Any]
CONFUSED = 0.1


def largest_margin(link: str, classes: int) -> float:
    """The largest margin that K evenly spread classes can all satisfy in 2-D, by the margin's kind.

    An angle: 2π/K. A cosine margin: 1 − cos(2π/K). Other kinds have no bound.
    """
    gap = 2 * math.pi / classes
    return {"margin": gap, "cosine-margin": 1 - math.cos(gap)}.get(link, math.inf)


def before(config: RunConfig, classes: int) -> list[str]:
    """What can be said before a step is taken."""
    said = []
    spec, params = config.spec, config.loss_params()
    if config.dimension == 2 and "margin" in params:
        param = spec.param("margin")
        bound, margin = largest_margin(param.link, classes), float(params["margin"])
        chosen = params.get("important", ())
        everyone = "important" not in params or (not isinstance(chosen, int) and len(chosen) == classes)
        if everyone and margin >= bound:
            said.append(
                f"The margin {param.text(margin)} cannot be satisfied by {classes} classes in 2-D: it must "
                f"stay below {param.text(bound)} (the gap between evenly spread classes). "
                "Lower it, take fewer classes or more dimensions."
            )
    if spec.key in ("bce-n0", "bce-nd", "bce-nu"):
        gamma = float(params["gamma"])
        if classes > 1 and not separates(classes, -gamma, gamma):
            said.append(
                f"With γ = {gamma:g} the normalised BCE cannot tell {classes} classes apart "
                f"(002, Corollary 1): raise γ above {least_gamma(classes):.2f}."
            )
    if spec.key == "gce" and classes == 2:
        said.append("With two classes the guided complement entropy is 0 everywhere: it teaches nothing.")
    return said


def merged_pairs(
    features: Array, labels: Array, guesses: Array, weights: Array
) -> list[tuple[int, int, float, float]]:
    """Pairs of classes that have merged: (i, j, angle between W_i and W_j, spread), in radians.

    Two classes have merged when their weight directions are closer than their samples spread, and a
    tenth of the samples of one are taken for the other. The spread of a class is 1.48 times the
    median angle between its samples and their mean direction (a standard deviation, were it normal);
    the larger of the two counts.
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
    apart = _angles(directions[:, None], directions[None])
    for i in range(classes):
        for j in range(i + 1, classes):
            spread = max(spreads[i], spreads[j])
            if apart[i, j] < spread and max(taken[i, j], taken[j, i]) >= CONFUSED:
                pairs.append((i, j, float(apart[i, j]), float(spread)))
    return pairs


def after(
    config: RunConfig, features: Array, labels: Array, guesses: Array, weights: Array, names: Sequence[str]
) -> list[str]:
    """What the embedding shows: classes that have merged, and what to change."""
    pairs = merged_pairs(features, labels, guesses, weights)
    if not pairs:
        return []
    i, j, apart, spread = min(pairs, key=lambda pair: pair[2] / pair[3])
    more = f" (and {len(pairs) - 1} more pair{'s' if len(pairs) > 2 else ''})" if len(pairs) > 1 else ""
    return [
        f"Classes {names[i]} and {names[j]} have merged{more}: their weight vectors are "
        f"{math.degrees(apart):.1f}° apart, their samples spread over {math.degrees(spread):.1f}°. "
        f"{_remedies(config)}"
    ]


def _remedies(config: RunConfig) -> str:
    ways = []
    if config.spec.anneals and not anneals(config):
        ways.append("turn annealing on")
    if config.weight_init == "random":
        ways.append("start with weights spread on the circle")
    if config.dimension == 2 and config.loss_params().get("margin"):
        ways.append("lower the margin")
    if config.dimension < 3:
        ways.append("embed in more dimensions")
    ways.append("train longer")
    text = ", or ".join(ways)
    return f"{text[0].upper()}{text[1:]}."


def _unit(vectors: Array) -> Array:
    vectors = vectors.astype(np.float64)
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length == 0, 1, length)


def _angles(first: Array, second: Array) -> Array:
    return np.arccos(np.clip((first * second).sum(-1), -1, 1))
