"""Images of more than 8 bits a channel: their values as they are, and one range for a whole set."""

from __future__ import annotations

import io
import math
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

Array = NDArray[Any]
# Of each channel in the file; BGR;16 of a BMP is two bytes in all.
_TWO_BYTES = re.compile("(LA|RGB|RGBA);16[BLN]")


def is_deep(image: Image) -> bool:
    """True for an image, whose pixels are not decoded yet, of more than 8 bits a channel."""
    return image.mode[:1] in ("I", "F") or any(map(_TWO_BYTES.fullmatch, _raw_modes(image)))


def _raw_modes(image: Image) -> list[str]:
    """The layouts of the pixels in the file, as Pillow tells its decoder."""
    modes = [tile[3] if isinstance(tile[3], str) else tile[3][:1] for tile in getattr(image, "tile", ())]
    return [mode if isinstance(mode, str) else str(*mode) for mode in modes]


def values(image: Image, content: bytes) -> tuple[Array, Array | None]:
    """The values of a deep image, [H, W] or [H, W, 3], and its transparency [H, W] in 0..1 or None.

    Of 16 bits in colour Pillow keeps the upper byte; the lower one is read by telling its decoder that
    the bytes are in the other order.
    """
    clear = image.info.get("transparency")
    if image.mode[:1] in ("I", "F"):
        array = np.asarray(image)
        return array, None if not isinstance(clear, int) else (array != clear).astype(np.float32)
    if any(mode.startswith("LA;16") for mode in _raw_modes(image)):
        # Two channels of two bytes lie in the file as four of one.
        raw = _again(image, content, lambda mode: "RGBA")
        wide = raw[..., ::2].astype(np.uint16) << 8 | raw[..., 1::2]
        return wide[..., 0], wide[..., 1] / np.float32(65535)
    upper = np.asarray(image)
    wide = upper.astype(np.uint16) << 8 | _again(image, content, _other_order)
    if wide.shape[2] == 4:
        return wide[..., :3], wide[..., 3] / np.float32(65535)
    if isinstance(clear, tuple):
        return wide, (wide != np.array(clear)).any(axis=2).astype(np.float32)
    return wide, None


def _other_order(mode: str) -> str:
    own = "L" if sys.byteorder == "little" else "B"
    kind, _, order = mode.partition(";16")
    other = {"L": "B", "B": "L"}[own if order == "N" else order]
    return f"{kind};16{other}"


def _again(image: Image, content: bytes, changed: Any) -> Array:
    """The pixels with another raw mode."""
    from PIL import Image

    other = Image.open(io.BytesIO(content), formats=(str(image.format),))
    tiles = []
    for tile in other.tile:
        args = tile[3] or ()
        new = changed(args) if isinstance(args, str) else (changed(args[0]), *args[1:])
        tiles.append(tile._replace(args=new))
    other.tile = tiles
    return np.asarray(other)


@dataclass(frozen=True)
class Extent:
    """The least and the greatest value among deep images, of whole numbers and of floats; None: of none."""

    whole: tuple[float, float] | None = None
    floats: tuple[float, float] | None = None
    deep: int = 0

    @classmethod
    def of(cls, array: Array) -> Extent:
        """The extent of one image; ValueError where a value is no finite number."""
        low, high = float(array.min()), float(array.max())
        if not (math.isfinite(low) and math.isfinite(high)):
            raise ValueError("it holds values that are NaN or infinite")
        return cls(floats=(low, high), deep=1) if array.dtype.kind == "f" else cls(whole=(low, high), deep=1)

    @classmethod
    def union(cls, parts: Iterable[Extent]) -> Extent:
        """The extent of several images together."""
        known = list(parts)
        return cls(
            _joined([part.whole for part in known]),
            _joined([part.floats for part in known]),
            sum(part.deep for part in known),
        )

    def range(self, array: Array) -> tuple[float, float]:
        """The values that become 0 and 255 in every image of the set with values of this kind."""
        return self._of_floats() if array.dtype.kind == "f" else self._of_whole()

    def _of_whole(self) -> tuple[float, float]:
        low, high = self.whole or (0, 65535)
        if low < 0:
            return low, max(high, low + 1)
        return 0, 2 ** max(8, int(high).bit_length()) - 1

    def _of_floats(self) -> tuple[float, float]:
        low, high = self.floats or (0, 1)
        return (0, 1) if low >= 0 and high <= 1 else (low, high if high > low else low + 1)

    def notes(self, count: int) -> list[str]:
        """The rule in sentences, for a set of `count` images; none where all have 8 bits."""
        said = []
        if self.whole is not None:
            low, high = self._of_whole()
            rule = (
                "the least and the greatest"
                if low < 0
                else f"{int(high).bit_length()} bits, the fewest that hold all"
            )
            said.append(
                f"values {low:,.0f}..{high:,.0f} became 0..255 in every image of more than 8 bits ({rule})"
            )
        if self.floats is not None:
            low, high = self._of_floats()
            rule = "" if (low, high) == (0, 1) else " (the least and the greatest)"
            said.append(f"values {low:.4g}..{high:.4g} became 0..255 in every image of floats{rule}")
        if said and self.deep < count:
            said.append(f"the {count - self.deep:,} images of 8 bits stayed as they are")
        return said


EIGHT_BITS = Extent()


def _joined(ranges: list[tuple[float, float] | None]) -> tuple[float, float] | None:
    known = [part for part in ranges if part is not None]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else None


def to_bytes(array: Array, low: float, high: float) -> NDArray[np.uint8]:
    """uint8 of the same shape: low becomes 0, high 255, what lies outside the nearer of them."""
    scaled = (array.astype(np.float64) - low) * (255 / (high - low))
    return np.rint(scaled).clip(0, 255).astype(np.uint8)
