"""Feature flow: features as free particles under gradient descent, without a network.

What geometry a loss wants shows best when nothing but the loss acts: every feature follows its own
loss, class weights, biases and centres follow the mean loss. Where a step overshoots, the next is
shorter, so that a flow comes to rest. (A model of features without
constraints: Mixon, Parshall, Pi 2020; its endpoint for cross-entropy is neural collapse, Papyan,
Han, Donoho 2020.)

The oracle of engine.js and measures.js of the flow component, which take the same steps in the browser.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from lossviz import losses
from lossviz.core.errors import ConfigError
from lossviz.core.settings import Declared, log_steps, setting
from lossviz.fields.flow_rates import even, suited
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec
from lossviz.losses.state import zero_bias
from lossviz.metrics import circle, collapse, uniform
from lossviz.metrics.bounds.angles import separation
from lossviz.metrics.merging import merged_pairs
from lossviz.training.rates import anneal

__all__ = ["FAR", "FlowConfig", "FlowState", "Measures", "even", "flow", "measure", "start", "step"]

FAR = 1000.0  # a number of a feature, weight or centre beyond this: the flow has run away
SHORTER, LONGER, LEAST = 0.5, 1.1, 0.05  # a step after one that overshot, after one that did not; at least
RATES = ("rate", "weight_rate", "decay", "weight_decay")


@dataclass(frozen=True)
class FlowConfig(Declared):
    """The settings of a flow. params: the loss's parameters that are not at their defaults, by name.

    Rates and decays that are not given (None) are those that suit the loss (`flow_rates.suited`).
    ConfigError where a setting is not allowed, LossError where a parameter is not.
    """

    loss: str = setting(
        "soft-d",
        "text",
        "loss",
        "all losses but the adversarial one, whose adversary is a network of its own",
        resolve=losses.key_of,
    )
    classes: int = setting(10, "whole", "classes", "number of classes", 2, 20)
    dimension: int = setting(2, "whole", "dimension", "of the features and class weights", 2, 3)
    params: Mapping[str, Any] = setting({}, "params", "parameters of the loss")
    particles: int = setting(500, "whole", "particles", "features, over all classes", 20, 2000, step=10)
    imbalance: float = setting(
        1.0,
        "real",
        "imbalance",
        "features of the first class over those of the last; long-tailed",
        1,
        100,
        spacing="log",
        steps=log_steps(1, 100, 2),
    )
    width: float = setting(
        0.5, "real", "width of the start", "standard deviation of the first features", 0.01, 5, step=0.05
    )
    weights: str = setting(
        "trained",
        "choice",
        "class weights",
        "trained from random directions, or fixed and evenly spread",
        choices={"trained": "Trained", "fixed": "Fixed, evenly spread"},
    )
    rate: float = setting(
        None,
        "real",
        "rate of features",
        "step of a feature along its own descent",
        0.00001,
        2,
        spacing="log",
        steps=log_steps(0.00001, 2, 2),
    )
    weight_rate: float = setting(
        None,
        "real",
        "rate of weights",
        "step of weights, biases and centres by the mean loss",
        0.00001,
        10,
        spacing="log",
        steps=log_steps(0.00001, 10, 2),
    )
    decay: float = setting(
        None,
        "real",
        "decay of features",
        "pull of every feature to the origin; 0: length is free",
        0,
        0.5,
        step=0.005,
    )
    weight_decay: float = setting(
        None,
        "real",
        "decay of weights",
        "pull of every class weight to the origin; 0: length is free",
        0,
        0.1,
    )
    anneal: bool = setting(
        True, "flag", "annealing", "margins and scales grow to their values, where a loss asks for it"
    )
    anneal_steps: int = setting(
        300,
        "whole",
        "steps of annealing",
        "after which margins and scales have their values",
        1,
        2000,
        step=10,
    )
    seed: int = setting(0, "whole", "seed", "of the first features and class weights", 0, 9999)

    def __post_init__(self) -> None:
        """Check every setting."""
        self.check_settings()
        if self.spec.needs.adversary:
            raise ConfigError(f"loss must do without a network of its own; got {self.loss!r}; choose another")
        if self.particles < self.classes:
            raise ConfigError(
                f"particles must be at least one a class; got {self.particles} for {self.classes}"
            )
        for name, rate in self.suited().items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, rate)

    def suited(self) -> dict[str, float]:
        """The rates and decays that suit the loss and its parameters, by name."""
        return suited(self.spec, self.classes, self.dimension, self.loss_params())

    @property
    def spec(self) -> LossSpec:
        return losses.get(self.loss)

    def loss_params(self) -> dict[str, Any]:
        """All parameters of the loss by name, as after the annealing."""
        return self.spec.complete(self.params, self.classes)

    def params_at(self, step: int) -> dict[str, Any]:
        """The parameters of the loss at a step."""
        if not self.anneal:
            return self.loss_params()
        return anneal(self.spec, self.loss_params(), min(1.0, step / self.anneal_steps))

    def counts(self) -> list[int]:
        """Features of each class, K numbers: n_k in proportion to ρ^(−k/(K−1)), at least one."""
        shares = [self.imbalance ** (-k / (self.classes - 1)) for k in range(self.classes)]
        ends = [sum(shares[: k + 1]) / sum(shares) for k in range(self.classes)]
        free = self.particles - self.classes
        marks = [0, *(round(free * end) for end in ends)]
        return [1 + after - before for before, after in pairwise(marks)]


@dataclass(frozen=True, eq=False)
class Way:
    """The last move of a tensor of rows. downhill: [rows, d], the descent without a rate. share: [rows],
    the part of a full step that each row takes."""

    downhill: Tensor
    share: Tensor


@dataclass(frozen=True, eq=False)
class FlowState:
    """Everything at one step, float64. features: [N, d], sorted by class. labels: [N]. head: weights
    [K, d], the bias that the loss takes, centres [K, d] where it has them. loss: the mean. ways: how
    features, weights, biases and centres moved in the step before, by name."""

    step: int
    features: Tensor
    labels: Tensor
    head: ClassState
    loss: float
    ways: Mapping[str, Way] = field(default_factory=dict)

    @property
    def farthest(self) -> float:
        """The largest number of a feature, weight, bias or centre; nan where one is not a number."""
        parts = [self.features, self.head.weights, self.head.bias, self.head.centers]
        return float(torch.cat([torch.as_tensor(p).reshape(-1) for p in parts if p is not None]).abs().max())

    @property
    def ran_away(self) -> bool:
        """True where something is farther out than FAR."""
        return not self.farthest < FAR


def start(config: FlowConfig) -> FlowState:
    """The state before the first step: a cloud at the origin, all classes mixed."""
    generator = torch.Generator().manual_seed(config.seed)

    def normal(count: int) -> Tensor:
        return torch.randn(count, config.dimension, generator=generator, dtype=torch.float64)

    features = config.width * normal(config.particles)
    labels = torch.repeat_interleave(torch.arange(config.classes), torch.tensor(config.counts()))
    drawn = normal(config.classes)
    weights = drawn / drawn.norm(dim=1, keepdim=True)
    if config.weights == "fixed":
        weights = even(config.classes, config.dimension)
    centers = config.width * normal(config.classes) if config.spec.needs.centers else None
    head = ClassState(weights, zero_bias(config.spec.needs.bias, config.classes), centers)
    return FlowState(0, features, labels, head, _mean(config, features, labels, head, 0))


def step(config: FlowConfig, state: FlowState) -> FlowState:
    """One step of gradient descent, all at once from the same state.

    z_i ← z_i − a_i η (∂ℓ_i/∂z_i + λ z_i); W_k ← W_k − a_k η_W (∂L/∂W_k + λ_W W_k); b and C ← −a η_W ∂L/∂
    of them, with L the mean of ℓ_i. With fixed weights, W and b stay. a, one number for every feature,
    weight, bias and centre: 1 at first; half of what it was where the new descent points against the
    last one (the last step overshot), at least 0.05; else 1.1 times, at most 1.
    """
    params = config.params_at(state.step)
    names = ["weights", "bias", "centers"]
    held = {n: getattr(state.head, n) for n in names if getattr(state.head, n) is not None}
    leaves = {n: tensor.clone().requires_grad_() for n, tensor in held.items()}
    features = state.features.clone().requires_grad_()
    each = config.spec.per_sample(features, state.labels, ClassState(**leaves), **params)
    slopes = torch.autograd.grad(each.sum(), [features, *leaves.values()], allow_unused=True)
    found = [
        torch.zeros_like(t) if g is None else g
        for g, t in zip(slopes, [features, *leaves.values()], strict=True)
    ]
    ways = {"features": _way(state, "features", found[0] + config.decay * state.features)}
    for (name, tensor), slope in zip(held.items(), found[1:], strict=True):
        pull = config.weight_decay * tensor if name == "weights" else 0.0
        ways[name] = _way(state, name, slope / len(features) + pull)
    flown = state.features - config.rate * _stepped(ways["features"], state.features)
    moved = {
        name: tensor
        if config.weights == "fixed" and name != "centers"
        else tensor - config.weight_rate * _stepped(ways[name], tensor)
        for name, tensor in held.items()
    }
    head, now = ClassState(**moved), state.step + 1
    return FlowState(
        now, flown, state.labels, head, _mean(config, flown, state.labels, head, now), MappingProxyType(ways)
    )


def _way(state: FlowState, name: str, downhill: Tensor) -> Way:
    rows = downhill.reshape(len(downhill) if downhill.dim() else 1, -1)
    if name not in state.ways:
        return Way(rows, torch.ones(len(rows), dtype=torch.float64))
    last = state.ways[name]
    overshot = (last.downhill * rows).sum(1) < 0
    share = torch.where(
        overshot, (SHORTER * last.share).clamp(min=LEAST), (LONGER * last.share).clamp(max=1.0)
    )
    return Way(rows, share)


def _stepped(way: Way, like: Tensor) -> Tensor:
    return (way.share[:, None] * way.downhill).reshape(like.shape)


def flow(config: FlowConfig) -> Iterator[FlowState]:
    """The states of a flow, the first before any step. The same config gives the same.

    Without end, unless it runs away: then the last state is the first that is beyond FAR, or the one
    before it where its numbers are not finite.
    """
    state = start(config)
    while math.isfinite(state.farthest):
        yield state
        if state.ran_away:
            return
        state = step(config, state)


@dataclass(frozen=True)
class Measures:
    """Measures of the geometry. accuracy, uniform: fractions. within: NC1. smallest, largest: angles in
    radians between class means and their neighbours (in 2-D around the circle, in 3-D the nearest
    one). merged: pairs of classes that share a direction, as in `metrics.merging`."""

    loss: float
    accuracy: float
    uniform: float
    within: float
    smallest: float
    largest: float
    merged: tuple[tuple[int, int], ...]


def measure(config: FlowConfig, state: FlowState) -> Measures:
    """The measures of a state; MetricError where its numbers are not finite."""
    params = config.params_at(state.step)
    scores = config.spec.logits(state.features, state.head, **params).numpy()
    labels = state.labels.numpy()
    means = torch.stack([_mean_direction(state.features[state.labels == k]) for k in range(config.classes)])
    angles = torch.acos((means @ means.T).clamp(-1, 1))
    if config.dimension == 2:
        gaps = torch.as_tensor(circle.gaps(circle.directions(means.numpy())).gaps)
    else:
        gaps = (angles + torch.eye(config.classes) * 10).min(1).values
    spacing = separation(config.classes, config.dimension).low
    weights = state.head.weights.numpy()
    pairs = merged_pairs(state.features.numpy(), labels, scores.argmax(1), weights, spacing)
    return Measures(
        state.loss,
        float((scores.argmax(1) == labels).mean()),
        uniform.evaluate(scores, labels).uniform,
        collapse.collapse(state.features.numpy(), labels, config.classes).within,
        float(gaps.min()),
        float(gaps.max()),
        tuple(sorted((pair.first, pair.second) for pair in pairs)),
    )


def _mean_direction(rows: Tensor) -> Tensor:
    return torch.nn.functional.normalize(torch.nn.functional.normalize(rows, dim=1).mean(0), dim=0)


def _mean(config: FlowConfig, features: Tensor, labels: Tensor, head: ClassState, now: int) -> float:
    return float(config.spec.per_sample(features, labels, head, **config.params_at(now)).mean())
