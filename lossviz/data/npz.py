"""One's own arrays in an .npz: images, labels, and if wanted classes, test_images, test_labels."""

from __future__ import annotations

import io
import math
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lossviz.core.errors import DataError, LossvizError
from lossviz.data.dataset import Images, Raw
from lossviz.data.names import class_name, printable
from lossviz.data.places import reading
from lossviz.data.spec import Progress
from lossviz.data.split import fifth, split_own
from lossviz.data.suspicions import suspicions
from lossviz.data.trees import DAMAGED, reason

# Bytes of one array once unpacked, more than any data set of the catalogue needs.
LARGEST = 4 << 30
# A small file may not ask for much memory: beyond this many bytes, at most so many times the packed ones.
SURE, MOST_PACKED = 256 << 20, 100
SMALLEST_SIDE, LARGEST_SIDE = 4, 512
MOST_CLASSES = 100_000
_WANTED = ("images", "labels", "classes", "test_images", "test_labels")

Array = NDArray[Any]
Header = tuple[tuple[int, ...], np.dtype[Any]]


@contextmanager
def opened(path: Path, what: str, content: bytes | None = None) -> Iterator[zipfile.ZipFile]:
    """The archive at a path, or the one that `content` is; DataError where it is damaged."""
    with reading(path, what):
        try:
            with zipfile.ZipFile(path if content is None else io.BytesIO(content)) as archive:
                yield archive
        except LossvizError:
            raise
        except DAMAGED as error:
            raise DataError(
                f"{what}: the .npz is damaged or cut off ({reason(error)}). Save it again."
            ) from error


def header(archive: zipfile.ZipFile, name: str, what: str) -> Header:
    """Shape and type as the array's header says, checked against the bytes that the .npz says it has."""
    info = archive.getinfo(f"{name}.npy")
    with archive.open(info) as file:
        try:
            first = np.lib.format.read_magic(file) == (1, 0)
            formats = np.lib.format
            read = formats.read_array_header_1_0 if first else formats.read_array_header_2_0
            shape, _, dtype = read(file)
        # A header is read as Python's literals, with all that their parser raises.
        except (ValueError, TypeError, SyntaxError, TokenError, MemoryError, RecursionError) as error:
            raise DataError(
                f"{what}: {name} is no array that numpy saved ({reason(error)}). Save it again."
            ) from error
        held = info.file_size - file.tell()
    if dtype.hasobject:
        raise DataError(
            f"{what}: {name} must be an array of plain values; got Python objects, which could run code when "
            f"read. Save it as np.asarray({name}) with a plain dtype."
        )
    size = math.prod(shape) * dtype.itemsize
    if not dtype.itemsize or size > LARGEST or size != held:
        raise DataError(
            f"{what}: {name} must hold the bytes that its header declares, at most {LARGEST:,}; "
            f"it declares {size:,} and holds {held:,}"
        )
    if size > max(SURE, MOST_PACKED * info.compress_size):
        raise DataError(
            f"{what}: {name} must unpack to at most {MOST_PACKED} times its packed bytes, or to {SURE:,}; it "
            f"declares {size:,} and takes {info.compress_size:,}. If it is meant so, save it with np.savez, "
            "which does not pack, and give its path."
        )
    return shape, dtype


def _headers(archive: zipfile.ZipFile, what: str) -> dict[str, Header]:
    names = archive.namelist()
    held = {name.removesuffix(".npy") for name in names if name.endswith(".npy")}
    missing = [name for name in ("images", "labels") if name not in held]
    if missing:
        bare = any(name in names for name in missing)
        ending = (
            " (in the archive an array must be named with .npy: save it with numpy.savez)" if bare else ""
        )
        raise DataError(
            f"{what}: an .npz must hold the arrays images and labels; {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing, it holds "
            f"{printable(', '.join(sorted(held | {*names} if bare else held)), 200) or 'nothing'}{ending}"
        )
    if ("test_images" in held) != ("test_labels" in held):
        raise DataError(f"{what}: test_images and test_labels come together; one of them is missing")
    return {name: header(archive, name, what) for name in _WANTED if name in held}


def counts(path: Path, what: str) -> tuple[int, int]:
    """(train, test) images, by the headers alone."""
    with opened(path, what) as archive:
        headers = _headers(archive, what)
    (images, *_), _ = headers["images"] if headers["images"][0] else ((0,), None)
    if "test_images" in headers:
        return images, (headers["test_images"][0] or (0,))[0]
    classes = headers["classes"][0][0] if "classes" in headers and headers["classes"][0] else 1
    taken = fifth(images, classes)
    return images - taken, taken


def read(path: Path, what: str, progress: Progress) -> Raw:
    """All of it, checked: shapes, types, values, labels without gaps, at least two classes."""
    progress(f"reading {what}", 0.0)
    with opened(path, what) as archive:
        arrays = {name: array(archive, name) for name in _headers(archive, what)}
    train = Images(_pixels(arrays["images"], "images", what), _labels(arrays, "labels", "images", what))
    classes = _classes(arrays.get("classes"), train.labels, what)
    if "test_images" not in arrays:
        train, test = split_own(train, classes, what)
        return Raw(classes, train, test, warnings=suspicions(classes, train, test))
    test = Images(
        _pixels(arrays["test_images"], "test_images", what),
        _labels(arrays, "test_labels", "test_images", what),
    )
    if test.pixels.shape[1:] != train.pixels.shape[1:]:
        raise DataError(
            f"{what}: test_images must be of the same form as images, {_by(train.pixels.shape[1:])} "
            f"(channels × height × width); got {_by(test.pixels.shape[1:])}"
        )
    if len(test) and int(test.labels.max()) >= len(classes):
        raise DataError(
            f"{what}: test_labels must lie in 0..{len(classes) - 1}, the classes of labels; "
            f"got {int(test.labels.max())}"
        )
    return Raw(classes, train, test, warnings=suspicions(classes, train, test))


def array(archive: zipfile.ZipFile, name: str) -> Array:
    """The array, whose `header` must have been checked before."""
    # Read to its end, where the archive's own checksum is compared.
    with archive.open(f"{name}.npy") as file:
        return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def _by(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "a single value"


def _pixels(array: Array, name: str, what: str) -> torch.Tensor:
    """uint8 [N, C, H, W] from [N, H, W], [N, H, W, C] or [N, C, H, W] of uint8 or of floats in 0..1."""
    if array.ndim == 3:
        array = array[:, None]
    elif array.ndim == 4 and array.shape[3] in (1, 3):
        array = array.transpose(0, 3, 1, 2)
    sides = array.shape[2:]
    if (
        array.ndim != 4
        or array.shape[1] not in (1, 3)
        or not all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in sides)
    ):
        raise DataError(
            f"{what}: {name} must be [N, H, W], [N, H, W, C] or [N, C, H, W] with 1 or 3 channels and sides "
            f"of {SMALLEST_SIDE} to {LARGEST_SIDE} pixels; got {_by(array.shape)}"
        )
    if not len(array):
        raise DataError(f"{what}: {name} must hold images; got none")
    if array.dtype.kind == "f":
        array = _bytes(array, name, what)
    elif array.dtype != np.uint8:
        raise DataError(
            f"{what}: {name} must be uint8 (0..255) or floats in 0..1; got {array.dtype}. "
            "If the values are 0..255, save images.astype('uint8')."
        )
    return torch.from_numpy(np.array(array, dtype=np.uint8, order="C"))


def _bytes(array: Array, name: str, what: str) -> Array:
    low, high = float(array.min()), float(array.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        bad = int(np.count_nonzero(~np.isfinite(array)))
        raise DataError(f"{what}: {name} must be finite numbers; got {bad:,} that are NaN or infinite")
    if low < 0 or high > 1:
        raise DataError(
            f"{what}: {name} of type {array.dtype} must lie in 0..1; got {low:.4g}..{high:.4g}. "
            "Scale them, or save 0..255 as uint8."
        )
    return np.rint(array.astype(np.float32) * 255).astype(np.uint8)


def _labels(arrays: dict[str, Array], name: str, images: str, what: str) -> torch.Tensor:
    """int64 [N]; whole numbers, as many as there are images."""
    array = arrays[name]
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind not in "iu":
        raise DataError(
            f"{what}: {name} must be whole numbers 0..K-1; got {array.dtype}. "
            "Number the classes, and name them in an array classes."
        )
    if array.shape != (len(arrays[images]),):
        raise DataError(
            f"{what}: {name} must be one number for each of the {len(arrays[images]):,} {images}; "
            f"got {_by(array.shape)}"
        )
    if array.size and int(array.min()) < 0:
        raise DataError(f"{what}: {name} must lie in 0..K-1; got {int(array.min())}")
    if array.size and int(array.max()) >= MOST_CLASSES:
        raise DataError(f"{what}: {name} must be 0..K-1 without gaps; got {int(array.max())}")
    return torch.from_numpy(array.astype(np.int64))


def _classes(array: Array | None, labels: torch.Tensor, what: str) -> tuple[str, ...]:
    """The names, or the numbers where none are given; every class has an image."""
    present = labels.unique().tolist()
    if array is not None and array.size > MOST_CLASSES:
        raise DataError(f"{what}: there may be at most {MOST_CLASSES:,} classes; got {array.size:,}")
    count = len(present) if array is None else array.size
    missing = sorted({*range(max(count, present[-1] + 1))} - {*present})
    if missing:
        raise DataError(
            f"{what}: labels must use every number in 0..{max(count - 1, present[-1])}; "
            f"no image has the label {missing[0]}. Renumber them without gaps."
        )
    if len(present) < 2:
        raise DataError(f"{what}: there must be at least 2 classes; got {len(present)}")
    if array is None:
        return tuple(str(k) for k in present)
    if array.dtype.kind == "U" and array.size:
        codes = (
            np.ascontiguousarray(array).reshape(-1).view(np.dtype("u4").newbyteorder(array.dtype.byteorder))
        )
        if int(codes.max()) > sys.maxunicode:
            raise DataError(
                f"{what}: classes must be names as text; got a character U+{int(codes.max()):X}; "
                f"the last is U+{sys.maxunicode:X}. Save it again."
            )
    names = tuple(str(name) for name in array.reshape(-1).tolist())
    if array.dtype.kind not in "UiuT" or len(names) != len(present) or len({*names}) != len(names):
        raise DataError(
            f"{what}: classes must be {len(present)} different names, one for each label; "
            f"got {len(names)} of type {array.dtype}: {printable(', '.join(names[:5]), 200)}"
        )
    shown = tuple(class_name(name, what) for name in names)
    twice = next((name for name in shown if shown.count(name) > 1), None)
    if twice is not None:
        raise DataError(
            f"{what}: classes must be different names; {twice!r} is there twice, in two forms of Unicode or "
            "with spaces around it. Rename one."
        )
    return shown
