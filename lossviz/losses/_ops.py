"""The mathematics that the losses share.

Everything here is a pure function of tensors without branching on their values, finite in value
and gradient wherever a feature, a weight or a probability degenerates. Shapes: features [N, d],
weights [K, d], logits and cosines [N, K], labels [N].

Logits are computed class by class and returned as a transposed view: the numbers of one class lie
side by side in memory, so the sums over a handful of classes run over long vectors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor

from lossviz.losses.state import ClassState


def linear(features: Tensor, weights: Tensor, bias: Tensor | float | None = None) -> Tensor:
    """W_k·z (+ b_k): [N, K]."""
    products = (weights @ features.mT).mT
    return products if bias is None else products + bias


def linear_logits(features: Tensor, state: ClassState, **params: object) -> Tensor:
    """W_k·z + b_k: [N, K]; the parameters of a loss do not act on these predictions."""
    return linear(features, state.weights, state.bias)


def norm(vectors: Tensor) -> Tensor:
    """Euclidean length over the last dimension; at the zero vector 0 with gradient 0.

    So short a vector that its square leaves the normal numbers (10⁻¹⁸ in float32) counts as zero:
    the derivative of its direction would overflow.
    """
    squares = (vectors * vectors).sum(-1)
    zero = squares < 100 * torch.finfo(vectors.dtype).tiny
    return torch.where(zero, 0.0, torch.sqrt(torch.where(zero, 1.0, squares)))


def unit(vectors: Tensor) -> Tensor:
    """Vectors scaled to length 1 over the last dimension; the zero vector stays zero."""
    length = norm(vectors).unsqueeze(-1)
    return vectors / torch.where(length == 0, 1.0, length)


def cosine(features: Tensor, weights: Tensor) -> Tensor:
    """cosθ_k between each feature and each weight vector: [N, K]; 0 for a zero vector."""
    return linear(unit(features), unit(weights))


def angle_to_own(features: Tensor, weights: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """(cosθ_y, sinθ_y) of each feature with the weight vector of its own class, each [N].

    The sine is the length of what is left of the unit feature once its part along the weight
    vector is taken away: exact near θ = 0 and π, where the square root of 1 − cos² has lost its
    digits and its derivative is infinite. A zero feature has cosine 0 and sine 1 (θ = π/2).
    """
    direction = unit(features)
    own = unit(weights)[labels]
    cos = (direction * own).sum(-1)
    rest = norm(direction - cos.unsqueeze(-1) * own)
    return cos, torch.where(norm(features) == 0, 1.0, rest)


def own_class(logits: Tensor, labels: Tensor) -> Tensor:
    """True at [n, y_n], else False: [N, K]."""
    classes = torch.arange(logits.shape[-1], device=logits.device)
    return (classes.unsqueeze(-1) == labels).mT


def of_own(logits: Tensor, labels: Tensor) -> Tensor:
    """The entry of the true class: [N]."""
    return logits.gather(-1, labels.unsqueeze(-1)).squeeze(-1)


def with_own(logits: Tensor, labels: Tensor, values: Tensor) -> Tensor:
    """The logits with the true class's entry replaced by `values` [N]."""
    return torch.where(own_class(logits, labels), values.unsqueeze(-1), logits)


def fill(values: Tensor, mask: Tensor, value: float) -> Tensor:
    """Values with `value` where the mask is true. Unlike `masked_fill`, keeps the memory layout."""
    return torch.where(mask, value, values)


def log_softmax(logits: Tensor) -> Tensor:
    """log p_k: [N, K], in the layout of `linear`."""
    return torch.log_softmax(logits.mT, -2).mT


def softplus(x: Tensor) -> Tensor:
    """log(1 + e^x), exact to the last digits in float64 too (torch's default cut is at 20)."""
    return F.softplus(x, threshold=40)


def others_logsumexp(logits: Tensor, labels: Tensor) -> Tensor:
    """log Σ_{j≠y} e^{o_j}: [N]."""
    return torch.logsumexp(fill(logits, own_class(logits, labels), -math.inf), -1)


def log_odds(logits: Tensor, labels: Tensor) -> Tensor:
    """log(p_y / (1 − p_y)): [N]; exact also where p_y rounds to 1."""
    return of_own(logits, labels) - others_logsumexp(logits, labels)


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """−log p_y = logsumexp(o) − o_y: [N].

    Computed as log(1 + e^{−log-odds}), which keeps its relative precision when the loss is tiny.
    """
    return softplus(-log_odds(logits, labels))


def log_other_probability(logits: Tensor) -> Tensor:
    """log(1 − p_k) for every class: [N, K]; right also where p_k → 1.

    A class with p_k ≤ 1/2 loses no digits in 1 − p_k. At most one class has more; for it the sum
    runs over the logits of the others.
    """
    log_p = log_softmax(logits)
    p = torch.exp(log_p)
    large = p > 0.5
    rest = torch.logsumexp(fill(logits, large, -math.inf), -1, keepdim=True)
    return torch.where(large, -softplus(logits - rest), torch.log1p(-fill(p, large, 0.0)))


def complement_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """C(p, y): the entropy of the wrong classes among themselves, in [0, log(K−1)]: [N].

    q is the softmax of the other logits, never a ratio of vanishing probabilities.
    """
    own = own_class(logits, labels)
    others = fill(logits, own, -math.inf)
    log_q = fill(others - torch.logsumexp(others, -1, keepdim=True), own, 0.0)
    # The own class has log q set to 0, so its product vanishes whatever q is there.
    return -(torch.exp(log_q) * log_q).sum(-1)


def binary_cross_entropy(logits: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """softplus(−o_y) and Σ_{j≠y} softplus(o_j), the two halves of BCE, each [N]."""
    own = own_class(logits, labels)
    return {
        "positive": softplus(-of_own(logits, labels)),
        "negatives": fill(softplus(logits), own, 0.0).sum(-1),
    }


def important_classes(important: int | Iterable[int] | Tensor, classes: int, like: Tensor) -> Tensor:
    """True for the important classes: [K]. `important` is one class number or several."""
    numbers = torch.arange(classes, device=like.device)
    if isinstance(important, Tensor):
        return (numbers.unsqueeze(-1) == important.reshape(-1)).any(-1)
    chosen = [important] if isinstance(important, int) else list(important)
    mask = numbers == chosen[0]
    for number in chosen[1:]:
        mask = mask | (numbers == number)
    return mask


def as_scalar(value: float | Tensor, like: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """A number, or with torch.bool a flag, as a tensor beside `like`, filled on the device (no copy from the
    host)."""
    if isinstance(value, Tensor):
        return value
    return torch.full((), value, dtype=dtype or like.dtype, device=like.device)


def settled(remainder: Tensor, tolerance: float) -> bool:
    """True where an iteration may stop early: the remainder can be read and is small.

    It cannot be read under vmap or while tracing, and should not be on a GPU, where reading waits
    for the device; the iteration then runs its fixed number of steps.
    """
    try:
        return remainder.device.type == "cpu" and bool(remainder <= tolerance)
    except RuntimeError:
        return False
