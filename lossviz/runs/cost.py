"""The time of a run here: corrects the estimate by what runs of the same network took on this machine."""

from __future__ import annotations

import statistics

from lossviz.core.errors import LossvizError
from lossviz.runs import RunStore
from lossviz.training import estimate
from lossviz.training.config import RunConfig

_LOOKED_AT, _ENOUGH = 50, 3


def pace(store: RunStore, config: RunConfig) -> float:
    """Give the factor by which the last runs of the same network, device, threads and precision took longer
    than estimated; 1 where none of them has finished an epoch."""
    found: list[float] = []
    try:
        for run in store.runs()[:_LOOKED_AT]:
            if len(found) == _ENOUGH:
                break
            if run.problem or alike(run.config) != alike(config):
                continue
            now, made = run.status, estimate.images(run.config)
            if made is None or now.epoch < 1 or now.seconds <= 0:
                continue
            each = estimate.of(run.config, made, estimate.kind(config)).training / run.config.epochs
            found.append(now.seconds / now.epoch / each)
    except LossvizError:
        return 1.0
    return statistics.median(found) if found else 1.0


def alike(config: RunConfig) -> tuple[str, str, int, str]:
    """Give the settings that, besides the images, decide how fast a run trains: network, device, threads and
    precision. Runs with the same ones have the same `pace`."""
    return config.net, config.device, config.threads, config.precision
