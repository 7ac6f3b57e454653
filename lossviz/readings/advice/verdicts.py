"""Verdicts on a run, in sentences: merged classes, margins that do not fit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from lossviz.core.text import percent
from lossviz.metrics.bounds.room import degrees
from lossviz.metrics.corollary import least_gamma, separates
from lossviz.metrics.merging import Merged, still_falls
from lossviz.readings.advice.remedies import MergeState, advice, remedies
from lossviz.training.config import RunConfig
from lossviz.training.measures import merged_pair, room_of
from lossviz.training.recipes import anneals

EARLIEST = 1 / 3
# Three directions on a circle can be more than a right angle apart: up to here no recipe is needed.
MOST_CAUTIOUS = 3
MERGED, UNPARTED = " have merged", " have not parted yet"


@lru_cache(maxsize=256)
def before(config: RunConfig, classes: int) -> tuple[str, ...]:
    """The verdicts before a step is taken: a margin or a γ that does not fit, a loss that learns nothing."""
    said = []
    spec, params = config.spec, config.loss_params()
    ways = advice(remedies(config, classes))
    room = room_of(config, classes)
    if room is not None and room.state == "does not fit":
        said.append(f"{room.sentence} {ways}")
    if spec.corollary:
        gamma = float(params["gamma"])
        if classes > 1 and not separates(classes, -gamma, gamma):
            said.append(
                f"With γ = {gamma:g} the normalised BCE cannot tell {classes} classes apart (002, "
                f"Corollary 1): γ must lie above {least_gamma(classes):.2f}. {ways}"
            )
    if spec.caution and config.dimension == 2 and classes > MOST_CAUTIOUS:
        said.append(spec.caution)
    if classes < spec.teaches_from:
        said.append(f"With {classes} classes {spec.title} is 0 everywhere: it teaches nothing.")
    return tuple(said)


def after(
    config: RunConfig, worst: Merged, pairs: int, epoch: int, falls: bool | None, names: Sequence[str]
) -> str:
    """The verdict on classes that share a direction at the end of an epoch, with remedies.

    worst: the first of so many pairs. falls: the loss still falls; None where nobody knows. They have merged
    once it does not, and half of the run is over; before, they have not parted yet. names: of all classes.
    """
    young = falls is not False or epoch < settled(config)
    more = f" (and {pairs - 1} more pair{'s' if pairs > 2 else ''})" if pairs > 1 else ""
    state = UNPARTED if young else MERGED
    if epoch < config.epochs:
        loss = " It is early: classes may still part by themselves." if young else ""
    elif falls is None:
        loss = " The run is too short to say whether they can."
    else:
        loss = " The loss still falls." if falls else " The loss no longer falls."
    ended: MergeState = "not parted" if young and epoch >= config.epochs else "merged"
    ways = advice(remedies(config, len(names), ended))
    return (
        f"Classes {names[worst.first]} and {names[worst.second]}{state}{more}: at the end of epoch {epoch} "
        f"their weight vectors are {degrees(worst.weights)} apart, their images {degrees(worst.means)}, and "
        f"{percent(worst.taken, 0)} of these are taken for the other.{loss} {ways}".rstrip()
    )


def merge_state(said: Sequence[str]) -> MergeState:
    """The state of a run's classes by sentences of this module."""
    if any(MERGED in text for text in said):
        return "merged"
    return "not parted" if any(UNPARTED in text for text in said) else ""


def settled(config: RunConfig) -> float:
    """The epoch until which classes often part: half of the run, or the end of its annealing."""
    return config.epochs * max(0.5, config.anneal_share if anneals(config) else 0.0)


def of_rows(config: RunConfig, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The verdict on merged classes by the rows of a run's epochs (`metrics.jsonl`). names: of all classes.

    So that the verdict comes neither too soon nor flickers, two epochs in a row must agree before it is given
    or taken back, and it is given only after a third of the run: before, most runs that end well have merged
    classes too. The last epoch decides alone. Rows from before a fork do not count.
    """
    said: tuple[Merged, int, int, bool | None] | None = None
    before, losses = False, list[float]()
    grown = config.anneal_share * config.epochs if anneals(config) else 0.0
    for row in rows:
        if not row.get("epoch", 0) > (config.fork_epoch if config.fork_run else 0):
            continue
        epoch = int(row["epoch"])
        # While margins grow a loss may rise though all goes well, so these epochs do not count.
        losses = [*losses[-1:], float(row.get("train_loss", math.nan))] if epoch - 1 >= grown else []
        pair = merged_pair(row, len(names))
        steady = (pair is not None) == before and epoch / config.epochs >= EARLIEST
        if epoch >= config.epochs or steady or (pair is not None and said is not None):
            said = None if pair is None else (pair, int(row["merged_pairs"]), epoch, still_falls(losses))
        before = pair is not None
    return [] if said is None else [after(config, *said, names)]
