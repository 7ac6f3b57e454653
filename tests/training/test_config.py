"""A run's config: exact through JSON, URL and command line, and strict about everything."""

from __future__ import annotations

import json
import math
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossviz import losses
from lossviz.cli.words import joined, pairs
from lossviz.core.errors import ConfigError, LossvizError
from lossviz.training.config import SETTINGS, RunConfig


def values(name: str) -> st.SearchStrategy[object]:
    setting = SETTINGS[name]
    if setting.kind == "choice":
        return st.sampled_from(setting.choices)
    if setting.kind == "flag":
        return st.booleans()
    if setting.kind == "whole":
        return st.integers(int(setting.low), int(setting.high))
    if setting.kind == "real":
        return st.floats(setting.low, setting.high)
    if setting.kind == "numbers":
        return st.lists(st.integers(int(setting.low), 99), unique=True, max_size=4).map(tuple)
    return st.sampled_from(["digits", "mnist", "/home/me/my data.npz", "résumé & co"])


@st.composite
def configs(draw: st.DrawFn) -> RunConfig:
    chosen = draw(st.sets(st.sampled_from(sorted(set(SETTINGS) - {"loss"})), max_size=6))
    spec = losses.get(draw(st.sampled_from(losses.keys())))
    params = {}
    for p in spec.params:
        if p.kind == "flag":
            params[p.name] = draw(st.booleans())
        elif p.kind == "whole":
            params[p.name] = draw(st.integers(int(p.low or 0), int(p.high or 1)))
        elif p.kind == "real":
            params[p.name] = draw(st.floats(p.low, p.high))
        else:
            params[p.name] = tuple(draw(st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True)))
    return RunConfig(loss=spec.key, params=params, **{n: draw(values(n)) for n in chosen})


@given(configs())
def test_json_query_and_command_give_the_same_config_back(config: RunConfig) -> None:
    assert RunConfig.from_json(config.to_json()) == config
    query = config.to_query()
    read = RunConfig.from_query(query)
    assert read == config
    words = joined(shlex.split(config.to_command())[4:])
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
