"""Choice: the data set and the part of it that a run asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lossviz.core.errors import DataError

IMBALANCES = ("none", "long-tailed", "step")


@dataclass(frozen=True)
class Choice:
    """A data set and a part of it; the same choice on the same files gives the same bits.

    name: a key of the catalogue, the path of an .npz, of a .zip or of a folder of class folders, or
    "upload:<id>". classes: the original class numbers to keep, in the order of their new numbers
    0..K-1; none means all but the held out. held_out: class numbers kept out of training.
    train_images, test_images: the size of a stratified subset; 0 means all. With an imbalance,
    train_images counts what is left after it. imbalance: "none", "long-tailed" or "step" (003),
    class 0 the largest; it thins out the train split only. seed: which images a subset keeps.
    """

    name: str = "digits"
    classes: tuple[int, ...] = ()
    held_out: tuple[int, ...] = ()
    train_images: int = 0
    test_images: int = 0
    imbalance: str = "none"
    imbalance_ratio: float = 10.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("train_images", "test_images", "seed"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise DataError(f"data: {name} must be a whole number of at least 0; got {value!r}")
        if self.imbalance not in IMBALANCES:
            raise DataError(f"data: imbalance must be one of {', '.join(IMBALANCES)}; got {self.imbalance!r}")
        if not (math.isfinite(self.imbalance_ratio) and self.imbalance_ratio >= 1):
            raise DataError(
                "data: imbalance_ratio must be a number of at least 1, largest class by smallest; "
                f"got {self.imbalance_ratio!r}"
            )
        for name in ("classes", "held_out"):
            # A list is as good; a tuple can be the key of a cache.
            numbers = tuple(getattr(self, name))
            object.__setattr__(self, name, numbers)
            if not all(isinstance(k, int) and not isinstance(k, bool) for k in numbers):
                raise DataError(f"data: {name} must be class numbers; got {numbers!r}")
            twice = sorted({k for k in numbers if numbers.count(k) > 1})
            if twice:
                raise DataError(f"data: {name} must name each class once; got {twice[0]} twice")
        both = sorted({*self.classes} & {*self.held_out})
        if both:
            raise DataError(
                f"data: a class is kept or held out, not both; got {', '.join(map(str, both))} in both. "
                "Take it out of classes or out of held_out."
            )
