"""What went wrong or cannot go right, in sentences: merged classes, margins that do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lossviz.core.text import percent
from lossviz.metrics.bounds.room import degrees
from lossviz.metrics.corollary import least_gamma, separates
from lossviz.metrics.merging import Merged, still_falls
from lossviz.readings.advice.remedies import GAMMA_LOSSES, Told, advice, remedies, room_of
from lossviz.training.config import RunConfig
from lossviz.training.recipes import anneals

EARLIEST = 1 / 3
# Three directions on a circle can be more than a right angle apart; so many classes no recipe has to help.
MOST_CAUTIOUS = 3
MERGED, UNPARTED = " have merged", " have not parted yet"


def before(config: RunConfig, classes: int) -> list[str]:
    """What can be said before a step is taken."""
    said = []
    spec, params = config.spec, config.loss_params()
    ways = advice(remedies(config, classes))
    room = room_of(config, classes)
    if room is not None and room.state == "does not fit":
        said.append(f"{room.sentence} {ways}")
    if spec.key in GAMMA_LOSSES:
        gamma = float(params["gamma"])
        if classes > 1 and not separates(classes, -gamma, gamma):
            said.append(
                f"With γ = {gamma:g} the normalised BCE cannot tell {classes} classes apart (002, "
                f"Corollary 1): γ must lie above {least_gamma(classes):.2f}. {ways}"
            )
    if spec.caution and config.dimension == 2 and classes > MOST_CAUTIOUS:
        said.append(spec.caution)
    if spec.key == "gce" and classes == 2:
        said.append("With two classes the guided complement entropy is 0 everywhere: it teaches nothing.")
    return said


def after(
    config: RunConfig, pairs: Sequence[Merged], names: Sequence[str], epoch: int, falls: bool | None
) -> list[str]:
    """What the embedding shows at the end of an epoch: classes that share a direction, and what to change.

    falls: whether the loss still falls; None where nobody knows. They have merged once it does not, and half
    of the run is over; before, they have not parted yet.
    """
    if not pairs:
        return []
    worst, young = pairs[0], falls is not False or epoch < settled(config)
    more = f" (and {len(pairs) - 1} more pair{'s' if len(pairs) > 2 else ''})" if len(pairs) > 1 else ""
    state = UNPARTED if young else MERGED
    if epoch < config.epochs:
        loss = " It is early: classes may still part by themselves." if young else ""
    elif falls is None:
        loss = " The run is too short to say whether they can."
    else:
        loss = " The loss still falls." if falls else " The loss no longer falls."
    ended: Told = "not parted" if young and epoch >= config.epochs else "merged"
    ways = advice(remedies(config, len(names), ended))
    return [
        f"Classes {names[worst.first]} and {names[worst.second]}{state}{more}: at the end of epoch {epoch} "
        f"their weight vectors are {degrees(worst.weights)} apart, their images {degrees(worst.means)}, and "
        f"{percent(worst.taken, 0)} of these are taken for the other.{loss} {ways}".rstrip()
    ]


def told_of(said: Sequence[str]) -> Told:
    """What sentences of this module say of a run's classes."""
    if any(MERGED in text for text in said):
        return "merged"
    return "not parted" if any(UNPARTED in text for text in said) else ""


def settled(config: RunConfig) -> float:
    """The epoch until which classes often part: half of the run, or the end of its annealing."""
    return config.epochs * max(0.5, config.anneal_share if anneals(config) else 0.0)


@dataclass
class Merging:
    """What is told of merged classes while a run trains, so that it neither comes too soon nor flickers.

    After a third of the run (before, most runs that end well have merged classes too) two ends of
    epochs in a row must agree before it is told, and before it is taken back. The last decides alone.
    before: whether classes had merged at the last end of an epoch. losses: the mean loss of the last epochs
    in which the margin and scale had grown to their values.
    """

    told: list[str] = field(default_factory=list)
    before: bool = False
    losses: list[float] = field(default_factory=list)

    def falls(self, config: RunConfig, epoch: int, loss: float) -> bool | None:
        """Whether the loss still falls, with that of the epoch that has ended; None where nobody knows.

        While margins grow a loss may rise though all goes well, so these epochs do not count.
        """
        grown = config.anneal_share * config.epochs if anneals(config) else 0.0
        self.losses = [*self.losses[-1:], loss] if epoch - 1 >= grown else []
        return still_falls(self.losses)

    def see(self, said: list[str], share: float) -> None:
        """The end of an epoch: what `after` says of it; share: of the run that is done, up to 1."""
        steady = bool(said) == self.before and share >= EARLIEST
        if share >= 1 or steady or (said and self.told):
            self.told = said
        self.before = bool(said)
