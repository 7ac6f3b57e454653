"""Small images side by side: a picture as the network sees it, and the maps that a layer makes of it."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.figures import palette

Array = NDArray[Any]
GAP, SIDE = 8, 96


def image_png(pixels: Array) -> bytes:
    """An image, uint8 [C, H, W] with 1 or 3 channels, pixel by pixel."""
    return _png(_rgb(pixels))


def map_png(values: Array, low: float, high: float) -> bytes:
    """A map [h, w] from blue (low) to yellow (high), pixel by pixel; what is not finite is grey."""
    return _png(_colored(values, low, high))


def sheet(rows: Sequence[Sequence[Array]], kind: str = "png") -> bytes:
    """Rows of images uint8 [h, w, 3], each enlarged to squares of one size, as a png, svg or pdf.

    The pixels are the content, so an svg holds them as a picture.
    """
    wide = max(map(len, rows))
    page = np.full((len(rows) * (SIDE + GAP) + GAP, wide * (SIDE + GAP) + GAP, 3), 255, dtype=np.uint8)
    for r, row in enumerate(rows):
        for c, image in enumerate(row):
            y, x = GAP + r * (SIDE + GAP), GAP + c * (SIDE + GAP)
            page[y : y + SIDE, x : x + SIDE] = _enlarged(image)
    if kind == "pdf":
        return _encoded(page, "PDF")
    if kind == "png":
        return _png(page)
    height, width, _ = page.shape
    data = base64.b64encode(_png(page)).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{data}"/></svg>'
    ).encode()


def sheet_rows(pixels: Array, maps: Sequence[Sequence[Array]]) -> list[list[Array]]:
    """For `sheet`: in each row the image, then one run's mean map and its maps, on their own scales."""
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


def _enlarged(image: Array) -> Array:
    rows = np.arange(SIDE) * image.shape[0] // SIDE
    columns = np.arange(SIDE) * image.shape[1] // SIDE
    return image[rows][:, columns]


def _png(image: Array) -> bytes:
    return _encoded(image, "PNG")


def _encoded(image: Array, form: str) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image).save(file, format=form)
    return file.getvalue()
