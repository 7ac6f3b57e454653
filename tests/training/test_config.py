"""A run's config: exact through JSON, URL and command line, and strict about everything."""

from __future__ import annotations

import json
import math
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossviz import losses
from lossviz.cli.words import join_values, pairs
from lossviz.core.errors import ConfigError, LossvizError
from lossviz.training.config import SETTINGS, RunConfig
from tests.core.strategies import values


@st.composite
def configs(draw: st.DrawFn) -> RunConfig:
    chosen = draw(st.sets(st.sampled_from(sorted(set(SETTINGS) - {"loss"})), max_size=6))
    spec = losses.get(draw(st.sampled_from(losses.keys())))
    params = {p.name: draw(values(p)) for p in spec.params}
    names = st.sampled_from(["digits", "mnist", "/home/me/my data.npz", "résumé & co"])
    given = {n: draw(names if n == "data" else values(SETTINGS[n])) for n in chosen}
    return RunConfig(loss=spec.key, params=params, **given)


@given(configs())
def test_json_query_and_command_give_the_same_config_back(config: RunConfig) -> None:
    assert RunConfig.from_json(config.to_json()) == config
    query = config.to_query()
    read = RunConfig.from_query(query)
    assert read == config
    words = join_values(shlex.split(config.to_command())[4:])
    options = dict(pairs(words))
    assert RunConfig.from_query(options) == config


def test_json_holds_every_setting_and_every_parameter() -> None:
    held = json.loads(RunConfig(loss="arcface").to_json())
    assert set(held) == {*SETTINGS, "params"}
    assert held["params"] == {"scale": 16.0, "margin": math.pi / 8, "monotone": False}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"epoch": 3}, ("unknown setting 'epoch'", "epochs")),
        ({"epochs": 0}, ("epochs must be a whole number in [1, 100000]", "got 0")),
        ({"epochs": True}, ("epochs must", "got True")),
        ({"rate": math.nan}, ("rate must lie in [0, 10]", "got nan")),
        ({"classes": (1, 1)}, ("classes must", "(each once)")),
        ({"optimizer": "lion"}, ("one of adamw, adam, sgd", "got 'lion'")),
        ({"loss": "arcfase"}, ("arcface",)),
        ({"loss": "arcface", "params": {"margin": 30.0}}, ("[0, 1.571] radians", "degrees")),
        ({"params": {"margin": 0.3}}, ("unknown parameter 'margin'",)),
        ({"params": [1]}, ("params must",)),
    ],
)
def test_wrong_settings_are_told_with_the_rule(wrong: dict, words: tuple[str, ...]) -> None:
    with pytest.raises(LossvizError) as caught:
        RunConfig.from_values(wrong)
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"epochs": "3"}'])
def test_json_that_is_no_config_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        RunConfig.from_json(text)


def test_another_loss_keeps_only_parameters_that_mean_the_same() -> None:
    config = RunConfig(loss="arcface", params={"margin": 0.2, "scale": 8.0})
    assert dict(config.but(loss="camri").params) == {"margin": 0.2, "scale": 8.0}
    assert dict(config.but(loss="cosface").params) == {"scale": 8.0}
    assert dict(config.but(loss="soft-d").params) == {}
