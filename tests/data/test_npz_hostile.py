"""Arrays whose bytes are not what they say: each is refused in words, without much memory or time."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lossviz.core.errors import DataError
from lossviz.data import Choice, load, npz, upload
from tests.data.layouts import noise, picture, zipped
from tests.data.test_own import arrays, packed


def member(array: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def with_header(text: str) -> bytes:
    encoded = text.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(encoded)) + encoded


GOOD = {"images.npy": member(noise(0, 20, 8, 8)), "labels.npy": member(np.arange(20) % 2)}
BEYOND = np.array(["aa", "bb"])
BEYOND.view(np.uint32)[0] = 0x110000


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"classes.npy": member(BEYOND)}, r"U\+110000; the last is U\+10FFFF"),
        ({"classes.npy": member(BEYOND.view(BEYOND.dtype.newbyteorder()))}, r"got a character U\+"),
        ({"classes.npy": member(np.array(["a\ud800", "b"]))}, r"U\+D800"),
        ({"classes.npy": member(np.zeros(200_000, "u1"))}, r"at most 100,000 classes; got 200,000"),
        (
            {"classes.npy": with_header("{'descr':'<U0','fortran_order':False,'shape':(10000000000,)}\n")},
            r"classes must hold the bytes that its header declares",
        ),
        ({"images.npy": with_header("[" * 4000)}, r"images is no array that numpy saved"),
        ({"images.npy": with_header("(" * 9000)}, r"images is no array that numpy saved"),
        ({"images.npy": with_header("-" * 9000 + "1")}, r"images is no array that numpy saved"),
        ({"images.npy": with_header("\0" * 200)}, r"images is no array that numpy saved"),
        (
            {
                "images.npy": with_header(
                    "{'descr':'|u1','fortran_order':False,'shape':(" + "9" * 5000 + ",)}"
                )
            },
            r"images is no array that numpy saved",
        ),
        (
            {"images.npy": with_header("{'descr':'|u1','fortran_order':False,'shape':(-5,-5)}")},
            r"images must hold the bytes",
        ),
    ],
)
def test_what_numpy_and_python_raise_is_told_and_not_at_length(
    place: Path, files: dict[str, bytes], says: str
) -> None:
    content = zipped(GOOD | files)
    (place / "own.npz").write_bytes(content)
    for ask in (lambda: load(Choice(str(place / "own.npz"))), lambda: upload(content, "own.npz")):
        with pytest.raises(DataError, match=says) as told:
            ask()
        assert len(str(told.value)) < 500
        str(told.value).encode()


def test_arrays_without_their_ending_are_told_as_such_and_not_as_damaged(place: Path) -> None:
    bare = {name.removesuffix(".npy"): content for name, content in GOOD.items()}
    with pytest.raises(DataError, match=r"images and labels are missing, it holds images, labels .*\.npy"):
        upload(zipped(bare), "own.npz")


@pytest.mark.parametrize("kind", ["npz", "zip"])
def test_any_changed_cut_or_added_byte_is_taken_or_refused(place: Path, kind: str) -> None:
    if kind == "npz":
        whole = packed(**arrays(), classes=["a", "b", "c"])
    else:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for i in range(6):
                archive.writestr(f"{'ab'[i % 2]}/{i}.png", picture(noise(i, 8, 8)))
        whole = content.getvalue()
    draw = random.Random(5)
    outcomes = []
    for turn in range(60):
        changed = bytearray(whole)
        at = draw.randrange(len(changed) - 4)
        if turn % 4 == 0:
            del changed[at:]
        elif turn % 4 == 1:
            changed[at : at + 4] = draw.choice((b"\xff\xff\xff\xff", bytes(4), b"\xff\xff\xff\x7f"))
        elif turn % 4 == 2:
            changed[at:at] = draw.randbytes(20)
        else:
            changed[at] ^= 1 << draw.randrange(8)
        try:
            upload(bytes(changed), f"own.{kind}")
            outcomes.append("taken")
        except DataError as error:
            outcomes.append(str(error))
    assert len(outcomes) == 60
    assert {*outcomes} != {"taken"}
    assert max(map(len, outcomes)) < 900


EMPTY = np.zeros((3000, 10, 12), np.uint8)


def compressed(images: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, images=images, labels=np.arange(len(images)) % 2)
    return content.getvalue()


def test_a_small_file_that_unpacks_to_much_is_refused_unread(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npz, "SURE", 100_000)
    monkeypatch.setattr(npz, "array", None)
    says = r"images must unpack to at most 100 times its packed bytes.*it declares 360,000"
    with pytest.raises(DataError, match=says):
        upload(compressed(EMPTY), "bomb.npz")


def test_what_is_not_packed_or_packs_like_pictures_is_taken(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npz, "SURE", 100_000)
    (place / "plain.npz").write_bytes(packed(images=EMPTY, labels=np.arange(3000) % 2))
    assert load(Choice(str(place / "plain.npz"))).train.pixels.shape[1:] == (1, 10, 12)
    strokes = np.where(np.random.default_rng(0).random(EMPTY.shape) < 0.02, 255, 0).astype(np.uint8)
    assert upload(compressed(strokes), "strokes.npz").startswith("upload:")
