"""One training step: forward, objective, backward, optimizer.

Most steps have one phase; those of COT and of the adversarial scheme have two. The objective of a phase is
a pure function of features, labels and the head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lossviz.losses import ClassState
from lossviz.losses.spec import total
from lossviz.training import objectives
from lossviz.training.config import RunConfig
from lossviz.training.layout import embedding
from lossviz.training.model import Model

Batch = tuple[Tensor, Tensor]
Params = Mapping[str, Any]
LossAndSums = tuple[Tensor, dict[str, Tensor]]
Objective = Callable[[RunConfig, Tensor, Tensor, ClassState, Params], LossAndSums]
Optimizers = Mapping[str, torch.optim.Optimizer]


@dataclass(frozen=True)
class Phase:
    """One forward pass and one descent.

    draw: the name of its images among the step's random choices. objective: config, features [N, d],
    labels [N], head and parameters -> the loss to descend (a number) and what the run sums up (numbers by
    name). optimizers: those that step, where the run has them. through_network: gradients reach the
    network. centers: the new centres [K, d] after the descent, or None.
    """

    draw: str
    objective: Objective
    optimizers: tuple[str, ...]
    through_network: bool = True
    centers: Callable[[Tensor, Tensor, Tensor, Params], Tensor] | None = None


def phases_of(config: RunConfig) -> tuple[Phase, ...]:
    """The phases of each step of a run, in order."""
    kind = objectives.objective(config)
    if kind == "adversarial":
        return (
            Phase("first", _classifier, ("main",)),
            Phase("second", _adversary, ("adversary",), through_network=False),
        )
    averages = config.spec.needs.centers and config.center_update == "average"
    first = Phase("images", _joint, ("main", "centers"), centers=_averaged if averages else None)
    if kind == "complement":
        return first, Phase("images", _complement, ("complement",))
    return (first,)


def train_step(
    config: RunConfig,
    model: Model,
    adversary: nn.Module | None,
    optimizers: Optimizers,
    batches: Mapping[str, Batch],
    params: Params,
) -> Iterator[tuple[Tensor, Tensor, dict[str, Tensor]]]:
    """Take a step, phase by phase; gives of each the loss (a number), the features [N, d] and the sums.

    batches: images [N, C, H, W] and labels [N] by the name of their draw. params: those of the loss at this
    step.
    """
    for phase in phases_of(config):
        images, labels = batches[phase.draw]
        with torch.set_grad_enabled(phase.through_network):
            features = forward(config, model, images)
        loss, sums = phase.objective(config, features, labels, model.state(adversary), params)
        descend(loss, [optimizers[name] for name in phase.optimizers if name in optimizers])
        if phase.centers is not None and model.centers is not None:
            with torch.no_grad():
                model.centers.copy_(phase.centers(model.centers, features.detach(), labels, params))
        yield loss, features, sums


def forward(config: RunConfig, model: Model, images: Tensor) -> Tensor:
    """The features [N, d] of images [N, C, H, W] as the loss sees them, float32."""
    with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=config.precision == "mixed"):
        return model.loss_features(embedding(model.network, images).float())


def descend(loss: Tensor, optimizers: Iterable[torch.optim.Optimizer]) -> None:
    """One step of each optimizer down the loss (a number)."""
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()


def _joint(
    config: RunConfig, features: Tensor, labels: Tensor, state: ClassState, params: Params
) -> LossAndSums:
    terms = objectives.primary(config, features, labels, state, params)
    values = total(terms)
    parts = {f"term {name}": each.detach().sum() for name, each in terms.items()} if len(terms) > 1 else {}
    return values.mean(), _sums(config, values, features, labels, state, params) | parts


def _complement(
    config: RunConfig, features: Tensor, labels: Tensor, state: ClassState, params: Params
) -> LossAndSums:
    return objectives.complement(config, features, labels, state, params).mean(), {}


def _classifier(
    config: RunConfig, features: Tensor, labels: Tensor, state: ClassState, params: Params
) -> LossAndSums:
    values = objectives.adversarial(config, features, labels, state, params)
    return values.mean(), _sums(config, values, features, labels, state, params)


def _adversary(
    config: RunConfig, features: Tensor, labels: Tensor, state: ClassState, params: Params
) -> LossAndSums:
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
