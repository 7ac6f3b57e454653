"""The live page's link restores what is trained and shown, or says what is wrong with it."""

from __future__ import annotations

import math

import pytest

from lossviz import losses
from lossviz.core.errors import LossvizError
from lossviz.pages.train.presets import opening, races
from lossviz.pages.train.view import RACE, LiveView
from lossviz.readings.view import MOST_RUNS
from lossviz.training.config import RunConfig


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"losses": "foo"}, ["'foo'"]),
        ({"losses": ""}, ["at least one"]),
        ({"at": "NaN"}, ["“Moment” (at in the link) must lie in [0, 1e+06]", "NaN"]),
        ({"at": "-1"}, ["“Moment” (at in the link) must lie in [0, 1e+06]", "got -1"]),
        ({"at": "soon"}, ["“Moment” (at in the link) must lie in [0, 1e+06]", "'soon'"]),
        ({"class": "2.5"}, ["“Loss of class” (class in the link) must be a whole number"]),
        ({"class": "-1"}, ["“Loss of class” (class in the link) must be a whole number in"]),
        ({"vary": "colour:1,2"}, ["vary", "'colour'"]),
        ({"vary": "seed"}, ["seed needs 1 to 6 different values", "''"]),
        ({"vary": "seed:1,1"}, ["different values"]),
        ({"vary": "seed:1,2,3,4,5,6,7"}, ["1 to 6"]),
        ({"vary": "seed:x"}, ["seed must be a whole number"]),
        ({"vary": "margin:400deg"}, ["degrees"]),
        ({"loss": "arcface"}, ["unknown setting 'loss'"]),
    ],
)
def test_a_wrong_setting_is_said_and_the_rest_of_the_link_holds(query: dict, words: list[str]) -> None:
    view, problems = LiveView.from_query({**query, "net": "lenet++"})
    assert len(problems) == 1
    for word in words:
        assert word in problems[0]
    assert view == LiveView(settings={"net": "lenet++"})


def test_of_a_list_only_what_cannot_be_read_is_left_out() -> None:
    view, problems = LiveView.from_query({"losses": "arcface,foo,soft-n0,arcface"})
    assert view.losses == ("arcface", "soft-n0")
    assert len(problems) == 1
    assert "'foo'" in problems[0]
    view, problems = LiveView.from_query({"losses": ",".join(losses.keys()[:8])})
    assert view.losses == tuple(losses.keys()[:6])
    assert "at most 6" in problems[0]
    assert problems[0].endswith(f"{losses.keys()[6]}, {losses.keys()[7]}")
    view, problems = LiveView.from_query({"runs": "a,b,c,d,e,f,g"})
    assert view.runs == tuple("abcdef")
    assert "at most 6" in problems[0]
    assert "got 7" in problems[0]


def test_a_default_value_leaves_the_view() -> None:
    view = LiveView().with_setting("epochs", 3).with_param("scale", 32.0)
    assert view.to_query() == {"epochs": "3", "scale": "32"}
    assert view.with_setting("epochs", RunConfig().epochs).with_param("scale", 16.0) == LiveView()


def test_train_starts_a_run_for_each_loss_with_the_parameters_that_it_has() -> None:
    view = LiveView(params={"margin": 0.2, "center-weight": 0.5}, settings={"epochs": 2})
    runs = view.configs()
    assert [run.loss for run in runs] == [losses.get(key).key for key in RACE]
    assert [dict(run.params) for run in runs] == [{}, {"margin": 0.2}, {"lam": 0.5}]
    assert {run.epochs for run in runs} == {2}


def test_what_varies_makes_a_run_for_each_value_of_each_loss_that_has_it() -> None:
    seeds = LiveView(losses=("soft-d", "arcface"), vary=("seed", (4, 5, 6)))
    assert [(run.loss, run.seed) for run in seeds.configs()] == [
        (loss, seed) for loss in ("soft-d", "arcface") for seed in (4, 5, 6)
    ]
    margins = LiveView(losses=("soft-d", "arcface"), vary=("margin", (0.1, 0.2)))
    found = [(run.spec.title, run.loss_params().get("margin")) for run in margins.configs()]
    assert found == [("Cross-entropy", None), ("ArcFace", 0.1), ("ArcFace", 0.2)]


def test_a_varied_parameter_stands_beside_the_others_that_are_set() -> None:
    view = LiveView(losses=("arcface",), params={"scale": 30.0}, vary=("margin", (0.1, 0.2)))
    assert [dict(run.params) for run in view.configs()] == [
        {"scale": 30.0, "margin": 0.1},
        {"scale": 30.0, "margin": 0.2},
    ]


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("seed", "3, 1", (3, 1)),
        ("margin", "10deg,0.5", (math.radians(10), 0.5)),
        ("anneal", "on,off", ("on", "off")),
        ("normalize", "no,yes", (False, True)),
        ("rate", "0.01,1e-3", (0.01, 0.001)),
        ("net", "small,lenet++", ("small", "lenet++")),
    ],
)
def test_typed_values_are_read_each_in_its_own_kind(name: str, text: str, values: tuple) -> None:
    assert LiveView().with_vary(name, text).vary == (name, values)


def test_nothing_varies_after_an_empty_name() -> None:
    assert LiveView(vary=("seed", (1, 2))).with_vary("", "") == LiveView()


def test_only_what_the_losses_have_can_be_varied() -> None:
    assert "margin" in LiveView(losses=("arcface",)).vary_choices()
    assert "margin" not in LiveView(losses=("soft-d",)).vary_choices()
    with pytest.raises(LossvizError, match="epochs"):
        LiveView().with_vary("epochs", "1,2")


def test_the_number_of_classes_follows_the_choice() -> None:
    assert LiveView().classes == 10
    assert LiveView(settings={"classes": (3, 8)}).classes == 2
    assert LiveView(settings={"data": "cifar-100", "held_out": (1, 2)}).classes == 98


@pytest.mark.parametrize("name", list(races()))
def test_every_race_can_be_trained(name: str) -> None:
    race = races()[name]
    made = race.view.configs()
    assert 1 <= len(made) <= MOST_RUNS
    assert len({run.to_json() for run in made}) == len(made)
    assert race.notice.endswith(".")


def test_the_opening_is_a_race_of_several_losses_on_what_is_always_there() -> None:
    assert {run.data for run in opening().configs()} == {"digits"}
    assert len({run.loss for run in opening().configs()}) == 3
