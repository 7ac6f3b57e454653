"""Features as a run's loss judges them: metrics, logits, loss values, and what the bias stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec, total
from lossviz.readings.reading import Array


def class_scores(
    spec: LossSpec, features: Tensor, labels: Tensor | None, state: ClassState, params: Mapping[str, Any]
) -> dict[str, Array]:
    """metrics and logits, float32 [N, K], and, where there are labels, loss_values, float32 [N].

    metrics are the logits without the bias. features: [N, d]. labels: [N] in 0..K-1, or None for
    images of no class. As in training, nothing is checked: a run may have a bias that its loss is
    not written with.
    """
    with torch.inference_mode():
        made = {
            "metrics": spec.logits_function(features, replace(state, bias=None), **params),
            "logits": spec.logits_function(features, state, **params),
        }
        if labels is not None:
            made["loss_values"] = total(spec.terms_function(features, labels, state, **params))
    return {name: _plain(value) for name, value in made.items()}


def thresholds(spec: LossSpec, state: ClassState, params: Mapping[str, Any]) -> Array | None:
    """The thresholds on the metrics that the bias stands for, float32 [1] or [K]; None without such a bias.

    The logit of class k is positive where its metric exceeds −b_k if the bias is added, and b_k if it
    is subtracted (002 Table I). Where it acts on the loss alone, the metrics of a sample are held
    against b of its own class as it is (002 Eq. 63).
    """
    if state.bias is None:
        return None
    bias = torch.as_tensor(state.bias).float().reshape(-1)
    # At the zero feature every metric is 0, and the logits are what a bias of 1 adds to them.
    zero, one = state.weights.new_zeros(1, state.weights.shape[1]), state.weights.new_ones(())
    with torch.inference_mode():
        sign = float(spec.logits_function(zero, replace(state, bias=one), **params)[0, 0])
    if sign == 0:
        return bias.numpy().copy() if spec.needs.bias != "none" else None
    # Adding 0 makes −0 a 0.
    return np.asarray((-sign * bias).numpy() + np.float32(0))


def _plain(values: Tensor) -> Array:
    return np.ascontiguousarray(values.float().cpu().numpy())
