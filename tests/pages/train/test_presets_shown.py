"""The sentence of every named race, against its runs, each trained once with the epochs it says.

Minutes long: `make slow`. Other seeds than 0 by LOSSVIZ_RACE_SEED, to see that a sentence is no chance.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from lossviz.core.errors import DataError
from lossviz.pages.train.presets import races
from lossviz.readings.advice.remedies import remedies
from lossviz.readings.advice.verdicts import merge_state, of_rows
from lossviz.training import RunConfig
from lossviz.training.measures import room_of
from lossviz.training.snapshot import Snapshot
from lossviz.training.trainer import Trainer

SEED = int(os.environ.get("LOSSVIZ_RACE_SEED", "0"))
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Ended:
    """A run at its end: the snapshot, the metrics of every epoch, what is said of it."""

    config: RunConfig
    last: Snapshot
    rows: list[dict[str, float]]
    said: list[str]

    @property
    def length(self) -> float:
        """The median length of the features."""
        return float(np.median(np.linalg.norm(self.last.features, axis=1)))

    @property
    def means(self) -> np.ndarray:
        return np.stack(
            [self.last.features[self.last.labels == k].mean(0) for k in range(len(self.last.weights))]
        )

    @property
    def radius(self) -> float:
        """The median distance of a feature from the mean of its class."""
        return float(np.median(np.linalg.norm(self.last.features - self.means[self.last.labels], axis=1)))

    @property
    def room(self) -> float:
        """The median distance of a class mean from the nearest other."""
        apart = np.linalg.norm(self.means[:, None] - self.means, axis=2)
        np.fill_diagonal(apart, np.inf)
        return float(np.median(apart.min(1)))

    @property
    def opening(self) -> float:
        """Degrees between the mean directions of two classes."""
        first, second = self.means / np.linalg.norm(self.means, axis=1, keepdims=True)
        return math.degrees(math.acos(float(np.clip(first @ second, -1, 1))))

    def at_end(self, name: str) -> float:
        """A number of the last epoch."""
        return self.rows[-1][name]


def trained(config: RunConfig) -> Ended:
    """The run of a config, to its end."""
    try:
        trainer = Trainer(config)
    except DataError as error:
        pytest.skip(f"no real data: {error}")
    rows = []
    while not trainer.done:
        trainer.advance()
        if trainer.step % trainer.steps_per_epoch == 0:
            last = trainer.snapshot()
            rows.append({"epoch": last.epoch, **last.metrics})
    assert not trainer.stopped
    return Ended(config, last, rows, of_rows(config, trainer.images.dataset.classes, rows))


def shapes(runs: Sequence[Ended]) -> None:
    """Rays under cross-entropy, short features under ArcFace, balls under the center loss."""
    entropy, arcface, center = runs
    assert entropy.length > 5 * arcface.length
    assert center.radius / center.room < 0.5 * entropy.radius / entropy.room


def annealed(runs: Sequence[Ended]) -> None:
    mild, constant = runs
    assert (mild.config.anneal, constant.config.anneal) == ("on", "off")
    assert mild.last.params == constant.last.params
    assert mild.rows[0]["train_loss"] < constant.rows[0]["train_loss"] / 2
    assert min(run.at_end("test_accuracy") for run in runs) > 0.93


def cured(runs: Sequence[Ended]) -> None:
    (ill,) = runs
    assert ill.at_end("merged_pairs") > 0
    assert merge_state(ill.said) == "merged"
    keys = [remedy.key for remedy in remedies(ill.config, 10, "merged")]
    assert keys == ["spread", "dimension"]  # and none of what the sentence says did not help
    well = trained(remedies(ill.config, 10, "merged")[0].applied(ill.config))
    assert well.at_end("merged_pairs") == 0
    assert well.at_end("test_accuracy") > ill.at_end("test_accuracy")


def held(runs: Sequence[Ended]) -> None:
    still, slow, free = (run.at_end("test_accuracy") for run in runs)
    assert still > 0.95
    assert max(slow, free) < 0.9


def fitted(runs: Sequence[Ended]) -> None:
    rooms = [room_of(run.config, 10) for run in runs]
    states = [room.state for room in rooms if room is not None]
    assert states == ["fits with room", "fits with room", "tight", "does not fit"]
    shares = [run.at_end("margin_share") for run in runs]
    assert min(shares[:3]) > 0.5
    assert shares[3] < 0.15
    losses = [run.at_end("test_loss") for run in runs]
    assert losses[3] > 3 * max(losses[:3])
    assert runs[3].at_end("test_accuracy") > 0.5


def shrinking(runs: Sequence[Ended]) -> None:
    for sizes in ([run.radius for run in runs], [run.room for run in runs]):
        assert sizes == sorted(sizes, reverse=True)


def opposite(runs: Sequence[Ended]) -> None:
    assert min(run.opening for run in runs) > 165


def near_threshold(runs: Sequence[Ended]) -> None:
    softmax, bce = (abs(run.at_end("threshold")) for run in runs[:2])
    assert bce < softmax / 3


def chance(runs: Sequence[Ended]) -> None:
    assert len({run.config.but(seed=0) for run in runs}) == 1
    assert len({run.at_end("test_loss") for run in runs}) == len(runs)
    means = np.array([run.means for run in runs])
    assert np.ptp(means, axis=0).max() > 0.1


SHOWN: dict[str, Callable[[Sequence[Ended]], None]] = {
    "Three losses on digits": shapes,
    "MNIST under three losses": shapes,
    "ArcFace with and without annealing": annealed,
    "Merged classes, and the cure": cured,
    "Class weights that stay, and that move": held,
    "How much margin fits": fitted,
    "The pull of the centres": shrinking,
    "Three kinds of softmax": opposite,
    "One threshold for all": near_threshold,
    "The same loss from four seeds": chance,
}


def test_every_race_has_its_facts() -> None:
    assert set(SHOWN) == set(races())


@pytest.mark.slow
@pytest.mark.parametrize("name", list(SHOWN))
def test_what_a_race_says_is_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "LOSSVIZ_DATA" not in os.environ:
        monkeypatch.setenv("LOSSVIZ_DATA", str(ROOT.parent / "shared" / "data"))
    configs = races()[name].view.configs()
    SHOWN[name]([trained(config.but(seed=config.seed + SEED)) for config in configs])
