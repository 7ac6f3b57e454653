"""Checkpoints of epochs are bounded: the first, the last, evenly spaced ones, and where forks began."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossviz.core.errors import RunError
from lossviz.runs import Run, RunStore, run, writer
from lossviz.runs.worker import Worker
from lossviz.training.config import RunConfig
from tests.runs.fakes import FakeTrainer, content, make


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def room_for_five(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A total of five checkpoints of the fake trainer."""
    one = trained(store, epochs=1)
    size = (one.path / "epochs" / "0001.safetensors").stat().st_size
    monkeypatch.setattr(writer, "EPOCHS_BYTES", 5 * size + size // 2)


def trained(store: RunStore, **settings: int) -> Run:
    made = store.create(RunConfig(**settings))  # type: ignore[arg-type]
    assert Worker(made, store, make()).work() == "finished"
    return made


@pytest.mark.parametrize(
    ("first", "last", "most", "kept"),
    [
        (1, 5, 5, {1, 2, 3, 4, 5}),
        (1, 6, 5, {1, 2, 4, 6}),
        (1, 20, 5, {1, 8, 16, 20}),
        (1, 20, 6, {1, 4, 8, 12, 16, 20}),
        (7, 20, 4, {7, 8, 16, 20}),
        (7, 7, 4, {7}),
        (1, 5000, 2, {1, 5000}),
        (1, 5000, 0, {1, 5000}),
    ],
)
def test_of_many_epochs_evenly_spaced_ones_are_kept(first: int, last: int, most: int, kept: set[int]) -> None:
    assert writer.epochs_to_keep(first, last, most) == kept


@pytest.mark.parametrize("most", [2, 3, 5, 16, 40])
def test_what_is_left_out_is_not_wanted_later(most: int) -> None:
    kept: set[int] = set()
    for last in range(1, 300):
        kept = (kept | {last}) & writer.epochs_to_keep(1, last, most)
        assert kept == writer.epochs_to_keep(1, last, most)
        assert len(kept) <= most


def test_a_run_keeps_no_more_than_its_share(store: RunStore, room_for_five: None) -> None:
    made = trained(store, epochs=20)
    assert made.epochs() == [1, 8, 16, 20]
    rule = r"there are of epochs: 1, 8, 16, 20 \(of many, .* evenly spaced ones, 256 MB in all\)"
    with pytest.raises(RunError, match=rule):
        made.checkpoint(9)
    assert trained(store, epochs=5).epochs() == [1, 2, 3, 4, 5]


def test_a_run_that_was_resumed_keeps_the_same(store: RunStore, room_for_five: None) -> None:
    straight = trained(store, epochs=20)

    def fail(trainer: FakeTrainer) -> None:
        if trainer.step == 50:
            raise RuntimeError

    broken = store.create(RunConfig(epochs=20))
    assert Worker(broken, store, make(on_step=fail)).work() == "failed"
    assert broken.epochs() == [1, 4, 8, 12]
    assert Worker(broken, store, make()).work() == "finished"
    assert content(broken)["tensors"] == content(straight)["tensors"]


def test_where_a_fork_began_is_kept(store: RunStore, room_for_five: None) -> None:
    origin = store.create(RunConfig(epochs=20))

    def fork(trainer: FakeTrainer) -> None:
        if trainer.step == 13:
            store.fork(origin, 3)
            (store.path / "damaged").mkdir()
            (store.path / "damaged" / "config.json").write_text(f'["{origin.id}"')

    assert Worker(origin, store, make(on_step=fork)).work() == "finished"
    assert origin.epochs() == [1, 3, 8, 16, 20]


def test_the_limit_is_that_of_the_message() -> None:
    assert writer.EPOCHS_BYTES == run.EPOCHS_BYTES == 256 * 2**20
