"""A data set in memory: uint8 images and labels, and how a batch of them is normalised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from lossviz.core.errors import DataError

# So many bytes are widened to float64 at a time: half a megabyte stays in a core's cache.
_CHUNK = 1 << 16


@dataclass(frozen=True, eq=False)
class Images:
    """One split.

    pixels: uint8 [N, C, H, W], contiguous. labels: int64 [N], 0..K-1. Splits of different data
    sets may share these tensors: nobody writes into them.
    """

    pixels: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


def no_images(shape: tuple[int, int, int]) -> Images:
    """An empty split of images [C, H, W]."""
    return Images(torch.empty((0, *shape), dtype=torch.uint8), torch.empty(0, dtype=torch.int64))


def check_labels(labels: Tensor, classes: int, what: str, file: str) -> None:
    """DataError unless all labels from the file lie in 0..classes-1."""
    for label in (int(labels.max()), int(labels.min())) if len(labels) else ():
        if not 0 <= label < classes:
            raise DataError(f"{what}: labels must lie in 0..{classes - 1}; got {label} in {file}")


@dataclass(frozen=True, eq=False)
class Raw:
    """All images of a data set as its files hold them, before a Choice cuts them.

    notes: sentences on the rules by which the pixels were made from the files, where these are not plain.
    warnings: sentences on what is likely not meant.
    """

    classes: tuple[str, ...]
    train: Images
    test: Images
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class DataSet:
    """The images that a run trains and tests on.

    classes: the K names. held_out: the test images of the held-out classes with labels 0..H-1 in
    the order of held_out_classes. mean, std: per channel over the train split on the scale 0..1,
    std never 0. found: the images on this machine before the choice cut them, the files that are not
    used, and the rules by which the pixels were made. complete: these are all images of the data set.
    warnings: sentences on what is likely not meant.
    """

    key: str
    title: str
    classes: tuple[str, ...]
    train: Images
    test: Images
    held_out: Images | None
    held_out_classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    found: str
    complete: bool
    warnings: tuple[str, ...] = ()


def moments(pixels: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation per channel of uint8 [N, C, H, W], on the scale 0..1.

    The sums are of whole numbers below 2⁵³ in float64: exact, the same on every machine and for
    every number of threads. A constant channel gets the deviation 1: it stays at 0 when normalised.
    """
    means, deviations = [], []
    for channel in pixels.movedim(1, 0):
        flat = channel.reshape(-1)
        total = squares = 0.0
        for start in range(0, len(flat), _CHUNK):
            wide = flat[start : start + _CHUNK].double()
            total += wide.sum().item()
            squares += wide.dot(wide).item()
        mean = total / len(flat)
        variance = max(squares / len(flat) - mean * mean, 0.0)
        means.append(mean / 255)
        deviations.append(variance**0.5 / 255 or 1.0)
    return tuple(means), tuple(deviations)


@lru_cache(maxsize=256)  # a step that a device repeats must find them here
def _scale_and_shift(
    mean: tuple[float, ...], std: tuple[float, ...], device: torch.device
) -> tuple[Tensor, Tensor]:
    """1 / (255 std) and −mean / std as [C, 1, 1]; kept, so that no batch waits for a copy to the device."""
    # Kept tensors must serve autograd too, even if the first caller is in inference mode.
    with torch.inference_mode(False):
        scale = [1 / (255 * s) for s in std]
        shift = [-m / s for m, s in zip(mean, std, strict=True)]
        made = torch.tensor([scale, shift], dtype=torch.float32, device=device)[..., None, None]
        return made[0], made[1]


def normalise(pixels: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """(x / 255 − mean) / std per channel: float32 of the shape and on the device of `pixels`.

    pixels: [..., C, H, W] on the scale 0..255, uint8 or floating. One multiply-add a pixel.
    """
    scale, shift = _scale_and_shift(tuple(mean), tuple(std), pixels.device)
    return torch.addcmul(shift, pixels.to(torch.float32), scale)
