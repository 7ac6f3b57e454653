"""When classes have merged: by construction, and against a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lossviz.metrics.merging import merged_pairs, still_falls

CIRCLE = 2 * math.pi


def beams(angles: list[float], spread: float, each: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features of many lengths about angles (degrees), their labels, and weights along these."""
    draw = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(angles)), each)
    theta = np.radians(np.array(angles)[labels] + spread * draw.standard_normal(len(labels)))
    circle = lambda a: np.stack([np.cos(a), np.sin(a)], -1)  # noqa: E731
    return circle(theta) * draw.uniform(1, 9, (len(theta), 1)), labels, circle(np.radians(angles))


def nearest(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return (features @ weights.T).argmax(-1)


def test_classes_that_share_a_direction_have_merged_and_others_not() -> None:
    """Four in the plane can be 90° apart: less than 22.5° is near."""
    features, labels, weights = beams([0, 3, 120, 240], spread=6)
    guesses = nearest(features, weights)
    (pair,) = merged_pairs(features, labels, guesses, weights, CIRCLE / 4)
    assert (pair.first, pair.second) == (0, 1)
    assert math.degrees(pair.weights) == pytest.approx(3)
    assert math.degrees(pair.means) == pytest.approx(3, abs=1)
    wrong = [np.mean(guesses[labels == k] == 1 - k) for k in (0, 1)]  # none is taken for a third
    assert pair.taken == pytest.approx(sum(wrong) / 2)
    features, labels, weights = beams([0, 24, 120, 240], spread=12)
    assert not merged_pairs(features, labels, nearest(features, weights), weights, CIRCLE / 4)


def test_what_is_near_is_a_quarter_of_what_classes_can_be_apart() -> None:
    features, labels, weights = beams([0, 8, 120], spread=12)
    guesses = nearest(features, weights)
    assert len(merged_pairs(features, labels, guesses, weights, math.radians(36))) == 1
    assert not merged_pairs(features, labels, guesses, weights, math.radians(30))


def test_confused_classes_of_a_network_that_has_not_learned_have_not_merged() -> None:
    """Weights near each other and features elsewhere, or the other way round: neither is a merger."""
    features, labels, weights = beams([0, 3, 120, 240], spread=6)
    apart = weights.copy()
    apart[1] = [0, -1]
    assert not merged_pairs(features, labels, np.zeros_like(labels), apart, CIRCLE / 4)
    strewn, labels, _ = beams([0, 90, 120, 240], spread=6)
    assert not merged_pairs(strewn, labels, np.zeros_like(labels), weights, CIRCLE / 4)


def test_classes_of_one_direction_that_are_told_apart_have_not_merged() -> None:
    features, labels, weights = beams([0, 3, 120, 240], spread=6)
    assert not merged_pairs(features, labels, labels, weights, CIRCLE / 4)


def test_a_class_that_is_swallowed_is_a_coin_toss_whatever_the_sizes() -> None:
    features, labels, weights = beams([0, 1, 180], spread=2)
    kept = (labels != 1) | (np.arange(len(labels)) % 20 == 0)
    guesses = np.where(labels == 1, 0, labels)
    (pair,) = merged_pairs(features[kept], labels[kept], guesses[kept], weights, CIRCLE / 3)
    assert pair.taken == 0.5


def test_the_pair_that_is_confused_most_comes_first() -> None:
    features, labels, weights = beams([0, 5, 120, 121, 240], spread=6)
    pairs = merged_pairs(features, labels, nearest(features, weights), weights, CIRCLE / 5)
    assert [(pair.first, pair.second) for pair in pairs] == [(2, 3), (0, 1)]


def test_a_class_without_samples_merges_with_none_and_what_is_not_finite_neither() -> None:
    features, labels, weights = beams([0, 3, 120], spread=6)
    kept = labels != 1
    assert not merged_pairs(features[kept], labels[kept], np.ones(kept.sum(), int), weights, CIRCLE / 3)
    features[0] = np.nan
    assert not merged_pairs(features, labels, nearest(features, weights), weights, CIRCLE / 3)


@pytest.mark.parametrize(
    ("losses", "falls"),
    [
        ([2.0], None),  # of one epoch nobody knows
        ([2.0, 1.8], True),
        ([9.0, 2.0, 1.91], False),  # less than a twentieth
        ([2.0, 2.4], False),
        ([-1.0, -1.2], True),
        ([-1.0, -0.9], False),
    ],
)
def test_a_loss_falls_while_it_loses_a_twentieth_in_the_last_epoch(
    losses: list[float], falls: bool | None
) -> None:
    assert still_falls(losses) is falls
