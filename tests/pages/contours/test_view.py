"""The view of the contour page: its links, whatever a hand has made of them, and the views next to it."""

from __future__ import annotations

import math

import pytest

from lossviz import losses
from lossviz.core.errors import LossError
from lossviz.core.points import parse_points, points_lines
from lossviz.pages.contours.presets import presets
from lossviz.pages.contours.view import ContourView, even_points, random_points
from lossviz.ui.param_control import split_params


def test_every_family_and_every_loss_has_a_preset() -> None:
    shown = {key for name, p in presets().items() if name != "Every loss" for key in p.view.losses}
    assert shown == set(losses.keys())


def test_the_default_is_the_paper_s_four_in_its_order() -> None:
    titles = [losses.get(key).title for key in ContourView().losses]
    assert titles == ["Cross-entropy", "L2-softmax", "Weighted cross-entropy", "ArcFace"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"scale": "1e9"}, "[1, 64]"),
        ({"losses": "arcface,foo"}, "'foo'"),
        ({"losses": ""}, "at least one"),
        ({"classes": "99"}, "[2, 10]"),
        ({"label": "3"}, "[0, 2]"),
        ({"weights": "1,2;3,4"}, "3 points"),
        ({"weights": "1,2;3;4,5"}, "two numbers"),
        ({"weights": "1,2;3,inf;4,5"}, "got '3,inf'"),
        ({"weights": "1,2;3,1e9;4,5"}, "[-100, 100]"),
        ({"important": "0,0"}, "each once"),
        ({"important": "7"}, "[0, 2]"),
        ({"margin": "200deg"}, "[0, 90] degrees"),
        ({"margin": "45"}, "written as 22.5deg"),
        ({"start": "1"}, "two numbers"),
        ({"pair": "arcface"}, "two losses"),
        ({"biases": "1,2"}, "3 numbers"),
        ({"nonsense": "1"}, "'nonsense'"),
    ],
)
def test_a_wrong_setting_is_said_and_the_rest_of_the_link_holds(query: dict, word: str) -> None:
    view, problems = ContourView.from_query({**query, "arrows": "yes"})
    assert len(problems) == 1
    assert word in problems[0]
    assert view.arrows
    # what is shown instead is a view that can be drawn and linked
    assert ContourView.from_query(view.to_query()) == (view, [])


def test_a_known_loss_stays_when_another_is_unknown() -> None:
    view, _ = ContourView.from_query({"losses": "foo,uce,ArcFace"})
    assert view.losses == ("bce-nu", "arcface")


def test_an_unknown_loss_of_a_pair_is_told_of_the_pair() -> None:
    _, problems = ContourView.from_query({"pair": "arcface,foo"})
    assert "(pair in the link): no loss is called 'foo'" in problems[0]


def test_parameters_with_one_link_agree() -> None:
    for spec in losses.catalogue().values():
        for p in spec.params:
            first = losses.parameters(losses.catalogue().values())[p.link]
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


def test_a_cost_matrix_is_that_of_its_number_of_classes() -> None:
    query = {"losses": "wasserstein", "costs": "0,1,4/1,0,1/1,1,0", "important": "1"}
    view, problems = ContourView.from_query(query)
    assert problems == []
    assert view.to_query() == query
    assert view.with_classes(4).params == {"important": 1}
    view, problems = ContourView.from_query({**query, "classes": "4"})
    assert "costs" not in view.params
    assert "must be 4 rows of 4 numbers in [0, 1000], 0 on the diagonal" in problems[0]
    assert "got 3 rows of 3" in problems[0]


def test_a_matrix_takes_the_place_of_the_one_cost_among_the_controls() -> None:
    view, costs = ContourView(losses=("wasserstein",)), ((0.0, 1.0, 4.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0))
    seen = [
        {p.link for part in split_params(v) for p in part} for v in (view, view.with_param("costs", costs))
    ]
    assert seen[0] - seen[1] == {"confusion-cost"}
    assert seen[1] < seen[0]
