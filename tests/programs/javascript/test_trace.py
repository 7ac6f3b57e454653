"""Traced losses and their slopes against torch, evaluated here by NumPy, node by node."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lossviz import fields, losses
from lossviz.losses import ClassState
from lossviz.programs.javascript import programs
from lossviz.programs.javascript.scalars import Scalar, topological_order
from lossviz.programs.javascript.slopes import slopes
from lossviz.programs.javascript.trace import Traced, trace

POINTS = 300
NAMES = {
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "neg": "negative",
    "pow": "power",
    "min": "minimum",
    "max": "maximum",
    "acos": "arccos",
    "lt": "less",
    "le": "less_equal",
    "eq": "equal",
    "ne": "not_equal",
    "and": "logical_and",
    "or": "logical_or",
    "not": "logical_not",
}


def evaluated(roots: list[Scalar], inputs: dict[str, Any]) -> list[Any]:
    values: dict[Scalar, Any] = {}
    with np.errstate(all="ignore"):
        for node in topological_order(roots):
            args = [values[arg] for arg in node.args]
            if node.op == "input":
                values[node] = inputs[node.value]
            elif node.op == "constant":
                values[node] = node.value
            elif node.op == "where":
                values[node] = np.where(*args)
            else:
                values[node] = getattr(np, NAMES.get(node.op, node.op))(*args)
    return [np.broadcast_to(values[root], (POINTS,)) for root in roots]


def places(weights: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Random features, and the corners: the origin, on, opposite to and far along a weight vector."""
    z = 3 * torch.randn(POINTS, 2, generator=generator, dtype=torch.float64)
    z[0] = 0
    z[1 : 1 + len(weights)] = weights
    z[10 : 10 + len(weights)] = -weights
    z[20] = 1e3 * weights[0]
    return z


def head(key: str, classes: int) -> tuple[ClassState, torch.Tensor]:
    spec = losses.get(key)
    generator = torch.Generator().manual_seed(7)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    bias = {"none": None, "unified": normal(), "diverse": normal(classes)}[spec.needs.bias]
    weights = normal(classes, 2)
    adversary = fields.default_state(spec, classes).adversary if spec.needs.adversary else None
    if isinstance(adversary, torch.nn.Module):
        adversary.double().requires_grad_(False)
    centers = normal(classes, 2) if spec.needs.centers else None
    return ClassState(weights, bias, centers, adversary), places(weights, generator)


def inputs_of(traced: Traced, state: ClassState, z: torch.Tensor, params: dict[str, Any]) -> dict[str, Any]:
    held: dict[str, Any] = {"z1": z[:, 0].numpy(), "z2": z[:, 1].numpy()}
    for letter, rows in (("W", state.weights), ("C", state.centers)):
        if rows is not None:
            held |= {
                f"{letter}{k}_{j + 1}": float(v) for k, row in enumerate(rows) for j, v in enumerate(row)
            }
    if isinstance(state.bias, torch.Tensor):
        each = (
            [("b", state.bias)] if state.bias.dim() == 0 else [(f"b{k}", v) for k, v in enumerate(state.bias)]
        )
        held |= {name: float(value) for name, value in each}
    return {name: held[name] if name in held else float(params[name]) for name in traced.inputs}


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("key", losses.keys())
def test_a_traced_loss_is_the_loss(key: str, classes: int) -> None:
    spec = losses.get(key)
    state, z = head(key, classes)
    label = classes - 1
    # Traced at other numbers than those at which it is evaluated.
    other = ClassState(
        torch.ones_like(state.weights),
        None if state.bias is None else torch.zeros_like(torch.as_tensor(state.bias)),
        None if state.centers is None else torch.zeros_like(state.centers),
        state.adversary,
    )
    traced = trace(spec, other, label)
    params = spec.complete({}, classes)
    moved = {p.name: 0.7 * p.high for p in spec.params if p.kind == "real" and p.high}
    full = {**params, **moved}
    loss, *logits = evaluated([traced.loss, *traced.logits], inputs_of(traced, state, z, full))
    labels = torch.full((POINTS,), label)
    expected = spec.per_sample(z, labels, state, **full).numpy()
    np.testing.assert_allclose(loss, expected, rtol=1e-9, atol=1e-12)
    scores = spec.logits(z, state, **full).numpy()
    np.testing.assert_allclose(np.stack(logits, -1), scores, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("key", ["crwwce", "wasserstein"])
def test_a_traced_loss_takes_any_cost_matrix(key: str) -> None:
    spec, classes = losses.get(key), 4
    state, z = head(key, classes)
    costs = torch.rand(classes, classes, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    costs = (9 * costs).fill_diagonal_(0).tolist()
    zeros = torch.zeros(classes, classes).tolist()
    params = spec.complete({"costs": costs}, classes)
    for label in range(classes):
        traced = trace(spec, state, label, {"costs": zeros})
        given = {f"costs{i}_{j}": each for i, row in enumerate(costs) for j, each in enumerate(row)}
        (loss,) = evaluated([traced.loss], inputs_of(traced, state, z, {**params, **given}))
        expected = spec.per_sample(z, torch.full((POINTS,), label), state, **params).numpy()
        np.testing.assert_allclose(loss, expected, rtol=1e-9, atol=1e-12)
    made = programs.program(spec, state, 0, params)
    assert made is programs.program(spec, state, 0, {**params, "costs": zeros})
    assert programs.values(made, state, params)[2 + 3 * classes : -2] == [
        each for row in costs for each in row
    ]


@pytest.mark.parametrize("key", losses.keys())
def test_slopes_are_those_of_autograd(key: str) -> None:
    spec = losses.get(key)
    state, z = head(key, 3)
    traced, full = trace(spec, state, 1), spec.complete({}, 3)
    by = ["z1", "z2", *(f"W{k}_{j}" for k in range(3) for j in (1, 2))]
    found = evaluated(list(slopes(traced.graph, traced.loss, by)), inputs_of(traced, state, z, full))

    def of_one(feature: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        now = ClassState(weights, state.bias, state.centers, state.adversary)
        return spec.per_sample(feature[None], torch.tensor([1]), now)[0]

    several = state.weights.expand(POINTS, -1, -1)
    by_feature, by_weights = torch.func.vmap(torch.func.grad(of_one, argnums=(0, 1)))(z, several)
    expected = torch.cat([by_feature, by_weights.flatten(1)], -1).numpy()
    reach = np.maximum(np.abs(expected).max(-1, keepdims=True), 1e-9)
    np.testing.assert_allclose(np.stack(found, -1) / reach, expected / reach, atol=1e-6)
