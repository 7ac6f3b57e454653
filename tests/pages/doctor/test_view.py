"""The doctor's view: the URL, what is refused, and the sentences of the named settings."""

from __future__ import annotations

import pytest

from lossviz import losses
from lossviz.core.errors import ConfigError
from lossviz.pages.doctor.presets import presets
from lossviz.readings.advice import verdict
from lossviz.readings.advice.question import ASKS, DoctorView


def test_a_loss_that_is_not_judged_is_told_and_the_default_shown() -> None:
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
