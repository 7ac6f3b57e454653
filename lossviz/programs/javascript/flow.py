"""The step of a flow of features (lossviz.fields.flow) as code for the browser.

A loss treats classes alike but for the important ones, so one piece of code serves every label: the
sample's own class comes first, the important ones next. `places` says which class stands where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch

from lossviz import losses
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec
from lossviz.losses.state import zero_bias
from lossviz.programs.javascript import javascript
from lossviz.programs.javascript.slopes import slopes
from lossviz.programs.javascript.trace import trace


@dataclass(frozen=True)
class FlowCode:
    """The loss of a sample of the class that comes first.

    inputs: names in the order in which values are given: features, weights, biases, centres, then matrices
    and parameters. moves: those of them that descend. step: `(a, out) => {…}`, out holds the loss and its
    slope by each of `moves`. scores: `(a, out) => {…}`, the K logits. field: the loss over the plane
    (javascript.grid_function), for d = 2 only, else empty.
    """

    inputs: tuple[str, ...]
    moves: tuple[str, ...]
    step: str
    scores: str
    field: str


def important_of(spec: LossSpec, params: Mapping[str, Any]) -> tuple[int, ...]:
    """The important classes among a loss's parameters; none where it has no such parameter."""
    for param in spec.params:
        if param.kind == "classes":
            value = params[param.name]
            return (value,) if isinstance(value, int) else tuple(value)
    return ()


def places(classes: int, label: int, important: Sequence[int]) -> list[int]:
    """Which class stands at each of the K places in the code of a sample of class `label`."""
    ahead = [label, *(k for k in important if k != label)]
    return [*ahead, *(k for k in range(classes) if k not in ahead)]


def code(
    spec: LossSpec, classes: int, dimension: int, params: Mapping[str, Any], own_important: bool
) -> FlowCode:
    """The code for samples of an important class or of another; NotTraceableError where there is none.

    params: all parameters by name. Real ones and matrices are inputs, so their numbers do not matter.
    """
    fixed = fixed_params(spec, classes, params)
    several = len(important_of(spec, params))
    reals = tuple(p.name for p in (*spec.params, *spec.schedule) if p.kind == "real" and p.name in params)
    return _code(spec.key, classes, dimension, fixed, several, own_important, reals)


def fixed_params(spec: LossSpec, classes: int, params: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The parameters that are part of the code: flags, whole numbers, and whether there is a matrix."""
    zeros = ((0.0,) * classes,) * classes
    held = [(p.name, params[p.name]) for p in spec.params if p.kind in ("flag", "whole")]
    matrices = [p.name for p in spec.params if p.kind == "matrix"]
    return (*held, *((name, None if params.get(name) is None else zeros) for name in matrices))


def placed_params(
    spec: LossSpec, fixed: Mapping[str, Any], several: int, own_important: bool, reals: Sequence[str]
) -> dict[str, Any]:
    """The parameters for code in which the classes stand as `places` says; of real ones the numbers do not
    matter."""
    params = dict(fixed)
    for param in (*spec.params, *spec.schedule):
        if param.kind == "classes":
            params[param.name] = tuple(range(0 if own_important else 1, several + (not own_important)))
        elif param.name in reals:
            params[param.name] = param.default
    return params


@lru_cache(maxsize=64)
def _code(
    key: str,
    classes: int,
    dimension: int,
    fixed: tuple[tuple[str, Any], ...],
    several: int,
    own_important: bool,
    reals: tuple[str, ...],
) -> FlowCode:
    spec = losses.get(key)
    params = placed_params(spec, dict(fixed), several, own_important, reals)
    rows = torch.eye(classes, dimension, dtype=torch.float64) + 0.5
    state = ClassState(rows, zero_bias(spec.needs.bias, classes), rows + 1 if spec.needs.centers else None)
    traced = trace(spec, state, 0, params)
    moves = traced.inputs[: len(traced.inputs) - len(traced.params)]
    descent = slopes(traced.graph, traced.loss, moves)
    return FlowCode(
        traced.inputs,
        moves,
        javascript.point_function(traced.inputs, [traced.loss, *descent]),
        javascript.point_function(traced.inputs, traced.logits),
        javascript.grid_function(traced.inputs, traced.loss) if dimension == 2 else "",
    )
