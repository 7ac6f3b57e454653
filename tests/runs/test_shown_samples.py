"""What the test images of a run folder must be, so that no page counts or indexes beyond them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossviz.core.errors import RunError
from lossviz.runs import Run, RunStore, files
from lossviz.runs.worker import Worker
from lossviz.training.config import RunConfig
from tests.runs.fakes import make


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with snapshots: six images, classes a and b."""
    store = RunStore(tmp_path_factory.mktemp("runs"))
    run = store.create(RunConfig(epochs=1))
    assert Worker(run, store, make()).work() == "finished"
    return run


def damaged(whole: Run, change: Callable[[dict[str, Any], dict[str, Any]], object], folder: Path) -> Run:
    """The run with other points: `change` is given arrays and facts."""
    arrays, facts = files.read_arrays(whole.path / "points.safetensors")
    change(arrays, facts)
    run = RunStore(folder).create(RunConfig(epochs=1))
    (run.path / "points.safetensors").write_bytes(files.encode_arrays(arrays, facts))
    (run.path / "snapshots").mkdir(exist_ok=True)
    for step in whole.frames():
        name = f"snapshots/{step:08d}.safetensors"
        (run.path / name).write_bytes((whole.path / name).read_bytes())
    return run


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a, f: f.update(classes=[]), "classes must be a list of names"),
        (lambda a, f: f.update(classes={}), "classes must be a list of names"),
        (lambda a, f: f.update(classes="ab"), "classes must be a list of names"),
        (lambda a, f: f.update(classes=[None, None]), "classes must be a list of names"),
        (lambda a, f: f.update(classes=["a"]), r"labels must lie in 0\.\.0; got 0 to 1"),
        (lambda a, f: f.update(train_counts="x"), "train_counts must be numbers"),
        (lambda a, f: f.update(train_counts=[3]), "train_counts must be a count for each of 2 classes"),
        (lambda a, f: f.update(test_count="x"), "test_count must be numbers"),
        (lambda a, f: f.update(mean=["x"]), "mean must be numbers"),
        (lambda a, f: a.update(labels=a["labels"] + 99), r"labels must lie in 0\.\.1; got 99 to 100"),
        (lambda a, f: a.update(labels=-1 - a["labels"]), r"labels must lie in 0\.\.1; got -2 to -1"),
        (lambda a, f: a.update(labels=a["labels"] + 0.5), "labels must be a whole number for each"),
        (lambda a, f: a.update(labels=a["labels"][:2]), "labels must be a whole number for each"),
        (lambda a, f: a.update(pixels=a["pixels"].reshape(6, -1)), "pixels must be"),
        (lambda a, f: a.update({name: array[:0] for name, array in a.items()}), "pixels must be"),
        (lambda a, f: a.update({name: np.array(1) for name in a}), "must be"),
        (lambda a, f: a.pop("labels"), "KeyError"),
    ],
)
def test_points_that_do_not_belong_together_are_told(
    whole: Run, tmp_path: Path, change: Callable[[dict[str, Any], dict[str, Any]], object], words: str
) -> None:
    run = damaged(whole, change, tmp_path)
    with pytest.raises(RunError, match=rf"points\.safetensors is damaged.*{words}"):
        run.points()
    with pytest.raises(RunError, match=r"points\.safetensors is damaged"):
        run.snapshot(run.frames()[-1])


def test_a_snapshot_of_other_points_or_classes_is_told(whole: Run, tmp_path: Path) -> None:
    def fewer(arrays: dict[str, Any], facts: dict[str, Any]) -> None:
        arrays.update({name: array[:3] for name, array in arrays.items()})

    run = damaged(whole, fewer, tmp_path / "fewer")
    with pytest.raises(RunError, match=r"is damaged.*features .* of 3 points"):
        run.snapshot(run.frames()[-1])
    run = damaged(whole, lambda a, f: f.update(classes=["a", "b", "c"], train_counts=None), tmp_path / "more")
    with pytest.raises(RunError, match=r"is damaged.*weights .* of 3 classes"):
        run.snapshot(run.frames()[-1])


def test_whole_points_stay_as_they_are(whole: Run, tmp_path: Path) -> None:
    run = damaged(whole, lambda a, f: None, tmp_path)
    assert run.points().classes == ("a", "b")
    assert run.points().train_counts == whole.points().train_counts
    assert run.points().labels.tolist() == whole.points().labels.tolist()
    assert (
        run.snapshot(run.frames()[-1]).features.tolist() == whole.snapshot(run.frames()[-1]).features.tolist()
    )
