"""A loss over the plane as code for pictures of many trained networks: few programs serve all of them.

The classes stand in the code as for a flow (`flow.places`), so that one program serves every label.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import torch
from torch import Tensor

from lossviz import losses
from lossviz.core.errors import LossError
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec
from lossviz.losses.state import zero_bias
from lossviz.programs.javascript import javascript
from lossviz.programs.javascript.flow import fixed_params, important_of, placed_params
from lossviz.programs.javascript.trace import trace

Bias = Literal["none", "unified", "diverse"]


@dataclass(frozen=True)
class Landscape:
    """The code of a loss with its parameters that are no numbers.

    inputs: names in the order in which values are given; the entries of a matrix before other parameters.
    scores: `(a, out) => {…}`, the K logits of a feature; "" where they cannot be traced. own, other:
    `(a, xs, ys, out, scores) => {…}` for samples of an important class and of another
    (javascript.grid_function), the same where no class is important; "" where there is none: for d ≠ 2, and
    for a loss that cannot be traced.
    """

    inputs: tuple[str, ...]
    scores: str
    own: str
    other: str


def landscape(
    spec: LossSpec, classes: int, dimension: int, params: Mapping[str, Any], bias: Bias, plane: bool = True
) -> Landscape:
    """The code of a loss for K classes in d dimensions. bias: the kind that the network has, whatever its
    loss is written with. plane: False leaves `own` and `other` empty."""
    fixed = fixed_params(spec, classes, params)
    reals = tuple(p.name for p in (*spec.params, *spec.schedule) if p.kind == "real" and p.name in params)
    several = len(important_of(spec, params))
    return _landscape(spec.key, classes, dimension, fixed, several, reals, bias, plane and dimension == 2)


def name(source: str) -> str:
    """A name for a piece of code: the same for the same source."""
    return hashlib.sha256(source.encode()).hexdigest()[:12]


@lru_cache(maxsize=128)
def _landscape(
    key: str,
    classes: int,
    dimension: int,
    fixed: tuple[tuple[str, Any], ...],
    several: int,
    reals: tuple[str, ...],
    bias: Bias,
    plane: bool,
) -> Landscape:
    spec = losses.get(key)
    rows = torch.eye(classes, dimension, dtype=torch.float64) + 0.5
    state = ClassState(rows, zero_bias(bias, classes), rows + 1 if spec.needs.centers else None)
    own = placed_params(spec, dict(fixed), several, True, reals)
    try:
        alone = trace(_scored_only(spec), state, 0, own)
    except LossError:
        return Landscape((), "", "", "")
    scores = javascript.point_function(alone.inputs, alone.logits)
    grids = []
    for important in (True, False) if plane else ():
        params = placed_params(spec, dict(fixed), several, important, reals)
        try:
            traced = trace(spec, state, 0, params)
        except (LossError, TypeError, AttributeError):  # a loss with an adversary, which is not sent
            break
        grids.append(javascript.grid_function(traced.inputs, traced.loss, traced.logits))
    own_code, other_code = grids if len(grids) == 2 else ("", "")
    return Landscape(alone.inputs, scores, own_code, other_code)


def _scored_only(spec: LossSpec) -> LossSpec:
    """The loss with its logits alone: 0 everywhere."""

    def nothing(features: Tensor, labels: Tensor, state: Any, **params: Any) -> dict[str, Tensor]:
        return {"none": features.sum(1) * 0}

    needs = dataclasses.replace(spec.needs, adversary=False)
    return dataclasses.replace(spec, terms_function=nothing, needs=needs)
