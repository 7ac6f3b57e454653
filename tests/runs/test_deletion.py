"""Only what is read as a run, inside a store, is ever deleted; nothing is written into other folders."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from lossviz.cli import main
from lossviz.core.errors import RunError
from lossviz.runs import Run, RunStore
from lossviz.runs.lock import FolderLock
from lossviz.runs.worker import Worker, serve
from lossviz.training.config import RunConfig
from tests.runs.fakes import make


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The store of this program, in a folder of somebody's own in which one also stands."""
    home = tmp_path / "project"
    home.mkdir()
    (home / "thesis.txt").write_text("years of work")
    monkeypatch.chdir(home)
    monkeypatch.setenv("LOSSVIZ_RUNS", str(home / "runs"))
    return RunStore()


@pytest.fixture
def run(store: RunStore) -> Run:
    made = store.create(RunConfig(epochs=1))
    Worker(made, store, make()).work()
    return made


def everything(place: Path) -> dict[str, bytes | None]:
    """All files and folders with what they hold; the store's own lock is left out."""
    return {
        str(p.relative_to(place)): p.read_bytes() if p.is_file() else None
        for p in place.rglob("*")
        if p != place / "project" / "runs" / ".lock"
    }


def photos(store: RunStore, tmp_path: Path) -> None:
    for place in (store.path / "photos", tmp_path / "other" / "photos"):
        place.mkdir(parents=True)
        (place / "cat.jpg").write_bytes(b"cat")
    (store.path / "empty").mkdir()
    alien = store.path / "alien"
    alien.mkdir()
    # As other programs have it: settings that this one knows too.
    (alien / "config.json").write_text(json.dumps({"seed": 1, "epochs": 3, "batch": 32}))
    (alien / "status.json").write_text(json.dumps({"state": "running"}))
    (alien / "weights.bin").write_bytes(b"weights")


NO_RUNS = [
    *("", ".", "./", "..", "../", "../other/photos", "photos", "empty", "alien"),
    *("runs", "runs/", "./runs", "runs/..", "runs/photos", "runs/photos/../..", "runs/alien/"),
]


@pytest.mark.parametrize(
    "words",
    [
        ["runs", "delete", "--yes"],
        ["runs", "stop"],
        ["runs", "resume"],
        ["runs", "resume", "--background"],
        ["runs", "show"],
        ["runs", "export", "--what", "config", "--out", "out.json"],
        ["read", "--what", "test", "--background"],
    ],
    ids=lambda words: " ".join(words[:2]) + " background" * ("--background" in words),
)
def test_what_is_no_run_is_left_as_it_is_by_every_command(
    store: RunStore, run: Run, tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    photos(store, tmp_path)
    before = everything(tmp_path)
    for name in NO_RUNS:
        assert main([*words, name]) == 2, name
        assert capsys.readouterr().err.startswith("lossviz: ")
        assert everything(tmp_path) == before, name


def test_a_run_is_deleted_by_its_id_and_by_its_path_and_the_question_names_the_whole_path(
    store: RunStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = (store.create(RunConfig(seed=seed)) for seed in range(3))
    asked: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda text: asked.append(text) or "n")
    assert main(["runs", "delete", one.id]) == 0
    assert str(one.path) in asked[0]
    assert one.path.is_dir()
    assert main(["runs", "delete", one.id, "--yes"]) == 0
    assert main(["runs", "delete", f"runs/{two.id}/", "--yes"]) == 0
    monkeypatch.chdir(three.path)
    assert main(["runs", "delete", ".", "--yes"]) == 0
    assert str(three.path) in capsys.readouterr().out
    assert store.runs() == []
    assert (store.path.parent / "thesis.txt").exists()


def test_a_run_that_stands_alone_is_not_deleted(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "alone" / "mine"
    shutil.copytree(run.path, alone)
    before = everything(tmp_path)
    assert main(["runs", "delete", str(alone), "--yes"]) == 2
    assert "stands alone" in capsys.readouterr().err
    assert everything(tmp_path) == before


def add(path: Path, text: str = "mine") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    "name",
    ["thesis.txt", "snapshots/mine.txt", "snapshots/deep/a.safetensors", "epochs/x", ".git/config", "a/b/c"],
)
def test_a_run_with_something_of_ones_own_in_it_is_kept_whole(
    store: RunStore, run: Run, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    add(run.path / name)
    before = everything(tmp_path)
    assert main(["runs", "delete", run.id, "--yes"]) == 2
    assert name.split("/")[0] in capsys.readouterr().err
    assert everything(tmp_path).items() >= before.items()


def test_a_run_in_a_run_keeps_the_outer_one(store: RunStore, run: Run) -> None:
    inner = run.path / "20260101-000000-soft-d-digits-0000"
    shutil.copytree(run.path, inner)
    with pytest.raises(RunError, match=inner.name):
        store.delete(run)
    with pytest.raises(RunError, match="only those can be deleted here"):
        store.delete(Run(inner))
    assert inner.is_dir()


def test_what_systems_and_killed_processes_leave_is_no_hindrance(store: RunStore, run: Run) -> None:
    for name in (".DS_Store", ".status.json.0a1b2c3d", "snapshots/.00000001.safetensors.0a1b2c3d"):
        add(run.path / name)
    add(run.path / "readings" / "0002-test.safetensors")
    store.delete(run)
    assert store.runs() == []


def test_a_link_to_a_run_is_removed_and_what_it_leads_to_stays(
    store: RunStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    far = RunStore(tmp_path / "far").create(RunConfig())
    store.create(RunConfig())
    (store.path / "link").symlink_to(far.path)
    assert main(["runs", "delete", "runs/link/", "--yes"]) == 0
    assert str(far.path) in capsys.readouterr().out
    assert far.problem == ""
    assert not (store.path / "link").is_symlink()
    # A link to what is no run stays, too.
    (store.path / "link").symlink_to(tmp_path)
    assert main(["runs", "delete", "link", "--yes"]) == 2
    assert (store.path / "link").is_symlink()


def test_links_inside_a_run_are_removed_and_not_followed(store: RunStore, run: Run, tmp_path: Path) -> None:
    far = tmp_path / "far"
    add(far / "00000001.safetensors", "far")
    shutil.rmtree(run.path / "snapshots")
    (run.path / "snapshots").symlink_to(far)
    store.delete(run)
    assert (far / "00000001.safetensors").read_text() == "far"


def test_a_store_that_is_reached_by_a_link_is_that_store(
    store: RunStore, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(store.path)
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "link"))
    (store.path / ".lock").unlink()
    assert main(["runs", "delete", str(run.path), "--yes"]) == 0
    assert not run.path.exists()


def test_a_path_back_over_a_link_is_refused(store: RunStore, run: Run, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "project" / "way").symlink_to(tmp_path / "deep")
    # As words it is the run; as the system has it, project/way/.. is another folder.
    assert main(["runs", "delete", f"way/../runs/{run.id}", "--yes"]) == 2
    assert run.path.is_dir()


def test_a_name_in_other_letters_is_no_run(
    store: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As where upper and lower case are one for the file system.
    monkeypatch.setattr(Path, "is_dir", lambda path: True)
    with pytest.raises(RunError, match="no run is called"):
        store.get(run.id.upper())


def test_a_run_whose_lock_another_process_holds_is_kept(store: RunStore, run: Run) -> None:
    lock = FolderLock(run.path)
    with pytest.raises(RunError, match="another process trains this run"):
        store.delete(run)
    lock.release()
    store.delete(run)


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("name", ["config.json", "status.json"])
def test_a_damaged_run_is_still_a_run(store: RunStore, run: Run, name: str, gone: bool) -> None:
    (run.path / name).write_text("{")
    if gone:
        (run.path / name).unlink()
    broken = Run(run.path)
    assert broken.problem
    store.delete(broken)
    assert store.runs() == []


def test_a_folder_whose_config_and_status_cannot_be_read_is_no_run(store: RunStore, run: Run) -> None:
    for name in ("config.json", "status.json"):
        (run.path / name).write_text("{")
    with pytest.raises(RunError, match="is not a run"):
        store.delete(Run(run.path))
    assert run.frames()


def test_a_worker_writes_nothing_into_a_folder_that_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "no").mkdir()
    with pytest.raises(RunError, match="is missing"):
        serve(tmp_path / "no")
    assert everything(tmp_path) == {"no": None}
