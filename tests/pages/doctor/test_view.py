"""The doctor's view: the URL, what is refused, and the sentences of the named settings."""

from __future__ import annotations

import pytest

from lossviz import losses
from lossviz.core.errors import ConfigError
from lossviz.pages.doctor.presets import presets
from lossviz.readings.advice import verdict
from lossviz.readings.advice.question import ASKS, DoctorView


def test_a_wrong_link_is_told_in_words_and_shows_the_default() -> None:
    view, problems = DoctorView.from_query(
        {"classes": "1", "dimension": "9999", "loss": "cosface", "cosine-margin": "7", "colour": "red"}
    )
    assert (view.classes, view.dimension, view.loss, view.params) == (10, 2, "cosface", {})
    words = ("[2, 100000]; got 1", "dimension in the link", "[0, 1]; got 7", "'colour'")
    for word, problem in zip(words, problems, strict=True):
        assert word in problem
    view, problems = DoctorView.from_query({"loss": "center"})
    assert view == next(iter(presets().values())).view
    assert problems[0].startswith("“Loss” must be one of arcface")
    _, problems = DoctorView.from_query({"loss": "camri", "cared": "0"})
    assert "(cared in the link) must be a whole number in [1, " in problems[0]


def test_a_picture_that_a_loss_has_not_is_told() -> None:
    view, problems = DoctorView.from_query({"loss": "bce-nu", "section": "probability"})
    assert view.section == "map"
    assert "must be one of map, arrangement, runs; got 'probability'" in problems[0]
    assert DoctorView(section="probability").with_setting("loss", "l2-softmax").section == "map"
    assert DoctorView(section="probability").with_setting("classes", 4).section == "probability"


def test_parameters_go_with_the_loss_that_had_them() -> None:
    view = DoctorView(params={"margin": 0.3, "scale": 8.0})
    assert view.with_setting("loss", "camri").params == {"margin": 0.3, "scale": 8.0}
    assert view.with_setting("loss", "cosface").params == {"scale": 8.0}
    assert view.with_setting("loss", "bce-nu").params == {}
    with pytest.raises(ConfigError):
        view.with_setting("dimension", 1)


@pytest.mark.parametrize("key", list(ASKS))
def test_every_loss_is_known_and_has_the_parameter_that_is_judged(key: str) -> None:
    view = DoctorView(loss=key)
    assert losses.get(key).key == key
    assert view.value == view.param.default
    assert verdict.verdict(view).sentence
    assert verdict.question(view).endswith("?")
