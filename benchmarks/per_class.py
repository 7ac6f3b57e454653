"""The 31 losses as one would write them first: NumPy, a Python loop over the classes.

The other side of the speed comparison, and an independent check of the values. Written from the
catalogue's formulas alone; it shares no code with `lossviz.losses`. Scores are lists with one vector
over the samples a class. The arithmetic keeps the dtype of the features.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[Any]
Scores = list[Vector]


@dataclass(frozen=True, eq=False)
class Head:
    """What a classifier holds: weights [K, d], bias [K], centers [K, d], adversary as (matrix, bias) layers.

    All in the dtype of the features; a missing bias is zero, a unified one K equal numbers.
    """

    weights: Vector
    bias: Vector
    centers: Vector
    adversary: tuple[tuple[Vector, Vector], ...] = ()


# ------------------------------------------------------------------ shared pieces


def linear(z: Vector, head: Head) -> Scores:
    """W_k·z + b_k."""
    return [z @ w + b for w, b in zip(head.weights, head.bias, strict=True)]


def metrics(z: Vector, head: Head) -> Scores:
    """W_k·z."""
    return [z @ w for w in head.weights]


def length(z: Vector) -> Vector:
    """‖z‖."""
    return np.sqrt(z[:, 0] ** 2 + z[:, 1] ** 2)


def cosines(z: Vector, head: Head) -> Scores:
    """cosθ_k; 0 for a zero feature."""
    size = length(z)
    size[size == 0] = 1
    return [(z @ w) / (size * np.sqrt(w @ w)) for w in head.weights]


def angle(cosine: Vector) -> Vector:
    """θ in radians."""
    return np.arccos(np.clip(cosine, -1, 1))


def exponentials(scores: Scores) -> tuple[Scores, Vector, Vector]:
    """(e^{o_k − max}, their sum, max)."""
    top = scores[0]
    for score in scores[1:]:
        top = np.maximum(top, score)
    powers = [np.exp(score - top) for score in scores]
    total = powers[0]
    for power in powers[1:]:
        total = total + power
    return powers, total, top


def probabilities(scores: Scores) -> Scores:
    """softmax(o)."""
    powers, total, _ = exponentials(scores)
    return [power / total for power in powers]


def cross_entropy(scores: Scores, y: int) -> Vector:
    """logsumexp(o) − o_y."""
    _, total, top = exponentials(scores)
    return np.log(total) + top - scores[y]


def softplus(x: Vector) -> Vector:
    """log(1 + e^x); five times as fast as np.logaddexp(0, x)."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def binary_cross_entropy(scores: Scores, y: int) -> Vector:
    """softplus(−o_y) + Σ_{j≠y} softplus(o_j)."""
    value = softplus(-scores[y])
    for j, score in enumerate(scores):
        if j != y:
            value = value + softplus(score)
    return value


def wrong_entropy(scores: Scores, y: int) -> Vector:
    """C(p, y): the entropy of the wrong classes among themselves."""
    others = probabilities([score for j, score in enumerate(scores) if j != y])
    value = np.zeros_like(scores[0])
    for q in others:
        value -= q * np.log(q)
    return value


def chosen(important: Any) -> set[int]:
    """The important classes as a set."""
    return {important} if isinstance(important, int) else set(important)


def scaled(scores: Scores, factor: float) -> Scores:
    """The scores times a number."""
    return [factor * score for score in scores]


def with_own(scores: Scores, y: int, own: Vector) -> Scores:
    """The scores with that of class y replaced."""
    return [own if k == y else score for k, score in enumerate(scores)]


def threshold_cosines(z: Vector, head: Head, gamma: float) -> Scores:
    """γcosθ_k − b_k."""
    return [gamma * c - b for c, b in zip(cosines(z, head), head.bias, strict=True)]


# ------------------------------------------------------ uniform classification (002)


def soft_metrics(z: Vector, y: int, head: Head) -> Vector:
    return cross_entropy(metrics(z, head), y)


def soft_linear(z: Vector, y: int, head: Head) -> Vector:
    return cross_entropy(linear(z, head), y)


def soft_n0(z: Vector, y: int, head: Head, gamma: float) -> Vector:
    return cross_entropy(scaled(cosines(z, head), gamma), y)


def soft_normalised(z: Vector, y: int, head: Head, gamma: float) -> Vector:
    return cross_entropy(threshold_cosines(z, head, gamma), y)


def bce_metrics(z: Vector, y: int, head: Head) -> Vector:
    return binary_cross_entropy(metrics(z, head), y)


def bce_linear(z: Vector, y: int, head: Head) -> Vector:
    return binary_cross_entropy(linear(z, head), y)


def bce_n0(z: Vector, y: int, head: Head, gamma: float) -> Vector:
    return binary_cross_entropy(scaled(cosines(z, head), gamma), y)


def bce_normalised(z: Vector, y: int, head: Head, gamma: float) -> Vector:
    return binary_cross_entropy(threshold_cosines(z, head, gamma), y)


def bce_di(z: Vector, y: int, head: Head) -> Vector:
    return binary_cross_entropy([score - head.bias[y] for score in metrics(z, head)], y)


def naive(z: Vector, y: int, head: Head) -> Vector:
    scores = metrics(z, head)
    value = -scores[y]
    for j, score in enumerate(scores):
        if j != y:
            value = value + score / (len(scores) - 1)
    return value


# ------------------------------------------------------------- cost-sensitive (001)


def weighted_ce(z: Vector, y: int, head: Head, important: Any, weight: float) -> Vector:
    factor = weight if y in chosen(important) else 1.0
    return factor * cross_entropy(linear(z, head), y)


def crwwce(z: Vector, y: int, head: Head, important: Any, fn_cost: float, fp_cost: float) -> Vector:
    dear = chosen(important)
    scores = linear(z, head)
    powers, total, _ = exponentials(scores)
    value = (fn_cost if y in dear else 1.0) * cross_entropy(scores, y)
    for k in range(len(scores)):
        if k == y:
            continue
        rest = np.zeros_like(total)
        for j, power in enumerate(powers):
            if j != k:
                rest += power
        value = value - (fp_cost if k in dear or y in dear else 1.0) * np.log(rest / total)
    return value


def wasserstein(z: Vector, y: int, head: Head, important: Any, cost: float, entropy: float) -> Vector:
    dear = chosen(important)
    value = np.full_like(z[:, 0], -entropy)
    for k, p in enumerate(probabilities(linear(z, head))):
        if k != y:
            value += p * (cost if k in dear or y in dear else 1.0)
        value += entropy * p * np.log(p)
    return value


# ------------------------------------------------------------- angular (001, 004)


def l2_softmax(z: Vector, y: int, head: Head, scale: float) -> Vector:
    return cross_entropy(scaled(cosines(z, head), scale), y)


def arcface(z: Vector, y: int, head: Head, scale: float, margin: float, monotone: bool) -> Vector:
    scores = cosines(z, head)
    theta = angle(scores[y])
    own = np.cos(theta + margin)
    if monotone:
        own = np.where(theta + margin > math.pi, scores[y] - margin * math.sin(margin), own)
    return cross_entropy(scaled(with_own(scores, y, own), scale), y)


def camri(
    z: Vector, y: int, head: Head, scale: float, margin: float, important: Any, monotone: bool
) -> Vector:
    return arcface(z, y, head, scale, margin if y in chosen(important) else 0.0, monotone)


def cosface(z: Vector, y: int, head: Head, scale: float, margin: float) -> Vector:
    scores = cosines(z, head)
    return cross_entropy(scaled(with_own(scores, y, scores[y] - margin), scale), y)


def modified_softmax(z: Vector, y: int, head: Head) -> Vector:
    size = length(z)
    return cross_entropy([size * c for c in cosines(z, head)], y)


def sphereface(z: Vector, y: int, head: Head, margin: int, monotone: bool) -> Vector:
    size = length(z)
    scores = cosines(z, head)
    theta = angle(scores[y])
    own = np.cos(margin * theta)
    if monotone:
        fold = np.minimum(np.floor(margin * theta / math.pi), margin - 1)
        own = np.where(fold % 2 == 0, own, -own) - 2 * fold
    return cross_entropy([size * score for score in with_own(scores, y, own)], y)


# ------------------------------------------------------------ complement (000, 003)


def focal(z: Vector, y: int, head: Head, gamma: float) -> Vector:
    scores = linear(z, head)
    return (1 - probabilities(scores)[y]) ** gamma * cross_entropy(scores, y)


def cot(z: Vector, y: int, head: Head, balanced: bool) -> Vector:
    scores = linear(z, head)
    share = 1 / (len(scores) - 1) if balanced else 1.0
    return cross_entropy(scores, y) - share * wrong_entropy(scores, y)


def cce(z: Vector, y: int, head: Head, gamma: float) -> Vector:
    scores = linear(z, head)
    return cross_entropy(scores, y) + gamma / (len(scores) - 1) * wrong_entropy(scores, y)


def gce(z: Vector, y: int, head: Head, alpha: float) -> Vector:
    scores = linear(z, head)
    if len(scores) == 2:
        return np.zeros_like(scores[0])
    return -(probabilities(scores)[y] ** alpha) * wrong_entropy(scores, y) / math.log(len(scores) - 1)


# --------------------------------------------------------------- centroid (000, 004)


def center(z: Vector, y: int, head: Head, lam: float, alpha: float) -> Vector:
    squares = (z[:, 0] - head.centers[y, 0]) ** 2 + (z[:, 1] - head.centers[y, 1]) ** 2
    return cross_entropy(linear(z, head), y) + lam / 2 * squares


def pc(z: Vector, y: int, head: Head, lam: float) -> Vector:
    own, others = head.centers[y], len(head.centers) - 1
    value = length(z - own)
    for j, other in enumerate(head.centers):
        if j != y:
            value = value - (length(z - other) + np.sqrt(((own - other) ** 2).sum())) / others
    return cross_entropy(linear(z, head), y) + lam * value


# ------------------------------------------------------------- adversary and hinge


def adversarial(z: Vector, y: int, head: Head, lam: float) -> Vector:
    hidden = z
    for matrix, bias in head.adversary[:-1]:
        hidden = np.tanh(hidden @ matrix.T + bias)
    matrix, bias = head.adversary[-1]
    q = probabilities([hidden @ row + b for row, b in zip(matrix, bias, strict=True)])
    return cross_entropy(linear(z, head), y) + lam * (q[y + len(head.weights)] - q[y])


def hinge(z: Vector, y: int, head: Head, margin: float) -> Vector:
    scores = linear(z, head)
    value = np.zeros_like(scores[0])
    for j, score in enumerate(scores):
        if j != y:
            value += np.maximum(0, margin + score - scores[y])
    return value / (len(scores) - 1)


LOSSES: dict[str, Callable[..., Vector]] = {
    "soft-0": soft_metrics,
    "soft-d": soft_linear,
    "soft-u": soft_linear,
    "soft-n0": soft_n0,
    "soft-nd": soft_normalised,
    "soft-nu": soft_normalised,
    "bce-0": bce_metrics,
    "bce-d": bce_linear,
    "bce-u": bce_linear,
    "bce-n0": bce_n0,
    "bce-nd": bce_normalised,
    "bce-nu": bce_normalised,
    "bce-di": bce_di,
    "naive": naive,
    "weighted-ce": weighted_ce,
    "crwwce": crwwce,
    "wasserstein": wasserstein,
    "l2-softmax": l2_softmax,
    "arcface": arcface,
    "camri": camri,
    "cosface": cosface,
    "modified-softmax": modified_softmax,
    "sphereface": sphereface,
    "focal": focal,
    "cot": cot,
    "cce": cce,
    "gce": gce,
    "center": center,
    "pc": pc,
    "adversarial": adversarial,
    "hinge": hinge,
}
"""Each loss as a function (features [N, 2], label, head, **params) -> [N]; params as in the catalogue."""
