"""Handwritten digits of 8×8 pixels that come with scikit-learn: here at once and without a network."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import torch

from lossviz.core.errors import DataError
from lossviz.data.dataset import Images, Raw
from lossviz.data.spec import DataSpec, Found, Progress
from lossviz.data.split import split_off

TRAIN, TEST = 1437, 360
CLASSES = tuple("0123456789")


def _file() -> Path:
    # Only the file is wanted: importing scikit-learn takes a second, reading the file 0.05.
    package = importlib.util.find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise DataError("digits: they come with scikit-learn, which is missing; pip install scikit-learn")
    return Path(package.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"


def read(progress: Progress) -> Raw:
    """1,797 images, values 0..16 spread over 0..255; the same fifth of each class is always the test set."""
    progress("reading digits", 0.0)
    table = np.loadtxt(_file(), delimiter=",", dtype=np.int64)
    values, labels = table[:, :64].reshape(-1, 1, 8, 8), torch.from_numpy(table[:, 64].copy())
    pixels = torch.from_numpy(((values * 255 + 8) // 16).astype(np.uint8))
    return Raw(CLASSES, *split_off(Images(pixels, labels), TEST))


def look(spec: DataSpec, folder: Path) -> Found | None:
    """Always found; the folder does not matter."""
    return Found(spec.key, spec.title, None, (), TRAIN, TEST, (TRAIN, TEST), read)


DIGITS = DataSpec(
    key="digits",
    title="Digits 8×8",
    classes=CLASSES,
    shape=(1, 8, 8),
    train=TRAIN,
    test=TEST,
    licence="CC BY 4.0",
    reference="E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI Machine Learning "
    "Repository, 1998",
    look=look,
    note="The test part of the UCI set, as it comes with scikit-learn, split 80 to 20 within each class.",
)
DATA = (DIGITS,)
