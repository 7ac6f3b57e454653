"""Entropic transport between classes where a cost depends only on whether an important class takes part.

T = exp((f + g − C)/λ) has two marginals p and t. C is 0 on the diagonal, `cost` in the row and the column
of an important class, else 1: so each class meets all others through the sum over its group, the
important classes or the others. With u = e^{f/λ}, v = e^{g/λ}, k = e^{−C/λ} and the sums a, b that a
group meets, u((1 − k)v + a) = p and v((1 − k)u + b) = t leave a quadratic equation for the mass that a class
keeps, given c = ab of its group; and the masses that leave the groups leave one for c. Going from one to
the other and back halves the error of log c, or better, whatever λ, p and t: Sinkhorn's sweeps, which go
from row to row, need e^{1/λ} of them where p is near t. All is in logarithms: e^{−1/λ} may be no number.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lossviz.losses._ops import settled

# The error of log c is at most 4/λ at first.
ROUNDS = 80
_LOG_2 = math.log(2)


def potentials(
    log_p: Tensor, target: Tensor, chosen: Tensor, cost: Tensor, entropy: Tensor
) -> tuple[Tensor, Tensor]:
    """f and g, each [N, K], up to a constant that one has and the other lacks.

    log_p: [N, K], finite. target: [N, K], probabilities; g is −inf where one is 0. chosen: [K], the important
    classes. cost: at least 1. entropy: λ > 0. Right under vmap and on any device.
    """
    log_t = torch.log(target)
    gap = torch.exp(log_p) - target
    near, far = -1 / entropy, -cost / entropy
    ratio = near - far
    log_rest = torch.where(chosen, _log_rest(far), _log_rest(near))
    log_c = torch.where(chosen, far, near) + torch.zeros_like(log_p)
    for n in range(ROUNDS):
        before = log_c
        p, others_p, t, others_t, _, _ = _left(log_p, log_t, gap, log_c - log_rest, chosen)
        log_c = torch.where(
            chosen, far + _coupling(p, t, others_p, ratio), near + _coupling(others_p, others_t, p, ratio)
        )
        if n % 4 == 3 and settled(((log_c - before) * entropy).abs().max(), torch.finfo(log_p.dtype).eps):
            break
    p, others_p, t, others_t, log_x, log_y = _left(log_p, log_t, gap, log_c - log_rest, chosen)
    # From the important classes to the others, and back: their difference is known, and their product.
    first, last = _of_groups(log_c, chosen)
    product = 2 * far + p + others_p + t + others_t - first - last
    lack = torch.where(chosen, gap, 0.0).sum(-1, keepdim=True)
    there, back = _flow(lack, product), _flow(-lack, product)
    by_others = p + others_t + near - last - ratio - there
    by_important = back - others_p + first - far - t
    log_a = torch.where(t > others_t, by_important, by_others)
    # A group without classes meets nothing.
    log_a = torch.where(chosen & torch.isfinite(log_a), log_a, 0.0)
    return entropy * (log_x - log_a), entropy * (log_y - (log_c - log_a))


def _log_rest(log_k: Tensor) -> Tensor:
    """log(1 − k)."""
    return torch.log(-torch.expm1(log_k))


def _left(
    log_p: Tensor, log_t: Tensor, gap: Tensor, log_h: Tensor, chosen: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """The logarithms of what leaves the important classes and the others, what arrives there [N, 1] each,
    and of what leaves and arrives at each class [N, K]."""
    log_x, log_y = _leaving(log_p, log_t, gap, log_h), _leaving(log_t, log_p, -gap, log_h)
    p, others_p = _sums(log_x, chosen)
    t, others_t = _sums(log_y, chosen)
    return p, others_p, t, others_t, log_x, log_y


def _leaving(log_p: Tensor, log_t: Tensor, gap: Tensor, log_h: Tensor) -> Tensor:
    """log(p − w), w the smaller root of (p − w)(t − w) = hw, by sums of positive numbers alone."""
    distance = torch.log(gap.abs())
    cross = log_h + torch.logaddexp(log_p, log_t) + _LOG_2
    inside = torch.logaddexp(2 * distance, cross)
    root = torch.logaddexp(inside, 2 * log_h) / 2
    less = log_h + log_p + _LOG_2 - torch.logaddexp(torch.logaddexp(root, distance), log_h)
    more = torch.logaddexp(distance, inside - torch.logaddexp(root, log_h)) - _LOG_2
    return torch.where(gap > 0, more, less)


def _coupling(log_p: Tensor, log_t: Tensor, log_other: Tensor, ratio: Tensor) -> Tensor:
    """log(c/k) of a group that p leaves and t reaches; `other` leaves the other group. ratio: log(k₁/k)."""
    kept = log_t + _log_rest(-ratio)
    own = torch.logaddexp(log_p, kept)
    other = log_other - ratio
    top = torch.where(torch.isfinite(own), own, 0.0)
    distance = torch.log((torch.exp(log_p - top) - torch.exp(kept - top)).abs()) + top
    cross = torch.logaddexp(other + own + _LOG_2, 2 * other)
    root = torch.logaddexp(2 * distance, cross) / 2
    return torch.logaddexp(torch.logaddexp(own, other), root) - _LOG_2


def _flow(lack: Tensor, log_product: Tensor) -> Tensor:
    """log m where m(m − lack) is the product."""
    distance = torch.log(lack.abs())
    root = torch.logaddexp(2 * distance, log_product + 2 * _LOG_2) / 2
    whole = torch.logaddexp(distance, root)
    return torch.where(lack > 0, whole - _LOG_2, log_product + _LOG_2 - whole)


def _sums(logs: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
    """log Σ over the important classes, and over the others: [N, 1] each, −inf without any."""
    important = torch.where(chosen, logs, -math.inf)
    others = torch.where(chosen, -math.inf, logs)
    return torch.logsumexp(important, -1, keepdim=True), torch.logsumexp(others, -1, keepdim=True)


def _of_groups(log_c: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
    """The value that all important classes have, and the one that all others have."""
    important = torch.where(chosen, log_c, -math.inf)
    others = torch.where(chosen, -math.inf, log_c)
    return important.amax(-1, keepdim=True), others.amax(-1, keepdim=True)
