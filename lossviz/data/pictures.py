"""Image files to uint8 tensors of one size, by Pillow."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from lossviz.data.dataset import Images
from lossviz.data.spec import Progress
from lossviz.data.trees import Tree
from lossviz.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".tif", ".tiff"})
# Only these are tried: Pillow also knows formats that start other programs.
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "PPM", "TIFF")
_GREY = frozenset({"1", "L", "LA", "I", "I;16", "I;16B", "I;16L"})
MOST_PIXELS = 50_000_000
_AT_ONCE = 512


@dataclass(frozen=True)
class Picture:
    """An image file and its class."""

    tree: Tree
    name: str
    label: int


def is_picture(name: str) -> bool:
    """Whether the ending is that of an image file."""
    return PurePosixPath(name).suffix.lower() in ENDINGS


def _open(content: bytes, name: str, what: str) -> Image:
    """The image with its header read and its size checked; its pixels are not decoded yet."""
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(content), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(what, name) from error
    except Exception as error:
        raise DataError(
            f"{what}: {name} is not an image of a kind that is read ({', '.join(_FORMATS)}), or is damaged. "
            "Repair it or take it out."
        ) from error
    if image.width * image.height > MOST_PIXELS:
        raise _too_large(what, name)
    return image


def _too_large(what: str, name: str) -> DataError:
    return DataError(f"{what}: an image may have at most {MOST_PIXELS:,} pixels; {name} has more")


def _values(image: Image, channels: int, size: tuple[int, int]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """uint8 [C, H, W] of the asked size, scaled bilinearly with averaging."""
    from PIL import Image

    height, width = size
    # JPEG decodes fast at a half, quarter or eighth of its size; never below twice what is wanted.
    image.draft("RGB" if channels == 3 else "L", (2 * width, 2 * height))
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image).clip(0, 65535) >> 8).astype(np.uint8))
    if image.mode == "P":
        # A palette with transparency is told by Pillow with a warning if it is converted directly.
        image = image.convert("RGBA")
    image = image.convert("RGB" if channels == 3 else "L")
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    values = np.asarray(image)
    return values[None] if channels == 1 else values.transpose(2, 0, 1)


def _decode(
    content: bytes, name: str, what: str, channels: int, size: tuple[int, int]
) -> np.ndarray[Any, np.dtype[np.uint8]]:
    image = _open(content, name, what)
    try:
        return _values(image, channels, size)
    except Exception as error:
        raise DataError(
            f"{what}: {name} is damaged or cut off ({error}). Repair it or take it out."
        ) from error


def read(
    pictures: Sequence[Picture],
    what: str,
    channels: int,
    size: tuple[int, int],
    progress: Progress,
    shares: tuple[float, float] = (0.0, 1.0),
) -> Images:
    """All pictures as uint8 [N, C, height, width] in the given order; `shares` bound what progress says."""
    pixels = torch.empty((len(pictures), channels, *size), dtype=torch.uint8)
    labels = torch.tensor([picture.label for picture in pictures], dtype=torch.int64)
    low, high = shares
    decode = partial(_decode, what=what, channels=channels, size=size)
    # Pillow decodes outside the interpreter's lock.
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for start in range(0, len(pictures), _AT_ONCE):
            progress(f"reading images of {what}", low + (high - low) * start / len(pictures))
            some = pictures[start : start + _AT_ONCE]
            contents = [picture.tree.read(picture.name) for picture in some]
            names = [picture.name for picture in some]
            for i, values in enumerate(pool.map(decode, contents, names)):
                pixels.numpy()[start + i] = values
    return Images(pixels, labels)


def common_form(pictures: Sequence[Picture], what: str, most: int) -> tuple[int, tuple[int, int]]:
    """(channels, (height, width)): grey if every picture is; the commonest size, its sides at most `most`."""
    forms: Counter[tuple[int, int]] = Counter()
    grey = True
    for picture in pictures:
        image = _open(picture.tree.read(picture.name), picture.name, what)
        forms[image.size] += 1
        grey &= image.mode in _GREY
    (width, height), _ = forms.most_common(1)[0]
    scale = min(1.0, most / max(width, height))
    return (1 if grey else 3), (max(1, round(height * scale)), max(1, round(width * scale)))
