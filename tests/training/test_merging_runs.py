"""Runs on real digits: classes merge as the named race says, are told of, and part with its remedy."""

from __future__ import annotations

from lossviz.pages.train.presets import races
from lossviz.readings.advice.remedies import remedies
from lossviz.readings.advice.verdicts import of_rows
from lossviz.training import RunConfig, train

ILL = races()["Merged classes, and the cure"].view.configs()[0]
NAMES = [str(k) for k in range(10)]


def rows(config: RunConfig) -> list[dict[str, float]]:
    """The numbers of each epoch."""
    return [{"epoch": shot.epoch, **shot.metrics} for shot in train(config) if shot.complete]


def test_the_race_ends_with_merged_classes_and_says_so_after_a_third() -> None:
    made = rows(ILL)
    assert made[-1]["merged_pairs"] > 0
    (told,) = of_rows(ILL, NAMES, made)
    assert told.startswith("Classes ")
    assert "have merged" in told
    assert "at the end of epoch 20 " in told
    assert "Spread the class weights on the circle at the start, or embed in 3 dimensions" in told
    assert min(row["merged_pairs"] for row in made[4:7]) > 0
    assert of_rows(ILL, NAMES, made[:6]) == []
    (early,) = of_rows(ILL, NAMES, made[:7])
    assert "at the end of epoch 7 " in early
    assert "It is early" in early


def test_its_first_remedy_parts_them() -> None:
    remedy = remedies(ILL, 10, "merged")[0]
    assert remedy.key == "spread"
    cured = remedy.applied(ILL)
    made = rows(cured)
    assert made[-1]["merged_pairs"] == 0
    assert of_rows(cured, NAMES, made) == []
