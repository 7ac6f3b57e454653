"""The class state: what a classifier head holds, as a loss sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree


@dataclass(frozen=True, eq=False)
class ClassState:
    """Class weights and what else a loss may need; each loss takes what it declares in `needs`.

    weights: [K, d], one row a class. bias: None (zero), a scalar for all classes (unified) or
    [K] (diverse). centers: [K, d]. adversary: maps features [N, d] to 2K logits, where class y
    means "the anchor of class y" and y + K "another sample of class y".

    It is a pytree of its tensors, so `torch.func.vmap` and `grad` go through it; the adversary
    travels along unchanged.
    """

    weights: Tensor
    bias: Tensor | float | None = None
    centers: Tensor | None = None
    adversary: Callable[[Tensor], Tensor] | None = None


def zero_bias(kind: str, classes: int) -> Tensor | None:
    """The bias of one of the kinds of `Needs.bias` at 0, float64: None, a scalar or [K]."""
    return None if kind == "none" else torch.zeros(() if kind == "unified" else classes, dtype=torch.float64)


def _flatten(state: ClassState) -> tuple[list[Any], Any]:
    return [state.weights, state.bias, state.centers], state.adversary


def _unflatten(children: Any, adversary: Any) -> ClassState:
    weights, bias, centers = children
    return ClassState(weights, bias, centers, adversary)


pytree.register_pytree_node(ClassState, _flatten, _unflatten)
