"""Which runs are shown, and what is started together."""

from __future__ import annotations

import shutil

import pytest

from lossviz.core.errors import LossvizError
from lossviz.pages.train import recipe
from lossviz.pages.train.view import LiveView
from lossviz.readings import selection
from lossviz.runs import Run, RunStore
from lossviz.training.config import RunConfig


def made(store: RunStore, id: str, **settings: object) -> Run:
    """A run of this name, hence of this time."""
    run = store.create(RunConfig(**settings))  # type: ignore[arg-type]
    return Run(run.path.rename(store.path / id))


def test_the_newest_are_those_started_within_seconds_of_the_last(store: RunStore) -> None:
    made(store, "20260101-120000-soft-d-digits-0001")
    made(store, "20260101-235957-soft-d-digits-0001")
    made(store, "20260102-000001-arcface-digits-0002")
    made(store, "20260102-000001-center-digits-0003")
    assert selection.newest(store) == (
        "20260101-235957-soft-d-digits-0001",
        "20260102-000001-arcface-digits-0002",
        "20260102-000001-center-digits-0003",
    )


def test_runs_on_other_images_do_not_belong_to_the_newest(store: RunStore) -> None:
    made(store, "20260101-120000-soft-d-mnist-0001", data="mnist")
    made(store, "20260101-120001-soft-d-digits-0001")
    assert selection.newest(store) == ("20260101-120001-soft-d-digits-0001",)


def test_at_most_six_are_shown_the_newest_of_them(store: RunStore) -> None:
    ids = [made(store, f"20260101-120000-soft-d-digits-000{n}").id for n in range(8)]
    assert selection.newest(store) == tuple(ids[2:])


def test_a_renamed_folder_is_not_taken_for_the_newest(store: RunStore) -> None:
    made(store, "my-best-run")
    made(store, "20260101-120000-soft-d-digits-0001")
    assert selection.newest(store) == ("20260101-120000-soft-d-digits-0001",)


def test_damaged_folders_are_not_among_the_newest(store: RunStore) -> None:
    run = made(store, "20260101-120000-soft-d-digits-0001")
    (made(store, "20260101-120001-soft-d-digits-0001").path / "config.json").write_text("{")
    assert selection.newest(store) == (run.id,)


def test_an_empty_store_has_none(store: RunStore) -> None:
    assert selection.newest(store) == ()


def test_shown_are_the_runs_of_the_view_in_its_order_and_the_missing_are_said(store: RunStore) -> None:
    one, two = (made(store, f"20260101-12000{n}-soft-d-digits-0001").id for n in (1, 2))
    runs, problems = selection.runs_of(store, LiveView(runs=(two, "gone", one)))
    assert [run.id for run in runs] == [two, one]
    assert problems == ["There is no run gone (any more) among the 2 kept here."]


@pytest.mark.parametrize("id", ["..", ".", "/etc", "../runs", ""])
def test_a_link_reaches_no_folder_that_is_not_a_run(store: RunStore, id: str) -> None:
    made(store, "20260101-120000-soft-d-digits-0001")
    assert selection.runs_of(store, LiveView(runs=(id,)))[0] == []


def test_a_folder_of_runs_that_cannot_be_listed_is_a_problem_in_words(store: RunStore) -> None:
    store.path.write_text("a file")
    runs, problems = selection.runs_of(store, LiveView(runs=("a",)))
    assert runs == []
    assert "cannot be listed" in problems[0]


def test_start_makes_a_run_for_each_config_and_queues_it(store: RunStore, monkeypatch) -> None:
    monkeypatch.setattr("lossviz.runs.launcher.look_after", lambda place: None)
    view = LiveView(losses=("soft-d", "arcface"), settings={"epochs": 3})
    ids = selection.start_all(store, recipe.configs(view))
    assert [store.get(id).config.loss for id in ids] == ["soft-d", "arcface"]
    assert {store.get(id).config.epochs for id in ids} == {3}
    assert {run.id for run in store.waiting()} == set(ids)


def test_more_runs_than_can_be_seen_are_refused_before_any_is_made(store: RunStore) -> None:
    view = LiveView(losses=("soft-d", "arcface", "center"), vary=("seed", (0, 1, 2)))
    with pytest.raises(LossvizError, match=r"at most 6 runs .* got 9: .* fewer values of seed"):
        selection.start_all(store, recipe.configs(view))
    assert store.runs() == []


def test_runs_that_cannot_be_started_leave_nothing_behind(store: RunStore, monkeypatch) -> None:
    monkeypatch.setenv("LOSSVIZ_MAX_RUNS", "many")
    with pytest.raises(LossvizError, match="LOSSVIZ_MAX_RUNS"):
        selection.start_all(store, recipe.configs(LiveView()))
    assert store.runs() == []


def test_a_run_deleted_meanwhile_is_only_missing(store: RunStore) -> None:
    run = made(store, "20260101-120000-soft-d-digits-0001")
    shutil.rmtree(run.path)
    assert selection.runs_of(store, LiveView(runs=(run.id,)))[0] == []
