"""The view and the URL are the same thing; a wrong URL is said and survived."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossviz import losses
from lossviz.core.errors import LossError
from lossviz.core.query import parse_points, points_lines
from lossviz.losses.spec import Param
from lossviz.pages.contours.presets import presets
from lossviz.pages.contours.view import ContourView, even_points, random_points
from lossviz.pages.contours.view_texts import BESIDE, LABELS, linked_params

coordinate = st.floats(-100, 100, allow_nan=False).map(lambda v: round(v, 4) + 0.0)
point = st.tuples(coordinate, coordinate)


def values_of(param: Param, classes: int) -> st.SearchStrategy:
    if param.kind == "flag":
        return st.booleans()
    if param.kind == "classes":
        several = st.lists(st.integers(0, classes - 1), min_size=2, max_size=classes, unique=True)
        return st.integers(0, classes - 1) | several.map(tuple)
    if param.kind == "whole":
        return st.integers(int(param.low), int(param.high))
    if param.unit == "rad":  # sliders turn in half degrees
        return st.integers(0, round(math.degrees(param.high) * 2)).map(lambda d: math.radians(d / 2))
    return st.floats(param.low, param.high).map(lambda v: float(f"{v:.6g}") + 0.0)


@st.composite
def views(draw: st.DrawFn) -> ContourView:
    classes = draw(st.integers(2, 10))
    some = draw(
        st.lists(st.sampled_from(list(linked_params().values())), max_size=4, unique_by=lambda p: p.link)
    )
    params = {}
    for p in some:
        value = draw(values_of(p, classes))
        if value != p.default:
            params[p.link] = value
    keys = st.sampled_from(losses.keys())
    return ContourView(
        losses=tuple(draw(st.lists(keys, min_size=1, max_size=5, unique=True))),
        label=draw(st.integers(0, classes - 1)),
        weights=tuple(draw(st.lists(point, min_size=classes, max_size=classes))),
        bias=draw(st.integers(-512, 512)) / 4,
        biases=tuple(b / 4 for b in draw(st.lists(st.integers(-80, 80), min_size=classes, max_size=classes))),
        centers=tuple(draw(st.lists(point, min_size=classes, max_size=classes))),
        params=params,
        reach=draw(st.sampled_from([0.5, 1.0, 3.0, 12.5, 100.0])),
        spacing=draw(st.sampled_from(["linear", "log"])),
        shared=draw(st.booleans()),
        terms=draw(st.booleans()),
        arrows=draw(st.booleans()),
        start=draw(st.none() | point),
        rate=draw(st.sampled_from([0.001, 0.1, 7.5])),
        steps=draw(st.integers(1, 500)),
        beside=draw(st.sampled_from(list(BESIDE))),
        pair=(draw(keys), draw(keys)),
        surface=draw(st.just("") | keys),
        radius=draw(st.sampled_from([0.25, 2.0, 40.0])),
        seed=draw(st.integers(0, 9999)),
        presentation=draw(st.booleans()),
    )


@settings(max_examples=150, deadline=None)
@given(views())
def test_a_link_restores_the_view_exactly(view: ContourView) -> None:
    restored, problems = ContourView.from_query(view.to_query())
    assert problems == []
    assert restored == view


def test_the_default_view_has_an_empty_link() -> None:
    assert ContourView().to_query() == {}
    assert ContourView.from_query({}) == (ContourView(), [])


@pytest.mark.parametrize("name", list(presets()))
def test_every_preset_survives_its_link(name: str) -> None:
    view = presets()[name].view
    assert ContourView.from_query(view.to_query()) == (view, [])


def test_every_family_and_every_loss_has_a_preset() -> None:
    shown = {key for name, p in presets().items() if name != "Every loss" for key in p.view.losses}
    assert shown == set(losses.keys())


def test_the_default_is_the_paper_s_four_in_its_order() -> None:
    titles = [losses.get(key).title for key in ContourView().losses]
    assert titles == ["Cross-entropy", "L2-softmax", "Weighted cross-entropy", "ArcFace"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"scale": "NaN"}, "[1, 64]"),
        ({"scale": "1e9"}, "[1, 64]"),
        ({"scale": "wide"}, "[1, 64]; got 'wide'"),
        ({"losses": "arcface,foo"}, "'foo'"),
        ({"losses": ""}, "at least one"),
        ({"classes": "99"}, "[2, 10]"),
        ({"classes": "2.5"}, "whole"),
        ({"label": "3"}, "[0, 2]"),
        ({"label": "-1"}, "[0, 2]"),
        ({"weights": "1,2;3,4"}, "3 points"),
        ({"weights": "1,2;3;4,5"}, "two numbers"),
        ({"weights": "1,2;3,inf;4,5"}, "got '3,inf'"),
        ({"weights": "1,2;3,1e9;4,5"}, "[-100, 100]"),
        ({"important": "0,0"}, "each once"),
        ({"important": "7"}, "[0, 2]"),
        ({"margin": "200deg"}, "[0, 90] degrees"),
        ({"margin": "45"}, "written as 22.5deg"),
        ({"angle-factor": "2.5"}, "whole"),
        ({"monotone": "perhaps"}, "yes or no"),
        ({"heights": "cubic"}, "linear, log"),
        ({"start": "1"}, "two numbers"),
        ({"pair": "arcface"}, "two losses"),
        ({"beside": "<script>"}, "one of"),
        ({"biases": "1,2"}, "3 numbers"),
        ({"nonsense": "1"}, "'nonsense'"),
        ({"reach": "0"}, "[0.1, 100]"),
        ({"rate": "-1"}, "rate"),
    ],
)
def test_a_wrong_setting_is_said_and_the_rest_of_the_link_holds(query: dict, word: str) -> None:
    view, problems = ContourView.from_query({**query, "arrows": "yes"})
    assert len(problems) == 1
    assert word in problems[0]
    (name,) = query
    if name in LABELS or name in linked_params():
        # as the page calls it, and where to look in the link
        label = LABELS[name] if name in LABELS else linked_params()[name].label
        assert f"“{label}”" in problems[0]
        assert label.lower() == name or f"({name} in the link)" in problems[0]
    assert view.arrows
    # what is shown instead is a view that can be drawn and linked
    assert ContourView.from_query(view.to_query()) == (view, [])


@pytest.mark.parametrize("text", ["0.4", "0.1", "22.5deg", "1.2345678901234567", "45deg"])
def test_any_angle_of_a_link_is_written_back_exactly(text: str) -> None:
    view, problems = ContourView.from_query({"losses": "arcface", "margin": text})
    assert problems == []
    assert ContourView.from_query(view.to_query()) == (view, [])


def test_a_known_loss_stays_when_another_is_unknown() -> None:
    view, _ = ContourView.from_query({"losses": "foo,uce,ArcFace"})
    assert view.losses == ("bce-nu", "arcface")


def test_an_unknown_loss_of_a_pair_is_told_of_the_pair() -> None:
    _, problems = ContourView.from_query({"pair": "arcface,foo"})
    assert problems[0].startswith("“Difference of two losses” (pair in the link): no loss is called 'foo';")
    _, problems = ContourView.from_query({"losses": "foo"})
    assert problems[0].startswith("“Losses”: no loss is called 'foo';")
    assert problems[0].endswith("list all; it was left out")


def test_settings_do_not_share_a_name_with_a_parameter() -> None:
    everything = replace(
        ContourView().with_classes(4),
        losses=("arcface",),
        label=1,
        weights=even_points(4, 2.0),
        bias=1.0,
        biases=(1.0, 0.0, 0.0, 0.0),
        centers=even_points(4),
        reach=5.0,
        spacing="log",
        shared=True,
        terms=True,
        arrows=True,
        start=(1.0, 2.0),
        rate=0.5,
        steps=7,
        beside="angle",
        pair=("ce", "cce"),
        surface="cce",
        radius=3.0,
        seed=4,
        presentation=True,
    )
    assert not set(everything.to_query()) & set(linked_params())


def test_parameters_with_one_link_agree() -> None:
    for spec in losses.catalogue().values():
        for p in spec.params:
            first = linked_params()[p.link]
            assert (p.kind, p.low, p.high, p.default, p.unit) == (
                first.kind,
                first.low,
                first.high,
                first.default,
                first.unit,
            ), (spec.key, p.name)


def test_two_important_classes_survive_fewer_classes() -> None:
    view = ContourView().with_classes(5).with_param("important", (1, 4))
    assert view.with_classes(3).params["important"] == 1
    assert view.with_classes(5).params["important"] == (1, 4)


def test_random_weights_follow_the_seed() -> None:
    assert random_points(5, 3) == random_points(5, 3)
    assert random_points(5, 3) != random_points(5, 4)
    assert all(0.49 < math.hypot(*p) < 1.51 for p in random_points(10, 0))


def test_evenly_spread_weights_start_upwards_and_are_a_sector_apart() -> None:
    points = even_points(4)
    assert points == ((0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (1.0, 0.0))


def test_typed_points_are_read_back() -> None:
    points = ((0.5, -1.0), (2.0, 3.25))
    assert parse_points("weights", points_lines(points), 2, 100) == points
    assert parse_points("weights", "0.5 -1\n2, 3.25\n", 2, 100) == points
    with pytest.raises(LossError, match="'oops'"):
        parse_points("weights", "oops; 1,2", 2, 100)


def test_a_parameter_set_to_its_default_leaves_the_link() -> None:
    view = ContourView().with_param("scale", 32.0)
    assert view.to_query() == {"scale": "32"}
    assert view.with_param("scale", 16.0).to_query() == {}
