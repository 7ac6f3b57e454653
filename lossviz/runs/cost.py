"""What a run takes here: the estimate, held against what runs of the same network took on this machine."""

from __future__ import annotations

import statistics

from lossviz.core.errors import LossvizError
from lossviz.runs import RunStore
from lossviz.training import estimate
from lossviz.training.config import RunConfig

_LOOKED_AT, _ENOUGH = 50, 3


def pace(store: RunStore, config: RunConfig) -> float:
    """How much longer than estimated the last runs of the same network, device and threads took; 1 where
    there is none with an epoch behind it."""
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
    """What of a config decides how fast it trains beside the images: the same for runs of one pace."""
    return config.net, config.device, config.threads, config.precision
