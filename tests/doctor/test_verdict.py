"""What the doctor says, with numbers that can be checked by hand, and the ways that it offers."""

from __future__ import annotations

import math

import pytest

from lossviz.doctor import arrangement, maps, verdict
from lossviz.doctor.view import ASKS, DoctorView, presets
from lossviz.figures import print_chart


def answered(**settings: object) -> verdict.Verdict:
    return verdict.verdict(DoctorView(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "answer"),
    [
        ({"params": {"margin": 0.6}}, "fits"),  # 34.4° < 36°
        ({"params": {"margin": 0.64}}, "does not fit"),  # 36.7°
        ({"params": {"margin": 0.64}, "dimension": 3}, "fits"),
        ({"loss": "cosface"}, "does not fit"),  # 0.35 > 1 − cos 36°
        ({"loss": "cosface", "classes": 7}, "fits"),
        ({"loss": "camri", "params": {"margin": 1.5}}, "fits"),
        ({"loss": "camri", "params": {"margin": 1.5}, "cared": 10}, "does not fit"),
        ({"loss": "sphereface", "classes": 1000}, "fits"),
        ({"loss": "l2-softmax", "params": {"scale": 4.0}}, "does not fit"),
        ({"loss": "soft-nu"}, "fits"),
        ({"loss": "bce-nu", "params": {"gamma": 1.2}}, "does not fit"),  # log 17 / 2 = 1.42
        ({"loss": "bce-nu", "params": {"gamma": 2.0}, "dimension": 9}, "does not fit"),  # 0.9 log 17 = 2.55
        ({"loss": "bce-nu", "params": {"gamma": 2.6}, "dimension": 9}, "fits"),
        ({"loss": "bce-nu", "params": {"gamma": 3.0}}, "open"),
    ],
)
def test_answers_that_can_be_checked_by_hand(settings: dict[str, object], answer: str) -> None:
    assert answered(**settings).answer == answer


def test_the_sentences_hold_the_numbers() -> None:
    said = answered(params={"margin": math.radians(40)})
    assert said.head == "It does not fit."
    assert "at most 36° apart; the margin 40°" in said.sentence
    assert "evenly spaced" in said.why
    said = answered(loss="cosface")
    assert "0.35 (an angle of 49.46°)" in said.sentence
    assert "1.42" in answered(loss="bce-nu", params={"gamma": 1.2}).sentence
    assert "48.3 %" in answered(loss="l2-softmax", params={"scale": 4.0}).sentence
    camri = answered(loss="camri", params={"margin": 1.2}).sentence
    assert camri.startswith("One class with a margin in 2-D can be 180° apart from the rest")


def test_the_loss_with_its_margin_is_told_beside_a_margin_that_has_a_scale() -> None:
    line = verdict.scale_line(DoctorView(params={"margin": 0.3}))
    assert "s = 16" in line
    assert "91.4 %" in line
    assert not verdict.scale_line(DoctorView(loss="sphereface"))
    assert not verdict.scale_line(DoctorView(loss="camri"))
    assert verdict.scale_line(DoctorView(loss="camri", cared=10))


@pytest.mark.parametrize("name", list(presets()))
def test_every_way_leads_to_a_setting_that_fits(name: str) -> None:
    view = presets()[name].view
    for way in verdict.ways(view):
        assert verdict.verdict(way.view).answer == "fits", way.label
        assert way.view != view


def test_where_more_fits_than_the_slider_has_its_end_is_offered_as_that() -> None:
    labels = [way.label for way in verdict.ways(DoctorView(classes=3))]
    assert "Largest margin: 90° (end of the slider)" in labels
    assert "Largest margin: 71.5°" in [way.label for way in verdict.ways(DoctorView(classes=5))]


def test_a_gamma_that_is_not_enough_is_told_which_is() -> None:
    said = verdict.verdict(DoctorView(loss="bce-nu", params={"gamma": 1.5})).sentence
    assert "they need γ > 2.55, and γ > 6.16 is surely enough." in said


def test_the_ways_are_the_last_that_fit() -> None:
    view = presets()["ArcFace, ten digits in 2-D"].view
    ways = {way.label: way.view for way in verdict.ways(view)}
    assert list(ways) == ["Largest margin: 35.5°", "Fewest dimensions: 3", "Most classes: 7"]
    assert verdict.verdict(view.with_setting("classes", 8)).answer == "does not fit"
    assert verdict.verdict(view.with_param("margin", math.radians(36))).answer == "does not fit"


@pytest.mark.parametrize("key", list(ASKS))
@pytest.mark.parametrize(("classes", "dimension"), [(2, 2), (10, 3), (1000, 512), (30_000, 16)])
def test_every_map_and_its_numbers_can_be_drawn(key: str, classes: int, dimension: int) -> None:
    view = DoctorView(loss=key, classes=classes, dimension=dimension)
    made = maps.chart(view)
    assert verdict.verdict(view).head in made.alt
    rows = maps.table(view, "map").csv().splitlines()
    assert any(row.startswith(f"{classes},") for row in rows)


def test_maps_print_in_both_forms() -> None:
    for section in (maps.chart, maps.probability_chart, arrangement.chart):
        assert print_chart.save(section(DoctorView()), "svg").startswith(b"<?xml")


def test_directions_are_drawn_in_two_and_three_dimensions_only() -> None:
    assert not arrangement.lacks(DoctorView())
    assert not arrangement.lacks(DoctorView(dimension=3))
    assert "4 dimensions" in arrangement.lacks(DoctorView(dimension=4))
    assert "1,000" in arrangement.lacks(DoctorView(classes=1000))


def test_beams_touch_where_the_margin_is_the_gap() -> None:
    places, halves = arrangement.angles(DoctorView(classes=5, params={"margin": math.radians(72)}))
    assert places[1] - places[0] == pytest.approx(halves[0] + halves[1])


@pytest.mark.parametrize("cared", [1, 2, 3])
def test_important_classes_keep_their_distance_and_the_rest_share_the_circle(cared: int) -> None:
    view = DoctorView(loss="camri", params={"margin": 1.2}, cared=cared)
    places, reach = arrangement.angles(view)
    for k in range(10):
        apart = [abs(math.remainder(places[k] - places[j], 2 * math.pi)) for j in range(10) if j != k]
        assert min(apart) > reach[k]
    assert (reach > 0).sum() == cared
    assert reach.max() == pytest.approx(1.2)
