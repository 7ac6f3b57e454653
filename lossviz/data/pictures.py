"""Image files to uint8 tensors of one size, by Pillow: upright, on white, 8 bits a channel."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from lossviz.core import cores
from lossviz.core.errors import DataError
from lossviz.data import bit_depth
from lossviz.data.bit_depth import EIGHT_BITS, Extent
from lossviz.data.dataset import Images
from lossviz.data.spec import Progress
from lossviz.data.trees import Tree, reason

if TYPE_CHECKING:
    from PIL.Image import Image

_KINDS = "png jpg jpeg jpe jfif bmp gif webp ppm pgm pbm pnm tif tiff"
ENDINGS = frozenset(f".{kind}" for kind in _KINDS.split())
# Only these are tried: Pillow also knows formats that start other programs.
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "PPM", "TIFF")
_GREY = frozenset({"1", "L", "LA", "F"})
MOST_PIXELS = 50_000_000
_AT_ONCE = 512
_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
# An image that varies by less on white, and not in its transparency, cannot be seen on it.
_SEEN = 16

Value = TypeVar("Value")


@dataclass(frozen=True)
class Picture:
    """An image file and its class."""

    tree: Tree
    name: str
    label: int


@dataclass(frozen=True)
class Form:
    """The form of the images of a set: 1 or 3 channels, (height, width), the range of deep values."""

    channels: int
    size: tuple[int, int]
    extent: Extent = EIGHT_BITS


def is_picture(name: str) -> bool:
    """True for a name with the ending of an image file."""
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


def _orientation(image: Image, content: bytes) -> int:
    """The orientation of the camera, 1..8 as EXIF counts; 1 where nothing or nonsense is said."""
    # Pillow turns TIFF by itself; to look for EXIF that is not there, it would decode every PNG.
    if image.format == "TIFF" or not re.search(rb"(?i)exif|orientation", content):
        return 1
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:
        return 1
    return value if value in range(1, 9) else 1


def _upright(image: Image, orientation: int) -> Image:
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image


def _eight_bits(image: Image, content: bytes, extent: Extent) -> Image:
    """L, LA, RGB or RGBA from more bits a channel, in the range of the whole set."""
    from PIL import Image

    array, alpha = bit_depth.values(image, content)
    pixels = bit_depth.to_bytes(array, *extent.range(array))
    if alpha is not None:
        pixels = np.dstack([pixels, bit_depth.to_bytes(alpha, 0, 1)])
    return Image.fromarray(pixels)


def _on_white(image: Image) -> tuple[Image, bool]:
    """The image without transparency, in L or RGB, and whether it vanishes so (white on transparent)."""
    from PIL import Image

    if not image.has_transparency_data:
        return _without_alpha(image), False
    image = image.convert("RGBA")
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    alpha = np.asarray(image.getchannel("A")).astype(int)
    flat = ground.convert("RGB")
    values = np.asarray(flat)
    return flat, alpha.max() - alpha.min() >= _SEEN > int(values.max()) - int(values.min())


def _without_alpha(image: Image) -> Image:
    if image.mode != "LAB":
        return image
    from PIL import ImageCms

    lab, rgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    turned = ImageCms.applyTransform(image, ImageCms.buildTransform(lab, rgb, "LAB", "RGB"))
    assert turned is not None
    return turned


def _values(image: Image, content: bytes, form: Form) -> tuple[NDArray[np.uint8], bool]:
    """uint8 [C, H, W] of the form, scaled bilinearly with averaging, and whether it vanishes on white."""
    from PIL.Image import Resampling

    height, width = form.size
    deep = bit_depth.is_deep(image)
    orientation = _orientation(image, content)
    mode = "RGB" if form.channels == 3 else "L"
    if deep:
        image = _eight_bits(image, content, form.extent)
    else:
        # JPEG decodes fast at a half, quarter or eighth of its size; never below twice what is wanted.
        turned = orientation in _SIDEWAYS
        image.draft(mode, (2 * height, 2 * width) if turned else (2 * width, 2 * height))
    image, vanishes = _on_white(image)
    image = _upright(image.convert(mode), orientation)
    if image.size != (width, height):
        image = image.resize((width, height), Resampling.BILINEAR)
    values = np.asarray(image)
    return (values[None] if form.channels == 1 else values.transpose(2, 0, 1)), vanishes


def _told(decode: Callable[[Image], Value], content: bytes, name: str, what: str) -> Value:
    image = _open(content, name, what)
    try:
        return decode(image)
    except MemoryError:
        raise
    except Exception as error:
        raise DataError(
            f"{what}: {name} is damaged or cut off ({reason(error)}). Repair it or take it out."
        ) from error


def _decode(content: bytes, name: str, what: str, form: Form) -> tuple[NDArray[np.uint8], bool]:
    return _told(lambda image: _values(image, content, form), content, name, what)


def _each(
    look: Callable[[bytes, str], Value], pictures: Sequence[Picture], tell: Callable[[float], None]
) -> Iterator[Value]:
    """look(content, name) of each picture, in order; tell is called with the share that is done."""
    # Pillow decodes outside the interpreter's lock.
    with ThreadPoolExecutor(min(8, cores.count())) as pool:
        for start in range(0, len(pictures), _AT_ONCE):
            tell(start / len(pictures))
            some = pictures[start : start + _AT_ONCE]
            contents = [picture.tree.read(picture.name) for picture in some]
            yield from pool.map(look, contents, [picture.name for picture in some])


def read(
    pictures: Sequence[Picture],
    what: str,
    form: Form,
    progress: Progress,
    shares: tuple[float, float] = (0.0, 1.0),
    vanished: list[str] | None = None,
) -> Images:
    """All pictures as uint8 [N, C, height, width] in the given order; `shares` bound what progress says.

    Upright as EXIF says, on white where they are transparent, of several frames the first. vanished:
    gets the names of those of which nothing is seen on white.
    """
    pixels = torch.empty((len(pictures), form.channels, *form.size), dtype=torch.uint8)
    labels = torch.tensor([picture.label for picture in pictures], dtype=torch.int64)
    low, high = shares
    decode = partial(_decode, what=what, form=form)

    def tell(share: float) -> None:
        progress(f"reading images of {what}", low + (high - low) * share)

    for i, (values, vanishes) in enumerate(_each(decode, pictures, tell)):
        pixels.numpy()[i] = values
        if vanishes and vanished is not None:
            vanished.append(pictures[i].name)
    return Images(pixels, labels)


def read_splits(
    train: Sequence[Picture],
    test: Sequence[Picture],
    what: str,
    form: Form,
    progress: Progress,
    start: float = 0.0,
    vanished: list[str] | None = None,
) -> tuple[Images, Images]:
    """(train, test) as `read` gives them; progress goes from the share `start` to 1."""
    share = start + (1 - start) * len(train) / max(1, len(train) + len(test))
    learnt = read(train, what, form, progress, (start, share), vanished)
    return learnt, read(test, what, form, progress, (share, 1.0), vanished)


@dataclass(frozen=True)
class _Seen:
    size: tuple[int, int]
    grey: bool
    extent: Extent | None


def _survey(content: bytes, name: str, what: str) -> _Seen:
    """Size as it is seen, whether it is grey, and the values of a deep one; of others only the header."""

    def look(image: Image) -> _Seen:
        width, height = image.size
        size = (height, width) if _orientation(image, content) in _SIDEWAYS else (width, height)
        grey = image.mode in _GREY or image.mode.startswith("I")
        if not bit_depth.is_deep(image):
            return _Seen(size, grey, None)
        array, _ = bit_depth.values(image, content)
        return _Seen(size, array.ndim == 2, Extent.of(array))

    return _told(look, content, name, what)


def common_form(
    train: Sequence[Picture],
    test: Sequence[Picture],
    what: str,
    most: int,
    progress: Progress,
    share: float,
) -> Form:
    """Grey if every train picture is; their commonest size, its sides at most `most`; the extent of all.

    progress is told up to `share`.
    """
    survey = partial(_survey, what=what)

    def tell(done: float) -> None:
        progress(f"looking through {what}", share * done)

    seen = list(_each(survey, [*train, *test], tell))
    (width, height), _ = Counter(picture.size for picture in seen[: len(train)]).most_common(1)[0]
    scale = min(1.0, most / max(width, height))
    return Form(
        1 if all(picture.grey for picture in seen[: len(train)]) else 3,
        (max(1, round(height * scale)), max(1, round(width * scale))),
        Extent.union([picture.extent for picture in seen if picture.extent is not None]),
    )
