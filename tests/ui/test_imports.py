"""A page that draws waits for a module that another thread has half imported."""

from __future__ import annotations

import importlib
import sys
import threading
from pathlib import Path

import pytest

from lossviz.ui import imports
from tests.waiting import PATIENCE_S

SLOW = """
import threading
begun, go_on = threading.Event(), threading.Event()
begun.set()
go_on.wait()
WHOLE = True
"""


def test_a_module_that_another_thread_imports_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_imported.py").write_text(SLOW)
    monkeypatch.syspath_prepend(tmp_path)
    seen: list[bool] = []
    first = threading.Thread(target=lambda: importlib.import_module("half_imported"))
    first.start()
    while not getattr(sys.modules.get("half_imported"), "go_on", None):
        pass
    half = sys.modules["half_imported"]

    def page() -> None:
        imports.finish("half_imported")
        seen.append(hasattr(half, "WHOLE"))

    second = threading.Thread(target=page)
    second.start()
    second.join(0.2)
    half.go_on.set()
    for thread in (first, second):
        thread.join(PATIENCE_S)
    assert seen == [True]
    del sys.modules["half_imported"]


def test_a_module_that_nobody_has_asked_for_stays_away() -> None:
    imports.finish("antigravity")
    assert "antigravity" not in sys.modules
