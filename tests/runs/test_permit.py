"""What visitors may start: refused in words, before a file is looked at or a folder made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lossviz.core.errors import LossvizError
from lossviz.core.mode import Limits, Mode
from lossviz.data import Found
from lossviz.runs import RunStore, permit
from lossviz.training.config import RunConfig

HOME, CLASS = Mode.read({}, "127.0.0.1"), Mode.read({}, "0.0.0.0")


def absent(name: str) -> None:
    """Nothing is here; a path is not even asked for."""
    assert "/" not in name
    assert not name.startswith((".", "~"))


def here(name: str) -> Found:
    absent(name)
    return Found(name, name, None, (), 50_000, 10_000, None, read=lambda progress: pytest.fail("read"))


def said(mode: Mode, tmp_path: Path, found: permit.Find = here, **settings: object) -> str:
    return "; ".join(permit.problems([RunConfig(**settings)], mode, RunStore(tmp_path / "runs"), found))


@pytest.mark.parametrize("name", ["/etc", "/etc/shadow", "/no/such/place", "..", "~root", "runs", "x.npz"])
def test_a_path_is_refused_in_the_same_words_whether_it_exists_or_not(tmp_path: Path, name: str) -> None:
    told = said(CLASS, tmp_path, data=name)
    assert "shared" in told
    assert told == said(CLASS, tmp_path, data="/somewhere/else")
    assert permit.file_problem(name, CLASS) == permit.file_problem("/somewhere/else.npz", CLASS) != ""
    assert said(HOME, tmp_path, found=absent, data="digits") == ""
    assert permit.path_problem(name, HOME) == permit.file_problem(name, HOME) == ""


def test_data_sets_and_uploads_are_allowed(tmp_path: Path) -> None:
    assert said(CLASS, tmp_path, data="cifar-10", net="resnet-20", train_images=500) == ""
    assert said(CLASS, tmp_path, data="upload:" + "0" * 24) == ""
    assert permit.file_problem("upload:" + "0" * 24, CLASS) == ""


LARGE = {"net": "resnet-20", "data": "cifar-10", "batch": 1_000_000, "dimension": 4096, "epochs": 100_000}


def test_a_run_that_is_too_large_is_refused_for_each_of_its_reasons(tmp_path: Path) -> None:
    assert "dimension" in said(CLASS, tmp_path, **LARGE)
    assert "batch" in said(CLASS, tmp_path, **LARGE | {"dimension": 2})
    assert "epochs" in said(CLASS, tmp_path, **LARGE | {"dimension": 2, "batch": 0})
    assert "threads" in said(CLASS, tmp_path, threads=256)
    roomy = replace(CLASS, limits=replace(Limits(), memory=4))
    assert "memory" in said(roomy, tmp_path, **LARGE | {"device": "cpu"})
    assert said(roomy, tmp_path, **LARGE | {"dimension": 2, "batch": 0}) == ""


def test_nothing_is_refused_and_nothing_looked_at_on_one_s_own_machine(tmp_path: Path) -> None:
    assert said(HOME, tmp_path, found=lambda name: pytest.fail(name), **LARGE) == ""


def test_a_refused_run_leaves_no_folder(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    with pytest.raises(LossvizError):
        permit.check([RunConfig(), RunConfig(**LARGE)], CLASS, store)
    assert not store.path.exists()


def test_a_full_store_takes_no_runs(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    (store.create(RunConfig()).path / "points.safetensors").write_bytes(bytes(3_000_000))
    tight = replace(CLASS, limits=replace(CLASS.limits, store=0.002))
    with pytest.raises(LossvizError, match="LOSSVIZ_MAX_STORE"):
        permit.check([RunConfig()], tight, store)
    permit.check([RunConfig()], replace(CLASS, limits=replace(CLASS.limits, store=0.1)), store)


def test_a_visitor_fetches_small_data_sets_only(tmp_path: Path) -> None:
    small = {"epochs": 1, "train_images": 100}
    assert said(CLASS, tmp_path, absent, data="mnist", **small) == ""
    for large in ("awa2", "gtsrb"):  # 13 GB; a size that is not known
        assert "not on this server" in said(CLASS, tmp_path, absent, data=large, **small)
        assert said(CLASS, tmp_path, here, data=large, **small) == ""


def test_images_of_other_sets_are_read_within_the_same_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(tmp_path / "runs")
    monkeypatch.setattr(permit.data, "find", absent)
    for unknown, word in (("/etc", "shared"), ("x.npz", "shared"), ("awa2", "AwA2"), ("mnist", "")):
        if word:
            with pytest.raises(LossvizError, match=word):
                permit.check_reading(unknown, CLASS, store)
        else:
            permit.check_reading(unknown, CLASS, store)
    permit.check_reading("", CLASS, store)
    monkeypatch.setattr(permit.data, "find", lambda name: pytest.fail(name))
    permit.check_reading("/etc", HOME, store)


def test_a_full_store_takes_no_readings(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    store.create(RunConfig())
    tight = replace(CLASS, limits=replace(CLASS.limits, store=1e-9))
    with pytest.raises(LossvizError, match="GB"):
        permit.check_reading("", tight, store)
