"""What is remembered between loads, and what importing costs."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lossviz.core.errors import DataError
from lossviz.data import Choice, find, load
from lossviz.data.loading import _Recent
from tests.data.conftest import ROOT


def test_threads_that_want_the_same_make_it_once_and_others_do_not_wait() -> None:
    recent: _Recent[str] = _Recent(2)
    started, go = threading.Event(), threading.Event()
    made: list[str] = []

    def slow() -> str:
        made.append("slow")
        started.set()
        assert go.wait(60)
        return "slow"

    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(recent.get("slow", slow))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert started.wait(60)
    assert recent.get("quick", lambda: "quick") == "quick"
    go.set()
    for thread in threads:
        thread.join()
    assert (made, got) == (["slow"], ["slow"] * 3)
    assert not recent.making


def test_only_the_last_used_are_remembered() -> None:
    recent: _Recent[int] = _Recent(2)
    for key in (1, 2, 1, 3):
        recent.get(key, lambda key=key: key)  # type: ignore[misc]
    assert list(recent.kept) == [1, 3]


def test_what_fails_is_tried_again() -> None:
    recent: _Recent[int] = _Recent(2)
    with pytest.raises(ZeroDivisionError):
        recent.get("a", lambda: 1 // 0)
    assert recent.get("a", lambda: 5) == 5


def test_finding_data_and_loading_digits_needs_none_of_the_heavy_libraries(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from lossviz.data import Choice, catalogue, find, load\n"
        "[find(name) for name in catalogue()]\n"
        "load(Choice())\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"LOSSVIZ_CACHE": str(tmp_path), "LOSSVIZ_DATA": "", "PATH": ""},
    )
    heavy = {
        "streamlit",
        "umap",
        "matplotlib",
        "sklearn",
        "scipy",
        "plotly",
        "PIL",
        "pooch",
        "requests",
        "pandas",
    }
    assert not heavy & {*out.stdout.split()}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", "a data set must be one of"),
        ("a" * 5000, "a data set must be one of"),
        ("/" + "a" * 5000, "no file or folder has so long a name"),
        ("~nobody-of-this-name/images", "a user of this machine"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused_in_one_sentence(place: Path, name: str, text: str) -> None:
    for ask in (find, lambda name: load(Choice(name))):
        with pytest.raises(DataError, match=text) as refused:
            ask(name)
        assert len(str(refused.value)) < 400
