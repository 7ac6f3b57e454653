"""Where the real data sets are, and a place without any."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lossviz.core.errors import DataError
from lossviz.data import loading

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real data sets."""
    named = os.environ.get("LOSSVIZ_DATA")
    folder = Path(named.split(os.pathsep)[0]).resolve() if named else ROOT.parent / "shared" / "data"
    if not (folder / "mnist").is_dir():
        pytest.skip(
            f"no real data sets: LOSSVIZ_DATA is not set or has no mnist, and {folder} has none either"
        )
    return folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder that LOSSVIZ_DATA names, an empty cache beside it, nothing remembered, no network."""

    def refuse(name: str, progress: object = None) -> Path:
        raise DataError(f"{name}: not downloaded in this test.")

    monkeypatch.setattr(loading, "download", refuse)
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("LOSSVIZ_DATA", str(folder))
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    forget()
    yield folder
    forget()


def forget() -> None:
    """Empties the memory of loaded data sets."""
    loading._raws.clear()
    loading._sets.clear()
