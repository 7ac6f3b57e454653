"""A tiny data set, so that a test of training takes a fraction of a second."""

from __future__ import annotations

import pytest
import torch

from lossviz.data import DataSet, Images


def blobs(classes: int = 3, each: int = 20, size: int = 8, seed: int = 0) -> DataSet:
    """Images whose class is where the bright patch sits; easy, and not linear in one pixel."""
    draw = torch.Generator().manual_seed(seed)

    def images(count: int) -> Images:
        labels = torch.arange(classes).repeat_interleave(count)
        pixels = torch.randint(0, 60, (len(labels), 1, size, size), generator=draw, dtype=torch.uint8)
        for n, label in enumerate(labels.tolist()):
            row, column = divmod(label * 2, size - 1)
            pixels[n, 0, row * 2 : row * 2 + 2, column : column + 2] = 250
        return Images(pixels, labels)

    train, test = images(each), images(8)
    scaled = train.pixels.double() / 255
    return DataSet(
        key="blobs",
        title="Blobs",
        classes=tuple(f"class {k}" for k in range(classes)),
        train=train,
        test=test,
        held_out=None,
        held_out_classes=(),
        mean=(float(scaled.mean()),),
        std=(float(scaled.std(unbiased=False)),),
        found="made for a test",
        complete=True,
    )


@pytest.fixture(scope="session")
def tiny() -> DataSet:
    return blobs()
