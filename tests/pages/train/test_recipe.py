"""A link that names runs only: the form says how they were made."""

from __future__ import annotations

from dataclasses import replace

from lossviz.pages.train.presets import opening, race_of, races
from lossviz.pages.train.recipe import untouched, with_recipe, with_recipe_of
from lossviz.pages.train.view import LiveView
from lossviz.runs import RunStore


def test_the_form_is_filled_from_the_runs_of_a_link(store: RunStore) -> None:
    asked = LiveView(
        losses=("arcface", "camri"),
        params={"margin": 0.2},
        settings={"data": "mnist", "epochs": 3, "seed": 7},
    )
    runs = [store.create(config) for config in asked.configs()]
    link = LiveView(runs=tuple(run.id for run in runs))
    assert untouched(link)
    filled = with_recipe_of(link, runs)
    assert filled == replace(asked, runs=link.runs)
    assert [c.to_json() for c in filled.configs()] == [c.to_json() for c in asked.configs()]


def test_what_the_runs_do_not_agree_in_keeps_its_default(store: RunStore) -> None:
    runs = [
        store.create(config) for config in LiveView(losses=("arcface",)).with_vary("seed", "0,1").configs()
    ]
    filled = with_recipe_of(LiveView(), runs)
    assert filled == LiveView(losses=("arcface",))


def test_a_form_that_somebody_has_filled_is_left_alone() -> None:
    assert untouched(LiveView(layer="regions", at=2.0))
    assert not untouched(opening())
    assert not any(untouched(race.view) for race in races().values())


def test_the_runs_of_a_race_are_known_as_one() -> None:
    for race in races().values():
        assert race_of(race.view.configs()) == race
    assert race_of(opening().configs()[:2]) is None
    assert race_of([]) is None


def test_a_recipe_leaves_what_is_shown_as_it_is() -> None:
    link = LiveView(layer="regions", chart="recall", at=3.0)
    filled = with_recipe(link, opening())
    assert (filled.layer, filled.chart, filled.at) == ("regions", "recall", 3.0)
    assert filled.configs() == opening().configs()
