"""The images of a run, on its device: uint8 with channels last in memory, normalised batch by batch."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from lossviz import data
from lossviz.data import Choice, DataSet
from lossviz.training.batches import apply_shifts
from lossviz.training.config import RunConfig
from lossviz.training.layout import channels_last

Array = NDArray[Any]
CHUNK = 500
FRAME_POINTS = 200  # of a frame; twice as many are not worth leaving out


@dataclass(frozen=True, eq=False)
class Points:
    """The test images whose embedding is shown.

    pixels: uint8 [P, C, H, W]. labels: int64 [P]. indices: int64 [P], their places in the test set.
    Every prefix is as balanced over the classes as can be. train_counts: images of each class that
    are trained on. test_count: test images in all. mean, std: of each channel, as images are
    normalised. None in folders of earlier versions.
    """

    pixels: Array
    labels: Array
    indices: Array
    classes: tuple[str, ...]
    data_found: str
    train_counts: tuple[int, ...] | None = None
    test_count: int | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None


def load(config: RunConfig, progress: Callable[[str, float], None] | None = None) -> DataSet:
    """The data set that the config asks for; DataError says what is wrong with it."""
    return data.load(choice_of(config), progress)


def check_classes(config: RunConfig, classes: int) -> None:
    """LossError unless the classes that the loss names are among so many."""
    config.spec.complete(config.params, classes)


def check_known_classes(config: RunConfig) -> None:
    """LossError as of `check_classes`, where the number of classes is known without looking into files."""
    spec = data.catalogue().get(config.data)
    if spec is not None and spec.class_count:
        check_classes(config, len(config.classes) or spec.class_count - len(config.held_out))


def choice_of(config: RunConfig) -> Choice:
    """Which images the config asks for."""
    return Choice(
        name=config.data,
        classes=config.classes,
        held_out=config.held_out,
        train_images=config.train_images,
        test_images=config.test_images,
        imbalance=config.imbalance,
        imbalance_ratio=config.imbalance_ratio,
        seed=config.images_seed,
    )


def same_images(a: RunConfig, b: RunConfig) -> bool:
    """Two configs ask for the same images; a seed matters only where some are drawn."""
    drawn = a.train_images or a.test_images or a.imbalance != "none"
    ours, theirs = choice_of(a), choice_of(b)
    return ours == (theirs if drawn else replace(theirs, seed=ours.seed))


def frame_points(config: RunConfig, tests: int) -> int:
    """The number of points of a frame within an epoch, of a set with so many test images."""
    most = min(config.points, tests)
    if config.frame_points:
        return min(config.frame_points, most)
    return most if most <= 2 * FRAME_POINTS else FRAME_POINTS


class RunImages:
    """Train and test images of a run on its device, square (black is added to the shorter side)."""

    def __init__(self, config: RunConfig, dataset: DataSet, device: torch.device) -> None:
        self.config, self.dataset, self.device = config, dataset, device
        # [N, H, W, C]: a batch is gathered in the order in which convolutions want it.
        self.pixels = square(dataset.train.pixels).permute(0, 2, 3, 1).contiguous().to(device)
        self.labels = dataset.train.labels.to(device)
        self.test_pixels = square(dataset.test.pixels).to(device)
        self.test_labels = dataset.test.labels.to(device)

    @cached_property
    def point_indices(self) -> Tensor:
        """The test images that are shown, by their places: int64 [P]."""
        chosen = data.stratified_order(self.dataset.test.labels, self.config.images_seed)[
            : self.config.points
        ]
        return chosen.to(self.device)

    @cached_property
    def frame_images(self) -> Tensor:
        """The fewer of them that every frame shows, float32 [F, C, size, size]."""
        count = frame_points(self.config, len(self.test_labels))
        return self._floats(self.test_pixels[self.point_indices[:count]])

    @property
    def count(self) -> int:
        return len(self.labels)

    @property
    def channels(self) -> int:
        return int(self.pixels.shape[3])

    @property
    def size(self) -> int:
        return int(self.pixels.shape[1])

    def like(self, config: RunConfig) -> RunImages:
        """The same images for another run: it may show other points, and shares the memory."""
        other = copy.copy(self)
        other.config = config
        for name in ("point_indices", "frame_images"):
            vars(other).pop(name, None)
        return other

    def batch(self, indices: Tensor, by: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Training images, float32 [B, C, size, size], and labels [B], by their places (on the device).

        by: how they are moved (batches.shifts), [3, B] on the device.
        """
        pixels = self.pixels.index_select(0, indices).permute(0, 3, 1, 2)
        if by is not None:
            pixels = apply_shifts(pixels, by)
        return self._floats(pixels), self.labels.index_select(0, indices)

    def test_batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """All test images in order, a chunk at a time."""
        for start in range(0, len(self.test_labels), CHUNK):
            part = slice(start, start + CHUNK)
            yield self._floats(self.test_pixels[part]), self.test_labels[part]

    def points(self) -> Points:
        """The points, for whoever shows them."""
        indices, classes = self.point_indices.cpu(), len(self.dataset.classes)
        return Points(
            pixels=self.dataset.test.pixels[indices].numpy(),
            labels=self.dataset.test.labels[indices].numpy().astype(np.int64),
            indices=indices.numpy(),
            classes=self.dataset.classes,
            data_found=self.dataset.found,
            train_counts=tuple(torch.bincount(self.dataset.train.labels, minlength=classes).tolist()),
            test_count=len(self.dataset.test),
            mean=self.dataset.mean,
            std=self.dataset.std,
        )

    def _floats(self, pixels: Tensor) -> Tensor:
        floats = data.normalise(pixels, self.dataset.mean, self.dataset.std)
        return channels_last(floats) if self.device.type == "cpu" else floats


def square(pixels: Tensor) -> Tensor:
    """Images [N, C, H, W] made square: black is added to the shorter side."""
    height, width = pixels.shape[-2:]
    if height == width:
        return pixels
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    return pad(pixels, (left, side - width - left, top, side - height - top))
