"""MNIST and its relatives as others pass them on: tables of pixels (.csv), and arrays (.npz)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch

from lossviz.core.errors import DataError
from lossviz.data import npz
from lossviz.data.dataset import Images, Raw, check_labels
from lossviz.data.places import file_in, reading
from lossviz.data.sets.named_folders import NO_TEST
from lossviz.data.spec import DataSpec, Found, Progress, read_splits
from lossviz.data.split import fifth, split_own
from lossviz.data.trees import reason


def look_csv(spec: DataSpec, folder: Path, meant: bool) -> Found | None:
    """A row an image: the label, then 784 pixels. Only in a folder named for the set is train.csv enough."""
    stems = [spec.key, spec.key.replace("-", "_"), spec.key.replace("-", "")]
    found: list[Path | None] = []
    for split in ("train", "test"):
        names = [f"{stem}_{split}.csv" for stem in stems] + ([f"{split}.csv"] if meant else [])
        found.append(file_in(folder, *names))
    train, test = (path if path is not None and _is_table(path, spec) else None for path in found)
    if train is None:
        return None
    rows = [0 if path is None else _rows(path, *_state(path)) for path in (train, test)]
    taken = 0 if test else fifth(rows[0], spec.class_count)
    return spec.found(
        folder,
        [path for path in (train, test) if path is not None],
        (rows[0] - taken, rows[1] or taken),
        partial(_read_csv, spec, train, test),
        slow=True,
        preparation="a row an image",
        notes=() if test else (NO_TEST,),
    )


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _is_table(path: Path, spec: DataSpec) -> bool:
    """True for a table that begins with a label and as many pixels as an image has."""
    with reading(path, spec.key), path.open("rb") as file:
        first = file.readline(1 << 16).decode("ascii", "replace").strip().split(",")
    return first[0].strip('"').lower() == "label" and len(first) == 1 + spec.shape[1] * spec.shape[2]


@lru_cache(maxsize=16)
def _rows(path: Path, size: int, modified: int) -> int:
    with path.open("rb") as file:
        lines = sum(part.count(b"\n") for part in iter(lambda: file.read(1 << 20), b""))
        file.seek(-1, 2)
        return lines - (file.read(1) == b"\n")


def _read_csv(spec: DataSpec, train: Path, test: Path | None, progress: Progress) -> Raw:
    progress(f"reading {spec.title}", 0.0)
    learnt = _table(train, spec)
    if test is None:
        return Raw(spec.classes, *split_own(learnt, spec.classes, spec.key))
    progress(f"reading {spec.title}", 0.8)
    return Raw(spec.classes, learnt, _table(test, spec))


def _table(path: Path, spec: DataSpec) -> Images:
    with reading(path, spec.key):
        try:
            table = np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.uint8, ndmin=2)
        except (ValueError, OverflowError) as error:
            raise DataError(
                f"{spec.key}: {path.name} must hold whole numbers 0..255 in rows of equal length "
                f"({reason(error)}). Fetch it again."
            ) from error
    pixels = torch.from_numpy(np.ascontiguousarray(table[:, 1:]).reshape(-1, *spec.shape))
    return Images(pixels, _labels(table[:, 0], spec, path))


def _labels(array: np.ndarray, spec: DataSpec, path: Path) -> torch.Tensor:
    labels = torch.from_numpy(array.astype(np.int64))
    check_labels(labels, spec.class_count, spec.key, path.name)
    return labels


def look_npz(spec: DataSpec, folder: Path) -> Found | None:
    """The arrays of Keras (mnist.npz), or of KMNIST as published (kmnist-train-imgs.npz and three more)."""
    whole = file_in(folder, f"{spec.key}.npz")
    if whole is not None:
        parts = [[(whole, f"x_{split}"), (whole, f"y_{split}")] for split in ("train", "test")]
    else:
        files = [
            [file_in(folder, f"{spec.key}-{split}-{kind}.npz") for kind in ("imgs", "labels")]
            for split in ("train", "test")
        ]
        parts = [[(path, "arr_0") for path in pair if path is not None] for pair in files]
        parts = [part if len(part) == 2 else [] for part in parts]
    if not any(parts):
        return None
    counts = [_count(part[1], spec) if part else 0 for part in parts]
    sources = dict.fromkeys(path for part in parts for path, _ in part)
    return spec.found(folder, tuple(sources), counts, partial(read_splits, spec, parts, _arrays))


def _count(part: tuple[Path, str], spec: DataSpec) -> int:
    path, name = part
    with npz.opened(path, spec.key) as archive:
        shape, _ = npz.header(archive, name, spec.key)
    return shape[0] if shape else 0


def _arrays(spec: DataSpec, part: Sequence[tuple[Path, str]]) -> Images:
    arrays = []
    for path, name in part:
        with npz.opened(path, spec.key) as archive:
            npz.header(archive, name, spec.key)
            arrays.append(npz.array(archive, name))
    pixels, labels = arrays
    if pixels.dtype != np.uint8 or pixels.shape[1:] != spec.shape[1:] or labels.shape != pixels.shape[:1]:
        raise DataError(
            f"{spec.key}: {part[0][0].name} must hold uint8 images of "
            f"{spec.shape[1]} × {spec.shape[2]} pixels and a label for each; "
            f"got {pixels.dtype} {pixels.shape} and labels {labels.shape}"
        )
    return Images(torch.from_numpy(pixels.copy()).unsqueeze(1), _labels(labels, spec, part[1][0]))
