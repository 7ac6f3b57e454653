"""A plan is losses × axes × seeds; every cell is there once, under the hash of its config."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lossviz.core.errors import LossvizError
from lossviz.sweeps import Plan
from lossviz.training.config import RunConfig

BASE = {"data": "digits", "epochs": "2"}


def read(
    losses: str = "arcface", *vary: str, seeds: str = "2", base: dict[str, str] = BASE, **more: str
) -> Plan:
    return Plan.read(base, losses.split(","), vary, seeds, **more)


def test_a_grid_has_every_combination_once() -> None:
    plan = read("arcface,camri", "margin=0,0.2", "scale=4,16,64", seeds="3")
    assert len(plan.cells) == plan.asked == 2 * 2 * 3 * 3
    found = {
        (c.config.loss, c.config.loss_params()["margin"], c.config.loss_params()["scale"], c.config.seed)
        for c in plan.cells
    }
    assert len(found) == 36
    assert {cell.config.epochs for cell in plan.cells} == {2}
    # All settings with the first seed come first.
    assert {cell.config.seed for cell in plan.cells[:12]} == {0}


def test_a_loss_without_the_parameter_is_trained_once_a_seed() -> None:
    plan = read("arcface,soft-d", "margin=0,0.2,0.4")
    of_soft = [cell for cell in plan.cells if cell.config.loss == "soft-d"]
    assert [(cell.config.seed, cell.at) for cell in of_soft] == [(0, (-1,)), (1, (-1,))]
    shared = read("arcface,soft-d", base={**BASE, "margin": "0.3"})
    assert [cell.config.params.get("margin") for cell in shared.cells[:2]] == [0.3, None]


def test_an_id_stands_for_a_config_and_nothing_else() -> None:
    one, other = read("arcface", "margin=0,0.2"), read("arcface", "margin=0.2,0.4")
    common = {cell.id for cell in one.cells} & {cell.id for cell in other.cells}
    assert len(common) == 2
    by_id = {cell.id: cell.config for cell in one.cells}
    assert all(by_id[cell.id] == cell.config for cell in other.cells if cell.id in common)
    cell = one.cells[0]
    for name, value in {"seed": 9, "epochs": 3, "threads": 2, "rate": 0.5, "subset_seed": 2}.items():
        assert replace(cell, config=cell.config.but(**{name: value})).id != cell.id, name


def test_seeds_of_training_and_of_subsets_are_apart() -> None:
    plan = read(seeds="0,7", subset_seeds="1,2", base={**BASE, "train_images": "200"})
    assert [(c.config.seed, c.config.subset_seed) for c in plan.cells] == [(0, 1), (7, 1), (0, 2), (7, 2)]
    assert read(seeds="4,").seeds == (4,)
    assert read(seeds="4").seeds == (0, 1, 2, 3)


def test_the_same_is_read_again() -> None:
    plan = read("arcface,camri", "margin=0:45deg:3", "optimizer=sgd,adamw", seeds="0,3", subset_seeds="5")
    again = Plan.from_values(plan.to_values())
    assert again == plan
    assert again.id == plan.id
    assert [cell.config for cell in again.cells] == [cell.config for cell in plan.cells]
    assert read("arcface", seeds="4,") == Plan.from_values(read("arcface", seeds="4,").to_values())


def test_cells_are_shown_at_the_ends_of_epochs_unless_asked_otherwise() -> None:
    assert {cell.config.snapshot_every for cell in read().cells} == {10**9}
    assert {c.config.snapshot_every for c in read(base={**BASE, "snapshot_every": "5"}).cells} == {5}


@pytest.mark.parametrize(
    ("losses", "vary", "more", "says"),
    [
        ("", [], {}, "loss"),
        ("nothing", [], {}, "nothing"),
        ("arcface", ["margin=0,0.1", "margin=0.2"], {}, "twice"),
        ("arcface", ["epochs=1,2"], {}, "epochs is given twice"),
        ("arcface", [], {"seeds": "x"}, "how many"),
        ("arcface", [], {"seeds": "0"}, "1 to 100 seeds"),
        ("arcface", [], {"seeds": "101"}, "1 to 100 seeds"),
        ("arcface", [], {"subset_seeds": "-1"}, "whole numbers"),
        ("arcface", ["scale=1:64:200", "margin=0:1:200"], {}, "at most 20,000 cells"),
    ],
)
def test_what_is_wrong_is_told(losses: str, vary: list[str], more: dict[str, str], says: str) -> None:
    with pytest.raises(LossvizError, match=says):
        Plan.read(BASE, losses.split(",") if losses else [], vary, **more)


@pytest.mark.parametrize("name", ["seed", "loss", "fork_run", "subset_seed"])
def test_settings_that_are_not_shared_are_refused(name: str) -> None:
    with pytest.raises(LossvizError, match="not shared"):
        Plan.read({**BASE, name: "1"}, ["arcface"])


def test_a_subset_seed_changes_the_images_and_a_seed_does_not() -> None:
    from lossviz.training.images import choice_of, same_images

    one = RunConfig(train_images=100, subset_seed=1)
    assert choice_of(one).seed == 1
    assert same_images(one, one.but(seed=5))
    assert not same_images(one, one.but(subset_seed=2))
    assert choice_of(RunConfig(seed=3)).seed == 3


def test_a_value_that_the_classes_of_the_data_refute_is_told_before_anything_is_trained() -> None:
    for vary, rule in (("costs=none;0,1,4/1,0,1/1,1,0", "10 rows"), ("important=0;3,12", "9")):
        with pytest.raises(LossvizError, match=rule):
            Plan.read({"data": "digits"}, ["wasserstein"], [vary])
    # A plan that was stored before that was told is still read.
    stored = Plan.read({"data": "digits"}, ["wasserstein"], ["important=0;3"]).to_values()
    plan = Plan.from_values({**stored, "vary": ["important=0;12"]})
    assert [cell.config.params for cell in plan.cells][:2] == [{}, {"important": 12}]
