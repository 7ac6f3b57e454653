"""An axis is read from a list or a range, and says what is wrong with any other text."""

from __future__ import annotations

import math

import pytest

from lossviz import losses
from lossviz.core.errors import LossvizError
from lossviz.sweeps.axes import Axis
from lossviz.sweeps.plan import Plan

ARC = [losses.get("arcface")]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("scale=1,4,16,64", [1.0, 4.0, 16.0, 64.0]),
        ("scale=4, 4,16", [4.0, 16.0]),
        ("scale=log:1:64:4", [1.0, 4.0, 16.0, 64.0]),
        ("scale=1:4:4", [1.0, 2.0, 3.0, 4.0]),
        ("scale=linear:1:2:2", [1.0, 2.0]),
        ("dimension=2:8:7", [2, 3, 4, 5, 6, 7, 8]),
        ("dimension=log:2:32:5", [2, 4, 8, 16, 32]),
        ("classes=0,1;2,3,4", [(0, 1), (2, 3, 4)]),
        ("optimizer=sgd,adamw", ["sgd", "adamw"]),
        ("head-scale=8,16", [8.0, 16.0]),
    ],
)
def test_lists_and_ranges(text: str, values: list[object]) -> None:
    assert (
        list(Axis.read(text, ARC).values) == pytest.approx(values)
        if isinstance(values[0], float)
        else (list(Axis.read(text, ARC).values) == values)
    )


def test_steps_of_an_angle_are_round_in_degrees() -> None:
    values = Axis.read("margin=0:45deg:5", ARC).values
    assert [math.degrees(value) for value in values] == pytest.approx([0, 11.25, 22.5, 33.75, 45], abs=1e-12)
    assert values[2] == math.radians(22.5)
    assert Axis.read("margin=0:0.785:9", ARC).values[-1] == 0.785


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("margin", "vary takes NAME"),
        ("margin=", "vary takes NAME"),
        ("nothing=1", "no setting 'nothing'"),
        ("seed=1,2", "give seeds"),
        ("loss=arcface,soft-d", "give several losses"),
        ("fork_run=x", "no fork"),
        ("margin=0:60", "vary takes NAME"),
        ("margin=0:9:3", "must lie in"),
        ("margin=0.5:0.1:3", "low < high"),
        ("scale=log:0:4:3", "must lie in"),
        ("margin=log:0:1:3", "0 < low < high"),
        ("scale=1:4:1", "2 to 200 values"),
        ("scale=1:4:x", "vary takes NAME"),
        ("optimizer=1:3:3", "vary takes NAME"),
        ("scale=1,two", "must"),
    ],
)
def test_what_is_wrong_is_told(text: str, says: str) -> None:
    with pytest.raises(LossvizError, match=says):
        Axis.read(text, ARC)


def test_matrices_are_parted_by_semicolons() -> None:
    specs = [losses.get("wasserstein")]
    axis = Axis.read("costs=none; 0,1,4/1,0,1/1,1,0", specs)
    assert axis.values == (None, ((0.0, 1.0, 4.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0)))
    assert axis.declared(specs).text(axis.values[1]) == "0 taken for 2: 4; else 1"
    assert Axis.read("costs=0,2/3,0", specs).values == (((0.0, 2.0), (3.0, 0.0)),)
    plan = Plan.read({"data": "digits", "classes": "0,1,2"}, ["wasserstein"], [axis.text], "1")
    assert [cell.config.params.get("costs") for cell in plan.cells] == list(axis.values)
    assert Plan.from_values(plan.to_values()) == plan
