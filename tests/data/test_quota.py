"""What is kept of what visitors upload: how much, and who may read it."""

from __future__ import annotations

import io
import stat
import sys
from pathlib import Path

import numpy as np
import pytest

from lossviz.core.errors import DataError, ReadingError
from lossviz.data import Quota, find, upload
from lossviz.readings import user_file


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def images(seed: int) -> bytes:
    made = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 255, (8, 8, 8), dtype=np.uint8)
    np.savez(made, images=pixels, labels=np.arange(8) % 2)
    return made.getvalue()


def metrics(seed: int) -> bytes:
    made = io.BytesIO()
    values = np.random.default_rng(seed).normal(size=(8, 2))
    np.savez(made, metrics=values, labels=np.arange(8) % 2)
    return made.getvalue()


def test_files_of_both_kinds_share_the_room_and_what_is_kept_stays(cache: Path) -> None:
    quota = Quota(files=2)
    first = upload(images(1), "one.npz", quota)
    user_file.keep(metrics(2), "two.npz", quota)
    with pytest.raises(DataError, match=r"three\.npz.*2 files"):
        upload(images(3), "three.npz", quota)
    with pytest.raises(ReadingError, match=r"four\.npz.*2 files"):
        user_file.keep(metrics(4), "four.npz", quota)
    assert upload(images(1), "again.npz", quota) == first  # the same content takes no room
    assert find(first) is not None
    assert len(list(cache.rglob("*.npz"))) == 2


def test_the_bytes_of_all_files_are_counted(cache: Path) -> None:
    size = len(images(1))
    upload(images(1), "one.npz", Quota(bytes=2.5 * size))
    upload(images(2), "two.npz", Quota(bytes=2.5 * size))
    with pytest.raises(DataError, match="GB"):
        upload(images(3), "three.npz", Quota(bytes=2.5 * size))
    upload(images(3), "three.npz")  # no limit


@pytest.mark.skipif(sys.platform == "win32", reason="modes are told otherwise there")
def test_uploads_are_their_owner_s_alone(cache: Path) -> None:
    (cache / "uploads").mkdir(parents=True, mode=0o755)  # as an earlier version left it
    upload(images(1), "one.npz")
    user_file.keep(metrics(2), "two.npz")
    for folder in ("uploads", "readings"):
        assert stat.S_IMODE((cache / folder).stat().st_mode) == 0o700
