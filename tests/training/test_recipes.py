"""What "auto" stands for in a run, and that each part of a recipe can be switched off."""

from __future__ import annotations

import json
import math

import pytest
import torch

from lossviz import losses
from lossviz.data import DataSet
from lossviz.losses import ClassState
from lossviz.readings.advice import verdicts
from lossviz.training import recipes
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.training.trainer import Trainer

WITH_RECIPE = [spec.key for spec in losses.catalogue().values() if spec.recipe]
QUICK = {"epochs": 2, "batch": 16, "net": "small"}


@pytest.mark.parametrize("key", WITH_RECIPE)
def test_each_fact_is_a_choice_of_its_setting_with_a_reason_and_can_be_switched_off(key: str) -> None:
    config = RunConfig(loss=key)
    assert set(recipes.facts_in_effect(config)) == set(config.spec.recipe)
    for name, fact in config.spec.recipe.items():
        assert fact.value in SETTINGS[name].choices
        assert fact.reason.endswith(".")
        assert recipes.value_of(config, name) == fact.value
        off = config.but(**{name: recipes.PLAIN[name]})
        assert recipes.value_of(off, name) == recipes.PLAIN[name] != fact.value
        assert name not in recipes.facts_in_effect(off)


def test_a_recipe_is_for_two_dimensions_except_where_it_says_otherwise() -> None:
    assert recipes.spreads(RunConfig(loss="soft-n0"))
    assert not recipes.spreads(RunConfig(loss="soft-n0", dimension=3))
    assert recipes.bias_start(RunConfig(loss="bce-u", dimension=3), 10) is None
    assert recipes.bias_start(RunConfig(loss="bce-nu", dimension=3), 10) is not None


@pytest.mark.parametrize(
    ("settings", "classes", "middle"),
    [
        ({"loss": "bce-nu"}, 10, 96 * (1 + math.cos(math.radians(36))) / 2),
        ({"loss": "bce-nd", "params": {"gamma": 8.0}}, 4, 8 * (1 + 0.0) / 2),
        ({"loss": "bce-nu", "dimension": 9}, 10, 96 * (1 - 1 / 9) / 2),  # the simplex
        ({"loss": "bce-nu", "dimension": 5}, 10, 96 / 2),  # right angles
        ({"loss": "bce-u"}, 10, -11 * (1 + math.cos(math.radians(36))) / 2),  # added, so below zero
        ({"loss": "bce-di"}, 10, 11 * (1 + math.cos(math.radians(36))) / 2),
    ],
)
def test_the_bias_begins_between_the_own_metric_and_the_next(
    settings: dict[str, object], classes: int, middle: float
) -> None:
    assert recipes.bias_start(RunConfig(**settings), classes) == pytest.approx(middle)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["bce-d", "bce-u", "bce-nd", "bce-nu", "bce-di"])
def test_there_a_feature_on_its_class_weight_is_right_under_one_threshold(key: str) -> None:
    """By the loss itself: it is less than with every class at the middle's other side."""
    config = RunConfig(loss=key)
    start = recipes.bias_start(config, 10)
    assert start is not None
    angles = 2 * math.pi * torch.arange(10) / 10
    weights = torch.stack([angles.cos(), angles.sin()], -1)
    features = 11 * weights
    labels = torch.arange(10)
    params = config.loss_params()
    at_start = ClassState(weights, torch.tensor(start))
    against = ClassState(weights, torch.tensor(-start))
    right = config.spec.per_sample(features, labels, at_start, **params)
    wrong = config.spec.per_sample(features, labels, against, **params)
    assert (right < math.log(10)).all()
    assert (wrong > right).all()


def test_what_the_visitor_chose_of_the_bias_goes_before_the_recipe() -> None:
    assert recipes.bias_start(RunConfig(loss="bce-nu", bias_init=4), 10) is None
    assert recipes.bias_start(RunConfig(loss="bce-nu", bias_start="mode"), 10) is None
    assert recipes.bias_start(RunConfig(loss="soft-d", bias_start="between"), 10) is not None


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd"])
def test_weights_and_bias_have_their_share_of_the_rate(tiny: DataSet, optimizer: str) -> None:
    def ends(**settings: object) -> dict[str, torch.Tensor]:
        config = RunConfig(loss="soft-d", optimizer=optimizer, rate=0.01, **QUICK, **settings)  # type: ignore[arg-type]
        trainer = Trainer(config, tiny)
        before = {name: p.detach().clone() for name, p in trainer.model.named_parameters()}
        trainer.advance()
        after = dict(trainer.model.named_parameters())
        return {name: (after[name].detach() - value) for name, value in before.items()}

    whole = ends()
    for name, setting in (("weights", "weight_rate"), ("bias", "bias_rate")):
        for share in ("0.1", "0") if name == "weights" else ("0.1", "10"):
            moved = ends(**{setting: share})
            assert torch.allclose(moved[name], float(share) * whole[name], rtol=1e-3, atol=1e-7)
            others = [n for n in whole if n != name]
            assert all(torch.equal(moved[n], whole[n]) for n in others)


def test_a_run_of_before_recipes_is_read_as_it_was() -> None:
    def old(**settings: object) -> RunConfig:
        values = json.loads(RunConfig(**settings).to_json())  # type: ignore[arg-type]
        for name in ("weight_rate", "bias_start", "bias_rate"):
            del values[name]
        return RunConfig.from_json(json.dumps(values))

    for config, spread, mild in (
        (old(loss="bce-nu"), False, False),
        (old(loss="l2-softmax"), False, False),
        (old(loss="arcface"), True, True),
        (old(loss="arcface", dimension=3), False, False),
        (old(loss="arcface", weight_init="random", anneal="off"), False, False),
    ):
        assert recipes.weight_rate(config) == recipes.bias_rate(config) == 1
        assert recipes.bias_start(config, 10) is None
        assert (recipes.spreads(config), recipes.anneals(config)) == (spread, mild)
        assert RunConfig.from_json(config.to_json()) == config


def test_what_no_recipe_helps_is_said_before_training() -> None:
    cautioned = [spec.key for spec in losses.catalogue().values() if spec.caution]
    assert cautioned == ["bce-n0", "naive"]
    for key in cautioned:
        config = RunConfig(loss=key)
        assert config.spec.caution in verdicts.before(config, 10)
        assert config.spec.caution not in verdicts.before(config, 3)
        assert config.spec.caution not in verdicts.before(config.but(dimension=16), 10)
