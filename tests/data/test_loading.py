"""What is remembered between loads, and what importing costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lossviz.core.errors import DataError
from lossviz.data import Choice, find, load
from tests.data.conftest import ROOT


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
