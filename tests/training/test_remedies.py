"""What would help a run: by hand, and every remedy makes a config that is allowed and differs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lossviz import losses
from lossviz.training import RunConfig
from lossviz.training.remedies import Remedy, advice, margin_bound, remedies
from lossviz.training.verdicts import before


def found(classes: int = 10, merged: bool = True, **settings: Any) -> dict[str, Remedy]:
    return {remedy.key: remedy for remedy in remedies(RunConfig(**settings), classes, merged)}


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
        (10, {"loss": "soft-d"}, math.inf),
    ],
)
def test_the_bound_of_a_margin_is_that_of_its_kind_and_dimension(
    classes: int, settings: Any, bound: float
) -> None:
    found = margin_bound(RunConfig(**settings), classes)
    assert (found.low, found.high) == (pytest.approx(bound), pytest.approx(bound))


def test_beyond_2_d_a_margin_that_cannot_fit_is_told_too() -> None:
    """A hundred directions in 3-D: caps of half the angle do not overlap, so less than 23°."""
    config = RunConfig(**arcface(30, dimension=3))
    (told,) = before(config, 100)
    assert "The margin 30° cannot be satisfied by 100 classes in 3-D" in told
    assert list(found(100, merged=False, **arcface(30, dimension=3))) == ["dimension", "margin"]
    assert not before(RunConfig(**arcface(30, dimension=3)), 10)


def test_annealing_is_a_remedy_where_a_loss_anneals_and_weights_start_at_random() -> None:
    random = {"weight_init": "random"}
    assert found(**arcface(17, anneal="off", **random))["anneal"].changes == {"anneal": "on"}
    assert found(**arcface(17, anneal="off", **random))["anneal"].label == "Train again with annealing"
    assert "anneal" not in found(**arcface(17, **random))  # by default it anneals in 2-D
    assert "anneal" in found(**arcface(17, dimension=3))  # and not in 3-D
    assert "anneal" not in found(**arcface(17, anneal="off"))  # spread by default
    assert "anneal" not in found(loss="soft-d")


def test_no_annealing_is_a_remedy_where_weights_start_spread() -> None:
    assert found(**arcface(17))["constant"].changes == {"anneal": "off"}
    assert "constant" not in found(**arcface(17, anneal="off"))
    assert "constant" not in found(**arcface(17, weight_init="random"))
    assert "constant" not in found(loss="soft-d", weight_init="spread")


def test_spread_weights_are_a_remedy_where_they_start_at_random_in_2_d() -> None:
    assert found(**arcface(17, weight_init="random"))["spread"].changes == {"weight_init": "spread"}
    assert "36°" in found(**arcface(17, weight_init="random"))["spread"].why
    assert "spread" not in found(**arcface(17))
    assert "spread" in found(loss="soft-d")
    assert "spread" not in found(loss="soft-d", dimension=3)


@pytest.mark.parametrize(
    ("classes", "degrees", "lower"),
    # Ten on a circle leave 36°: two thirds are 24°, a third 12°. A hundred leave 3.6°, three 120°.
    [(10, 45, 20), (10, 28.6, 20), (10, 20, 10), (10, 10, None), (100, 28, 2), (100, 2, 1), (3, 85, 50)],
)
def test_a_margin_is_lowered_to_a_round_one_with_room(classes: int, degrees: float, lower: Any) -> None:
    remedy = found(classes, **arcface(degrees)).get("margin")
    if lower is None:
        assert remedy is None
    else:
        assert remedy is not None
        assert math.degrees(remedy.changes["params"]["margin"]) == pytest.approx(lower)
        assert remedy.label == f"Train again with a margin of {lower}°"


def test_margins_of_other_kinds_are_lowered_in_their_own_unit() -> None:
    (cosine,) = found(loss="cosface", params={"margin": 0.5, "scale": 30.0})["margin"].changes.values()
    assert cosine == {"margin": 0.1, "scale": 30.0}  # 1 − cos 36° = 0.191; two thirds are 0.127
    assert found(loss="sphereface")["margin"].changes == {"params": {"margin": 2}}
    assert "margin" not in found(loss="sphereface", params={"margin": 2})
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


def test_more_epochs_are_a_remedy_where_nothing_else_is_to_be_changed() -> None:
    assert found(loss="soft-d", dimension=3, epochs=2)["longer"].changes == {"epochs": 8}
    assert list(found(loss="bce-d", dimension=16)) == ["longer"]
    assert "longer" not in found(loss="soft-d")
    assert not found(loss="soft-d", dimension=3, merged=False)
    assert not found(loss="soft-d", dimension=3, epochs=100_000)


@pytest.mark.parametrize(("classes", "gamma"), [(10, 4), (100, 4), (1000, 8), (100_000, 96)])
def test_a_gamma_below_the_bound_is_raised_with_room(classes: int, gamma: float) -> None:
    """Corollary 1: γ > log(2N − 3)/2, which is 1.4, 2.6, 3.8 and 6.1."""
    remedy = found(classes, merged=False, loss="bce-nu", params={"gamma": 1.0})["gamma"]
    assert remedy.changes == {"params": {"gamma": gamma}}
    assert not before(remedy.applied(RunConfig(loss="bce-nu", params={"gamma": 1.0})), classes)


def test_before_training_only_what_makes_it_fit_is_a_remedy() -> None:
    settings = arcface(45, anneal="off", weight_init="random")
    assert list(found(**settings)) == ["dimension", "spread", "margin", "anneal"]
    assert list(found(merged=False, **settings)) == ["dimension", "margin"]
    assert not found(merged=False, **arcface(30, anneal="off"))
    assert not found(2, merged=False, loss="gce")


def test_the_advice_is_one_sentence_made_of_the_same_remedies() -> None:
    settings = RunConfig(**arcface(28.6, anneal="off", weight_init="random"))
    assert advice(remedies(settings, 10)) == (
        "Embed in 3 dimensions, or spread the class weights on the circle at the start, or lower the margin "
        "to 20°, or turn annealing on."
    )
    assert advice([]) == ""


@pytest.mark.parametrize("loss", losses.keys())
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_every_remedy_makes_another_config_that_is_allowed(loss: str, dimension: int) -> None:
    config = RunConfig(loss=loss, dimension=dimension, anneal="off", weight_init="random", seed=3, epochs=5)
    for remedy in remedies(config, 10):
        made = remedy.applied(config)
        assert made != config
        epochs = 20 if remedy.key == "longer" else 5
        assert (made.data, made.seed, made.epochs, made.loss) == (config.data, 3, epochs, loss)
        changed = {name for name in (*vars(config),) if getattr(made, name) != getattr(config, name)}
        assert changed == set(remedy.changes)
        again = {other.key for other in remedies(made, 10)}
        assert remedy.key not in again or remedy.key in ("margin", "longer")


def test_a_fork_is_trained_again_from_the_beginning() -> None:
    fork = RunConfig(**arcface(17, fork_run="x", fork_epoch=3, weight_init="random"))
    made = remedies(fork, 10)[1].applied(fork)
    assert (made.fork_run, made.fork_epoch, made.weight_init) == ("", 0, "spread")
