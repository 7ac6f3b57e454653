"""Runs on real digits: classes merge as the named race says, are told of, and part with its remedy."""

from __future__ import annotations

import pytest

from lossviz.pages.train.presets import races
from lossviz.readings.advice.remedies import remedies
from lossviz.training import RunConfig
from lossviz.training.trainer import Trainer

ILL = races()["Merged classes, and the cure"].view.configs()[0]


def trained(config: RunConfig, epochs: int) -> tuple[Trainer, list[float]]:
    """A run after so many epochs, and how many pairs had merged at the end of each."""
    trainer, merged = Trainer(config), []
    for _ in range(epochs):
        for _ in range(trainer.steps_per_epoch):
            trainer.advance()
        (shot,) = trainer.snapshots()
        merged.append(shot.metrics["merged_pairs"])
    return trainer, merged


@pytest.fixture(scope="module")
def ill() -> tuple[Trainer, list[float]]:
    return trained(ILL, ILL.epochs)


def test_the_race_ends_with_merged_classes_and_says_so(ill: tuple[Trainer, list[float]]) -> None:
    trainer, merged = ill
    assert merged[-1] > 0
    (told,) = trainer.verdicts()[0]
    assert told.startswith("Classes ")
    assert "have merged" in told
    assert "at the end of epoch 20 " in told
    assert "Spread the class weights on the circle at the start, or embed in 3 dimensions" in told


def test_its_first_remedy_parts_them() -> None:
    remedy = remedies(ILL, 10, "merged")[0]
    assert remedy.key == "spread"
    cured = remedy.applied(ILL)
    trainer, merged = trained(cured, cured.epochs)
    assert merged[-1] == 0
    assert trainer.verdicts() == [[]]


def test_while_it_trains_it_is_told_after_a_third_and_a_resumed_run_says_the_same() -> None:
    early, merged = trained(ILL, 6)
    assert min(merged[-2:]) > 0
    assert early.verdicts() == [[]]
    (kept,) = early.checkpoints()
    later = Trainer(ILL)
    later.restore([kept])
    for trainer in (early, later):
        for _ in range(trainer.steps_per_epoch):
            trainer.advance()
        trainer.snapshots()
    (told,) = early.verdicts()[0]
    assert "at the end of epoch 7 " in told
    assert "It is early" in told
    assert later.verdicts() == [[told]]
    (kept,) = later.checkpoints()
    again = Trainer(ILL)
    again.restore([kept])
    assert again.verdicts() == [[told]]
