"""Pipes, devices, loops of links and huge files in a run folder are told, at once and without memory."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lossviz.cli import main
from lossviz.core.errors import RunError
from lossviz.runs import Run, RunStore, files, process
from lossviz.runs.control import ControlRequests
from lossviz.runs.worker import Worker
from lossviz.training.config import RunConfig
from tests.runs.fakes import make


@pytest.fixture
def run(tmp_path: Path) -> Run:
    store = RunStore(tmp_path / "runs")
    made = store.create(RunConfig(epochs=2))
    Worker(made, store, make()).work()
    return made


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    """What reads a huge file as a whole is told so, not the machine."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (held + (600 << 20), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(5 << 30)


def letters(path: Path) -> None:
    path.write_bytes(b"x" * (3 << 20))


def loop(path: Path) -> None:
    path.symlink_to(path.name)


KINDS: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "sparse": sparse,
    "one long line": letters,
    "loop": loop,
    "folder": Path.mkdir,
}
READERS: dict[str, Callable[[Run], object]] = {
    "config.json": lambda run: Run(run.path).config,
    "status.json": lambda run: run.read_status(),
    "metrics.jsonl": lambda run: run.metrics(),
    "steps.jsonl": lambda run: run.steps(),
    "points.safetensors": lambda run: run.points(),
    "snapshots/00000004.safetensors": lambda run: run.snapshot(4),
    "checkpoint.safetensors": lambda run: run.checkpoint(),
    "epochs/0001.safetensors": lambda run: run.checkpoint(1),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_reader_of_a_run_tells_what_is_no_file_of_a_run(run: Run, kind: str) -> None:
    for name, read in READERS.items():
        path = run.path / name
        path.rename(run.path / "kept")
        KINDS[kind](path)
        with pytest.raises(RunError, match=name.partition("/")[2].partition(".")[0].lstrip("0") or name):
            read(run)
        if name in ("config.json", "status.json", "metrics.jsonl", "steps.jsonl"):
            looked = Run(run.path)
            assert kind == "one long line" or looked.problem
            assert looked.status.state in ("failed", "finished")
        path.rmdir() if path.is_dir() else path.unlink()
        (run.path / "kept").rename(path)
        read(run)
    assert Run(run.path).problem == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_wish_or_a_log_that_is_no_file_is_passed_over(run: Run, kind: str) -> None:
    for name in ("control.json", "worker.log"):
        (run.path / name).unlink(missing_ok=True)
        KINDS[kind](run.path / name)
    assert ControlRequests(run.path).newest() == ""
    gone = run.status.but(state="running", pid=2**22 - 1, pid_started="x", host=process.host())
    files.write_json(run.path / "status.json", {"state": gone.state, "pid": gone.pid, "host": gone.host})
    assert run.status.state == "lost"


@pytest.mark.parametrize("kind", ["pipe", "device", "sparse", "loop"])
def test_the_list_on_the_command_line_goes_on_beside_such_a_run(
    run: Run, kind: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = RunStore(run.path.parent)
    other = store.create(RunConfig())
    for name in ("config.json", "metrics.jsonl"):
        (run.path / name).unlink()
        KINDS[kind](run.path / name)
    monkeypatch.setenv("LOSSVIZ_RUNS", str(store.path))
    assert main(["runs", "list"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert f"{run.id:44} unreadable: " in said.out
    assert f"{other.id:44} queued" in said.out


def test_writing_to_what_is_no_file_ends_a_run_in_words(run: Run) -> None:
    store = RunStore(run.path.parent)
    other = store.create(RunConfig(epochs=1))
    os.mkfifo(other.path / "metrics.jsonl")
    assert Worker(other, store, make()).work() == "failed"
    assert "it is a pipe, not a file" in other.status.reason
    os.mkfifo(run.path.parent / "x")
    with pytest.raises(OSError, match="it is a pipe"):
        files.append_line(run.path.parent / "x", {"a": 1})


def test_many_rows_are_read_in_pieces_and_a_file_without_change_is_not_read_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = run.path / "metrics.jsonl"
    line = '{"step": %d, "x": 1.5' + ", " + '"y": 2' + " " * 500 + "}\n"
    path.write_text("".join(line % n for n in range(5000)))
    assert [row["step"] for row in run.metrics()] == list(range(5000))
    os.utime(path, (1, 1))
    run.metrics()
    monkeypatch.setattr(files, "open_regular", lambda *given: pytest.fail("read again"))
    assert len(run.metrics()) == 5000


def test_a_file_of_arrays_larger_than_memory_is_told(run: Run) -> None:
    path = run.path / "snapshots" / "00000004.safetensors"
    head = b'{"features":{"dtype":"F32","shape":[500000000],"data_offsets":[0,2000000000]}}'
    with path.open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        file.truncate(8 + len(head) + 2_000_000_000)
    with pytest.raises(RunError, match=r"00000004"):
        run.snapshot(4)
