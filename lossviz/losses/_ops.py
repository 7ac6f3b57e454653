"""The mathematics that the losses share.

Everything here is a pure function of tensors without branching on their values, finite in value
and gradient wherever a feature, a weight or a probability degenerates. Shapes: features [N, d],
weights [K, d], logits and cosines [N, K], labels [N].

Logits are computed class by class and returned as a transposed view: the numbers of one class lie
side by side in memory, so the sums over a handful of classes run over long vectors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

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


def _length(vectors: Tensor, least: float | None) -> tuple[Tensor, Tensor]:
    """(length, whether it counts as zero), each [..., 1]."""
    length = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
    return length, length < (10 * torch.finfo(vectors.dtype).tiny ** 0.5 if least is None else least)


def norm(vectors: Tensor, least: float | None = None) -> Tensor:
    """Euclidean length over the last dimension; of vectors shorter than `least` 0 with gradient 0.

    By default so short a vector that its square leaves the normal numbers (10⁻¹⁸ in float32) counts
    as zero: the derivative of its direction would overflow.
    """
    length, zero = _length(vectors, least)
    return torch.where(zero, 0.0, length).squeeze(-1)


def distance(ones: Tensor, others: Tensor) -> Tensor:
    """Euclidean distances [N, K] of vectors [N, d] and [K, d]; where two coincide the gradient is 0.

    Differences are squared one by one: by way of inner products, near points would lose their digits.
    """
    return torch.cdist(ones, others, compute_mode="donot_use_mm_for_euclid_dist")


def unit(vectors: Tensor) -> Tensor:
    """Vectors scaled to length 1 over the last dimension; the zero vector stays zero."""
    length, zero = _length(vectors, None)
    return vectors / torch.where(zero, 1.0, length)


def cosine(features: Tensor, weights: Tensor) -> Tensor:
    """cosθ_k between each feature and each weight vector: [N, K]; 0 for a zero vector."""
    return linear(unit(features), unit(weights))


def angle_to_own(directions: Tensor, weights: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """(cosθ_y, sinθ_y) of each direction [N, d] with that of its own class among weights [K, d], each [N].

    The sine is the length of what is left of the direction once its part along the weight vector is
    taken away: exact near θ = 0 and π, where the square root of 1 − cos² has lost its digits and its
    derivative is infinite. What is left by rounding alone has no direction to go: its gradient is 0.
    The direction of a zero feature has cosine 0 and sine 1 (θ = π/2).
    """
    own = weights.index_select(0, labels)
    cos = (directions * own).sum(-1)
    rest = norm(directions - cos.unsqueeze(-1) * own, 4 * torch.finfo(own.dtype).eps)
    return cos, torch.where(norm(directions.detach()) == 0, 1.0, rest)


def of_own(logits: Tensor, labels: Tensor) -> Tensor:
    """The entry of the true class: [N]."""
    return logits.gather(-1, labels.unsqueeze(-1)).squeeze(-1)


def without_own(values: Tensor, labels: Tensor, value: float) -> Tensor:
    """Values with `value` in place of the true class's entry, class by class: [K, N]."""
    return values.mT.scatter(-2, labels.unsqueeze(-2), value)


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
    return torch.logsumexp(without_own(logits, labels, -math.inf), -2)


def log_odds(logits: Tensor, labels: Tensor) -> Tensor:
    """log(p_y / (1 − p_y)): [N]; exact also where p_y rounds to 1."""
    return of_own(logits, labels) - others_logsumexp(logits, labels)


def cross_entropy(logits: Tensor, labels: Tensor, own: Tensor | None = None) -> Tensor:
    """−log p_y = logsumexp(o) − o_y: [N]; own: the true logit [N], where it is not that among the logits.

    Computed as log(1 + e^{−log-odds}), which keeps its relative precision when the loss is tiny.
    """
    return softplus(others_logsumexp(logits, labels) - (of_own(logits, labels) if own is None else own))


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
    # The own class has log q set to 0, so its product vanishes whatever q is there.
    log_q = torch.log_softmax(without_own(logits, labels, -math.inf), -2)
    log_q = log_q.scatter(-2, labels.unsqueeze(-2), 0.0)
    return -(torch.exp(log_q) * log_q).sum(-2)


def binary_cross_entropy(logits: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """softplus(−o_y) and Σ_{j≠y} softplus(o_j), the two halves of BCE, each [N]."""
    return {
        "positive": softplus(-of_own(logits, labels)),
        "negatives": without_own(softplus(logits), labels, 0.0).sum(-2),
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


def costs_of(costs: Sequence[Sequence[float]] | Tensor, labels: Tensor, like: Tensor) -> Tensor:
    """costs[y][k] of each sample: [N, K], in the layout of `linear`. costs: [K, K], true class first."""
    if isinstance(costs, Tensor):
        table = costs.to(like.dtype)
    else:
        table = torch.tensor(costs, dtype=like.dtype, device=like.device)
    return table.mT.index_select(-1, labels).mT


def settled(remainder: Tensor, tolerance: float) -> bool:
    """True where an iteration may stop early: the remainder can be read and is small.

    It cannot be read under vmap or while tracing, and should not be on a GPU, where reading waits
    for the device; the iteration then runs its fixed number of steps.
    """
    try:
        return remainder.device.type == "cpu" and bool(remainder <= tolerance)
    except RuntimeError:
        return False
