"""The model that is trained: a network and the head that a loss sees."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from lossviz.core.errors import ConfigError
from lossviz.losses import ClassState, unit
from lossviz.training.config import RunConfig
from lossviz.training.objectives import objective
from lossviz.training.recipes import spreads
from models import adversary as adversary_network


class Model(nn.Module):
    """A network with class weights and what else the loss needs.

    images [N, C, size, size] -> features [N, d]. weights: [K, d]. bias: none, [1] or [K].
    centers: [K, d] where the loss has them. All float32; made from the run's seed. start: where the
    biases begin, if not as `bias_init` says.
    """

    def __init__(
        self, config: RunConfig, channels: int, size: int, classes: int, start: float | None = None
    ) -> None:
        super().__init__()
        self.config = config
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self.network = config.network.build(channels, size, config.dimension)
            self.weights = nn.Parameter(class_weights(config, classes))
            bias = first_bias(config, classes)
            if bias is not None and start is not None:
                bias = torch.full_like(bias, start)
            self.bias = None if bias is None else nn.Parameter(bias)
            self.centers = (
                nn.Parameter(torch.randn(classes, config.dimension)) if config.spec.needs.centers else None
            )

    def forward(self, images: Tensor) -> Tensor:
        """The features as the loss sees them, float32 [N, d]."""
        return self.loss_features(self.network(images).float())

    def loss_features(self, embedding: Tensor) -> Tensor:
        """The network's output [N, d] as the loss sees it: normalised where the run normalises."""
        if self.config.normalize or self.config.head == "cosine":
            return self.config.head_scale * unit(embedding)
        return embedding

    def state(self, adversary: Callable[[Tensor], Tensor] | None = None) -> ClassState:
        """The head as the losses take it."""
        weights: Tensor = self.weights
        if self.config.head == "cosine":
            weights = unit(weights)
        bias = None if self.bias is None else self.bias[0] if len(self.bias) == 1 else self.bias
        return ClassState(weights, bias, self.centers, adversary)


def adversary_of(config: RunConfig, classes: int, device: torch.device) -> nn.Module | None:
    """The adversary of a run whose objective has one, made from its seed; None of others."""
    if objective(config) != "adversarial":
        return None
    if not config.spec.needs.adversary:
        raise ConfigError(f"objective: the adversarial steps need the loss adversarial; got {config.loss}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return adversary_network.build(config.dimension, classes, hidden=64).to(device)


def bias_mode(config: RunConfig) -> str:
    """none, unified or diverse: as asked, or as the loss is written."""
    return config.spec.needs.bias if config.bias == "auto" else config.bias


def class_weights(config: RunConfig, classes: int) -> Tensor:
    """Class weights at the start, [K, d]: random, or unit vectors spread evenly."""
    if not spreads(config):
        reach = 1 / math.sqrt(config.dimension)
        return torch.empty(classes, config.dimension).uniform_(-reach, reach)
    if config.dimension == 1:
        raise ConfigError("weight_init: class weights can be spread in 2 dimensions or more; got dimension 1")
    if config.dimension == 2:
        angles = math.pi / 2 + 2 * math.pi * torch.arange(classes) / classes
        return torch.stack([torch.cos(angles), torch.sin(angles)], -1)
    return _repelled(torch.randn(classes, config.dimension))


def _repelled(points: Tensor, steps: int = 200) -> Tensor:
    """Unit vectors that have pushed each other apart: steepest descent on the largest cosines."""
    points = unit(points)
    for _ in range(steps):
        cosines = points @ points.T - 2 * torch.eye(len(points))
        push = torch.softmax(8 * cosines, -1) @ points
        points = unit(points - 0.2 * push)
    return points


def first_bias(config: RunConfig, classes: int) -> Tensor | None:
    """The biases at the start: modes 0 to 7 of paper 002 (Section IV-D), i running from 1 to N.

    0: random with mean zero. 1: i. 2: 64 i/N. 3: 64 (N−i)/N. 4: log(96 i). 5: log(96 (N+1−i)).
    6: log(96 N) for i ≤ N/4 and N/2 ≤ i ≤ 3N/4, else 0. 7: the reverse of 6 (the paper's sentence
    breaks off after "0 for those"). A unified bias starts at 0, or at the mean of the mode's values.
    """
    kind, mode = bias_mode(config), config.bias_init
    if kind == "none":
        return None
    i = torch.arange(1, classes + 1, dtype=torch.float32)
    n = float(classes)
    if mode == 0:
        reach = 1 / math.sqrt(config.dimension)
        values = torch.empty(classes).uniform_(-reach, reach)
        return values if kind == "diverse" else torch.zeros(1)
    quarters = (i <= n / 4) | ((i >= n / 2) & (i <= 3 * n / 4))
    values = {
        1: i,
        2: 64 * i / n,
        3: 64 * (n - i) / n,
        4: torch.log(96 * i),
        5: torch.log(96 * (n + 1 - i)),
        6: torch.where(quarters, math.log(96 * n), 0.0),
        7: torch.where(quarters, 0.0, math.log(96 * n)),
    }[mode]
    return values if kind == "diverse" else values.mean(0, keepdim=True)
