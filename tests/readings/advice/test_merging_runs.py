"""Runs on real digits: classes merge and are told of. Its remedy is tried with the race."""

from __future__ import annotations

import pytest

from lossviz.pages.train.presets import races
from lossviz.readings.advice.verdicts import of_rows
from lossviz.training import RunConfig, train

ILL = races()["Merged classes, and the cure"].view.configs()[0]
NAMES = [str(k) for k in range(10)]


def rows(config: RunConfig) -> list[dict[str, float]]:
    """The numbers of each epoch."""
    return [{"epoch": shot.epoch, **shot.metrics} for shot in train(config) if shot.complete]


@pytest.mark.slow
def test_the_race_ends_with_merged_classes_and_says_so_after_a_third() -> None:
    made = rows(ILL)
    assert made[-1]["merged_pairs"] > 0
    (told,) = of_rows(ILL, NAMES, made)
    assert all(word in told for word in ("merged", "epoch 20 ", "Spread the class weights", "3 dimensions"))
    assert min(row["merged_pairs"] for row in made[4:7]) > 0
    assert of_rows(ILL, NAMES, made[:6]) == []
    (early,) = of_rows(ILL, NAMES, made[:7])
    assert all(word in early for word in ("epoch 7 ", "early"))
