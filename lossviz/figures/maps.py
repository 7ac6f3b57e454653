"""Small images side by side: a picture as the network sees it, and the maps that a layer makes of it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np

from lossviz.figures import palette
from lossviz.figures.axis import Array


def image_png(pixels: Array) -> bytes:
    """An image, uint8 [C, H, W] with 1 or 3 channels, pixel by pixel."""
    return _png(_rgb(pixels))


def map_png(values: Array, low: float, high: float) -> bytes:
    """A map [h, w] from blue (low) to yellow (high), pixel by pixel; what is not finite is grey."""
    return _png(_colored(values, low, high))


def sheet_rows(pixels: Array, maps: Sequence[Sequence[Array]]) -> list[list[Array]]:
    """For `print_maps.sheet`, a row a run: the image, the mean map, the maps, each on scales of their own."""
    return [
        [_rgb(pixels), _colored(row[0], *ends(row[:1])), *(_colored(m, *ends(row[1:])) for m in row[1:])]
        for row in maps
    ]


def ends(maps: Sequence[Array]) -> tuple[float, float]:
    """The lowest and the highest finite value of some maps."""
    values = np.concatenate([np.asarray(m, dtype=float).ravel() for m in maps])
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)


def _colored(values: Array, low: float, high: float) -> Array:
    colors = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in palette.loss_colors(256)])
    span = high - low
    with np.errstate(invalid="ignore"):
        share = (np.asarray(values, dtype=float) - low) / span if span > 0 else np.zeros(np.shape(values))
    finite = np.isfinite(share)
    place = np.clip(np.where(finite, share, 0) * 255, 0, 255).round().astype(int)
    return np.where(finite[..., None], colors[place], 128).astype(np.uint8)


def _rgb(pixels: Array) -> Array:
    image = np.asarray(pixels, dtype=np.uint8).transpose(1, 2, 0)
    return np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image


def _png(image: Array) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, format="PNG")
    return file.getvalue()
