"""What a run is told: margins that do not fit, classes that have merged."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lossviz.metrics.uniform import best_threshold, positives_and_negatives
from lossviz.training import RunConfig
from lossviz.training.verdicts import after, before, largest_margin, merged_pairs


@pytest.mark.parametrize(("classes", "degrees"), [(3, 120), (4, 90), (10, 36)])
def test_the_largest_margins_that_fit_on_a_circle(classes: int, degrees: float) -> None:
    """All K evenly spread weights, features on their own: the next weight is 2π/K away."""
    assert math.degrees(largest_margin("margin", classes)) == pytest.approx(degrees)
    assert largest_margin("cosine-margin", classes) == pytest.approx(1 - math.cos(math.radians(degrees)))
    assert largest_margin("angle-factor", classes) == math.inf


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


def test_a_merger_is_told_with_the_remedies_that_are_left() -> None:
    features, labels, weights = beams([0, 2, 120], spread=6)
    guesses, names = nearest(features, weights), ("cat", "dog", "ship")
    (told,) = after(RunConfig(loss="arcface", anneal="off"), features, labels, guesses, weights, names)
    assert "Classes cat and dog have merged" in told
    assert "2.0° apart" in told
    assert "Turn annealing on" in told
    (told,) = after(RunConfig(loss="soft-d"), features, labels, guesses, weights, names)
    assert "annealing" not in told


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
