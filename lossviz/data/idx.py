"""The idx format of MNIST and its relatives: a big-endian header, then unsigned bytes; gzip or plain."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lossviz.core.errors import DataError
from lossviz.data.places import reading

# The magic number holds the type (8: unsigned byte) and the number of dimensions.
_UNSIGNED_BYTES = 0x800
# No data set of this format is larger; a damaged header must not ask for more memory than that.
LARGEST = 1 << 30
# What gzip raises for bytes that are not what they say.
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


def _open(path: Path) -> io.BufferedIOBase:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return gzip.GzipFile(path) if zipped else path.open("rb")


def _header(file: io.BufferedIOBase, path: Path, dimensions: int, what: str) -> tuple[int, ...]:
    head = file.read(4 * (1 + dimensions))
    if len(head) < 4 * (1 + dimensions):
        raise DataError(f"{what}: {path.name} is cut off: it ends within its header. Fetch it again.")
    magic, *shape = struct.unpack(f">{1 + dimensions}I", head)
    if magic != _UNSIGNED_BYTES + dimensions:
        kind = "images" if dimensions == 3 else "labels"
        raise DataError(
            f"{what}: {path.name} must be an idx file of {kind}, with the magic number "
            f"{_UNSIGNED_BYTES + dimensions}; got {magic}"
        )
    return tuple(shape)


def shape(path: Path, dimensions: int, what: str) -> tuple[int, ...]:
    """The shape that the header declares: (count,) of labels, (count, rows, columns) of images."""
    with reading(path, what, DAMAGED), _open(path) as file:
        return _header(file, path, dimensions, what)


def read(path: Path, dimensions: int, what: str) -> Tensor:
    """The bytes as a uint8 tensor of the declared shape; DataError if there are fewer or more of them."""
    with reading(path, what, DAMAGED), _open(path) as file:
        sizes = _header(file, path, dimensions, what)
        count = int(np.prod(sizes, dtype=object))
        if count > LARGEST:
            raise DataError(
                f"{what}: {path.name} declares {' × '.join(map(str, sizes))} bytes; at most "
                f"{LARGEST:,} are read. Its header is damaged."
            )
        array = np.empty(count, dtype=np.uint8)
        _fill(file, array.data, path, what)
    return torch.from_numpy(array.reshape(sizes))


def _fill(file: io.BufferedIOBase, view: memoryview, path: Path, what: str) -> None:
    filled = 0
    while filled < len(view):
        got = file.readinto(view[filled : filled + (1 << 20)])
        if not got:
            raise DataError(
                f"{what}: {path.name} is cut off: its header declares {len(view):,} bytes; "
                f"got {filled:,}. Fetch it again."
            )
        filled += got
    # At the end gzip also compares the checksum of what was unpacked.
    if file.read(1):
        raise DataError(f"{what}: {path.name} goes on after the {len(view):,} bytes that its header declares")
