"""Each loss as somebody would write it who has no lossviz: torch's own, pytorch-metric-learning's, or a few
lines. Each takes what a loss takes and returns the mean over the samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from lossviz.losses import ClassState

Mean = Callable[[Tensor, Tensor], Tensor]
Builder = Callable[[ClassState, dict[str, Any]], Mean]


def linear(z: Tensor, state: ClassState) -> Tensor:
    bias = state.bias if isinstance(state.bias, Tensor) else None
    if bias is not None and bias.dim() == 0:
        return F.linear(z, state.weights) + bias
    return F.linear(z, state.weights, bias)


def cosine(z: Tensor, state: ClassState) -> Tensor:
    return F.linear(F.normalize(z), F.normalize(state.weights))


def metrics(z: Tensor, state: ClassState, gamma: float) -> Tensor:
    """γcosθ − b."""
    logits = gamma * cosine(z, state)
    return logits if state.bias is None else logits - state.bias


def bce(logits: Tensor, y: Tensor) -> Tensor:
    own = F.one_hot(y, logits.shape[1]).to(logits.dtype)
    return F.binary_cross_entropy_with_logits(logits, own, reduction="none").sum(1).mean()


def bce_own_threshold(z: Tensor, y: Tensor, state: ClassState) -> Tensor:
    assert isinstance(state.bias, Tensor)
    return bce(F.linear(z, state.weights) - state.bias[y].unsqueeze(1), y)


def naive(z: Tensor, y: Tensor, state: ClassState) -> Tensor:
    logits = F.linear(z, state.weights)
    own = logits.gather(1, y[:, None]).squeeze(1)
    return ((logits.sum(1) - own) / (logits.shape[1] - 1) - own).mean()


def focal(z: Tensor, y: Tensor, state: ClassState, gamma: float) -> Tensor:
    each = F.cross_entropy(linear(z, state), y, reduction="none")
    return ((1 - torch.exp(-each)) ** gamma * each).mean()


def class_weights(state: ClassState, important: int, weight: float) -> Tensor:
    made = state.weights.new_ones(len(state.weights))
    made[important] = weight
    return made


def weighted(z: Tensor, y: Tensor, state: ClassState, important: int, weight: float) -> Tensor:
    weights = class_weights(state, important, weight)
    return F.cross_entropy(linear(z, state), y, weight=weights, reduction="none").mean()


def costs(state: ClassState, y: Tensor, important: int, cost: float) -> Tensor:
    """C_{k,y}, 0 where k = y: [N, K]."""
    made = state.weights.new_ones(len(state.weights), len(state.weights))
    made[important], made[:, important] = cost, cost
    return made.fill_diagonal_(0.0)[y]


def real_world(
    z: Tensor, y: Tensor, state: ClassState, important: int, fn_cost: float, fp_cost: float
) -> Tensor:
    logits = linear(z, state)
    missed = F.cross_entropy(logits, y, class_weights(state, important, fn_cost), reduction="none")
    false = torch.log1p(-torch.softmax(logits, 1))
    return (missed - (costs(state, y, important, fp_cost) * false).sum(1)).mean()


def wasserstein(
    z: Tensor, y: Tensor, state: ClassState, important: int, cost: float, entropy: float
) -> Tensor:
    log_p = F.log_softmax(linear(z, state), 1)
    p = log_p.exp()
    moved = (p * costs(state, y, important, cost)).sum(1)
    return (moved - entropy * (1 - (p * log_p).sum(1))).mean()


def wrong_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """The entropy of the wrong classes among themselves, [N]."""
    others = torch.arange(logits.shape[1]) != y[:, None]
    log_q = F.log_softmax(logits[others].view(len(y), -1), 1)
    return -(log_q.exp() * log_q).sum(1)


def cot(z: Tensor, y: Tensor, state: ClassState, balanced: bool) -> Tensor:
    logits = linear(z, state)
    return F.cross_entropy(logits, y) - wrong_entropy(logits, y).mean() / (logits.shape[1] - 1)


def cce(z: Tensor, y: Tensor, state: ClassState, gamma: float) -> Tensor:
    logits = linear(z, state)
    return F.cross_entropy(logits, y) + gamma / (logits.shape[1] - 1) * wrong_entropy(logits, y).mean()


def gce(z: Tensor, y: Tensor, state: ClassState, alpha: float) -> Tensor:
    logits = linear(z, state)
    own = torch.softmax(logits, 1).gather(1, y[:, None]).squeeze(1)
    return -(own**alpha * wrong_entropy(logits, y)).mean() / math.log(logits.shape[1] - 1)


def center(z: Tensor, y: Tensor, state: ClassState, lam: float, alpha: float) -> Tensor:
    assert state.centers is not None
    return F.cross_entropy(linear(z, state), y) + lam / 2 * (z - state.centers[y]).pow(2).sum(1).mean()


def prototype(z: Tensor, y: Tensor, state: ClassState, lam: float) -> Tensor:
    assert state.centers is not None
    far = torch.cdist(z, state.centers)
    own = far.gather(1, y[:, None]).squeeze(1)
    others = far.sum(1) - own + torch.cdist(state.centers, state.centers).sum(1)[y]
    return F.cross_entropy(linear(z, state), y) + lam * (own - others / (len(state.centers) - 1)).mean()


def adversarial(z: Tensor, y: Tensor, state: ClassState, lam: float) -> Tensor:
    assert state.adversary is not None
    q = torch.softmax(state.adversary(z), 1)
    own, other = q.gather(1, y[:, None]), q.gather(1, y[:, None] + len(state.weights))
    return F.cross_entropy(linear(z, state), y) + lam * (other - own).mean()


def hinge(z: Tensor, y: Tensor, state: ClassState, margin: float) -> Tensor:
    classes = len(state.weights)
    return F.multi_margin_loss(linear(z, state), y, margin=margin) * (classes / (classes - 1))


def camri(
    z: Tensor, y: Tensor, state: ClassState, scale: float, margin: float, important: int, monotone: bool
) -> Tensor:
    cos = cosine(z, state)
    angle = torch.acos(cos.gather(1, y[:, None]).clamp(-1 + 1e-7, 1 - 1e-7))
    own = torch.cos(angle + margin * (y == important).to(z.dtype).unsqueeze(1))
    return F.cross_entropy(scale * cos.scatter(1, y[:, None], own), y)


def metric_learning(name: str, **read: Callable[[dict[str, Any]], float]) -> Builder:
    """A loss of pytorch-metric-learning on the class weights of a state.

    read: its options, from our parameters.
    """

    def build(state: ClassState, params: dict[str, Any]) -> Mean:
        from pytorch_metric_learning import losses

        classes, dimension = state.weights.shape
        options = {option: get(params) for option, get in read.items()}
        loss: Any = getattr(losses, name)(classes, dimension, **options)
        loss.W.data = state.weights.detach().mT.clone()  # its head is [d, K]
        return cast(Mean, loss)

    return build


def plain(function: Callable[..., Tensor]) -> Builder:
    """The same for a function of features, labels, state and parameters."""
    return lambda state, params: lambda z, y: function(z, y, state, **params)


SOFTMAX = plain(lambda z, y, state: F.cross_entropy(linear(z, state), y))
NORMALISED = plain(lambda z, y, state, gamma: F.cross_entropy(metrics(z, state, gamma), y))
BCE = plain(lambda z, y, state: bce(linear(z, state), y))
NORMALISED_BCE = plain(lambda z, y, state, gamma: bce(metrics(z, state, gamma), y))

PEERS: dict[str, Builder] = {
    "soft-0": SOFTMAX,
    "soft-d": SOFTMAX,
    "soft-u": SOFTMAX,
    "soft-n0": metric_learning("NormalizedSoftmaxLoss", temperature=lambda p: 1 / p["gamma"]),
    "soft-nd": NORMALISED,
    "soft-nu": NORMALISED,
    "bce-0": BCE,
    "bce-d": BCE,
    "bce-u": BCE,
    "bce-n0": NORMALISED_BCE,
    "bce-nd": NORMALISED_BCE,
    "bce-nu": NORMALISED_BCE,
    "bce-di": plain(bce_own_threshold),
    "naive": plain(naive),
    "weighted-ce": plain(weighted),
    "crwwce": plain(real_world),
    "wasserstein": plain(wasserstein),
    "l2-softmax": metric_learning("NormalizedSoftmaxLoss", temperature=lambda p: 1 / p["scale"]),
    "arcface": metric_learning(
        "ArcFaceLoss", margin=lambda p: math.degrees(p["margin"]), scale=lambda p: p["scale"]
    ),
    "camri": plain(camri),
    "cosface": metric_learning("CosFaceLoss", margin=lambda p: p["margin"], scale=lambda p: p["scale"]),
    "modified-softmax": plain(
        lambda z, y, state: F.cross_entropy(F.linear(z, F.normalize(state.weights)), y)
    ),
    "sphereface": metric_learning("SphereFaceLoss", margin=lambda p: p["margin"], scale=lambda p: 1),
    "focal": plain(focal),
    "cot": plain(cot),
    "cce": plain(cce),
    "gce": plain(gce),
    "center": plain(center),
    "pc": plain(prototype),
    "adversarial": plain(adversarial),
    "hinge": plain(hinge),
}
