"""What is exported of runs whose classes have odd names."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from lossviz.cli import main
from lossviz.pages.train import replay
from lossviz.pages.train.view import LiveView
from lossviz.runs import Run, RunStore
from lossviz.training.config import RunConfig
from tests.figures.wire_reader import story
from tests.readings.folders import points, shot, written

NAMES = (
    "$5 to $10",
    "$_$",
    "</script><b>x",
    "<!-- x",
    "a\u2028b",
    "[l](x) :smile:",
    "漢字",
    "עברית",
    "e\u0301",
    "a\nb",
)


@pytest.fixture
def run(store: RunStore) -> Run:
    turns = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    around = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    of = replace(points(10, 10), classes=NAMES)
    return written(store, RunConfig(), [shot(0, around, around), shot(10, 2 * around, around)], of)


def test_an_animated_page_holds_the_names_as_they_are(run: Run) -> None:
    told, _ = story(replay.page([run], LiveView()))
    assert all(tuple(panel["classes"]) == NAMES for f in told["frames"] for panel in f["panels"])


def test_half_a_character_in_a_name_is_written_as_json_writes_it(
    run: Run, store: RunStore, tmp_path: Path
) -> None:
    of = replace(points(10, 10), classes=("caf\udce9", *NAMES[1:]))
    other = written(store, RunConfig(seed=1), [shot(0, np.eye(10)[:, :2], np.eye(10)[:, :2])], of)
    for what, ending in (("html", "html"), ("frame", "svg"), ("frame", "png")):
        out = tmp_path / f"{what}.{ending}"
        assert main(["runs", "export", str(other.path), "--what", what, "--out", str(out)]) == 0
    told, _ = story((tmp_path / "html.html").read_text())
    assert told["frames"][0]["panels"][0]["classes"][0] == "caf\udce9"
    assert "caf\ufffd" in (tmp_path / "frame.svg").read_text()


def test_the_ending_of_a_frame_is_its_format(run: Run, tmp_path: Path) -> None:
    for ending, start in (("png", b"\x89PNG"), ("SVG", b"<?xml"), ("pdf", b"%PDF")):
        out = tmp_path / f"f.{ending}"
        assert main(["runs", "export", str(run.path), "--what", "frame", "--out", str(out)]) == 0
        assert out.read_bytes().startswith(start)


def test_fonts_that_are_wanting_are_told_on_the_command_line(
    store: RunStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of = replace(points(2, 2), classes=("\U0010fffd", "b"))
    run = written(store, RunConfig(), [shot(0, np.eye(2), np.eye(2)), shot(10, np.eye(2), np.eye(2))], of)
    out = tmp_path / "f.zip"
    assert main(["runs", "export", str(run.path), "--what", "frames", "--out", str(out)]) == 0
    assert capsys.readouterr().err.count("U+10FFFD") == 1
    assert len(zipfile.ZipFile(BytesIO(out.read_bytes())).namelist()) == 2
