"""The script that is exported from a run, with its images, trains it again."""

from __future__ import annotations

import ast
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from lossviz.cli import main
from lossviz.core.errors import ProgramError, RunError
from lossviz.programs.run_script import script_of
from lossviz.programs.standalone import Facts
from lossviz.runs import Run, RunStore, export
from lossviz.runs.store import word
from lossviz.runs.worker import Worker
from lossviz.training import RunConfig
from tests.programs.scripts import run_scripts


def exported(tmp_path: Path, *words: str) -> tuple[str, Path]:
    """A run trained with these words, its script in a folder of its own and, if needed, its images."""
    quick = [
        *([] if "--epochs" in words else ["--epochs", "2"]),
        "--points",
        "20",
        "--frame-points",
        "10",
        "--threads",
        "1",
        "--device",
        "cpu",
    ]
    assert main(["train", *quick, *words]) == 0
    (run,) = RunStore().runs()
    folder = tmp_path / "alone"
    folder.mkdir()
    for what, file in (("script", "script.py"), ("images", "images.npz")):
        assert main(["runs", "export", run.id, "--what", what, "--out", str(folder / file)]) == 0
    return run.id, folder


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "runs"))
    return RunStore()


def test_an_exported_script_of_digits_reproduces_the_run(store: RunStore, tmp_path: Path) -> None:
    id, folder = exported(tmp_path, "--loss", "focal")
    (folder / "argument").write_text("")
    (folder / "images.npz").unlink()
    said = run_scripts([folder]).splitlines()
    assert said[-1] == "the weights of the run, bit by bit"
    tensors, _ = store.get(id).checkpoint()
    got = torch.load(folder / "final.pt", weights_only=True)
    assert all(torch.equal(value, tensors[f"model.{name}"]) for name, value in got.items())
    rows = store.get(id).metrics()
    for line, row in zip(said, rows, strict=False):
        words = line.replace(",", "").split()
        assert float(words[4]) == pytest.approx(row["train_loss"], abs=2e-5)
        assert float(words[7]) == pytest.approx(row["test_accuracy"], abs=1e-4)


@pytest.mark.slow
def test_a_cut_data_set_comes_through_the_exported_images(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = ["--classes", "4,9,1", "--imbalance", "step", "--imbalance-ratio", "4", "--seed", "5"]
    id, folder = exported(tmp_path, *cut)
    (folder / "argument").write_text("images.npz")
    assert f"runs export {id} --what images" in (folder / "script.py").read_text()
    assert run_scripts([folder]).splitlines()[-1] == "the weights of the run, bit by bit"
    with np.load(folder / "images.npz") as arrays:
        assert arrays["classes"].tolist() == ["4", "9", "1"]
        sizes = np.bincount(arrays["labels"])
        assert sizes[0] == sizes[1] == pytest.approx(4 * sizes[2], abs=3)

    # Other images than those of the run are refused with what is wrong with them.
    program: dict[str, Any] = {"__name__": "script"}
    sys.modules["script"] = sys.modules[__name__]  # dataclasses look their module up
    exec(compile((folder / "script.py").read_text(), "script.py", "exec"), program)
    del sys.modules["script"]
    monkeypatch.setattr(sys, "argv", ["script.py", str(folder / "images.npz")])
    whole, facts = program["load"](program["RUN"]), program["FACTS"]
    pixels, labels = torch.zeros(4, 1, 8, 8, dtype=torch.uint8), torch.tensor([0, 1, 2, 2])
    images = program["Images"]
    program["check"](replace(whole, test=images(pixels, labels)), facts)
    for bad, rule in (
        (images(pixels[..., :6], labels), r"shape \(1, 8, 8\); got torch.uint8, \(1, 8, 6\)"),
        (images(pixels.float(), labels), "uint8"),
        (images(pixels, labels[:3]), "got 3 for 4 images"),
        (images(pixels, labels + 1), "below 3; got 3"),
    ):
        with pytest.raises(SystemExit, match=rule):
            program["check"](replace(whole, test=bad), facts)
    with pytest.raises(SystemExit, match=r"they make \d+ steps, it took"):
        program["finish"](SimpleNamespace(steps=1), facts)
    with pytest.raises(SystemExit, match="no such file"):
        program["read_npz"](tmp_path / "none.npz")
    np.savez(tmp_path / "half.npz", images=pixels.numpy())
    with pytest.raises(SystemExit, match="lacks labels, test_images"):
        program["read_npz"](tmp_path / "half.npz")


def test_a_run_that_has_not_begun_and_a_fork_of_a_run_that_is_gone_have_no_script(store: RunStore) -> None:
    config = RunConfig(fork_run="other", fork_epoch=1)
    with pytest.raises(ProgramError, match="goes on from epoch 1 of other"):
        script_of([config], Facts((1, 8, 8), 10, 9))
    with pytest.raises(RunError, match="has not begun"):
        export.script(store.create(RunConfig()))


@pytest.mark.slow
def test_the_script_of_a_fork_of_a_fork_reproduces_it(store: RunStore, tmp_path: Path) -> None:
    id, folder = exported(tmp_path, "--loss", "focal", "--train-images", "300", "--epochs", "3")
    first = store.get(id)
    second = store.fork(first, 1, {"loss": "center", "rate": 0.005})
    with pytest.raises(RunError, match="has not begun"):
        export.script(second)
    assert Worker(second).work() == "finished"
    third = store.fork(second, 2, {"loss": "arcface", "epochs": 4})
    assert Worker(third).work() == "finished"
    assert [run.id for run in export.lineage(third)] == [first.id, second.id, third.id]
    text = export.script(third)
    assert "a fork: first Focal" in " ".join(text.split())
    (folder / "script.py").write_text(text)
    (folder / "argument").write_text("images.npz")
    said = run_scripts([folder]).splitlines()
    assert said[-1] == "the weights of the run, bit by bit"
    assert [line.split(":")[0] for line in said[:-2]] == [
        "epoch 1",
        "the fork goes on from here",
        "epoch 2",
        "the fork goes on from here",
        "epoch 3",
        "epoch 4",
    ]
    rows = third.metrics()
    accuracies = [float(line.rpartition(" ")[2]) for line in said if line.startswith("epoch")]
    assert accuracies == pytest.approx([row["test_accuracy"] for row in rows], abs=1e-4)
    store.delete(first)
    with pytest.raises(RunError, match=f"goes on from epoch 1 of {first.id}.*not among the runs here"):
        export.script(third)


@pytest.mark.parametrize(
    "name", ['it\'s "here"', "a\\nb \\", '"""; import os; """', "$x `y`\n~", "é 漢", "-x"]
)
def test_the_command_in_a_script_survives_any_path(name: str, store: RunStore, tmp_path: Path) -> None:
    run = Run(tmp_path / name)
    program = script_of([RunConfig(data="./own")], Facts((1, 8, 8), 10, 9), run=word(run))
    told = ast.get_docstring(ast.parse(program), clean=False)
    assert told is not None
    command, end, _ = told.partition("\n    python THIS_FILE")
    assert end
    words = shlex.split(command[command.index("python -m lossviz runs export") :])
    assert words[5:7] == [str(tmp_path / name), "--what"]
    assert word(Run(store.path / "20260101-ce")) == "20260101-ce"
