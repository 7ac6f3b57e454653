"""The parts of a training step, as pure functions of features, labels and the head.

Most steps have one part; those of COT and of the adversarial scheme have two. What a part computes is
the same for a run alone, for several runs under `torch.func.vmap`, and in a step that a device repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lossviz.losses import ClassState
from lossviz.losses.spec import total
from lossviz.training import objectives
from lossviz.training.config import RunConfig

Params = Mapping[str, Any]
Told = tuple[Tensor, dict[str, Tensor]]
Tell = Callable[[RunConfig, Tensor, Tensor, ClassState, Params], Told]


@dataclass(frozen=True)
class Phase:
    """One forward pass and one descent.

    draw: by which name the step's random choices hold its images. tell: features [N, d], labels [N],
    head and parameters -> the loss to descend (a number) and what to add to the run's sums (numbers
    by name). optimizers: those that step, where the run has them. through_network: whether gradients
    reach the network. centers: the new centres [K, d] after the descent, or None.
    """

    draw: str
    tell: Tell
    optimizers: tuple[str, ...]
    through_network: bool = True
    centers: Callable[[Tensor, Tensor, Tensor, Params], Tensor] | None = None


def phases_of(config: RunConfig) -> tuple[Phase, ...]:
    """The parts of each step of a run, in order."""
    kind = objectives.objective(config)
    if kind == "adversarial":
        return (
            Phase("first", _classify, ("main",)),
            Phase("second", _tell_apart, ("adversary",), through_network=False),
        )
    averages = config.spec.needs.centers and config.center_update == "average"
    first = Phase("images", _first, ("main", "centers"), centers=_averaged if averages else None)
    if kind == "complement":
        return first, Phase("images", _complement, ("complement",))
    return (first,)


def _first(config: RunConfig, features: Tensor, labels: Tensor, state: ClassState, params: Params) -> Told:
    terms = objectives.primary(config, features, labels, state, params)
    values = total(terms)
    parts = {f"term {name}": each.detach().sum() for name, each in terms.items()} if len(terms) > 1 else {}
    return values.mean(), _sums(config, values, features, labels, state, params) | parts


def _complement(
    config: RunConfig, features: Tensor, labels: Tensor, state: ClassState, params: Params
) -> Told:
    return objectives.complement(config, features, labels, state, params).mean(), {}


def _classify(config: RunConfig, features: Tensor, labels: Tensor, state: ClassState, params: Params) -> Told:
    values = objectives.adversarial(config, features, labels, state, params)
    return values.mean(), _sums(config, values, features, labels, state, params)


def _tell_apart(
    config: RunConfig, features: Tensor, labels: Tensor, state: ClassState, params: Params
) -> Told:
    assert state.adversary is not None
    loss = objectives.adversary_loss(state.adversary(features), labels, len(state.weights))
    return loss, {"adversary_loss": loss.detach() * len(labels)}


def _averaged(centers: Tensor, features: Tensor, labels: Tensor, params: Params) -> Tensor:
    return objectives.averaged_centers(centers, features, labels, params.get("alpha", 0.5))


@torch.no_grad()
def _sums(
    config: RunConfig, values: Tensor, features: Tensor, labels: Tensor, state: ClassState, params: Params
) -> dict[str, Tensor]:
    """Loss, hits and images of a batch."""
    guess = objectives.predictions(config.spec, features.detach(), state, params)
    return {
        "loss": values.detach().sum(),
        "right": (guess == labels).sum().float(),
        "images": torch.full((), float(len(labels)), device=features.device),
    }
