"""The live page's link restores what is trained and shown, or says what is wrong with it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossviz import losses
from lossviz.core.errors import LossvizError
from lossviz.losses.spec import Param
from lossviz.pages.contours.view_texts import linked_params
from lossviz.pages.train.presets import opening, races
from lossviz.pages.train.view import CHARTS, LAYERS, MOST_PANELS, RACE, VARIED, LiveView
from lossviz.training.config import SETTINGS, RunConfig

LOSSES = st.lists(st.sampled_from(losses.keys()), min_size=1, max_size=MOST_PANELS, unique=True)
# A name in a link: no comma, which joins, and no space at its ends, which is trimmed.
NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,30}", fullmatch=True)


def real(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False).map(lambda v: v + 0.0)


def param_values(param: Param) -> st.SearchStrategy[Any]:
    if param.kind == "flag":
        return st.booleans()
    if param.kind == "classes":
        several = st.lists(st.integers(0, 99), min_size=2, max_size=4, unique=True)
        return st.integers(0, 99) | several.map(tuple)
    if param.kind == "whole":
        return st.integers(int(param.low), int(param.high))
    return real(param.low, param.high)


def setting_values(name: str) -> st.SearchStrategy[Any]:
    declared = SETTINGS[name]
    low, high = declared.low, declared.high
    # A whole number in a link has at most nine zeros.
    whole = st.integers(int(low), min(int(high), 10**9))
    return {
        "text": NAME,
        "choice": st.sampled_from(declared.choices or ("",)),
        "whole": whole,
        "real": real(low, high),
        "flag": st.booleans(),
        "numbers": st.lists(whole, max_size=4, unique=True).map(tuple),
    }[declared.kind]


@st.composite
def views(draw: st.DrawFn) -> LiveView:
    view = LiveView(
        losses=tuple(draw(LOSSES)),
        runs=tuple(draw(st.lists(NAME, max_size=MOST_PANELS, unique=True))),
        # A link holds four decimals of an epoch: finer than any two frames.
        at=draw(st.none() | st.integers(0, 10**6).map(lambda n: n / 1000)),
        layer=draw(st.sampled_from(list(LAYERS))),
        of_class=draw(st.integers(0, 200)),
        chart=draw(st.sampled_from(list(CHARTS))),
        shapes=draw(st.booleans()),
        presentation=draw(st.booleans()),
    )
    for param in draw(st.lists(st.sampled_from(list(linked_params().values())), max_size=4)):
        view = view.with_param(param.link, draw(param_values(param)))
    for name in draw(st.lists(st.sampled_from([n for n in SETTINGS if n != "loss"]), max_size=5)):
        view = view.with_setting(name, draw(setting_values(name)))
    name = draw(st.sampled_from(["", *VARIED, *linked_params()]))
    if name in SETTINGS:
        values = draw(st.lists(setting_values(name), min_size=1, max_size=MOST_PANELS, unique=True))
    elif name and linked_params()[name].kind != "classes":
        kind = param_values(linked_params()[name])
        values = draw(st.lists(kind, min_size=1, max_size=MOST_PANELS, unique=True))
    else:
        return view
    return LiveView(**{**vars(view), "vary": (name, tuple(values))})


@settings(max_examples=150, deadline=None)
@given(views())
def test_a_link_restores_the_view_exactly(view: LiveView) -> None:
    assert LiveView.from_query(view.to_query()) == (view, [])


def test_the_default_view_has_an_empty_link() -> None:
    assert LiveView().to_query() == {}
    assert LiveView.from_query({}) == (LiveView(), [])


def test_no_setting_a_link_knows_has_the_name_of_another() -> None:
    own = {"runs", "at", "layer", "class", "chart", "shapes", "presentation", "losses", "vary"}
    settings_, links = set(SETTINGS) - {"loss"}, set(linked_params())
    assert not own & settings_
    assert not own & links
    assert not settings_ & links


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"losses": "foo"}, ["'foo'"]),
        ({"losses": ""}, ["at least one loss"]),
        ({"at": "NaN"}, ["“Moment” (at in the link) must be a finite number"]),
        ({"at": "-1"}, ["“Moment” (at in the link) must lie in [0, 1e+06]", "got -1"]),
        ({"at": "soon"}, ["“Moment” (at in the link) must be a number", "'soon'"]),
        ({"layer": "cake"}, ["field, regions, none", "'cake'"]),
        ({"class": "2.5"}, ["“Loss of class” (class in the link) must be a whole number"]),
        ({"class": "-1"}, ["“Loss of class” (class in the link) must lie in"]),
        ({"chart": "<script>"}, ["learning", "<script>"]),
        ({"shapes": "perhaps"}, ["(shapes in the link) must be yes or no"]),
        ({"presentation": ""}, ["(presentation in the link) must be yes or no"]),
        ({"epochs": "0"}, ["“Epochs” must be a whole number in [1, 100000]", "got 0"]),
        ({"epochs": "1e99"}, ["“Epochs”"]),
        ({"rate": "inf"}, ["(rate in the link) must lie in [0, 10]"]),
        ({"optimizer": "lion"}, ["adamw, adam, sgd", "'lion'"]),
        ({"classes": "3,3"}, ["joined by commas"]),
        ({"classes": "three"}, ["whole numbers"]),
        ({"margin": "200deg"}, ["degrees", "200"]),
        ({"scale": "wide"}, ["(scale in the link) must"]),
        ({"vary": "colour:1,2"}, ["vary", "'colour'"]),
        ({"vary": "seed"}, ["seed needs 1 to 6 different values", "''"]),
        ({"vary": "seed:1,1"}, ["different values"]),
        ({"vary": "seed:1,2,3,4,5,6,7"}, ["1 to 6"]),
        ({"vary": "seed:x"}, ["seed must be a whole number"]),
        ({"vary": "margin:400deg"}, ["degrees"]),
        ({"loss": "arcface"}, ["unknown setting 'loss'"]),
        ({"nonsense": "1"}, ["unknown setting 'nonsense'"]),
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
def test_every_race_can_be_trained_and_survives_its_link(name: str) -> None:
    race = races()[name]
    made = race.view.configs()
    assert 1 <= len(made) <= MOST_PANELS
    assert len({run.to_json() for run in made}) == len(made)
    assert LiveView.from_query(race.view.to_query()) == (race.view, [])
    assert race.notice.endswith(".")


def test_the_opening_is_a_race_of_several_losses_on_what_is_always_there() -> None:
    assert {run.data for run in opening().configs()} == {"digits"}
    assert len({run.loss for run in opening().configs()}) == 3
