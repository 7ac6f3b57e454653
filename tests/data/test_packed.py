"""Small files that unpack to much: refused by their headers, before any of it is unpacked."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossviz.core.errors import DataError
from lossviz.data import Choice, load, npz, uploads


def archive(save: Any, images: Any) -> bytes:
    buffer = io.BytesIO()
    save(buffer, images=images, labels=np.arange(len(images)) % 2)
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def low(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Limits that a small file can pass, and a cache of the test's own."""
    monkeypatch.setattr(npz, "SURE", 100_000)
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))


EMPTY = np.zeros((3000, 10, 12), np.uint8)


def test_a_small_file_that_unpacks_to_much_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npz, "array", None)
    bomb = archive(np.savez_compressed, EMPTY)
    with pytest.raises(
        DataError, match=r"images must unpack to at most 100 times its packed bytes.*it declares 360,000"
    ):
        uploads.upload(bomb, "bomb.npz")


def test_what_is_not_packed_or_packs_like_pictures_is_taken(tmp_path: Path) -> None:
    (tmp_path / "plain.npz").write_bytes(archive(np.savez, EMPTY))
    assert load(Choice(str(tmp_path / "plain.npz"))).train.pixels.shape[1:] == (1, 10, 12)
    strokes = np.where(np.random.default_rng(0).random(EMPTY.shape) < 0.02, 255, 0).astype(np.uint8)
    assert uploads.upload(archive(np.savez_compressed, strokes), "strokes.npz").startswith("upload:")
