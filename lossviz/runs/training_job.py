"""Crew: what trains, as the worker sees it: one run, or several that take each step together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from lossviz.runs.writer import Checkpoint
from lossviz.training.config import RunConfig
from lossviz.training.images import Points
from lossviz.training.snapshot import Snapshot


class Crew(Protocol):
    """What trains: one run or several in step. Lists have one entry a member."""

    configs: list[RunConfig]
    device: str
    steps: int
    steps_per_epoch: int

    @property
    def step(self) -> int:
        """Steps done."""
        ...

    @property
    def seconds(self) -> float:
        """Training time; of a fork, since the fork."""
        ...

    @property
    def images_per_second(self) -> float:
        """Training images a second."""
        ...

    @property
    def due(self) -> bool:
        """Whether a snapshot is due at this step."""
        ...

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        ...

    def subset(self) -> Points:
        """The images that are shown."""
        ...

    def advance(self) -> None:
        """One training step."""
        ...

    def snapshots(self) -> list[Snapshot]:
        """How each member stands; resets the running means."""
        ...

    def checkpoints(self) -> list[Checkpoint]:
        """What each member needs to go on."""
        ...

    def restore(self, checkpoints: list[Checkpoint]) -> None:
        """Go on from checkpoints of these configs."""
        ...

    def begin_from(self, checkpoints: list[Checkpoint]) -> None:
        """Start forks from checkpoints of their origins."""
        ...

    def verdicts(self) -> list[list[str]]:
        """What each member's reader should know."""
        ...


Progress = Callable[[str, float], None]
MakeCrew = Callable[[list[RunConfig], Progress], Crew]


def make_crew(configs: list[RunConfig], progress: Progress) -> Crew:
    """A trainer for one config, a cohort for several."""
    if len(configs) == 1:
        from lossviz.training.trainer import Trainer

        return Trainer(configs[0], progress=progress)
    from lossviz.training.cohort import Cohort

    return Cohort(configs, progress=progress)
