"""Street View House Numbers: cropped colour digits of 32×32 in two MATLAB files."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch

from lossviz.core.errors import DataError
from lossviz.data.dataset import Images
from lossviz.data.places import file_in, reading
from lossviz.data.spec import DataSpec, Found, Source, read_splits

_FILES = ("train_32x32.mat", "test_32x32.mat")
# scipy raises TypeError, ValueError, NotImplementedError, zlib.error and others on damaged files.
DAMAGED = (Exception,)


def _look(spec: DataSpec, folder: Path) -> Found | None:
    """The two files, counted by their size or else by their headers."""
    files = [file_in(folder, name) for name in _FILES]
    if not any(files):
        return None
    counts = []
    for file, source, images in zip(files, spec.sources, (spec.train, spec.test), strict=True):
        if file is None:
            counts.append(0)
        elif file.stat().st_size == source.size:
            counts.append(images)
        else:
            counts.append(_count(file, file.stat().st_size, file.stat().st_mtime_ns))
    return spec.found(
        folder,
        [f for f in files if f is not None],
        counts,
        partial(read_splits, spec, files, _split),
        # Unpacking and turning the axes takes seconds.
        slow=True,
        preparation="label 10 is digit 0",
    )


@lru_cache(maxsize=8)
def _count(path: Path, size: int, modified: int) -> int:
    from scipy.io import whosmat

    with reading(path, "svhn", DAMAGED):
        shapes = {name: shape for name, shape, _ in whosmat(path)}
    if "y" not in shapes:
        raise _incomplete(path)
    return int(shapes["y"][0])


def _incomplete(path: Path) -> DataError:
    return DataError(f"svhn: {path.name} must hold X and y; one is missing. Fetch it again.")


def _split(spec: DataSpec, path: Path) -> Images:
    from scipy.io import loadmat

    with reading(path, "svhn", DAMAGED):
        held = loadmat(path, variable_names=("X", "y"))
    x, y = held.get("X"), held.get("y")
    if x is None or y is None:
        raise _incomplete(path)
    if x.dtype != np.uint8 or x.ndim != 4 or x.shape[:3] != (32, 32, 3) or y.size != x.shape[3]:
        raise DataError(
            f"svhn: X in {path.name} must be uint8 of 32 × 32 × 3 × N and y have N labels; "
            f"got {x.dtype} of {' × '.join(map(str, x.shape))} and {y.size} labels"
        )
    labels = y.reshape(-1).astype(np.int64)
    if labels.size and not 1 <= labels.min() <= labels.max() <= 10:
        raise DataError(
            f"svhn: labels in {path.name} must lie in 1..10 (10 is the digit 0); "
            f"got {labels.min()}..{labels.max()}"
        )
    pixels = np.ascontiguousarray(x.transpose(3, 2, 0, 1))
    return Images(torch.from_numpy(pixels), torch.from_numpy(labels % 10))


SVHN = DataSpec(
    key="svhn",
    title="SVHN",
    classes=tuple("0123456789"),
    shape=(3, 32, 32),
    train=73_257,
    test=26_032,
    licence="for non-commercial use",
    reference="Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng: Reading Digits in Natural Images "
    "with Unsupervised Feature Learning, 2011",
    look=_look,
    folders=("SVHN",),
    sources=(
        Source(
            _FILES[0],
            (f"http://ufldl.stanford.edu/housenumbers/{_FILES[0]}",),
            "md5:e26dedcc434d2e4c54c9b2d4a06d8373",
            182_040_794,
        ),
        Source(
            _FILES[1],
            (f"http://ufldl.stanford.edu/housenumbers/{_FILES[1]}",),
            "md5:eb5a983be6a315427106f1b164d9cef3",
            64_275_384,
        ),
    ),
    note="The cropped digits without the extra set; naturally imbalanced.",
)
DATA = (SVHN,)
