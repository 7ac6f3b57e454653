"""The command `read`: what it makes, what it prints, what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lossviz.cli import main
from lossviz.readings import jobs
from lossviz.readings.jobs import ReadingJob
from lossviz.runs.queue import Queue
from lossviz.runs.status import RunStatus
from tests.conftest import Copied

ROOT = Path(__file__).parents[2]


def test_a_part_is_read_here_and_its_place_is_printed(
    copied: Copied, capsys: pytest.CaptureFixture[str]
) -> None:
    run = copied()
    assert main(["read", str(run.path), "--what", "test", "--epoch", "1"]) == 0
    out, err = capsys.readouterr()
    assert out.strip() == str(run.path / "readings" / "0001-test.safetensors")
    assert Path(out.strip()).is_file()
    assert "starting" in err


def test_a_projection_by_a_run_s_id(
    copied: Copied, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied()
    monkeypatch.setenv("LOSSVIZ_RUNS", str(run.path.parent))
    words = ["read", run.id, "--what", "tsne", "--perplexity", "5", "--count=40", "--layer", "head.3"]
    assert main(words) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.parent == run.path / "readings"
    assert path.name.startswith("tsne-")


def test_layers_are_listed(copied: Copied, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(copied().path), "--what", "layers"]) == 0
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.split() == ["trunk.0", "Conv2d", "16", "×", "4", "×", "4"]
    assert last.split() == ["head.4", "Linear", "2"]


def test_a_file_is_projected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    np.savez(tmp_path / "a.npz", features=np.arange(60.0).reshape(20, 3), labels=np.arange(20) % 2)
    assert main(["read", str(tmp_path / "a.npz"), "--what", "tsne"]) == 0
    assert str(tmp_path / "cache" / "readings") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--what", "everything"], "part must be shown, test, train"),
        (["--what", "test", "--neighbours", "3"], "unknown arguments: --neighbours=3"),
        (["--what", "umap", "--colour", "red"], "unknown option --colour; a projection has --dimension"),
        (["--what", "umap", "--neighbours", "1"], "neighbours must be a whole number in [2, 200]; got 1"),
        (["--what", "test", "--epoch", "x"], "epoch"),
        (["--what", "test", "--epoch", "0.5"], "no checkpoint up to epoch 0.5 is kept"),
        (["--what", "test", "--layer", "trunk.77"], "has no layer 'trunk.77'"),
        (["--what", "unknown:kmnist"], "takes images of 1 × 8 × 8"),
    ],
)
def test_what_cannot_be_read_is_told(
    copied: Copied, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert main(["read", str(copied().path), *words]) in (1, 2)
    assert told in capsys.readouterr().err


def test_a_job_that_another_process_does_is_followed(
    copied: Copied, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied()
    job = ReadingJob("extract", run.path, None, "test")
    states = [
        RunStatus(state="running", words="through the network", progress=0.5),
        RunStatus(state="running", words="writing", progress=0.9),
        RunStatus(state="finished", result="/kept"),
    ]
    monkeypatch.setattr("lossviz.cli.read.LOOK_S", 0.0)
    seen = iter([states[0], *states])
    monkeypatch.setattr(ReadingJob, "now", property(lambda self: next(seen)))
    monkeypatch.setattr(ReadingJob, "work", lambda *_: pytest.fail("done twice"))
    assert main(["read", str(run.path), "--what", "test"]) == 0
    out, err = capsys.readouterr()
    assert (out.strip(), err.split("\n")[:2]) == ("/kept", ["through the network", "writing"])
    assert job.subject == run.path


def test_in_the_background_its_name_is_printed(
    copied: Copied, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied()
    monkeypatch.setattr(Queue, "start_waiting", lambda self: [])
    assert main(["read", str(run.path), "--what", "test", "--background"]) == 0
    (job,) = jobs.going(run.path.parent)
    assert capsys.readouterr().out.strip() == job.id
    assert job.job.status.state == "queued"


def test_an_interruption_ends_with_its_status(
    copied: Copied, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ReadingJob, "work", interrupted)
    assert main(["read", str(copied().path), "--what", "test"]) == 130
    assert "interrupted; what was kept before stays" in capsys.readouterr().err
