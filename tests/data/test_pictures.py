"""How image files become pixels: on white, upright, and by one range where they have more than 8 bits."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lossviz.data import Choice, DataSet, load
from tests.data.layouts import noise, picture, write_files

SIDE = 16


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def of_two(place: Path, a: list[bytes], b: list[bytes], ending: str = "png") -> DataSet:
    """Loads a set of the classes a and b, in the order of the files; tested on what it trains on."""
    files = {}
    for k, part in (("a", a), ("b", b)):
        for i, content in enumerate(part):
            files |= {f"own/{split}/{k}/{i:03}.{ending}": content for split in ("train", "test")}
    write_files(place, files)
    return load(Choice(str(place / "own")))


def pixels(data: DataSet) -> NDArray[np.uint8]:
    return data.train.pixels.numpy()


def stroke(ink: int, ground: tuple[int, ...]) -> NDArray[np.uint8]:
    """Grey with alpha: a bar of ink, opaque, on a transparent ground."""
    array = np.zeros((SIDE, SIDE, 2), np.uint8)
    array[:] = ground
    array[4:8, 2:14] = (ink, 255)
    return array


def transparent(kind: str, ink: int) -> tuple[bytes, str]:
    """The bar in a kind of file, and its ending."""
    la = Image.fromarray(stroke(ink, (0, 0)))
    rgba = la.convert("RGBA")
    if kind == "LA":
        return saved(la, "PNG"), "png"
    if kind == "RGBA":
        return saved(rgba, "PNG"), "png"
    if kind == "WEBP":
        return saved(rgba, "WEBP", lossless=True, exact=True), "webp"
    if kind == "TIFF":
        return saved(rgba, "TIFF"), "tif"
    flat = Image.new("L", (SIDE, SIDE), 7)
    flat.paste(ink, (2, 4, 14, 8))
    if kind == "L with tRNS":
        return saved(flat, "PNG", transparency=7), "png"
    if kind == "RGB with tRNS":
        return saved(flat.convert("RGB"), "PNG", transparency=(7, 7, 7)), "png"
    palette = flat.convert("RGB").quantize(2)
    clear = palette.getpixel((0, 0))
    if kind == "palette with tRNS":
        return saved(palette, "PNG", transparency=clear), "png"
    if kind == "GIF":
        return saved(palette, "GIF", transparency=clear), "gif"
    raise AssertionError(kind)


KINDS = ("LA", "RGBA", "WEBP", "TIFF", "L with tRNS", "RGB with tRNS", "palette with tRNS", "GIF")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_transparent_is_white(place: Path, kind: str) -> None:
    content, ending = transparent(kind, 0)
    data = of_two(place, [content] * 2, [content] * 2, ending)
    right = np.full((SIDE, SIDE), 255, np.uint8)
    right[4:8, 2:14] = 0
    assert (pixels(data) == right).all()
    assert not any("Nothing is seen" in text for text in data.warnings)


@pytest.mark.parametrize("kind", ["LA", "RGBA", "GIF"])
def test_white_ink_that_vanishes_on_white_is_told_with_its_name(place: Path, kind: str) -> None:
    (white, ending), (black, _) = transparent(kind, 255), transparent(kind, 0)
    data = of_two(place, [white, black], [black, white], ending)
    (text,) = [text for text in data.warnings if text.startswith("Nothing is seen on white")]
    assert "4 images" in text  # two of the train and two of the test images
    assert f"train/a/000.{ending}" in text


def test_half_transparent_ink_is_half_as_dark(place: Path) -> None:
    array = np.zeros((8, 8, 4), np.uint8)
    array[2] = (0, 0, 0, 128)
    data = of_two(place, [picture(array)] * 2, [picture(array)] * 2)
    assert pixels(data)[0, :, 2, 0].tolist() == [127] * 3
    assert pixels(data)[0, :, 3, 0].tolist() == [255] * 3


# The stored pixels that a viewer turns to the upright `a`, by the definition of each orientation.
STORED = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: a[::-1, ::-1],
    4: np.flipud,
    5: lambda a: a.T,
    6: lambda a: np.rot90(a, 1),
    7: lambda a: a[::-1, ::-1].T,
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", list(STORED))
def test_every_orientation_is_turned_upright(place: Path, kind: str, orientation: int) -> None:
    upright = noise(3, 8, 12)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](upright)))
    content = saved(stored, kind, exif=exif, **options)
    data = of_two(place, [content] * 2, [content] * 2, kind.lower())
    assert pixels(data).shape[2:] == (8, 12)
    assert (pixels(data)[0] == upright).all()


def test_a_large_photograph_is_turned_before_it_is_scaled(place: Path) -> None:
    scene = np.zeros((400, 200), np.uint8)
    scene[:100] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    content = saved(Image.fromarray(np.rot90(scene, 1).copy()), "JPEG", quality=95, exif=exif)
    data = of_two(place, [content] * 2, [content] * 2, "jpg")
    assert pixels(data).shape[2:] == (64, 32)
    assert pixels(data)[0, 0, :14].min() > 240
    assert pixels(data)[0, 0, 18:].max() < 15


def test_nonsense_in_exif_harms_nothing(place: Path) -> None:
    image = Image.fromarray(noise(1, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = 99
    broken = [saved(image, "PNG", exif=exif), saved(image, "PNG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = of_two(place, broken, broken)
    assert (pixels(data) == noise(1, 8, 8)).all()


def png_16(array: NDArray[np.uint16], clear: bytes = b"") -> bytes:
    """[H, W] or [H, W, 2 to 4] as a PNG of 16 bits, which Pillow cannot write in colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    height, width = array.shape[:2]
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[1 if array.ndim == 2 else array.shape[2]]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0))
    clear = chunk(b"tRNS", clear) if clear else b""
    return b"\x89PNG\r\n\x1a\n" + head + clear + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def deep(most: int, *shape: int) -> NDArray[np.uint16]:
    array = np.random.default_rng(most).integers(0, most, shape or (8, 8), endpoint=True, dtype=np.uint16)
    array.flat[0] = most
    return array


@pytest.mark.parametrize(
    ("most", "range_"), [(1023, 1023), (4095, 4095), (3000, 4095), (65535, 65535), (200, 255)]
)
@pytest.mark.parametrize("channels", [1, 3])
def test_more_than_8_bits_have_the_range_of_the_fewest_bits_that_hold_the_set(
    place: Path, most: int, range_: int, channels: int
) -> None:
    shape = (8, 8) if channels == 1 else (8, 8, channels)
    # Only one image reaches the greatest value: the others have its range too.
    arrays = [deep(most, *shape), *(deep(most // 3, *shape) for _ in range(3))]
    data = of_two(place, [png_16(a) for a in arrays[:2]], [png_16(a) for a in arrays[2:]])
    right = np.rint(np.stack(arrays) * (255 / range_)).astype(np.uint8)
    right = right[:, None] if channels == 1 else right.transpose(0, 3, 1, 2)
    assert (pixels(data) == right).all()
    assert f"values 0..{range_:,} became 0..255" in data.found


def test_the_greatest_value_of_the_test_images_counts_too(place: Path) -> None:
    files = {f"own/train/{k}/1.png": png_16(deep(500)) for k in "ab"}
    files |= {f"own/test/{k}/1.png": png_16(deep(4000)) for k in "ab"}
    write_files(place, files)
    data = load(Choice(str(place / "own")))
    assert int(data.train.pixels.max()) == round(500 * 255 / 4095)
    assert int(data.test.pixels.max()) == round(4000 * 255 / 4095)


def test_16_bits_in_colour_of_a_tiff_keep_their_lower_byte(place: Path) -> None:
    array = deep(900, 8, 8, 3)
    head = [
        (256, 8),
        (257, 8),
        (258, 16),
        (259, 1),
        (262, 2),
        (273, 200),
        (277, 3),
        (278, 8),
        (279, 8 * 8 * 6),
    ]
    for order, mark in (("<", b"II*\0"), (">", b"MM\0*")):
        tags = b"".join(
            struct.pack(f"{order}HHII", tag, 4, 1, value)
            if tag != 258
            else struct.pack(f"{order}HHII", 258, 3, 3, 190)
            for tag, value in head
        )
        content = mark + struct.pack(f"{order}IH", 8, len(head)) + tags + bytes(4)
        content = content.ljust(190, b"\0") + struct.pack(f"{order}3H", 16, 16, 16)
        content = content.ljust(200, b"\0") + array.astype(f"{order}u2").tobytes()
        data = of_two(place, [content] * 2, [content] * 2, "tif")
        assert (pixels(data)[0] == np.rint(array * (255 / 1023)).transpose(2, 0, 1)).all()


def test_transparency_of_16_bits_is_white(place: Path) -> None:
    la = np.zeros((8, 8, 2), np.uint16)
    la[2] = (0, 65535)
    la[3] = (4095, 65535)
    rgb = np.full((8, 8, 3), 9, np.uint16)
    rgb[2], rgb[3] = 0, 4095
    rgba = np.zeros((8, 8, 4), np.uint16)
    rgba[2], rgba[3] = (0, 0, 0, 65535), (4095, 4095, 4095, 65535)
    grey = rgb[..., 0].copy()
    contents = [
        png_16(la),
        png_16(rgb, struct.pack(">3H", 9, 9, 9)),
        png_16(rgba),
        png_16(grey, struct.pack(">H", 9)),
    ]
    data = of_two(place, contents[:2], contents[2:])
    assert (pixels(data)[:, :, 2] == 0).all()
    assert (np.delete(pixels(data), 2, axis=2) == 255).all()


def test_images_of_8_bits_beside_deep_ones_stay_as_they_are(place: Path) -> None:
    eight = noise(5, 8, 8)
    data = of_two(place, [picture(eight)] * 2, [png_16(deep(4095))] * 2)
    assert (pixels(data)[0] == eight).all()
    assert int(pixels(data)[2].max()) == 255
    assert "the 4 images of 8 bits stayed as they are" in data.found


@pytest.mark.parametrize(
    ("low", "high", "zero", "full"),
    [(0.0, 1.0, 0.0, 1.0), (0.25, 0.75, 0.0, 1.0), (-1.0, 1.0, -1.0, 1.0), (0.0, 4000.0, 0.0, 4000.0)],
)
def test_floats_have_the_range_0_to_1_or_that_of_the_set(
    place: Path, low: float, high: float, zero: float, full: float
) -> None:
    array = np.linspace(low, high, 64, dtype=np.float32).reshape(8, 8)
    content = saved(Image.fromarray(array), "TIFF")
    data = of_two(place, [content] * 2, [content] * 2, "tiff")
    assert (pixels(data)[0, 0] == np.rint((array.astype(float) - zero) / (full - zero) * 255)).all()
    assert "became 0..255 in every image of floats" in data.found


def test_whole_numbers_below_0_have_the_range_of_the_set(place: Path) -> None:
    array = np.linspace(-1000, 3000, 64).astype(np.int32).reshape(8, 8)
    content = saved(Image.fromarray(array), "TIFF")
    data = of_two(place, [content] * 2, [content] * 2, "tif")
    assert (pixels(data)[0, 0] == np.rint((array + 1000) * (255 / 4000))).all()


def test_other_modes_are_read(place: Path) -> None:
    red = Image.new("RGB", (8, 8), (200, 30, 30))
    lab = Image.new("LAB", (8, 8), (255, 128, 128))
    contents = [
        saved(red.convert("CMYK"), "TIFF"),
        saved(red.convert("YCbCr"), "TIFF"),
        saved(lab, "TIFF"),
        saved(red.quantize(8), "TIFF"),
    ]
    data = of_two(place, contents[:2], contents[2:], "tif")
    means = pixels(data).mean(axis=(2, 3))
    for k in (0, 1, 3):
        assert np.abs(means[k] - (200, 30, 30)).max() < 4
    assert means[2].min() > 250  # the lightest of LAB
    one = saved(Image.fromarray(noise(2, 8, 8) > 127), "PNG")
    (place / "own").rename(place / "before")
    assert set(np.unique(pixels(of_two(place, [one] * 2, [one] * 2)))) == {0, 255}


def test_of_several_frames_the_first_is_taken(place: Path) -> None:
    frames = [Image.fromarray(np.full((8, 8), value, np.uint8)) for value in (40, 90, 200)]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    data = of_two(place, [content] * 2, [content] * 2, "gif")
    assert (pixels(data) == 40).all()


def test_a_set_of_equal_images_and_equal_images_of_two_classes_are_told(place: Path) -> None:
    same = picture(noise(0, 8, 8))
    assert "All 8 images are equal" in " ".join(of_two(place, [same] * 2, [same] * 2).warnings)
    other = [picture(noise(i, 8, 8)) for i in range(1, 7)]
    files = {f"torn/{'ab'[i // 3]}/{i}.png": content for i, content in enumerate(other)}
    files |= {"torn/a/9.png": same, "torn/b/9.png": same}
    write_files(place, files)
    said = " ".join(load(Choice(str(place / "torn"))).warnings)
    assert "Equal images with different labels: 2 images" in said
    assert "'a' and 'b'" in said
    files = {f"twice/train/{k}/{i}.png": other[3 * j + i] for j, k in enumerate("ab") for i in range(3)}
    write_files(place, files | {"twice/test/a/1.png": other[0], "twice/test/b/1.png": same})
    said = " ".join(load(Choice(str(place / "twice"))).warnings)
    assert "Test images that are trained on: 1 of the test set" in said
