"""The default recipe of a run: what "auto" stands for, by what the loss declares to help."""

from __future__ import annotations

import math

from lossviz.losses.spec import Fact
from lossviz.metrics.bounds.angles import separation
from lossviz.training.config import RunConfig

# What a setting is where no recipe says otherwise, and where one is switched off.
PLAIN = {
    "weight_init": "random",
    "weight_rate": "1",
    "bias_start": "mode",
    "bias_rate": "1",
    "anneal": "off",
}
# |W||z| that a bias between metrics is meant for, where the loss has no γ: about what is reached.
REACHED = 11.0


def fact(config: RunConfig, name: str) -> Fact | None:
    """The loss's recipe for a setting in as many dimensions, followed or not; None where it has none."""
    found = config.spec.recipe.get(name)
    return found if found and (found.everywhere or config.dimension == 2) else None


def value_of(config: RunConfig, name: str) -> str:
    """A setting of PLAIN as the run has it: as asked, or by the loss's recipe, or plain."""
    value = str(getattr(config, name))
    if value != "auto":
        return value
    found = fact(config, name)
    return found.value if found else PLAIN[name]


def facts_in_effect(config: RunConfig) -> dict[str, Fact]:
    """The facts of the loss's recipe that the run follows without having been asked to, by setting."""
    found = {name: fact(config, name) for name in PLAIN if getattr(config, name) == "auto"}
    return {name: each for name, each in found.items() if each is not None}


def spreads(config: RunConfig) -> bool:
    """Class weights start evenly spread."""
    return value_of(config, "weight_init") == "spread"


def anneals(config: RunConfig) -> bool:
    """Margin and scale rise from a mild start."""
    return value_of(config, "anneal") == "on"


def weight_rate(config: RunConfig) -> float:
    """The learning rate of the class weights as a multiple of the network's."""
    return float(value_of(config, "weight_rate"))


def bias_rate(config: RunConfig) -> float:
    """The learning rate of the biases as a multiple of the network's."""
    return float(value_of(config, "bias_rate"))


def bias_start(config: RunConfig, classes: int) -> float | None:
    """Where the biases of K classes begin; None: as `bias_init` says.

    Half-way between the metric of a feature on its class weight and that on the next one: with class
    weights θ*(K, d) apart, γ(1 + cosθ*)/2.
    """
    if config.bias_init or classes < 2 or value_of(config, "bias_start") != "between":
        return None
    reach = float(config.loss_params().get("gamma", REACHED))
    middle = reach * (1 + math.cos(separation(classes, config.dimension).low)) / 2
    return middle if config.spec.needs.subtracted else -middle
