"""Schedules: the learning rate and annealed parameters as pure functions of the step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lossviz.losses.spec import LossSpec
from lossviz.training.config import RunConfig
from lossviz.training.recipes import anneals

WARM_SHARE, START, END = 0.3, 1 / 25, 1e-4


def learning_rates(config: RunConfig, step: int, steps: int, steps_per_epoch: int) -> dict[str, float]:
    """The learning rates at `step` (from 0) of `steps` by the name of their optimizer; that of the adversary
    never changes."""
    factor = rate_factor(config, step, steps, steps_per_epoch)
    return {
        "main": config.rate * factor,
        "complement": config.complement_rate * factor,
        "centers": config.center_rate * drop(config, step // steps_per_epoch),
    }


def rate_factor(config: RunConfig, step: int, steps: int, steps_per_epoch: int) -> float:
    """The factor of the learning rate at `step` (from 0) of `steps`.

    one-cycle rises over the first 30 % from 1/25 to 1 and falls to 1/10,000, both as half a cosine.
    cosine falls to 0. step is multiplied by drop_factor after each epoch in `drops`. A warm-up
    multiplies any of them by a line from 0 to 1.
    """
    share = step / max(1, steps - 1)
    if config.rate_schedule == "one-cycle":
        if share < WARM_SHARE:
            factor = _half_cosine(START, 1.0, share / WARM_SHARE)
        else:
            factor = _half_cosine(1.0, END, (share - WARM_SHARE) / (1 - WARM_SHARE))
    elif config.rate_schedule == "cosine":
        factor = _half_cosine(1.0, 0.0, share)
    elif config.rate_schedule == "step":
        factor = drop(config, step // steps_per_epoch)
    else:
        factor = 1.0
    if config.warmup > 0:
        factor *= min(1.0, (step + 1) / (config.warmup * steps_per_epoch))
    return factor


def drop(config: RunConfig, epochs: int) -> float:
    """The share of the rate that is left after that many epochs of the schedule `step`."""
    return config.drop_factor ** sum(epochs >= epoch for epoch in config.drops)


def params_at(config: RunConfig, step: int, steps: int) -> dict[str, Any]:
    """The loss's parameters at `step`: annealed ones move in a line over the first anneal_share."""
    params = config.loss_params()
    if not anneals(config):
        return params
    until = config.anneal_share * steps
    return anneal(config.spec, params, min(1.0, step / until) if until else 1.0)


def anneal(spec: LossSpec, params: Mapping[str, Any], share: float) -> dict[str, Any]:
    """The parameters by name when `share` (0 to 1) of the annealing has passed."""
    moved = dict(params)
    for move in spec.anneals:
        end = params[move.name] if move.end is None else move.end
        start = min(move.start, end)
        moved[move.name] = start + (end - start) * share
    return moved


def _half_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(share, 1.0))) / 2
