"""Subsets, class choices and imbalance against counts by hand and plain loops."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lossviz.core.errors import DataError
from lossviz.data import Choice, load, stratified_order
from lossviz.data.cut import class_sizes, cut, proportional_order
from lossviz.data.dataset import Images, Raw


def made(train: list[int], test: list[int]) -> Raw:
    """Images of one pixel: the class in the tens, the place within the class in the units."""

    def split(counts: list[int]) -> Images:
        values = [(k, i % 10) for i in range(max(counts)) for k, count in enumerate(counts) if i < count]
        pixels = torch.tensor([10 * k + i for k, i in values], dtype=torch.uint8)
        return Images(pixels[:, None, None, None], torch.tensor([k for k, _ in values]))

    return Raw(tuple("abcdefghij"[: len(train)]), split(train), split(test))


def counts(labels: torch.Tensor, classes: int) -> list[int]:
    return [labels.tolist().count(k) for k in range(classes)]


def test_every_prefix_of_the_stratified_order_is_balanced() -> None:
    labels = torch.tensor([0] * 9 + [1] * 4 + [2] * 17)
    order = stratified_order(labels, seed=3)
    assert sorted(order.tolist()) == list(range(30))
    have = [9, 4, 17]
    for end in range(31):
        got = counts(labels[order[:end]], 3)
        unfinished = [n for n, most in zip(got, have, strict=True) if n < most]
        # Among classes with images left none is more than one behind the fullest.
        assert not unfinished or max(got) - min(unfinished) <= 1
    assert counts(labels[order[:12]], 3) == [4, 4, 4]


def test_the_stratified_order_depends_on_the_seed_alone() -> None:
    labels = torch.arange(1000) % 7
    assert torch.equal(stratified_order(labels, 5), stratified_order(labels, 5))
    assert not torch.equal(stratified_order(labels, 5), stratified_order(labels, 6))
    # Not the order of the file within a class.
    first = stratified_order(labels, 5)
    of_class = first[labels[first] == 0]
    assert not torch.equal(of_class, of_class.sort().values)


def test_every_prefix_of_the_proportional_order_keeps_the_shares() -> None:
    labels = torch.tensor([0] * 10 + [1] * 40 + [2] * 150)
    order = proportional_order(labels, seed=0)
    assert sorted(order.tolist()) == list(range(200))
    assert sorted(labels[order[:3]].tolist()) == [0, 1, 2]
    for end in range(3, 201):
        got = counts(labels[order[:end]], 3)
        for n, share in zip(got, (0.05, 0.2, 0.75), strict=True):
            assert abs(n - share * end) < 2


def test_a_long_tail_falls_by_the_ratio_from_the_first_class_to_the_last() -> None:
    # 5000 · 100^(−k/9), by hand: each class has 0.5995 of the one before.
    expected = [5000, 2997, 1797, 1077, 646, 387, 232, 139, 83, 50]
    assert class_sizes([5000] * 10, "long-tailed", 100) == expected
    assert class_sizes([5000] * 10, "long-tailed", 10)[9] == 500
    assert class_sizes([800] * 4, "long-tailed", 8) == [800, 400, 200, 100]


def test_a_step_keeps_the_first_half_and_divides_the_other() -> None:
    assert class_sizes([5000] * 10, "step", 100) == [5000] * 5 + [50] * 5
    assert class_sizes([100] * 5, "step", 10) == [100, 100, 100, 10, 10]


def test_the_ratio_holds_even_where_classes_are_of_different_size() -> None:
    # Class 1 has 200 of the 1000/2 that a long tail from 1000 would ask: all shrink alike.
    assert class_sizes([1000, 200, 900], "long-tailed", 4) == [400, 200, 100]
    assert class_sizes([50, 60, 70, 80], "step", 10) == [50, 50, 5, 5]


def test_no_class_is_emptied_by_a_large_ratio() -> None:
    assert class_sizes([20] * 3, "long-tailed", 1000) == [20, 1, 1]


def test_an_imbalance_thins_out_training_and_leaves_the_test_set() -> None:
    raw = made([80, 80, 80, 80], [10, 10, 10, 10])
    train, test, *_ = cut(raw, Choice(imbalance="long-tailed", imbalance_ratio=8))
    assert counts(train.labels, 4) == [80, 40, 20, 10]
    assert counts(test.labels, 4) == [10, 10, 10, 10]
    train, *_ = cut(raw, Choice(imbalance="long-tailed", imbalance_ratio=8, train_images=75))
    assert counts(train.labels, 4) == [40, 20, 10, 5]


def test_a_subset_keeps_the_shares_and_the_pixels_of_their_labels() -> None:
    raw = made([10, 40, 150], [10, 10, 10])
    train, test, *_ = cut(raw, Choice(train_images=20, test_images=6))
    assert counts(train.labels, 3) == [1, 4, 15]
    assert counts(test.labels, 3) == [2, 2, 2]
    assert (train.pixels.flatten() // 10 == train.labels).all()
    other, *_ = cut(raw, Choice(train_images=20, seed=1))
    assert counts(other.labels, 3) == [1, 4, 15]
    assert not torch.equal(other.pixels, train.pixels)


def test_kept_classes_are_numbered_in_the_given_order_and_held_out_ones_apart() -> None:
    raw = made([5, 6, 7, 8], [1, 2, 3, 4])
    train, test, held, kept, out = cut(raw, Choice(classes=(3, 1), held_out=(2, 0)))
    assert counts(train.labels, 2) == [8, 6]
    assert (train.pixels.flatten() // 10).unique().tolist() == [1, 3]
    assert set((train.pixels[train.labels == 0].flatten() // 10).tolist()) == {3}
    assert counts(test.labels, 2) == [4, 2]
    assert held is not None
    assert counts(held.labels, 2) == [3, 1]
    assert set((held.pixels[held.labels == 0].flatten() // 10).tolist()) == {2}
    assert (kept, out) == ([3, 1], [2, 0])


def test_without_a_list_every_class_but_the_held_out_is_kept() -> None:
    _, _, held, kept, _ = cut(made([5] * 4, [2] * 4), Choice(held_out=(1,)))
    assert kept == [0, 2, 3]
    assert held is not None
    assert len(held) == 2


def test_all_images_are_handed_on_without_a_copy() -> None:
    raw = made([5, 5], [2, 2])
    train, *_ = cut(raw, Choice())
    assert train.pixels.data_ptr() == raw.train.pixels.data_ptr()


def test_the_names_of_chosen_digits_and_the_moments_are_those_of_the_choice(place: Path) -> None:
    data = load(Choice(classes=(4, 9), held_out=(0,)))
    assert data.classes == ("4", "9")
    assert data.held_out_classes == ("0",)
    values = data.train.pixels.double() / 255
    assert data.mean[0] == pytest.approx(values.mean().item())
    assert data.std[0] == pytest.approx(values.std(correction=0).item())
    assert data.found == "1,437 of 1,437 train and 360 of 360 test images"


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"train_images": -1}, r"train_images must be a whole number of at least 0; got -1"),
        ({"seed": 0.5}, r"seed must be a whole number"),
        ({"imbalance": "steep"}, r"one of none, long-tailed, step; got 'steep'"),
        ({"imbalance_ratio": 0.5}, r"imbalance_ratio must be a number of at least 1.*got 0\.5"),
        ({"imbalance_ratio": float("nan")}, r"imbalance_ratio"),
        ({"imbalance_ratio": float("inf")}, r"imbalance_ratio"),
        ({"classes": (1, 2, 1)}, r"name each class once; got 1 twice"),
        ({"classes": ("a", "b")}, r"classes must be class numbers"),
        ({"classes": (1, 2), "held_out": (2,)}, r"kept or held out, not both; got 2 in both"),
    ],
)
def test_a_choice_that_can_never_be_is_refused_when_it_is_made(asked: dict[str, object], text: str) -> None:
    with pytest.raises(DataError, match=text):
        Choice(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"classes": (1, 12)}, r"digits: classes must lie in 0\.\.9, .* 10 classes; got 12"),
        ({"held_out": (-1,)}, r"held_out must lie in 0\.\.9"),
        ({"classes": (3,)}, r"at least 2 classes must be left to train on; got 1"),
        ({"held_out": tuple(range(9))}, r"at least 2 classes must be left"),
        ({"train_images": 9}, r"train_images must lie in 10\.\.1,437.* or be 0 for all; got 9"),
        ({"train_images": 5000}, r"got 5,000"),
        ({"test_images": 361}, r"test_images must lie in 10\.\.360"),
        ({"train_images": 1400, "imbalance": "step"}, r"train_images must lie in 10\.\.\d+"),
    ],
)
def test_a_choice_that_the_data_cannot_meet_is_refused(
    place: Path, asked: dict[str, object], text: str
) -> None:
    with pytest.raises(DataError, match=text):
        load(Choice(**asked))  # type: ignore[arg-type]


def test_a_class_without_training_images_is_named() -> None:
    with pytest.raises(DataError, match=r"none was found of 'b' \(class 1\)"):
        cut(made([3, 0, 3], [1, 1, 1]), Choice())


@pytest.mark.parametrize(
    ("name", "near"), [("minst", "mnist"), ("CIFAR10", "cifar-10"), ("fashion", "fashion-mnist")]
)
def test_an_unknown_name_is_answered_with_the_near_ones(place: Path, name: str, near: str) -> None:
    with pytest.raises(DataError, match=rf"got '{name}'\. Did you mean .*{near}"):
        load(Choice(name))
