"""A test set for data that comes without one: drawn once and for all within each class."""

from __future__ import annotations

from lossviz.core.errors import DataError
from lossviz.data.cut import proportional_order
from lossviz.data.dataset import Images


def fifth(count: int, classes: int) -> int:
    """The usual number of test images: a fifth of all, at least one a class."""
    return max(classes, round(count / 5))


def split_off(images: Images, test: int) -> tuple[Images, Images]:
    """(train, test): `test` images in the shares of their classes; the same ones on every call."""
    order = proportional_order(images.labels, seed=0)
    chosen, rest = order[:test].sort().values, order[test:].sort().values
    return (
        Images(images.pixels[rest], images.labels[rest]),
        Images(images.pixels[chosen], images.labels[chosen]),
    )


def split_own(images: Images, classes: tuple[str, ...], what: str) -> tuple[Images, Images]:
    """(train, test) of one's own data: a fifth of each class; DataError if a class has but one image."""
    counts = images.labels.bincount(minlength=len(classes)).tolist()
    single = [name for name, count in zip(classes, counts, strict=True) if count < 2]
    if single:
        raise DataError(
            f"{what}: without test images every class must have at least 2 images, as a fifth becomes the "
            f"test set; class {single[0]!r} has 1. Add images, or give a test set."
        )
    return split_off(images, fifth(len(images), len(classes)))
