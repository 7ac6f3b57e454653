"""Which images a step takes: a pure function of the seed, the epoch and the step.

Nothing is remembered between steps, so a run that is resumed takes the same images.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn.functional import pad

from lossviz.core.errors import ConfigError
from lossviz.training.config import RunConfig
from lossviz.training.objectives import objective

Draws = dict[str, Tensor]
ORDER, SHIFT, ANCHOR, DRAW, NOISE = range(5)


def generator(seed: int, purpose: int, number: int = 0) -> torch.Generator:
    """A generator of its own for each purpose and number (epoch or step) of a run."""
    mixed = (seed * 5 + purpose) * 0x9E3779B97F4A7C15 + number * 0xBF58476D1CE4E5B9
    return torch.Generator().manual_seed(mixed % (1 << 63))


@contextmanager
def noise(seed: int, step: int) -> Iterator[None]:
    """Within: what the network draws by itself (dropout) is that of this step."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(generator(seed, NOISE, step).initial_seed())
        yield


def batch_size(config: RunConfig, images: int) -> int:
    """The images in a step: as asked, or the largest power of two up to 256 with 40 steps an epoch."""
    if config.batch == 1:
        raise ConfigError("batch must be at least 2 images (normalisation needs several), or 0; got 1")
    if config.batch:
        return min(config.batch, images)
    return max(16, min(256, 2 ** int(math.log2(max(1.0, images / 40)))))


def steps_per_epoch(images: int, batch: int) -> int:
    """Steps that take every image once; a last batch of a single image is left out."""
    whole, rest = divmod(images, batch)
    return max(1, whole + (rest >= 2))


def epoch_order(images: int, seed: int, epoch: int) -> Tensor:
    """A random order of all images: [N]."""
    return torch.randperm(images, generator=generator(seed, ORDER, epoch))


def shifts(count: int, channels: int, height: int, seed: int, step: int) -> Tensor:
    """The moves of a step's images: int64 [3, N], pixels down, pixels right, and 1 where it is mirrored.

    Up to an eighth of the height either way (0 to twice that many); only colour images are mirrored.
    """
    by, draw = _reach(height), generator(seed, SHIFT, step)
    moves = torch.randint(0, 2 * by + 1, (2, count), generator=draw)
    mirrored = torch.rand(count, generator=draw) < 0.5 if channels == 3 else torch.zeros(count)
    return torch.cat([moves, mirrored.long()[None]])


def apply_shifts(pixels: Tensor, by: Tensor) -> Tensor:
    """Each image moved as `shifts` says, black filling in: padding and cropping, by 4 for images of 32.

    pixels: uint8 [N, C, H, W]. by: int64 [3, N], on the same device.
    """
    count, _, height, width = pixels.shape
    reach = _reach(height)
    down, right, mirrored = by
    rows = down[:, None] + torch.arange(height, device=pixels.device)
    columns = right[:, None] + torch.arange(width, device=pixels.device)
    columns = torch.where(mirrored[:, None] > 0, columns.flip(-1), columns)
    padded = pad(pixels, (reach, reach, reach, reach)).permute(0, 2, 3, 1)
    which = torch.arange(count, device=pixels.device)[:, None, None]
    return padded[which, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def _reach(height: int) -> int:
    return max(1, height // 8)


class Sampler:
    """The random choices of each step: a pure function of the config, the number of images and the step.

    labels: those of the training images [N], on the CPU. channels, size: of an image. device: where the
    choices are used.
    """

    def __init__(
        self, config: RunConfig, labels: Tensor, classes: int, channels: int, size: int, device: torch.device
    ) -> None:
        self.config, self.count, self.device = config, len(labels), device
        self.channels, self.size = channels, size
        self.batch = batch_size(config, self.count)
        self.steps_per_epoch = steps_per_epoch(self.count, self.batch)
        adversarial = objective(config) == "adversarial"
        self.anchors = Anchors(labels, classes, config.seed) if adversarial else None
        self._order: tuple[int, Tensor] = (-1, torch.empty(0))

    def draw(self, step: int) -> Draws:
        """The places of a step's images by the name of their draw, [B] each: "images", or, of anchors and
        others, "first" and "second". "by": how augmentation moves them, [3, B] (`shifts`)."""
        draws = {"images": self._shuffled(step)} if self.anchors is None else self._anchored(step)
        if self.config.augment:
            count = len(next(iter(draws.values())))
            draws["by"] = self._there(shifts(count, self.channels, self.size, self.config.seed, step))
        return draws

    def _shuffled(self, step: int) -> Tensor:
        epoch, place = divmod(step, self.steps_per_epoch)
        if self._order[0] != epoch:
            self._order = (epoch, epoch_order(self.count, self.config.seed, epoch).to(self.device))
        return self._order[1][place * self.batch : (place + 1) * self.batch]

    def _anchored(self, step: int) -> Draws:
        assert self.anchors is not None
        ids, first, second = self.anchors.draw(step, self.batch // 2)
        anchors = self.anchors.anchors[ids]
        return {
            "first": self._there(torch.cat([anchors, first])),
            "second": self._there(torch.cat([anchors, second])),
        }

    def _there(self, values: Tensor) -> Tensor:
        return values.to(self.device, non_blocking=True)


class Anchors:
    """The sampling of paper 004: one anchor image a class, drawn once; the others by class."""

    def __init__(self, labels: Tensor, classes: int, seed: int) -> None:
        """labels: [N], on the CPU. ConfigError for a class with fewer than two images."""
        self.seed, self.classes = seed, classes
        self.members = torch.argsort(labels, stable=True)
        self.counts = torch.bincount(labels, minlength=classes)
        if int(self.counts.min()) < 2:
            raise ConfigError("adversarial: every class needs two images, an anchor and another one")
        self.starts = torch.cumsum(self.counts, 0) - self.counts
        draw = torch.rand(classes, generator=generator(seed, ANCHOR))
        self.places = (draw * self.counts).long()
        self.anchors = self.members[self.starts + self.places]

    def draw(self, step: int, half: int) -> tuple[Tensor, Tensor, Tensor]:
        """Class ids [half] with replacement, and two fresh draws of non-anchor images of theirs."""
        made = generator(self.seed, DRAW, step)
        ids = torch.randint(0, self.classes, (half,), generator=made)
        return ids, self._others(ids, made), self._others(ids, made)

    def _others(self, ids: Tensor, made: torch.Generator) -> Tensor:
        place = (torch.rand(len(ids), generator=made) * (self.counts[ids] - 1)).long()
        place = place + (place >= self.places[ids])
        return self.members[self.starts[ids] + place]
