"""What would help a run: by hand, and every remedy makes a config that is allowed and differs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lossviz import losses
from lossviz.readings.advice.remedies import MergeState, Remedy, advice, remedies
from lossviz.readings.advice.verdicts import before
from lossviz.training import RunConfig
from lossviz.training.measures import room_of


def found(classes: int = 10, told: MergeState = "merged", **settings: Any) -> dict[str, Remedy]:
    return {remedy.key: remedy for remedy in remedies(RunConfig(**settings), classes, told)}


def arcface(degrees: float, **settings: Any) -> dict[str, Any]:
    return {"loss": "arcface", "params": {"margin": math.radians(degrees)}, **settings}


@pytest.mark.parametrize(
    ("classes", "settings", "bound"),
    [
        (10, {"loss": "arcface"}, math.radians(36)),  # ten evenly spread on a circle
        (10, {"loss": "cosface"}, 1 - math.cos(math.radians(36))),
        (4, {"loss": "arcface", "dimension": 3}, math.acos(-1 / 3)),  # tetrahedron
        (10, {"loss": "camri"}, math.pi),  # one class that is cared for, the others opposite
        (10, {"loss": "camri", "params": {"important": (0, 1, 2)}}, math.pi / 2),
        (10, {"loss": "sphereface"}, math.inf),
    ],
)
def test_the_bound_of_a_margin_is_that_of_its_kind_and_dimension(
    classes: int, settings: Any, bound: float
) -> None:
    room = room_of(RunConfig(**settings), classes)
    assert room is not None
    assert (room.largest.low, room.largest.high) == (pytest.approx(bound), pytest.approx(bound))


def test_beyond_2_d_a_margin_that_cannot_fit_is_told_too() -> None:
    """A hundred directions in 3-D: caps of half the angle do not overlap, so less than 23°."""
    config = RunConfig(**arcface(30, dimension=3))
    (told,) = before(config, 100)
    assert "The margin 30° does not fit: 100 classes in 3-D can have margins below" in told
    assert list(found(100, told="", **arcface(30, dimension=3))) == ["dimension", "margin"]
    assert not before(RunConfig(**arcface(30, dimension=3)), 10)


def test_without_a_margin_on_the_angle_there_is_no_bound() -> None:
    assert room_of(RunConfig(loss="soft-d"), 10) is None
    assert room_of(RunConfig(loss="hinge"), 10) is None
    assert room_of(RunConfig(loss="arcface"), 1) is None


@pytest.mark.parametrize("told", ["merged", "not parted"])
@pytest.mark.parametrize("weights", ["spread", "random"])
@pytest.mark.parametrize("anneal", ["on", "off"])
@pytest.mark.parametrize("dimension", [2, 3])
def test_annealing_is_never_turned_on_and_turned_off_only_where_that_helped(
    told: MergeState, weights: str, anneal: str, dimension: int
) -> None:
    """Measured at s = 64 with class weights that begin spread; at 16 and 30 as many runs merged without."""
    for scale in (16.0, 30.0, 64.0):
        settings = {"anneal": anneal, "weight_init": weights, "dimension": dimension}
        ways = found(told=told, loss="arcface", params={"scale": scale}, **settings)
        wanted = {"anneal": "off"} if (weights, anneal, scale) == ("spread", "on", 64.0) else None
        changes = [way.changes["anneal"] for way in ways.values() if "anneal" in way.changes]
        assert changes == ([] if wanted is None else ["off"])


def test_spread_weights_are_a_remedy_where_they_start_at_random_in_2_d() -> None:
    assert found(**arcface(17, weight_init="random"))["spread"].changes == {"weight_init": "spread"}
    assert "36°" in found(**arcface(17, weight_init="random"))["spread"].why
    assert "spread" not in found(**arcface(17))
    assert "spread" in found(loss="soft-d")
    assert "spread" not in found(loss="soft-d", dimension=3)


@pytest.mark.parametrize(
    ("classes", "degrees", "lower"),
    # Half of what ten on a circle leave, 36°; of 3.6°, of 120°.
    [
        (10, 45, 18),
        (10, 28.6, 18),
        (10, 18, None),
        (10, 10, None),
        (100, 28, 1.8),
        (100, 1, None),
        (3, 85, 60),
    ],
)
def test_a_margin_that_is_tight_or_more_is_lowered_to_the_practical_one(
    classes: int, degrees: float, lower: Any
) -> None:
    remedy = found(classes, **arcface(degrees)).get("margin")
    if lower is None:
        assert remedy is None
    else:
        assert remedy is not None
        assert math.degrees(remedy.changes["params"]["margin"]) == pytest.approx(lower)
        assert remedy.label == f"Train again with a margin of {lower}°"


def test_a_tight_margin_is_not_lowered_where_class_weights_begin_at_random() -> None:
    assert "margin" not in found(**arcface(30, weight_init="random"))  # four of five stayed merged
    assert "margin" in found(**arcface(45, weight_init="random"))  # it does not fit
    assert "margin" not in found(told="", **arcface(30))


def test_margins_of_other_kinds_are_lowered_in_their_own_unit() -> None:
    (cosine,) = found(loss="cosface", params={"margin": 0.5, "scale": 30.0})["margin"].changes.values()
    assert cosine == {"margin": 0.095, "scale": 30.0}  # cos 9° − cos 27° = 0.0967
    assert found(loss="sphereface")["margin"].changes == {"params": {"margin": 3}}
    assert "margin" not in found(loss="sphereface", params={"margin": 3})
    assert "margin" not in found(loss="l2-softmax")
    assert "margin" not in found(**arcface(0))


@pytest.mark.parametrize(
    ("classes", "degrees", "enough"),
    [(10, 28.6, 3), (10, 66, 3), (10, 67, 4), (10, 89, 5), (10, 90, 9), (4, 90, 3)],
)
def test_more_dimensions_are_as_many_as_hold_the_margin(classes: int, degrees: float, enough: int) -> None:
    """Ten directions reach 66.1° in 3-D (Danzer), 80.4° in 4-D, 90° in 5-D, 96.4° in 9-D (the simplex)."""
    assert found(classes, **arcface(degrees))["dimension"].changes == {"dimension": enough}


def test_three_dimensions_are_a_remedy_for_losses_without_margin_and_not_beyond() -> None:
    assert found(loss="soft-d")["dimension"].changes == {"dimension": 3}
    assert found(loss="soft-d", dimension=1)["dimension"].changes == {"dimension": 3}
    assert "dimension" not in found(loss="soft-d", dimension=3)


def test_more_epochs_come_first_while_the_loss_falls_and_are_none_once_it_does_not() -> None:
    assert next(iter(found(told="not parted", **arcface(30, epochs=2)).items()))[0] == "longer"
    assert "longer" not in found(**arcface(30, epochs=2))


def test_more_epochs_are_a_remedy_where_nothing_else_is_to_be_changed() -> None:
    assert found(loss="soft-d", dimension=3, epochs=2)["longer"].changes == {"epochs": 8}
    assert list(found(loss="bce-d", dimension=16)) == ["longer"]
    assert "longer" not in found(loss="soft-d")
    assert not found(loss="soft-d", dimension=3, told="")
    assert not found(loss="soft-d", dimension=3, epochs=100_000)


@pytest.mark.parametrize(("classes", "gamma"), [(10, 4), (100, 4), (1000, 8), (100_000, 96)])
def test_a_gamma_below_the_bound_is_raised_with_room(classes: int, gamma: float) -> None:
    """Corollary 1: γ > log(2N − 3)/2, which is 1.4, 2.6, 3.8 and 6.1."""
    remedy = found(classes, told="", loss="bce-nu", params={"gamma": 1.0})["gamma"]
    assert remedy.changes == {"params": {"gamma": gamma}}
    assert not before(remedy.applied(RunConfig(loss="bce-nu", params={"gamma": 1.0})), classes)


def test_before_training_only_what_makes_it_fit_is_a_remedy() -> None:
    settings = arcface(45, anneal="off", weight_init="random")
    assert list(found(**settings)) == ["spread", "dimension", "margin"]
    assert list(found(told="", **settings)) == ["dimension", "margin"]
    assert not found(told="", **arcface(30, anneal="off"))
    assert not found(2, told="", loss="gce")


def test_the_advice_is_one_sentence_made_of_the_same_remedies() -> None:
    settings = RunConfig(**arcface(28.6, anneal="off", weight_init="random"))
    assert advice(remedies(settings, 10, "merged")) == (
        "Spread the class weights on the circle at the start, or embed in 3 dimensions."
    )
    assert advice([]) == ""


@pytest.mark.parametrize("loss", losses.keys())
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_every_remedy_makes_another_config_that_is_allowed(loss: str, dimension: int) -> None:
    config = RunConfig(loss=loss, dimension=dimension, anneal="off", weight_init="random", seed=3, epochs=5)
    for remedy in remedies(config, 10, "merged"):
        made = remedy.applied(config)
        assert made != config
        epochs = 20 if remedy.key == "longer" else 5
        assert (made.data, made.seed, made.epochs, made.loss) == (config.data, 3, epochs, loss)
        changed = {name for name in (*vars(config),) if getattr(made, name) != getattr(config, name)}
        assert changed == set(remedy.changes)
        again = {other.key for other in remedies(made, 10, "merged")}
        assert remedy.key not in again or remedy.key in ("margin", "longer")


def test_a_fork_is_trained_again_from_the_beginning() -> None:
    fork = RunConfig(**arcface(17, fork_run="x", fork_epoch=3, weight_init="random"))
    made = remedies(fork, 10, "merged")[0].applied(fork)
    assert (made.fork_run, made.fork_epoch, made.weight_init) == ("", 0, "spread")
