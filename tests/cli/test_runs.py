"""The command line about runs: train, list, show, resume, stop, delete, export; data and nets."""

from __future__ import annotations

import os
import pty
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch

import models
from lossviz import data
from lossviz.cli import main
from lossviz.cli import runs as cli_runs
from lossviz.runs import Run, RunStore, launcher, status
from lossviz.runs.creation import begin
from lossviz.runs.export import ENDINGS
from lossviz.runs.queue import Queue
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.training.trainer import Trainer
from tests.figures.wire_reader import story
from tests.runs.fakes import content
from tests.waiting import PATIENCE_S, wait

ROOT = Path(__file__).parents[2]
SMALL = ["--epochs", "1", "--points", "40", "--frame-points", "20", "--train-images", "400"]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "runs"))
    return RunStore()


def test_train_makes_a_run_of_these_settings_and_tells_each_epoch(
    store: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "--loss", "arcface", "--margin", "22.5deg", "--scale=8", *SMALL, "--epochs=2"]
    assert main([w for w in words if w != "--epochs=2"]) == 0
    (run,) = store.runs()
    expected = {"points": 40, "frame_points": 20, "train_images": 400, "epochs": 1, "loss": "arcface"}
    assert {name: getattr(run.config, name) for name in expected} == expected
    assert run.config.loss_params()["scale"] == 8
    assert run.status.state == "finished"
    lines = capsys.readouterr().out.splitlines()
    accuracy = run.metrics()[0]["test_accuracy"]
    assert f"test {accuracy:.1%}" in lines[0]
    assert lines[0].startswith("epoch 1.0/1")
    assert run.id in lines[1]


def test_the_command_of_a_run_makes_the_same_run_again(store: RunStore, tmp_path: Path) -> None:
    config = RunConfig(
        loss="bce-nu", epochs=1, train_images=300, classes=(3, 1, 4), weight_decay=0.1 + 0.2, drops=(3, 7)
    )
    words = shlex.split(config.to_command())[3:]
    assert main([*words, "--out", str(tmp_path / "mine")]) == 0
    assert Run(tmp_path / "mine").config == config
    assert store.runs() == []
    # Two trainings of one config: the same bits.
    assert main(words) == 0
    assert content(store.runs()[0])["tensors"] == content(Run(tmp_path / "mine"))["tensors"]


@pytest.mark.parametrize("name", [n for n in SETTINGS if n not in ("fork_run", "fork_epoch")])
def test_every_setting_is_an_option(store: RunStore, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "look_after", lambda place: None)
    declared = SETTINGS[name]
    value = {
        "choice": list(declared.choices)[-1] if declared.choices else "",
        "flag": "yes",
        "numbers": "1,2",
        "text": "lenet++" if name == "net" else "bce-nu" if name == "loss" else "mnist",
    }.get(declared.kind, f"{max(declared.low or 0, min(declared.high or 0, 700)):g}")
    assert main(["train", "--background", f"--{name.replace('_', '-')}", value]) == 0
    got = getattr(store.runs()[0].config, name)
    assert declared.write(got) == value


def test_varied_values_make_every_combination_each_a_run_of_its_own(
    store: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--loss", "arcface", "--vary", "margin=0.1,0.3", "--vary", "seed=0,1"]
    assert main(["train", *words, *SMALL]) == 0
    runs = store.runs()
    made = {(run.config.loss_params()["margin"], run.config.seed) for run in runs}
    assert made == {(0.1, 0), (0.1, 1), (0.3, 0), (0.3, 1)}
    assert {run.status.state for run in runs} == {"finished"}
    ends = capsys.readouterr().out.splitlines()
    told = {line.partition(" (")[0]: line for line in ends if ": finished" in line}
    for run in runs:
        values = f"margin={run.config.loss_params()['margin']}, seed={run.config.seed}"
        accuracy = run.metrics()[-1]["test_accuracy"]
        assert told[run.id] == f"{run.id} ({values}): finished, test {accuracy:.1%}"
    for run in runs:
        # Each seed shows test images of its own.
        alone = Trainer(run.config).points()
        np.testing.assert_array_equal(run.points().indices, alone.indices)


def test_varied_runs_are_queued_each_on_its_own(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[str] = []
    begin = lambda job: started.append(job.id) or 2**22 - 1  # noqa: E731
    monkeypatch.setattr(launcher, "look_after", lambda place: Queue(place).take(begin) and None)
    assert main(["train", "--vary", "dimension=2,3", "--background"]) == 0
    assert main(["train", "--vary", "classes=0,1;2,3,4", "--background"]) == 0
    ids = capsys.readouterr().out.split()
    assert {run.id for run in store.runs()} == set(ids)
    assert [run.config.classes for run in store.runs()] == [(2, 3, 4), (0, 1), (), ()]
    assert set(started) == set(ids)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--epochs", "0"], "epochs must be a whole number in [1, 100000]; got 0"),
        (["--epoch", "3"], "did you mean epochs"),
        (["--loss", "arcfase"], "did you mean arcface"),
        (["--loss", "arcface", "--margin", "28"], "is that in degrees"),
        (["--loss", "uce", "--margin", "0.1"], "unknown setting 'margin'"),
        (["--data", "mnits"], "mnist"),
        (["--net", "resnet"], "did you mean resnet-"),
        (["arcface"], "unknown argument 'arcface'"),
        (["--epochs"], "--epochs needs a value"),
        (["--epochs", "3", "--epochs", "4"], "--epochs is given twice"),
        (["--vary", "margin"], "--vary takes NAME=VALUE"),
        (["--seed", "1", "--vary", "seed=2,3"], "seed is given twice"),
        (["--vary", "seed=2,3", "--out", "here"], "leave it out"),
        (["--out", "."], "must be a new or an empty folder"),
        (["--fork-run", "nothing", "--fork-epoch", "1"], "no run is called 'nothing'"),
    ],
)
def test_a_wrong_train_command_is_told_in_one_line_and_leaves_nothing(
    store: RunStore, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *words]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1
    assert store.runs() == []


def test_ctrl_c_keeps_a_checkpoint_and_says_how_to_go_on(store: RunStore, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    terminal, theirs = pty.openpty()
    words = ["train", "--epochs", "5000", "--points", "40", "--frame-points", "20", "--out", str(out)]
    child = subprocess.Popen(
        [sys.executable, "-m", "lossviz", *words], cwd=ROOT, stdout=theirs, stderr=subprocess.PIPE, text=True
    )
    os.close(theirs)
    wait(lambda: Run(out).frames() and Run(out).status.step > 20)
    child.send_signal(signal.SIGINT)
    said = b""
    while b"resume" not in said:
        said += os.read(terminal, 65536)
    assert child.wait(PATIENCE_S) == 130
    assert child.stderr is not None
    assert child.stderr.read() == ""
    child.stderr.close()
    os.close(terminal)
    assert b"\r\x1b[K" in said
    assert f"runs resume {out}".encode() in said
    run = Run(out)
    assert (run.status.state, run.status.reason) == ("stopped", "interrupted")
    assert run.checkpoint()[1]["step"] == run.status.step


@pytest.mark.parametrize("kind", ["left", "closed"])
def test_a_run_trains_to_its_end_when_nobody_reads_its_line(store: RunStore, kind: str) -> None:
    words = shlex.join([sys.executable, "-m", "lossviz", "train", *SMALL])
    # "left": the reader has closed its end, as `head` does; "closed": there is no output at all.
    line = f"{words} | true" if kind == "left" else f"{words} >&-"
    ended = subprocess.run(
        ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"], cwd=ROOT, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (141 if kind == "left" else 0, "")
    (run,) = store.runs()
    assert run.status.state == "finished"


def test_a_folder_in_which_another_run_has_just_begun_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lossviz.runs.worker import make_trainer

    out = tmp_path / "mine"

    def beaten(config: RunConfig, *rest: Any) -> Any:
        out.mkdir()
        begin(out, RunConfig(loss="arcface"))
        return make_trainer(config, *rest)

    monkeypatch.setattr("lossviz.runs.worker.make_trainer", beaten)
    assert main(["train", *SMALL, "--out", str(out)]) == 2
    assert "another run has just begun" in capsys.readouterr().err
    assert Run(out).config.loss == "arcface"


def test_a_stopped_run_is_resumed_here(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    run = store.create(RunConfig(epochs=1, train_images=300))
    path = run.path / "status.json"
    status.write(path, run.status.but(state="stopped"))
    assert main(["runs", "resume", run.id]) == 0
    assert run.status.state == "finished"
    assert main(["runs", "resume", str(run.path)]) == 2
    assert "make a fork with more epochs" in capsys.readouterr().err


def test_runs_are_listed_shown_exported_and_deleted(
    store: RunStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", "list"]) == 0
    assert "no runs in" in capsys.readouterr().out
    assert main(["train", "--loss", "hinge", *SMALL]) == 0
    (run,) = store.runs()
    (store.path / "broken").mkdir()
    capsys.readouterr()
    assert main(["runs", "list"]) == 0
    out = capsys.readouterr().out
    assert f"{run.metrics()[-1]['test_accuracy']:.1%}" in out
    assert "broken" in out
    assert "config.json is missing" in out
    assert main(["runs", "show", run.id]) == 0
    out = capsys.readouterr().out
    assert "finished" in out
    assert "train_images = 400" in out
    found = "1,437 of 1,437 train and 360 of 360 test images"
    assert f"data: 400 training and 360 test images of 10 classes; found: {found}\n" in out
    assert f"test_loss = {run.metrics()[-1]['test_loss']:.6g}" in out

    for file in ("config.json", "command.sh", "weights.safetensors", "metrics.csv"):
        what = file.partition(".")[0]
        assert main(["runs", "export", run.id, "--what", what, "--out", str(tmp_path / file)]) == 0
    assert RunConfig.from_json((tmp_path / "config.json").read_text()) == run.config
    assert (tmp_path / "command.sh").read_text() == run.config.to_command() + "\n"
    tensors = safetensors.torch.load((tmp_path / "weights.safetensors").read_bytes())
    net = models.get("small").build(1, 8, 2)
    assert {f"network.{n}" for n in net.state_dict()} == {n for n in tensors if n.startswith("network.")}
    assert tensors["weights"].shape == (10, 2)
    assert all(not name.startswith(("optimizer", "sums")) for name in tensors)
    header, row = (tmp_path / "metrics.csv").read_text().splitlines()
    numbers = dict(zip(header.split(","), row.split(","), strict=True))
    assert float(numbers["test_loss"]) == run.metrics()[-1]["test_loss"]

    assert main(["runs", "delete", run.id]) == 2
    assert "say --yes" in capsys.readouterr().err
    assert main(["runs", "delete", run.id, "--yes"]) == 0
    assert main(["runs", "stop", run.id]) == 2
    assert "no run is called" in capsys.readouterr().err


def test_what_is_shown_of_a_run_on_some_classes_names_them(
    store: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = ["--classes", "4,9,1", "--train-images", "90", "--test-images", "30", "--loss", "bce-d"]
    assert main(["train", *cut, "--epochs", "1"]) == 0
    (run,) = store.runs()
    capsys.readouterr()
    assert main(["runs", "show", run.id]) == 0
    out = capsys.readouterr().out
    assert "data: 90 training and 30 test images of 3 classes; found: 1,437 of 1,437 train" in out
    (row,) = run.metrics()
    for place, name in enumerate("491"):
        assert f"  recall of {name} = {row[f'recall_{place}']:.6g}\n" in out
        assert f"  bias of {name} = {row[f'bias_{place}']:.6g}\n" in out
    assert "recall_" not in out


def test_of_several_runs_of_which_one_cannot_be_made_none_is_left_behind(
    store: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--vary", "seed=0,1", *SMALL]) == 0
    before = store.runs()
    origins = ",".join(run.id for run in sorted(before, key=lambda run: run.config.seed))
    longer = ["--epochs", "2", *SMALL[2:]]
    assert main(["train", "--vary", f"fork_run={origins}", "--fork-epoch", "1", *longer]) == 2
    assert "a fork keeps seed of its run" in capsys.readouterr().err
    assert store.runs() == before


def test_several_runs_are_exported_side_by_side_as_the_page_shows_them(
    store: RunStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--vary", "loss=soft-d,arcface", *SMALL]) == 0
    ids = [run.id for run in store.runs()]
    capsys.readouterr()
    look = ["--view", "?layer=regions&runs=others", "--out", str(tmp_path / "page.html"), "--progress"]
    assert main(["runs", "export", *ids, "--what", "html", *look]) == 0
    *steps, end = capsys.readouterr().out.splitlines()
    count = len(store.runs()[0].frames())
    assert steps == [f"{n / count:.4f} frame {n} of {count}" for n in range(1, count + 1)]
    assert end.startswith(f"{tmp_path / 'page.html'}: html of {ids[0]}, {ids[1]}; ")
    told, _ = story((tmp_path / "page.html").read_text())
    assert {panel["run"] for frame in told["frames"] for panel in frame["panels"]} == set(ids)
    assert told["common"]["options"]["layer"] == "regions"

    one = ["--out", str(tmp_path / "x.safetensors")]
    assert main(["runs", "export", *ids, "--what", "weights", *one]) == 2
    assert "--what weights is of one run; got 2" in capsys.readouterr().err
    one = ["--out", str(tmp_path / "x.png")]
    assert main(["runs", "export", *ids, "--what", "frame", "--view", "layer=blue", *one]) == 2
    assert "(layer in the link) must be one of field, regions, none; got 'blue'\n" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"runs", "page.html"}


def test_data_and_nets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == list(data.catalogue())
    assert "1,437 of 1,437 train" in out.splitlines()[0]
    assert main(["nets", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == models.keys()


def test_a_wrong_limit_is_told_before_a_run_is_queued(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOSSVIZ_MAX_RUNS", "abc")
    assert main(["train", *SMALL, "--background"]) == 2
    assert "LOSSVIZ_MAX_RUNS must be a whole number" in capsys.readouterr().err
    assert store.runs() == []


MADE = {**cli_runs.PARTS, **cli_runs.PICTURES}


@pytest.mark.parametrize("what", MADE)
def test_an_export_with_a_wrong_ending_is_refused_before_any_work(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cli_runs.PARTS, what, ("no.such.module", "which would be work"))
    for name in ("f", "f.docx", f"f.{what}x"):
        assert main(["runs", "export", "no-such-run", "--what", what, "--out", str(tmp_path / name)]) == 2
        told = capsys.readouterr().err
        assert "--out must end in ." in told
        assert repr(name) in told
    assert not list(tmp_path.iterdir())


def test_every_export_has_its_endings() -> None:
    assert ENDINGS.keys() == MADE.keys()


def test_signs_that_a_terminal_has_not_are_question_marks() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "lossviz", "data"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert "Digits 8?8" in told.stdout


def test_help_names_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    out = capsys.readouterr().out
    assert all(f"--{name.replace('_', '-')}" in out for name in SETTINGS)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux alone")
def test_a_terminal_gets_the_bytes_of_a_path_that_is_no_utf8(tmp_path: Path) -> None:
    store = os.fsencode(tmp_path) + b"/caf\xe9"
    for encoding in ("utf-8", "ascii"):
        told = subprocess.run(
            [sys.executable, "-m", "lossviz", "runs", "list"],
            cwd=ROOT,
            capture_output=True,
            env={**os.environ, "LOSSVIZ_RUNS": os.fsdecode(store), "PYTHONIOENCODING": encoding},
        )
        assert (told.returncode, told.stderr) == (0, b"")
        assert store in told.stdout
