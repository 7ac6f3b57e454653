"""A store of runs in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossviz.runs import RunStore


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """An empty store."""
    return RunStore(tmp_path / "runs")
