"""The label of a run in a long list tells it from every other, in its first letters."""

from __future__ import annotations

import math

import pytest

from lossviz import losses
from lossviz.pages.train.presets import races
from lossviz.runs import Run, RunStore
from lossviz.runs import names as labels_module
from lossviz.runs.names import labels, short
from lossviz.training.config import RunConfig

ROOM = 35  # letters of a label that are seen in a narrow column


def made(store: RunStore, id: str, **settings: object) -> Run:
    """A run of this name, hence of this time."""
    run = store.create(RunConfig(**settings))  # type: ignore[arg-type]
    return Run(run.path.rename(store.path / id))


def test_a_run_alone_is_its_loss_and_its_time(store: RunStore) -> None:
    run = made(store, "20260105-090807-arcface-mnist-3f0a", loss="arcface", data="mnist")
    assert labels([run], "20260105") == {run.id: "ArcFace · 09:08:07"}
    assert labels([run], "20260106") == {run.id: "ArcFace · 5 Jan 2026 09:08:07"}


def test_parameters_and_settings_that_differ_are_named(store: RunStore) -> None:
    runs = [
        made(store, f"20260105-090807-arcface-digits-000{n}", loss="arcface", params=params, seed=seed)
        for n, (params, seed) in enumerate(
            [({}, 0), ({}, 1), ({"margin": math.radians(15)}, 0), ({"margin": math.radians(15)}, 1)]
        )
    ]
    assert [text.split(" · ")[0] for text in labels(runs, "20260105").values()] == [
        "ArcFace, m 22.5°, seed 0",
        "ArcFace, m 22.5°, seed 1",
        "ArcFace, m 15°, seed 0",
        "ArcFace, m 15°, seed 1",
    ]


def test_of_runs_of_different_times_the_time_alone_is_named(store: RunStore) -> None:
    early = made(store, "20260105-090807-soft-d-digits-0001", epochs=3)
    late = made(store, "20260105-110807-soft-d-digits-0001", epochs=4)
    assert [text[:24] for text in labels([early, late], "20260105").values()] == [
        "Cross-entropy · 09:08:07",
        "Cross-entropy · 11:08:07",
    ]


def test_the_data_is_named_where_runs_have_several(store: RunStore) -> None:
    one = made(store, "20260105-090807-arcface-mnist-3f0a", loss="arcface", data="mnist")
    other = made(store, "20260105-090807-arcface-digits-3f0b", loss="arcface")
    assert list(labels([one, other], "20260105").values()) == [
        "ArcFace · 09:08:07 · mnist",
        "ArcFace · 09:08:07 · digits",
    ]


def test_runs_alike_in_everything_end_in_their_ids(store: RunStore) -> None:
    runs = [made(store, f"20260105-090807-arcface-digits-000{n}", loss="arcface") for n in range(2)]
    assert list(labels(runs, "20260105").values()) == [
        "ArcFace · 09:08:07 · 0000",
        "ArcFace · 09:08:07 · 0001",
    ]


def test_titles_beside_each_other_differ_within_what_is_seen_of_them() -> None:
    seen = [short(spec.title)[:24] for spec in losses.catalogue().values()]
    assert len(set(seen)) == len(seen)
    assert short("Normalised BCE, unified bias") == "Norm. BCE, unified bias"
    assert short("Cross-entropy, seed 2") == "Cross-entropy, seed 2"


def test_a_fork_is_told_from_its_origin(store: RunStore) -> None:
    origin = made(store, "20260105-090807-soft-d-digits-0001")
    fork = made(store, "20260105-090808-soft-d-digits-0002")
    config = RunConfig(fork_run=origin.id, fork_epoch=4)
    (fork.path / "config.json").write_text(config.to_json().replace("{", '{"format": 1,', 1))
    assert labels([origin, Run(fork.path)], "20260105")[fork.id].startswith("Cross-entropy, fork at 4 · ")


def test_the_runs_of_every_race_differ_within_the_room_of_a_chip(store: RunStore) -> None:
    for race in races().values():
        runs = [store.create(config) for config in race.view.configs()]
        seen = [text[:ROOM] for text in labels(runs).values()]
        assert len(set(seen)) == len(runs), seen


def test_a_folder_that_cannot_be_read_or_was_renamed_is_called_by_its_name(store: RunStore) -> None:
    renamed = made(store, "my-best-run")
    broken = made(store, "20260105-090807-soft-d-digits-0001")
    (broken.path / "config.json").write_text("{")
    told = labels([renamed, Run(broken.path)], "20260105")
    assert told[broken.id] == broken.id
    assert told[renamed.id] == "Cross-entropy · my-best-run"


def test_a_label_costs_the_same_however_many_runs_there_are(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    real = labels_module.second
    monkeypatch.setattr(labels_module, "second", lambda run: asked.append(run) or real(run))
    counts = []
    for many in (10, 40):
        ids = [f"2026010{many // 10}-09{n:02}07-soft-d-digits-0001" for n in range(many)]
        runs = [made(store, id, seed=n) for n, id in enumerate(ids)]
        asked.clear()
        assert len(set(labels(runs, "20260105").values())) == many
        counts.append(len(asked) / many)
    assert counts[0] == counts[1]


def test_runs_a_few_seconds_apart_are_told_apart_by_their_settings(store: RunStore) -> None:
    times = ("090800", "090805", "090810", "091000")
    runs = [made(store, f"20260105-{t}-soft-d-digits-0001", seed=n) for n, t in enumerate(times)]
    said = [labels(runs, "20260105")[run.id].split(" · ")[0] for run in runs]
    assert said == [*(f"Cross-entropy, seed {n}" for n in range(3)), "Cross-entropy"]
