"""The estimate follows what runs of the same network took on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossviz.runs import RunStore, cost
from lossviz.training import estimate
from lossviz.training.config import RunConfig
from tests.readings.folders import written

CONFIG = RunConfig(epochs=8, device="cpu")


def took(config: RunConfig, store: RunStore) -> float:
    made = estimate.images(config)
    assert made is not None
    return estimate.of(config, made, "cpu", cost.pace(store, config)).training


def test_a_run_like_one_that_was_trained_here_takes_as_long(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    assert cost.pace(store, CONFIG) == 1
    written(store, CONFIG, state="finished", epoch=8.0, epochs=8, seconds=80.0)
    assert took(CONFIG, store) == pytest.approx(80)
    assert took(CONFIG.but(epochs=16), store) == pytest.approx(160)
    # Half of it done in half the time says the same.
    written(store, CONFIG, state="stopped", epoch=4.0, epochs=8, seconds=40.0)
    assert took(CONFIG, store) == pytest.approx(80)


@pytest.mark.parametrize(
    "other", [{"net": "resnet-20"}, {"threads": 2}, {"device": "auto"}, {"precision": "mixed"}]
)
def test_a_run_of_another_kind_says_nothing(tmp_path: Path, other: dict[str, object]) -> None:
    store = RunStore(tmp_path)
    written(store, CONFIG.but(**other), state="finished", epoch=8.0, epochs=8, seconds=8000.0)
    written(store, CONFIG, state="diverged", epoch=0.5, epochs=8, seconds=8000.0)
    assert cost.pace(store, CONFIG) == 1
