"""Run folders are read as they are; what is wrong with one is told, and harms no other."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lossviz.cli import main
from lossviz.core.errors import LossvizError, RunError
from lossviz.runs import Run, RunStore, creation, files, process, status
from lossviz.runs.worker import Worker
from lossviz.training.config import RunConfig
from tests.runs.fakes import FakeTrainer, in_fork, make, reap


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def done(store: RunStore) -> Run:
    run = store.create(RunConfig(loss="arcface", params={"margin": 0.25}, epochs=2, seed=3))
    assert Worker(run, store, make()).work() == "finished"
    return run


def test_a_store_is_made_on_the_first_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "a" / "b"))
    store = RunStore()
    store.start_waiting()
    assert store.runs() == store.waiting() == []
    assert not (tmp_path / "a").exists()
    run = store.create(RunConfig())
    assert run.path.parent == tmp_path / "a" / "b"
    assert RunStore().get(run.id).config == RunConfig()


def test_an_id_says_when_what_and_on_what(store: RunStore) -> None:
    run = store.create(RunConfig(loss="arcface", data="/some/where/My Faces.npz"))
    date, clock, rest = run.id.split("-", 2)
    assert abs(time.mktime(time.strptime(date + clock, "%Y%m%d%H%M%S")) - time.time()) < 60
    assert rest.startswith("arcface-my-faces-")


def test_runs_are_listed_newest_first_whatever_they_are_called(store: RunStore) -> None:
    made = [store.create(RunConfig(loss=loss)).id for loss in ("uce", "arcface", "focal", "cce")]
    assert [run.id for run in store.runs()] == made[::-1]


def test_a_run_shows_what_was_written(done: Run) -> None:
    trainer = FakeTrainer(done.config)
    w = []
    for _ in range(8):
        trainer.advance()
        w.append(float(trainer.w[0]))
    assert done.config.loss_params()["margin"] == 0.25
    assert done.frames() == [0, 2, 4, 6, 8]
    assert [(r["step"], r["epoch"], r["seconds"]) for r in done.metrics()] == [(4, 1, 1.0), (8, 2, 2.0)]
    assert [r["train_loss"] for r in done.metrics()] == [w[2] + w[3], w[6] + w[7]]
    assert [(r["step"], r["epoch"]) for r in done.steps()] == [(0, 0.0), (2, 0.5), (6, 1.5)]
    shot = done.snapshot(6)
    np.testing.assert_array_equal(shot.features, np.full((3, 2), np.float32(w[5])))
    np.testing.assert_array_equal(shot.labels, [0, 1, 0])
    assert shot.params == {"margin": 0.1}
    assert (shot.step, shot.epoch, shot.complete, shot.stopped) == (6, 1.5, False, "")
    points = done.points()
    np.testing.assert_array_equal(points.pixels.ravel(), np.arange(24))
    assert (points.classes, points.data_found) == (("a", "b"), "6 of 6 test images")
    tensors, facts = done.checkpoint()
    assert float(tensors["model.w"][0]) == w[-1]
    assert facts["step"] == 8
    assert float(done.checkpoint(1)[0]["model.w"][0]) == w[3]
    now = done.status
    assert (now.state, now.step, now.steps, now.epoch, now.seconds) == ("finished", 8, 8, 2.0, 2.0)
    assert (now.device, now.data_found, now.verdicts) == ("a fake", "6 of 6 test images", ("all is well",))


def test_a_folder_from_before_recipes_is_read_as_it_was(done: Run) -> None:
    values = json.loads((done.path / "config.json").read_text())
    for name in ("weight_rate", "bias_start", "bias_rate"):
        del values[name]
    (done.path / "config.json").write_text(json.dumps(values))
    config = Run(done.path).config
    assert (config.weight_rate, config.bias_start, config.bias_rate) == ("1", "mode", "1")
    assert (config.weight_init, config.anneal) == ("spread", "on")  # what "auto" was for a margin in 2-D


def test_rows_are_read_on_from_where_reading_ended(done: Run) -> None:
    path = done.path / "metrics.jsonl"
    assert len(done.metrics()) == 2
    with path.open("ab") as file:
        file.write(b'{"step": 12, "loss": null}\n{"step": 1')
    rows = done.metrics()
    assert [row["step"] for row in rows] == [4, 8, 12]
    assert math.isnan(rows[2]["loss"])
    with path.open("ab") as file:
        file.write(b"6}\n")
    assert [row["step"] for row in done.metrics()] == [4, 8, 12, 16]
    files.keep_lines(path, lambda row: row["step"] < 8)
    assert [row["step"] for row in done.metrics()] == [4]


def test_what_is_no_number_is_left_out_of_a_row(done: Run, capsys: pytest.CaptureFixture[str]) -> None:
    row = '{"step": 12, "a": "x", "b": [1], "c": {}, "d": true, "e": 1' + "0" * 400 + ', "f": null}'
    (done.path / "metrics.jsonl").write_text(row + "\n")
    (rows,) = done.metrics()
    assert math.isnan(rows.pop("f"))
    assert rows == {"step": 12}
    assert main(["runs", "show", str(done.path)]) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOSSVIZ_RUNS", str(done.path.parent))
        assert main(["runs", "list"]) == 0
    assert f"{done.id:44} finished" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda p: (p / "config.json").unlink(), "config.json is missing"),
        (lambda p: (p / "config.json").write_text('{"loss": "arc'), "config.json is damaged"),
        (lambda p: (p / "config.json").write_text("[1]"), "must hold an object"),
        (lambda p: (p / "config.json").write_text("[" * 100_000), "config.json is damaged"),
        (
            lambda p: (p / "config.json").write_text('{"format": 1, "loss": "arcfase"}'),
            "did you mean arcface",
        ),
        (lambda p: (p / "config.json").write_text('{"format": 1, "colour": 1}'), "unknown setting 'colour'"),
        (lambda p: (p / "config.json").write_text('{"format": 2}'), "written by a newer version"),
        (lambda p: ((p / "config.json").unlink(), (p / "config.json").mkdir()), "cannot be read"),
        (lambda p: (p / "status.json").write_text(""), "status.json is damaged"),
        (lambda p: (p / "status.json").write_text('{"state": "flying"}'), "state is 'flying'"),
        (lambda p: (p / "status.json").write_text('{"step": "many"}'), "step is 'many'"),
        (lambda p: (p / "status.json").write_text('{"seconds": 1' + "0" * 400 + "}"), "seconds is 1000"),
        (lambda p: (p / "status.json").write_text('{"epoch": NaN}'), "epoch is nan"),
        (lambda p: (p / "status.json").write_text('{"epochs": 1' + "0" * 300 + "}"), "epochs is 1000"),
        (lambda p: (p / "status.json").unlink(), "status.json is missing"),
        (lambda p: (shutil.rmtree(p / "epochs"), (p / "epochs").touch()), "epochs cannot be read"),
        (
            lambda p: ((p / "metrics.jsonl").unlink(), (p / "metrics.jsonl").mkdir()),
            "metrics.jsonl cannot be read",
        ),
    ],
)
def test_a_broken_folder_is_told_and_left_alone(
    store: RunStore, done: Run, harm: Callable[[Path], object], words: str
) -> None:
    other = store.create(RunConfig())
    harm(done.path)
    before = {p: p.read_bytes() for p in done.path.rglob("*") if p.is_file()}
    broken = next(run for run in store.runs() if run.id == done.id)
    assert words in broken.problem
    assert broken.status.state in ("failed", "finished")
    for use in (store.start, store.resume):
        with pytest.raises(RunError):
            use(broken)
    assert other.problem == ""
    assert store.waiting() == []
    assert {p: p.read_bytes() for p in done.path.rglob("*") if p.is_file()} == before
    store.delete(broken)
    assert store.runs() == [other]


@pytest.mark.parametrize("name", ["snapshots/00000004.safetensors", "points.safetensors"])
@pytest.mark.parametrize("content", [b"", b"\x10", b"\x02\0\0\0\0\0\0\0{}", None])
def test_a_truncated_file_is_told(store: RunStore, done: Run, name: str, content: bytes | None) -> None:
    path = done.path / name
    path.write_bytes(path.read_bytes()[:-5] if content is None else content)
    with pytest.raises(RunError, match="damaged"):
        done.snapshot(4)
    assert done.frames() == [0, 2, 4, 6, 8]


def test_what_is_missing_is_told(store: RunStore, done: Run) -> None:
    with pytest.raises(RunError, match=r"snapshots/00000003.safetensors is missing"):
        done.snapshot(3)
    with pytest.raises(RunError, match="no checkpoint of epoch 7; there are of epochs: 1, 2"):
        done.checkpoint(7)
    fresh = store.create(RunConfig())
    with pytest.raises(RunError, match="has not begun"):
        fresh.points()
    assert fresh.frames() == fresh.metrics() == fresh.steps() == fresh.epochs() == []
    with pytest.raises(RunError, match=f"did you mean .*{done.id}"):
        store.get(done.id[:-1])
    for strange in ("..", "../runs", "", ".lock", "/etc"):
        with pytest.raises(RunError):
            store.get(strange)


def test_no_file_of_a_run_is_a_pickle(done: Run) -> None:
    for path in done.path.rglob("*"):
        if path.is_file():
            text = path.suffix in (".json", ".jsonl", ".log", ".lock")
            assert text or path.suffix == ".safetensors"
            if not text:
                start = path.read_bytes()
                json.loads(start[8 : 8 + int.from_bytes(start[:8], "little")])


def test_a_process_that_vanished_leaves_a_lost_run(store: RunStore) -> None:
    run = store.create(RunConfig(epochs=2))

    def die(trainer: FakeTrainer) -> None:
        if trainer.step == 3:
            os.kill(os.getpid(), 9)

    pid = in_fork(lambda: Worker(run, None, make(on_step=die)).work())
    until = time.monotonic() + 60
    while run.status.state != "lost" and time.monotonic() < until:
        time.sleep(0.005)
    # Not waited for yet: it is still in the table of processes.
    now = run.status
    assert reap(pid) == -9
    assert (now.state, now.step) == ("lost", 0)
    assert "killed, or out of memory" in now.reason
    assert not run.alive
    assert now.resumable


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (
            "--- 1\nImportError: old\n\n--- 2\nTraceback:\n  File\nValueError: it was this\n",
            "ValueError: it was this",
        ),
        ("--- 1\nImportError: old\n\n--- 2\n", "killed, or out of memory"),
        ("\n--- 2\nsome warning\n", "killed, or out of memory"),
        ("\n--- 1\nFatal Python error: old\n\n--- 2\nbegun\n", "killed, or out of memory"),
        (
            "\n--- 2\nFatal Python error: Segmentation fault\n\n  File x\n",
            "Fatal Python error: Segmentation fault",
        ),
    ],
)
def test_the_reason_of_a_lost_run_is_its_last_word(store: RunStore, log: str, reason: str) -> None:
    run = store.create(RunConfig())
    (run.path / "worker.log").write_text(log)
    put(run, state="running", pid=2**22 - 1, pid_started="then", host=process.host())
    assert run.status.state == "lost"
    assert reason in run.status.reason


def test_a_run_whose_folder_can_no_longer_be_written_says_so(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(RunConfig())
    put(run, state="running", pid=2**22 - 1, pid_started="then", host=process.host())
    # As for a folder without the right to write; root has it whatever the folder says.
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) != (run.path, os.W_OK))
    assert run.status.state == "lost"
    assert run.status.reason == f"nothing can be written into {run.path} any more: allow that, then resume"


def test_an_unknown_setting_is_named_without_the_list_of_all(store: RunStore) -> None:
    run = store.create(RunConfig())
    values = json.loads((run.path / "config.json").read_text()) | {"zzz": 5}
    files.write_json(run.path / "config.json", values)
    wrong = "config.json is not a run of this version: unknown setting 'zzz'"
    assert Run(run.path).problem == f"{run.id}: {wrong}"


def put(run: Run, **changes: object) -> None:
    path = run.path / "status.json"
    values = dataclasses.asdict(status.read(path)) | changes
    files.write_json(path, values)


def test_a_reused_process_number_is_not_mistaken_for_the_worker(store: RunStore) -> None:
    run = store.create(RunConfig())
    here = {"pid": os.getpid(), "host": process.host(), "state": "running"}
    put(run, **here, pid_started=process.creation_time(os.getpid()))
    assert run.alive
    put(run, **here, pid_started="e8a40edd:17")
    assert run.status.state == "lost"
    put(run, **here, pid_started="")
    assert run.status.state == "lost"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere earlier versions wrote otherwise")
def test_a_worker_of_an_earlier_version_is_known_by_its_clock_ticks(store: RunStore) -> None:
    run = store.create(RunConfig())
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    here = {"pid": os.getpid(), "host": process.host(), "state": "running"}
    put(run, **here, pid_started=f"0123abcd:{ticks}")
    assert run.alive
    put(run, **here, pid_started=f"0123abcd:{ticks - 1000}")
    assert not run.alive


def test_a_worker_on_another_machine_lives_while_it_renews_its_status(store: RunStore) -> None:
    run = store.create(RunConfig())
    there = {"pid": 1, "pid_started": "x", "host": "another machine", "state": "running"}
    put(run, **there, updated=time.time() - 5)
    assert run.alive
    # Its clock may be ahead of ours.
    put(run, **there, updated=time.time() + 5)
    assert run.alive
    # A test of all images may take a minute, in which no status is written.
    put(run, **there, updated=time.time() - 60)
    assert run.alive
    put(run, **there, updated=time.time() - 600)
    assert run.status.state == "lost"
    assert "on another machine for 10 min" in run.status.reason
    # It is not a process here of the same number that counts.
    put(run, **{**there, "pid": os.getpid(), "pid_started": process.creation_time(os.getpid())}, updated=1.0)
    assert run.status.state == "lost"


def test_two_processes_create_runs_at_once_and_each_gets_its_own(store: RunStore) -> None:
    children = [in_fork(lambda: [store.create(RunConfig()) for _ in range(30)]) for _ in range(3)]
    assert [reap(pid) for pid in children] == [0, 0, 0]
    assert len(store.runs()) == 90
    assert all(not run.problem for run in store.runs())
    assert [p.name for p in store.path.iterdir() if p.name.startswith(".new")] == []


def test_a_folder_deleted_while_it_is_read_is_told(done: Run) -> None:
    shutil.rmtree(done.path)
    assert "missing" in done.problem or "missing" in done.status.reason
    assert done.frames() == done.metrics() == []
    with pytest.raises(RunError):
        done.snapshot(4)
    with pytest.raises(RunError):
        done.ask("run")


def test_a_place_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = RunStore(tmp_path / "file" / "runs")
    with pytest.raises(RunError, match=r"no run can be made in .*; make it a folder that can be written"):
        store.create(RunConfig())
    with pytest.raises(LossvizError):
        RunStore(tmp_path / "file").runs()


def test_a_status_that_was_just_replaced_is_read_anew(store: RunStore) -> None:
    run = store.create(RunConfig())
    for step in range(200):
        put(run, step=step)
        assert run.status.step == step


def test_a_status_replaced_within_a_tick_of_the_clock_is_read_anew(store: RunStore) -> None:
    path = store.create(RunConfig()).path / "status.json"
    status.read(path)
    found = path.stat()
    path.write_bytes(path.read_bytes().replace(b'"queued"', b'"paused"', 1))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert (path.stat().st_ino, path.stat().st_size) == (found.st_ino, found.st_size)
    assert status.read(path).state == "paused"


def test_an_id_that_is_taken_is_not_given_again(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    first = store.create(RunConfig(seed=1))
    names = iter([first.id, first.id, "20260101-000000-new-0000"])
    monkeypatch.setattr(creation, "new_id", lambda config: next(names))
    assert store.create(RunConfig(seed=2)).id == "20260101-000000-new-0000"
    assert first.config.seed == 1


def test_numbers_that_are_not_finite_are_null_in_the_files(tmp_path: Path) -> None:
    files.append_line(tmp_path / "a.jsonl", {"a": math.inf, "b": np.float32(0.5), "c": [math.nan, 1]})
    assert (tmp_path / "a.jsonl").read_text() == '{"a": null, "b": 0.5, "c": [null, 1]}\n'


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux alone")
def test_a_folder_whose_name_is_no_utf8_is_reached_by_its_path_alone(store: RunStore, done: Run) -> None:
    odd = store.path / os.fsdecode(b"20260101-caf\xe9")
    shutil.copytree(done.path, odd)
    assert [run.id for run in store.runs()] == [done.id]
    assert Run(odd).config == done.config
    assert Run(odd).checkpoint()[0].keys() == done.checkpoint()[0].keys()
    assert main(["runs", "show", str(odd)]) == 0
