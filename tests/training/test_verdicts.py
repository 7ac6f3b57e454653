"""What a run is told: margins that do not fit, classes that have merged."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lossviz.metrics.uniform import best_threshold, positives_and_negatives
from lossviz.training import RunConfig
from lossviz.training.verdicts import Merging, after, before, merged_pairs


def test_a_margin_that_does_not_fit_is_told_before_training() -> None:
    def said(dimension: int = 2, **params: object) -> list[str]:
        return before(RunConfig(loss="arcface", params=params, dimension=dimension), 10)

    (told,) = said(margin=0.7)
    assert "40.11°" in told
    assert "below 36°" in told
    assert not said(margin=0.6)
    assert not said(dimension=3, margin=0.7)
    (told,) = before(RunConfig(loss="cosface", params={"margin": 0.5}), 10)
    assert "below 0.191" in told
    assert not before(RunConfig(loss="camri", params={"margin": 0.7, "important": 3}), 10)
    assert before(RunConfig(loss="camri", params={"margin": 0.7, "important": tuple(range(10))}), 10)
    assert "Corollary 1" in before(RunConfig(loss="bce-nu", params={"gamma": 1.0}), 10)[0]
    assert not before(RunConfig(loss="bce-nu", params={"gamma": 2.0}), 10)  # (e⁴ + 3)/2 = 28.8 > 10
    assert "teaches nothing" in before(RunConfig(loss="gce"), 2)[0]


def beams(angles: list[float], spread: float, each: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit features about given angles (degrees), their labels, and weights along those angles."""
    draw = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(angles)), each)
    theta = np.radians(np.array(angles)[labels] + spread * draw.standard_normal(len(labels)))
    centers = np.radians(angles)
    circle = lambda a: np.stack([np.cos(a), np.sin(a)], -1)  # noqa: E731
    return circle(theta), labels, circle(centers)


def nearest(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return (features @ weights.T).argmax(-1)


def test_classes_that_share_a_direction_have_merged_and_others_not() -> None:
    features, labels, weights = beams([0, 3, 120, 240], spread=6)
    ((i, j, apart, spread),) = merged_pairs(features, labels, nearest(features, weights), weights)
    assert (i, j) == (0, 1)
    assert math.degrees(apart) == pytest.approx(3)
    assert math.degrees(spread) == pytest.approx(6, rel=0.1)
    features, labels, weights = beams([0, 30, 120, 240], spread=6)
    assert not merged_pairs(features, labels, nearest(features, weights), weights)


def test_classes_of_one_direction_that_are_told_apart_have_not_merged() -> None:
    features, labels, weights = beams([0, 3, 120, 240], spread=6)
    assert not merged_pairs(features, labels, labels, weights)


def test_the_pair_that_shares_a_direction_most_comes_first() -> None:
    features, labels, weights = beams([0, 5, 120, 121, 240], spread=6)
    pairs = merged_pairs(features, labels, nearest(features, weights), weights)
    assert [pair[:2] for pair in pairs] == [(2, 3), (0, 1)]


def test_a_class_without_samples_merges_with_none() -> None:
    features, labels, weights = beams([0, 3, 120], spread=6)
    kept = labels != 1
    assert not merged_pairs(features[kept], labels[kept], np.zeros(kept.sum(), int), weights[:2])


RAD = math.pi / 180


def test_a_merger_is_told_with_its_date_and_the_remedies_that_are_left() -> None:
    pair, names = (0, 1, 2 * RAD, 6.25 * RAD), ("cat", "dog", "ship")
    (told,) = after(RunConfig(loss="arcface", epochs=8), [pair], names, 8)
    assert told.startswith(
        "Classes cat and dog have merged: at the end of epoch 8 their weight vectors are 2.0° apart, their "
        "samples spread over 6.2°. Embed in 3 dimensions, or turn annealing off, or "
    )
    (told,) = after(RunConfig(loss="soft-d", epochs=8), [pair, pair, pair], names, 8)
    assert "merged (and 2 more pairs): " in told
    assert "annealing" not in told
    assert after(RunConfig(loss="soft-d"), [], names, 8) == []


@pytest.mark.parametrize(("anneal", "until"), [("off", 10), ("on", 12)])  # half of 20; 60 % of 20
def test_before_half_of_the_run_or_the_end_of_annealing_a_merger_is_called_early(
    anneal: str, until: int
) -> None:
    config = RunConfig(loss="arcface", anneal=anneal, epochs=20)
    pair = (0, 1, 2 * RAD, 6 * RAD)
    told = [after(config, [pair], ("a", "b"), epoch)[0] for epoch in (until - 1, until)]
    assert ["It is early" in text for text in told] == [True, False]


def history(merged: str) -> str:
    """What is told at the end of each epoch of a run whose epochs end with classes merged (x) or not."""
    merging, said = Merging(), ""
    for epoch, mark in enumerate(merged, 1):
        merging.see([f"of epoch {epoch}"] if mark == "x" else [], epoch / len(merged))
        said += "x" if merging.told else "."
    return said


@pytest.mark.parametrize(
    ("merged", "told"),
    [
        ("xxxxxxxxx", "..xxxxxxx"),  # not in the first third, where healthy runs have merged classes too
        ("xxxxx....", "..xxxx..."),  # taken back when two epochs agree that they have parted
        ("...x.....", "........."),  # once is chance
        ("...xx.xx.", "....xxxx."),  # nor does it flicker
        ("xxxx.xx..", "..xxxxxx."),
        ("........x", "........x"),  # the last epoch decides alone
        ("xxxxxxxx.", "..xxxxxx."),
        ("x", "x"),
        (".", "."),
    ],
)
def test_a_merger_is_told_once_two_epochs_agree_and_taken_back_likewise(merged: str, told: str) -> None:
    assert history(merged) == told


def test_what_is_told_is_of_the_last_epoch_that_had_merged_classes() -> None:
    merging = Merging()
    for epoch, merged in ((4, True), (5, True), (6, False), (7, True)):
        merging.see([f"of epoch {epoch}"] if merged else [], epoch / 10)
        assert merging.told == ([] if epoch == 4 else [f"of epoch {5 if epoch < 7 else 7}"])


def test_the_best_threshold_is_that_of_a_search_over_every_sample() -> None:
    draw = np.random.default_rng(1)
    for _ in range(200):
        count = int(draw.integers(1, 12))
        metrics = draw.integers(-4, 5, (count, 4)).astype(float)
        labels = draw.integers(0, 4, count)
        positive, negative = positives_and_negatives(metrics, labels)
        for n in range(count):
            assert positive[n] == metrics[n, labels[n]]
            assert negative[n] == max(v for k, v in enumerate(metrics[n]) if k != labels[n])
        share, threshold = best_threshold(positive, negative)
        counts = {t: sum(p > t >= n for p, n in zip(positive, negative, strict=True)) for t in [*negative]}
        assert share == pytest.approx(max(counts.values()) / count)
        if share:
            reached = sum(p > threshold >= n for p, n in zip(positive, negative, strict=True))
            assert reached / count == pytest.approx(share)


def test_a_best_range_of_thresholds_is_reported_by_its_middle() -> None:
    assert best_threshold(np.array([3.0, 5.0]), np.array([0.0, 1.0])) == (1.0, 2.0)
    share, threshold = best_threshold(np.array([1.0]), np.array([2.0]))
    assert share == 0
    assert math.isnan(threshold)
