"""Writes tiny data sets in the layouts of the official files, with pixels that are known."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]


def noise(seed: int, *shape: int) -> Bytes:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def idx(array: Bytes) -> bytes:
    return struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape) + array.tobytes()


def write_idx(folder: Path, train: int = 30, test: int = 20, side: int = 28, packed: bool = True) -> None:
    """The four files of a set of 10 classes; the label of image i is i mod 10."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (split, count) in enumerate((("train", train), ("t10k", test))):
        parts = {
            "images-idx3": noise(number, count, side, side),
            "labels-idx1": (np.arange(count) % 10).astype(np.uint8),
        }
        for kind, array in parts.items():
            content = idx(array)
            name = f"{split}-{kind}-ubyte"
            if packed:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (folder / name).write_bytes(content)


def tar_gz(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def picture(array: Bytes, kind: str = "PNG") -> bytes:
    """[H, W] or [H, W, 3] as an image file."""
    packed = io.BytesIO()
    Image.fromarray(array).save(packed, kind)
    return packed.getvalue()


def plain_colour(red: int, green: int, blue: int, height: int, width: int) -> Bytes:
    return np.full((height, width, 3), (red, green, blue), dtype=np.uint8)
