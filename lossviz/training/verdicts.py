"""What went wrong or cannot go right, in sentences: merged classes, margins that do not fit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.training.config import RunConfig
from lossviz.training.rates import anneals

Array = NDArray[Any]


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
        if 2 * gamma < 700 and classes >= (math.exp(2 * gamma) + 3) / 2:
            said.append(
                f"With γ = {gamma:g} the normalised BCE cannot tell {classes} classes apart "
                "(002, Corollary 1): raise γ."
            )
    if spec.key == "gce" and classes == 2:
        said.append("With two classes the guided complement entropy is 0 everywhere: it teaches nothing.")
    return said


def merged_pairs(features: Array, labels: Array, weights: Array) -> list[tuple[int, int, float, float]]:
    """Pairs of classes whose weight directions are closer than their samples spread.

    Returns (i, j, angle between W_i and W_j, spread) in radians. The spread is the larger of the two
    classes' root mean square angles between samples and their mean direction.
    """
    directions = _unit(weights)
    spreads = np.full(len(weights), np.nan)
    for k in range(len(weights)):
        own = _unit(features[labels == k])
        if len(own) >= 2:
            middle = _unit(own.mean(0, keepdims=True))
            spreads[k] = math.sqrt(float((_angles(own, middle) ** 2).mean()))
    pairs = []
    apart = _angles(directions[:, None], directions[None])
    for i in range(len(weights)):
        for j in range(i + 1, len(weights)):
            spread = max(spreads[i], spreads[j])
            if apart[i, j] < spread:
                pairs.append((i, j, float(apart[i, j]), float(spread)))
    return pairs


def after(
    config: RunConfig, features: Array, labels: Array, weights: Array, names: tuple[str, ...]
) -> list[str]:
    """What the embedding shows: classes that have merged, and what to change."""
    pairs = merged_pairs(features, labels, weights)
    if not pairs:
        return []
    i, j, apart, spread = min(pairs, key=lambda pair: pair[2] / pair[3])
    more = f", and {len(pairs) - 1} more pair{'s' if len(pairs) > 2 else ''}" if len(pairs) > 1 else ""
    remedies = _remedies(config, len(weights))
    return [
        f"Classes {names[i]} and {names[j]} have merged{more}: their weight vectors are "
        f"{math.degrees(apart):.1f}° apart, while their samples spread over {math.degrees(spread):.1f}°. "
        f"{remedies}"
    ]


def _remedies(config: RunConfig, classes: int) -> str:
    ways = []
    params: Mapping[str, Any] = config.loss_params()
    if config.spec.anneals and not anneals(config):
        ways.append("turn annealing on")
    if config.weight_init == "random":
        ways.append("start with weights spread on the circle")
    if config.dimension == 2 and "margin" in params:
        param = config.spec.param("margin")
        bound = largest_margin(param.link, classes)
        if math.isfinite(bound):
            ways.append(f"keep the margin below {param.text(bound)}")
    if config.dimension < 3:
        ways.append("embed in more dimensions")
    ways.append("train longer")
    text = ", or ".join(ways)
    return f"{text[0].upper()}{text[1:]}."


def _unit(vectors: Array) -> Array:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length == 0, 1, length)


def _angles(first: Array, second: Array) -> Array:
    return np.arccos(np.clip((first * second).sum(-1), -1, 1))
