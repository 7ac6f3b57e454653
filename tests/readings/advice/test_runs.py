"""Trained runs as the doctor sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lossviz.metrics.merging import Merged
from lossviz.readings.advice import runs
from lossviz.readings.advice.question import DoctorView
from lossviz.runs import RunStore, status
from lossviz.runs.worker import Worker
from lossviz.training import RunConfig
from lossviz.training.measures import merged_metrics
from tests.runs.fakes import make


def test_the_setting_of_a_run_becomes_a_view() -> None:
    config = RunConfig(loss="arcface", params={"margin": 0.7, "scale": 30.0}, dimension=3)
    assert runs.view_of(config, 10) == DoctorView(params={"margin": 0.7, "scale": 30.0}, dimension=3)
    config = RunConfig(loss="camri", params={"important": (1, 4)})
    assert runs.view_of(config, 7) == DoctorView(loss="camri", classes=7, cared=2)
    assert runs.view_of(RunConfig(loss="bce-nu", params={"gamma": 4.0}), 10) == DoctorView(
        loss="bce-nu", params={"gamma": 4.0}
    )


@pytest.mark.parametrize(
    ("config", "classes"),
    [
        (RunConfig(), 10),
        (RunConfig(loss="arcface", dimension=1), 10),
        (RunConfig(loss="arcface", dimension=4096), 10),
        (RunConfig(loss="arcface"), 0),
    ],
)
def test_what_is_not_judged_has_no_view(config: RunConfig, classes: int) -> None:
    assert runs.view_of(config, classes) is None


def test_a_run_that_has_not_begun_is_judged_by_its_config(tmp_path: Path) -> None:
    run = RunStore(tmp_path).create(RunConfig(data="digits", loss="arcface", params={"margin": 0.7}))
    assert runs.classes_of(run) == 10
    (said,) = runs.verdicts_of(run)
    assert "36°" in said
    few = RunStore(tmp_path).create(RunConfig(data="digits", classes=(1, 2, 3), loss="arcface"))
    assert runs.classes_of(few) == 3
    assert runs.verdicts_of(few) == []


def test_what_is_said_of_a_run_comes_from_its_images_its_setting_and_its_numbers(tmp_path: Path) -> None:
    config = RunConfig(loss="arcface", params={"margin": 0.7}, epochs=1)
    run = RunStore(tmp_path).create(config)
    assert Worker(run, None, make()).work() == "finished"
    two = runs.verdicts_of(run)
    assert [text.split()[0] for text in two] == ["all"]  # two classes have room for any margin below 180°
    row = {"step": 4, "epoch": 1, "train_loss": 1.0, **merged_metrics([Merged(0, 1, 0.01, 0.02, 0.5)])}
    (run.path / "metrics.jsonl").write_text(f"{json.dumps(row)}\n")
    said = runs.verdicts_of(run)
    assert said[:1] == two
    assert said[1].startswith("Classes a and b have not parted yet: at the end of epoch 1 ")
    assert len(said) == 2
    # Earlier versions wrote the words themselves; they are said as they stand, and once.
    status.write(run.path / "status.json", run.status.but(verdicts=(said[1], "Classes a and b: so.")))
    assert runs.verdicts_of(run) == [said[1], "Classes a and b: so."]


def test_what_cannot_be_read_is_counted_and_named_with_its_reason(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    made = [store.create(RunConfig(data="digits", seed=seed)) for seed in range(6)]
    assert runs.sorted_out(store.runs()) == (store.runs(), "")
    (made[1].path / "config.json").write_text("{")
    whole, told = runs.sorted_out(store.runs())
    assert {run.id for run in whole} == {run.id for run in made} - {made[1].id}
    assert told.startswith(f"1 of 6 runs kept here could not be read. {made[1].id}: config.json is damaged (")
    (made[2].path / "config.json").unlink()
    (made[3].path / "status.json").write_text("[]")
    (made[4].path / "config.json").write_text('{"format": 9}')
    whole, told = runs.sorted_out(store.runs())
    assert {run.id for run in whole} == {made[0].id, made[5].id}
    assert told.startswith("4 of 6 runs kept here could not be read. ")
    assert sum(run.id in told for run in made) == 3
    assert ". 1 more. " in told
