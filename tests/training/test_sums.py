"""Running sums: means per image since the last frame, and over the epoch."""

from __future__ import annotations

import pytest
import torch

from lossviz.training.sums import Sums


def added(sums: Sums, loss: float, right: float, images: float) -> None:
    values = {"loss": loss, "right": right, "images": images, "term a-b": loss / 2}
    sums.add({name: torch.tensor(value) for name, value in values.items()})


def test_a_frame_counts_what_came_since_the_last_and_an_epoch_everything() -> None:
    sums = Sums()
    added(sums, 6.0, 1, 4)
    added(sums, 2.0, 3, 4)
    assert sums.means(complete=False) == {"train_loss": 1.0, "train_accuracy": 0.5, "train_loss_a_b": 0.5}
    assert sums.means(complete=False) == {}
    added(sums, 16.0, 8, 8)
    whole = sums.means(complete=True)
    assert whole == {"train_loss": 1.5, "train_accuracy": 0.75, "train_loss_a_b": 0.75}
    added(sums, 8.0, 0, 8)
    assert sums.means(complete=True)["train_loss"] == 1.0


def test_restored_sums_go_on_as_if_nothing_had_happened() -> None:
    first, second = Sums(), Sums()
    added(first, 6.0, 1, 4)
    first.means(complete=False)
    added(first, 2.0, 3, 4)
    second.restore(first.tensors())
    added(first, 1.0, 1, 2)
    added(second, 1.0, 1, 2)
    assert (
        first.means(complete=True)
        == second.means(complete=True)
        == pytest.approx({"train_loss": 0.9, "train_accuracy": 0.5, "train_loss_a_b": 0.45})
    )
