"""The images of a data set that a run uses: classes, stratified subsets, imbalance."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossviz.core.errors import DataError
from lossviz.data.choice import Choice
from lossviz.data.dataset import Images, Raw

Array = NDArray[np.int64]


def _ranks(labels: Array, seed: int) -> Array:
    """For every image its place 0, 1, ... among those of its class, in an order drawn by `seed`."""
    # `random` of a PCG64 is kept stable by numpy; its shuffle is not.
    drawn = np.random.Generator(np.random.PCG64(seed)).random(len(labels))
    order = np.lexsort((drawn, labels))
    counts = np.bincount(labels)
    starts = np.cumsum(counts) - counts
    ranks = np.empty(len(labels), dtype=np.int64)
    ranks[order] = np.arange(len(labels)) - starts[labels[order]]
    return ranks


def _ordered(place: NDArray[np.float64], labels: Array, seed: int) -> Tensor:
    """The images by their place; the classes take turns in an order drawn by `seed` where they tie."""
    turn = np.random.Generator(np.random.PCG64(seed)).random(int(labels.max(initial=0)) + 1)
    return torch.from_numpy(np.lexsort((turn[labels], place)).astype(np.int64))


def stratified_order(labels: Tensor, seed: int) -> Tensor:
    """A permutation [N] of the images each of whose prefixes is as balanced over classes as possible.

    labels: whole numbers [N]. In every prefix the counts of two classes differ by at most one, as
    long as both have images left.
    """
    known = labels.cpu().numpy().astype(np.int64)
    return _ordered(_ranks(known, seed).astype(np.float64), known, seed)


def proportional_order(labels: Tensor, seed: int) -> Tensor:
    """A permutation [N] each of whose prefixes holds the classes in their shares, and each class once first.

    Of n images in a prefix that ends at the share p of the set, class k has p·n_k, rounded up.
    """
    known = labels.cpu().numpy().astype(np.int64)
    counts = np.bincount(known)
    return _ordered(_ranks(known, seed) / counts[known], known, seed)


def class_sizes(available: Sequence[int], imbalance: str, ratio: float, images: int = 0) -> list[int]:
    """The images n_k to keep of each class under an imbalance, class 0 the largest (003).

    long-tailed: n_k = n_max ρ^(−k/(K−1)); step: n_max for the first half of the classes (the larger
    half of an odd number), n_max / ρ for the others; rounded, at least 1. n_max is the largest for
    which every class has enough images, and for which all together are at most `images`, if given.
    """
    classes = len(available)
    if imbalance == "long-tailed":
        shares = [ratio ** (-k / (classes - 1)) for k in range(classes)]
    else:
        shares = [1.0 if k < (classes + 1) // 2 else 1 / ratio for k in range(classes)]

    def sizes(largest: int) -> list[int]:
        return [max(1, math.floor(largest * share + 0.5)) for share in shares]

    def fits(largest: int) -> bool:
        wanted = sizes(largest)
        enough = all(n <= most for n, most in zip(wanted, available, strict=True))
        return enough and (images == 0 or sum(wanted) <= images)

    low, high = 1, max(available)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return sizes(low)


def _numbers(raw: Raw, choice: Choice) -> tuple[list[int], list[int]]:
    """The original numbers of the kept and of the held-out classes."""
    count = len(raw.classes)
    for name in ("classes", "held_out"):
        outside = [k for k in getattr(choice, name) if not 0 <= k < count]
        if outside:
            raise DataError(
                f"{choice.name}: {name} must lie in 0..{count - 1}, the numbers of its {count} classes; "
                f"got {outside[0]}"
            )
    held = list(choice.held_out)
    kept = list(choice.classes) or [k for k in range(count) if k not in held]
    if len(kept) < 2:
        raise DataError(
            f"{choice.name}: at least 2 classes must be left to train on; got {len(kept)}. "
            "Keep more classes or hold out fewer."
        )
    return kept, held


def _of_classes(images: Images, kept: Sequence[int], count: int) -> tuple[Tensor, Tensor]:
    """The positions of the images of the kept classes, and their new labels 0..K-1 in the given order."""
    renumbered = torch.full((count,), -1, dtype=torch.int64)
    renumbered[list(kept)] = torch.arange(len(kept))
    labels = renumbered[images.labels]
    where = (labels >= 0).nonzero().squeeze(1)
    return where, labels[where]


def _some(choice: Choice, split: str, labels: Tensor, wanted: int) -> Tensor:
    """A stratified subset of `wanted` images, in file order; all of them for 0."""
    if not wanted:
        return torch.arange(len(labels))
    classes = int(labels.max()) + 1
    if not classes <= wanted <= len(labels):
        raise _too_few(choice, split, classes, len(labels), wanted)
    return proportional_order(labels, choice.seed)[:wanted].sort().values


def _too_few(choice: Choice, split: str, least: int, most: int, wanted: int) -> DataError:
    return DataError(
        f"{choice.name}: {split}_images must lie in {least:,}..{most:,}, from one image a class to all "
        f"that there are with this choice, or be 0 for all; got {wanted:,}"
    )


def _imbalanced(choice: Choice, labels: Tensor, classes: int) -> Tensor:
    """The images that an imbalance leaves, in file order."""
    known = labels.numpy()
    available = np.bincount(known, minlength=classes).tolist()
    most = sum(class_sizes(available, choice.imbalance, choice.imbalance_ratio))
    if choice.train_images and not classes <= choice.train_images <= most:
        raise _too_few(choice, "train", classes, most, choice.train_images)
    sizes = class_sizes(available, choice.imbalance, choice.imbalance_ratio, choice.train_images)
    kept = _ranks(known, choice.seed) < np.asarray(sizes)[known]
    return torch.from_numpy(kept.nonzero()[0])


def _take(images: Images, where: Tensor, labels: Tensor) -> Images:
    """The images at `where`; without a copy if that is all of them."""
    if len(where) == len(images):
        return Images(images.pixels, labels)
    return Images(images.pixels[where], labels)


def cut(raw: Raw, choice: Choice) -> tuple[Images, Images, Images | None, list[int], list[int]]:
    """The train, test and held-out images of a choice, and the numbers of the kept and held-out classes."""
    kept, held = _numbers(raw, choice)
    count = len(raw.classes)
    where, labels = _of_classes(raw.train, kept, count)
    _every_class_has_images(raw, choice, kept, labels)
    if choice.imbalance == "none":
        chosen = _some(choice, "train", labels, choice.train_images)
    else:
        chosen = _imbalanced(choice, labels, len(kept))
    train = _take(raw.train, where[chosen], labels[chosen])
    where, labels = _of_classes(raw.test, kept, count)
    chosen = _some(choice, "test", labels, choice.test_images)
    test = _take(raw.test, where[chosen], labels[chosen])
    if not held:
        return train, test, None, kept, held
    where, labels = _of_classes(raw.test, held, count)
    return train, test, _take(raw.test, where, labels), kept, held


def _every_class_has_images(raw: Raw, choice: Choice, kept: list[int], labels: Tensor) -> None:
    counts = torch.bincount(labels, minlength=len(kept))
    empty = (counts == 0).nonzero().flatten().tolist()
    if empty:
        raise DataError(
            f"{choice.name}: every class must have a training image; none was found of "
            f"{raw.classes[kept[empty[0]]]!r} (class {kept[empty[0]]})"
        )
