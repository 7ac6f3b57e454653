"""The objectives of a step: functions of features, labels and the head, without any network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lossviz.losses import ClassState, complement_entropy
from lossviz.losses.spec import LossSpec, total
from lossviz.training.config import RunConfig

Terms = dict[str, Tensor]


def objective(config: RunConfig) -> str:
    """joint, complement or adversarial: as asked, or as the loss declares."""
    return config.spec.objective if config.objective == "auto" else config.objective


def primary(
    config: RunConfig, features: Tensor, labels: Tensor, state: ClassState, params: Mapping[str, Any]
) -> Terms:
    """The terms of the first step, each [N]; inputs are not checked again."""
    terms = config.spec.terms_function(features, labels, state, **params)
    if objective(config) == "complement" and config.spec.objective == "complement":
        terms = {name: value for name, value in terms.items() if name != "complement"}
    return terms


def complement(
    config: RunConfig, features: Tensor, labels: Tensor, state: ClassState, params: Mapping[str, Any]
) -> Tensor:
    """The term of COT's second step, [N]: −C(p, y)/(K−1) of the loss's logits (000 Eq. 5, 003 Alg. 1)."""
    spec = config.spec
    if spec.objective == "complement":
        return spec.terms_function(features, labels, state, **params)["complement"]
    logits = spec.logits_function(features, state, **params)
    return -complement_entropy(logits, labels) / (logits.shape[-1] - 1)


def adversarial(
    config: RunConfig, features: Tensor, labels: Tensor, state: ClassState, params: Mapping[str, Any]
) -> Tensor:
    """The classifier's loss on anchors (first half) and others (second half), [N] (004 Eq. 6-8).

    Anchors get the first term only.
    """
    half = len(labels) // 2
    without = ClassState(state.weights, state.bias, state.centers)
    alone = total(config.spec.terms_function(features[:half], labels[:half], without, **params))
    against = total(config.spec.terms_function(features[half:], labels[half:], state, **params))
    return torch.cat([alone, against])


def adversary_loss(scores: Tensor, labels: Tensor, classes: int) -> Tensor:
    """The adversary's own cross-entropy: anchors (first half) are y, others y + K; a number."""
    half = len(labels) // 2
    return F.cross_entropy(scores, torch.cat([labels[:half], labels[half:] + classes]))


def averaged_centers(centers: Tensor, features: Tensor, labels: Tensor, alpha: float | Tensor) -> Tensor:
    """The centres after c_j − α Σ(c_j − x_i)/(1 + n_j) over the batch's samples of class j (004)."""
    count = torch.zeros(len(centers), device=centers.device).index_add(
        0, labels, torch.ones_like(labels, dtype=centers.dtype)
    )
    sums = torch.zeros_like(centers).index_add(0, labels, features)
    change = (count[:, None] * centers - sums) / (1 + count[:, None])
    return centers - alpha * change


def predictions(spec: LossSpec, features: Tensor, state: ClassState, params: Mapping[str, Any]) -> Tensor:
    """The class with the largest score without any margin: [N]."""
    return spec.logits_function(features, state, **params).argmax(-1)
