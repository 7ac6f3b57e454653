"""What a setting takes, in its own type, and what it says of anything else."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossviz import losses
from lossviz.core.errors import ConfigError, LossError, SettingError
from lossviz.core.settings import Setting
from lossviz.readings.projection.settings import Recipe
from lossviz.training.config import SETTINGS
from tests.core.strategies import values
from tests.core.test_query import VIEWS

COSTS = Setting("c", kind="matrix", low=0, high=9)
DECLARED = {
    (owner, each.name): each
    for owner, several in {
        **{spec.key: spec.params for spec in losses.catalogue().values()},
        **{kind.__name__: kind.declarations().values() for kind in VIEWS},
        "run": SETTINGS.values(),
        "projection": Recipe.declarations().values(),
    }.items()
    for each in several
    if each.kind != "params" and each.name != "vary"
}


@pytest.mark.parametrize(("owner", "name"), list(DECLARED))
def test_a_setting_takes_what_it_declares(owner: str, name: str) -> None:
    setting = DECLARED[owner, name]
    for value in (setting.default, *setting.sweep):
        assert setting.check(value) == value
    if setting.kind in ("real", "whole"):
        low, high = setting.ends
        assert all(low <= step <= high for step in setting.steps)
        assert all(setting.check(end) == end for end in (low, high))


@pytest.mark.parametrize(("owner", "name"), list(DECLARED))
@settings(max_examples=20)
@given(data=st.data())
def test_a_value_comes_back_from_its_text(owner: str, name: str, data: Any) -> None:
    setting = DECLARED[owner, name]
    value = data.draw(values(setting))
    text = setting.write(value) or ("none" if setting.kind == "numbers" else "")
    assert setting.read(text) == value


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        (Setting("m", low=0, high=2), 3, "x: m must lie in [0, 2]; got 3"),
        (Setting("m", low=0, high=2), math.nan, "x: m must lie in [0, 2]; got nan"),
        (Setting("m", low=0, high=2), True, "x: m must lie in [0, 2]; got True (bool)"),
        (Setting("m", low=0, high=2), "1", "x: m must lie in [0, 2]; got '1' (str)"),
        (
            Setting("m", low=0, high=math.pi / 2, unit="rad"),
            28.6,
            "got 28.6 (is that in degrees? 28.6° is 0.49",
        ),
        (Setting("n", kind="whole", low=1, high=8), 2.5, "x: n must be a whole number in [1, 8]; got 2.5"),
        (Setting("f", kind="flag"), 1, "x: f must be true or false; got 1"),
        (Setting("k", kind="classes", low=0), (1, 1), "x: k must be one class number in 0..K-1, or several"),
        (Setting("k", kind="classes", low=0), -1, "in 0..K-1, or several different ones; got -1"),
        (Setting("c", kind="choice", choices=("a", "b")), "d", "x: c must be one of a, b; got 'd'"),
        (Setting("d", kind="numbers", low=1, high=9), (0,), "x: d must be whole numbers in [1, 9]"),
        (
            COSTS,
            ((0, 1), (1,)),
            "x: c must be K rows of K numbers in [0, 9], 0 on the diagonal; got 2 rows of",
        ),
        (
            COSTS.for_classes(3),
            ((0, 1), (1, 0)),
            "must be 3 rows of 3 numbers in [0, 9], 0 on the diagonal; got 2",
        ),
        (COSTS, ((0, -1), (1, 0)), "0 on the diagonal; got -1 in row 0, column 1"),
        (COSTS, ((0, 1), (1, 2)), "0 on the diagonal; got 2 in row 1, column 1"),
        (COSTS, ((0, 1), (math.nan, 0)), "got nan in row 1, column 0"),
        (COSTS, "0,1/1,0", "0 on the diagonal; got '0,1/1,0' (str)"),
    ],
)
def test_what_a_setting_does_not_take_is_told_with_the_rule(setting: Setting, value: Any, says: str) -> None:
    with pytest.raises(SettingError) as told:
        setting.check(value, "x")
    assert says in str(told.value)
    assert isinstance(told.value, LossError)
    assert isinstance(told.value, ConfigError)


def test_a_matrix_is_read_from_rows_and_told_by_what_differs_in_it() -> None:
    found = COSTS.read("0,1,4/1,0,1/0.5,1,0", "costs")
    assert found == ((0.0, 1.0, 4.0), (1.0, 0.0, 1.0), (0.5, 1.0, 0.0))
    assert COSTS.check(np.array(found)) == COSTS.check([list(row) for row in found]) == found
    assert COSTS.text(found) == "0 taken for 2: 4; 2 taken for 0: 0.5; else 1"
    assert COSTS.text(((0.0, 2.0), (2.0, 0.0))) == "all 2"
    for text, says in (("0,1/2", "got 2 rows of 1 and 2"), ("0,a/1,0", "got '0,a/1,0'"), ("", "got ''")):
        with pytest.raises(SettingError, match=r"as in 0,1,4/1,0,1/1,1,0, or none; ") as told:
            COSTS.read(text, "costs")
        assert says in str(told.value)


def test_a_bound_that_float32_has_rounded_is_inside() -> None:
    margin = Setting("m", low=0, high=math.pi / 2, unit="rad")
    assert float(np.float32(math.pi / 2)) > math.pi / 2
    assert margin.check(float(np.float32(math.pi / 2))) == math.pi / 2
    with pytest.raises(SettingError):
        margin.check(math.pi / 2 + 1e-4)
    with pytest.raises(SettingError):
        margin.check(-1e-6)


def test_a_label_has_the_symbol_and_the_unit() -> None:
    assert Setting("m", "m", title="angular margin", unit="rad").label == "m: angular margin, degrees"
    assert Setting("w", title="warm-up", unit="epochs").label == "Warm-up, epochs"
    assert Setting("s", title="steps between frames", unit="steps").label == "Steps between frames"
    assert Setting("f", r"\text{f}", kind="flag", title="monotone").label == "Monotone"
    assert Setting("gamma", r"\gamma").letter == "γ"
    costs = [losses.get("crwwce").param(name).label for name in ("fn_cost", "fp_cost")]
    assert costs == ["cᶠⁿ: cost of a miss", "Cᶠᵖ: cost of a false alarm"]
    letters = "".join(p.letter for spec in losses.catalogue().values() for p in spec.params)
    assert not set("\\{}^_") & set(letters)
