"""A run with a cost matrix: its config, its title, and the device on which its matrix lies."""

from __future__ import annotations

import json

import pytest
import torch

from lossviz import losses
from lossviz.core.errors import LossError
from lossviz.runs import names
from lossviz.training.config import RunConfig
from lossviz.training.trainer import Trainer

COSTS = ((0.0, 1.0, 1.0), (1.0, 0.0, 9.0), (1.0, 1.0, 0.0))
SMALL = {"classes": (1, 3, 8), "train_images": 90, "epochs": 1}


def test_a_config_with_a_matrix_comes_back_from_json_link_and_command() -> None:
    config = RunConfig(loss="wasserstein", params={"costs": COSTS, "cost": 3.0})
    assert RunConfig.from_json(config.to_json()) == config
    assert config.to_query()["costs"] == "0,1,1/1,0,9/1,1,0"
    assert RunConfig.from_query(config.to_query()) == config
    # The one cost, which the matrix stands in for, is not told.
    assert names.title(config) == "Wasserstein, C 1 taken for 2: 9; else 1"


def test_a_config_without_a_matrix_is_written_as_before_there_were_any() -> None:
    """The ids of cells are hashes of this text."""
    params = json.loads(RunConfig(loss="crwwce").to_json())["params"]
    assert params == {"important": 0, "fn_cost": 4.0, "fp_cost": 2.0}


def test_a_matrix_for_other_classes_is_refused_before_training() -> None:
    config = RunConfig(loss="wasserstein", params={"costs": COSTS}, train_images=90)
    with pytest.raises(LossError, match=r"costs must be 10 rows of 10 numbers .* got 3 rows of 3"):
        Trainer(config)


@pytest.mark.parametrize("key", ["wasserstein", "crwwce"])
def test_training_descends_the_loss_with_the_matrix(key: str) -> None:
    trainer = Trainer(RunConfig(loss=key, params={"costs": COSTS}, **SMALL))
    drawn = trainer.images.batch(trainer.sampler.draw(0)["images"], None)
    features, state = trainer.model(drawn[0]), trainer.model.state()
    expected = losses.get(key).per_sample(features, drawn[1], state, costs=COSTS).mean().detach()
    trainer.advance()
    told = float(trainer.sums.frame["loss"] / trainer.sums.frame["images"])
    assert told == pytest.approx(float(expected), rel=1e-5)
    while not trainer.done:
        trainer.advance()
    shot = trainer.snapshot()
    assert shot.params["costs"] == COSTS
    assert all(torch.isfinite(p).all() for p in trainer.model.parameters())
