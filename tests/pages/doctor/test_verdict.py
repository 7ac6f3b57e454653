"""What the doctor says, with numbers that can be checked by hand, and the ways that it offers."""

from __future__ import annotations

import math

import pytest

from lossviz.figures import print_chart
from lossviz.figures.chart import Note
from lossviz.pages.doctor import arrangement, map_table, maps
from lossviz.pages.doctor.presets import presets
from lossviz.readings.advice import verdict
from lossviz.readings.advice.question import ASKS, DoctorView


def answered(**settings: object) -> verdict.Verdict:
    return verdict.verdict(DoctorView(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "answer"),
    [
        ({"params": {"margin": 0.6}}, "tight"),  # 34.4° < 36°
        ({"params": {"margin": 0.3}}, "fits with room"),
        ({"params": {"margin": 0.64}}, "does not fit"),  # 36.7°
        ({"params": {"margin": 0.64}, "dimension": 3}, "tight"),
        ({"loss": "cosface"}, "does not fit"),  # 0.35 > 1 − cos 36°
        ({"loss": "cosface", "classes": 7}, "tight"),
        ({"loss": "camri", "params": {"margin": 1.5}}, "fits with room"),
        ({"loss": "camri", "params": {"margin": 1.5}, "cared": 10}, "does not fit"),
        ({"loss": "sphereface", "classes": 1000}, "tight"),
        ({"loss": "sphereface", "params": {"angle-factor": 3}}, "fits with room"),
        ({"loss": "l2-softmax", "params": {"scale": 4.0}}, "not enough"),
        ({"loss": "soft-nu"}, "enough"),
        ({"section": "probability", "params": {"margin": 0.8, "scale": 16.0}}, "enough"),  # the margin apart,
        ({"loss": "bce-nu", "params": {"gamma": 1.2}}, "not enough"),  # log 17 / 2 = 1.42
        ({"loss": "bce-nu", "params": {"gamma": 2.0}, "dimension": 9}, "not enough"),  # 0.9 log 17 = 2.55
        ({"loss": "bce-nu", "params": {"gamma": 2.6}, "dimension": 9}, "enough"),
        ({"loss": "bce-nu", "params": {"gamma": 3.0}}, "open"),
    ],
)
def test_answers_that_can_be_checked_by_hand(settings: dict[str, object], answer: str) -> None:
    assert answered(**settings).answer == answer


def test_the_sentences_hold_the_numbers() -> None:
    said = answered(params={"margin": math.radians(40)})
    assert said.head == "It does not fit."
    assert said.sentence.startswith(
        "The margin 40° does not fit: 10 classes in 2-D can have margins below 36"
    )
    assert "evenly spaced" in said.why
    said = answered(loss="cosface")
    assert "0.35 asks for class weights 49.46° apart" in said.sentence
    assert "1.42" in answered(loss="bce-nu", params={"gamma": 1.2}).sentence
    assert "48.3 %" in answered(loss="l2-softmax", params={"scale": 4.0}).sentence
    camri = answered(loss="camri", params={"margin": 1.2}).sentence
    assert "1 of 10 classes in 2-D can have margins below 180°" in camri
    assert "the others none: 2 directions can be 180° apart" in camri


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
        answer = verdict.verdict(way.view).answer
        assert answer == "tight" if way.label.endswith(" (tight)") else answer in ("fits with room", "enough")
        assert way.view != view


def test_the_margin_that_is_offered_leaves_room_and_ends_at_the_slider() -> None:
    labels = [way.label for way in verdict.ways(DoctorView(loss="cosface", classes=2))]
    assert "Practical margin: 1" in labels  # of 1.41
    assert "Practical margin: 36°" in [way.label for way in verdict.ways(DoctorView(classes=5))]


def test_a_gamma_that_is_not_enough_is_told_which_is() -> None:
    said = verdict.verdict(DoctorView(loss="bce-nu", params={"gamma": 1.5})).sentence
    assert "they need γ > 2.55, and γ > 6.16 is surely enough." in said


def test_the_ways_are_the_last_that_fit() -> None:
    view = presets()["ArcFace, ten digits in 2-D"].view
    ways = {way.label: way.view for way in verdict.ways(view)}
    assert list(ways) == ["Practical margin: 18°", "Fewest dimensions: 3 (tight)", "Most classes: 7 (tight)"]
    assert verdict.verdict(view.with_setting("classes", 8)).answer == "does not fit"
    assert verdict.verdict(view.with_param("margin", math.radians(36))).answer == "does not fit"


@pytest.mark.parametrize("key", list(ASKS))
@pytest.mark.parametrize(("classes", "dimension"), [(2, 2), (10, 3), (1000, 512), (30_000, 16)])
def test_every_map_and_its_numbers_can_be_drawn(key: str, classes: int, dimension: int) -> None:
    view = DoctorView(loss=key, classes=classes, dimension=dimension)
    made = maps.chart(view)
    assert verdict.verdict(view).head in made.alt
    rows = map_table.table(view).csv().splitlines()
    assert any(row.startswith(f"{classes},") for row in rows)


def test_maps_print_in_both_forms() -> None:
    for section in ("map", "probability", "arrangement"):
        draw = arrangement.chart if section == "arrangement" else maps.chart
        assert print_chart.save(draw(DoctorView(section=section)), "svg").startswith(b"<?xml")


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


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (DoctorView(), {"fits with room", "tight", "does not fit"}),
        (DoctorView(section="probability"), {"enough", "not enough"}),
        (DoctorView(loss="l2-softmax"), {"enough", "not enough"}),
        (DoctorView(loss="bce-nu", dimension=3), {"enough", "open", "not enough"}),
    ],
)
def test_fits_is_said_of_margins_alone(view: DoctorView, words: set[str]) -> None:
    """The probability that a scale allows is another question, with other words, about the same setting."""
    (panel,) = maps.chart(view).panels
    known = {"fits with room", "tight", "does not fit", "enough", "open", "not enough"}
    assert {mark.text for mark in panel.marks if isinstance(mark, Note)} & known == words
    told = verdict.verdict(view)
    if view.asks != "margin":
        assert not any("fit" in part for part in (told.head, told.sentence, verdict.question(view)))
