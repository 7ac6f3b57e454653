"""A link restores the view of any page exactly, or says in one wording what is wrong with it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossviz.core.errors import ConfigError
from lossviz.core.query import View
from lossviz.pages.angles import AnglesView
from lossviz.pages.contours import presets as contour_presets
from lossviz.pages.contours.view import ContourView
from lossviz.pages.doctor import presets as doctor
from lossviz.pages.embeddings import EmbeddingsView
from lossviz.pages.flow import view as flow
from lossviz.pages.imbalance import ImbalanceView
from lossviz.pages.important import ImportantView
from lossviz.pages.reference.page import ReferenceView
from lossviz.pages.train.presets import races
from lossviz.pages.train.view import LiveView
from lossviz.pages.uniform import UniformView
from lossviz.readings.advice.question import DoctorView
from lossviz.readings.view import MOST_RUNS
from tests.core.strategies import values, views

VIEWS: list[type[View]] = [
    AnglesView,
    ContourView,
    DoctorView,
    EmbeddingsView,
    flow.FlowView,
    ImbalanceView,
    ImportantView,
    LiveView,
    ReferenceView,
    UniformView,
]
PRESETS: list[View] = [
    preset.view
    for known in (contour_presets.presets(), doctor.presets(), flow.presets(), races())
    for preset in known.values()
]


@pytest.mark.parametrize("kind", VIEWS)
@settings(max_examples=30)
@given(data=st.data())
def test_a_link_restores_the_view_exactly(kind: type[View], data: st.DataObject) -> None:
    view = data.draw(views(kind))
    assert kind.from_query(view.to_query()) == (view, [])


@settings(max_examples=30)
@given(data=st.data())
def test_a_link_restores_what_is_varied(data: st.DataObject) -> None:
    view = LiveView(losses=("camri", "center"))
    name = data.draw(st.sampled_from(view.vary_choices()))
    several = st.lists(values(view.varied(name)), min_size=1, max_size=MOST_RUNS, unique=True)
    varied = LiveView(losses=view.losses, vary=(name, tuple(data.draw(several))))
    assert LiveView.from_query(varied.to_query()) == (varied, [])


@pytest.mark.parametrize("view", PRESETS)
def test_a_link_restores_every_preset(view: View) -> None:
    assert type(view).from_query(view.to_query()) == (view, [])


@pytest.mark.parametrize("kind", VIEWS)
def test_a_page_as_it_opens_has_an_empty_link(kind: type[View]) -> None:
    assert kind.initial().to_query() == {}
    assert kind.from_query({}) == (kind.initial(), [])


@pytest.mark.parametrize("kind", VIEWS)
def test_no_two_settings_of_a_page_have_one_name_in_its_link(kind: type[View]) -> None:
    own = [each.link for each in kind.declarations().values() if each.kind != "params"]
    names = [*own, *kind.initial().parameters()]
    assert len(set(names)) == len(names)


def wrong_text(kind: str) -> str:
    return {"numbers": "1,1", "names": "", "text": "", "points": "1", "reals": "one"}.get(kind, "?")


@pytest.mark.parametrize("kind", VIEWS)
def test_a_setting_that_cannot_be_read_is_named_as_its_control_and_the_rest_holds(kind: type[View]) -> None:
    first = kind.initial()
    params: dict[str, Any] = dict(first.parameters())
    for each in [*kind.declarations().values(), *params.values()]:
        text = wrong_text(each.kind)
        if not text or each.kind in ("params", "names") or each.name == "vary":
            continue
        view, problems = kind.from_query({"presentation": "yes", each.link: text})
        # Not every page can be presented.
        problems = [problem for problem in problems if "setting 'presentation'" not in problem]
        assert len(problems) == 1, each
        assert problems[0].startswith(f"“{each.label}”")
        assert f"({each.link} in the link)" in problems[0] or each.label.lower() == each.link
        assert problems[0].endswith("; the default is shown")
        assert kind.from_query(view.to_query()) == (view, [])
        if "presentation" in kind.declarations() and each.name != "presentation":
            assert view == first.with_setting("presentation", True)


@pytest.mark.parametrize("kind", VIEWS)
def test_an_unknown_setting_is_said_and_left_out(kind: type[View]) -> None:
    view, problems = kind.from_query({"nonsense": "1"})
    assert view == kind.initial()
    assert problems == ["unknown setting 'nonsense' in the link; it was left out"]


@pytest.mark.parametrize(
    ("kind", "link", "expected"),
    [
        (ContourView, {"losses": "uce,ArcFace,SOFT_D"}, {"losses": ("bce-nu", "arcface", "soft-d")}),
        (ContourView, {"important": "2,0", "classes": "4"}, {"params": {"important": (2, 0)}}),
        (ContourView, {"margin": "45deg"}, {"params": {"margin": math.pi / 4}}),
        (ContourView, {"margin": "0.785"}, {"params": {"margin": 0.785}}),
        (ContourView, {"monotone": "TRUE", "terms": "1"}, {"params": {"monotone": True}, "terms": True}),
        (ContourView, {"colours": "shared", "heights": "log"}, {"shared": True, "spacing": "log"}),
        (ContourView, {"start": "1 2", "steps": "1e2"}, {"start": (1.0, 2.0), "steps": 100}),
        (ContourView, {"pair": "uce,arcface", "surface": "uce"}, {"pair": ("bce-nu", "arcface")}),
        (ContourView, {"scale": "64.00001"}, {"params": {"scale": 64.0}}),
        (LiveView, {"class": "3", "at": "2.5"}, {"of_class": 3, "at": 2.5}),
        (LiveView, {"vary": "margin:0deg,0.2"}, {"vary": ("margin", (0.0, 0.2))}),
        (DoctorView, {"loss": "camri"}, {"params": {"margin": 0.8}}),
        (flow.FlowView, {"loss": "ArcFace", "rate": "0.5"}, {"loss": "arcface", "rate": 0.5}),
        (AnglesView, {"important": "none"}, {"important": ()}),
        (UniformView, {"t": "1e-1", "own_axes": "yes"}, {"t": 0.1, "own_axes": True}),
    ],
)
def test_a_link_of_the_past_means_the_same(
    kind: type[View], link: dict[str, str], expected: dict[str, Any]
) -> None:
    view, problems = kind.from_query(link)
    assert problems == []
    assert {name: view.get(name) for name in expected} == expected


def test_where_nothing_may_be_wrong_all_that_is_wrong_is_an_error() -> None:
    right = {"reach": "3", "losses": "uce"}
    assert ContourView.from_exact_query(right) == ContourView.from_query(right)[0]
    with pytest.raises(ConfigError) as error:
        ContourView.from_exact_query({"reach": "-1", "losses": "uce,foo", "colour": "red"})
    text = str(error.value)
    assert all(part in text for part in ("(reach in the link)", "no loss is called 'foo'", "'colour'"))
    assert "default" not in text


def test_a_value_that_is_varied_is_told_of_what_is_varied() -> None:
    _, (problem,) = LiveView.from_query({"vary": "margin:0deg,400"})
    assert "“Also vary” (vary in the link): margin must lie in" in problem
    assert "got 400" in problem
