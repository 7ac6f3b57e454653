"""One margin, three states: by hand, and against samples that are placed and looked at."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lossviz.metrics.bounds.margins import ANGLE, COSINE, FACTOR
from lossviz.metrics.bounds.room import Room
from lossviz.training.measures import margin_share


def degrees(margin: float, classes: int = 10, dimension: int = 2, important: int | None = None) -> Room:
    return Room(ANGLE, math.radians(margin), classes, dimension, important)


@pytest.mark.parametrize(
    ("room", "state"),
    [
        (degrees(0), "fits with room"),
        (degrees(18), "fits with room"),  # half of 36°
        (degrees(18.1), "tight"),
        (degrees(35.9), "tight"),
        (degrees(36), "does not fit"),
        (degrees(33, dimension=3), "fits with room"),  # half of 66.1°
        (degrees(38.8, classes=28, dimension=3), "tight"),  # between what was found, 39.3°, and half of it
        (degrees(39.5, classes=28, dimension=3), "tight"),  # open: not known to fit
        (degrees(90, important=1), "fits with room"),  # half of 180°
        (Room(COSINE, 0.095, 10, 2), "fits with room"),
        (Room(COSINE, 0.097, 10, 2), "tight"),  # cos 9° − cos 27° = 0.0967
        (Room(COSINE, 0.191, 10, 2), "does not fit"),  # 1 − cos 36° = 0.19098
        (Room(FACTOR, 3, 10, 2), "fits with room"),
        (Room(FACTOR, 4, 1000, 2), "tight"),
    ],
)
def test_a_margin_fits_with_room_is_tight_or_does_not_fit(room: Room, state: str) -> None:
    assert room.state == state


@pytest.mark.parametrize(
    ("link", "classes", "practical"),
    [
        (ANGLE, 10, math.radians(18)),
        (ANGLE, 7, math.radians(25.5)),  # 25.7°, rounded down
        (ANGLE, 1000, math.radians(0.18)),
        (COSINE, 10, 0.095),
        (COSINE, 2, math.sqrt(2)),  # cos 45° − cos 135°, down to 1.41
        (FACTOR, 10, 3),
    ],
)
def test_the_practical_margin_is_one_that_can_be_set(link: str, classes: int, practical: float) -> None:
    found = Room(link, 0.0, classes, 2).practical
    assert found == pytest.approx(practical, abs=0.005)
    assert Room(link, found, classes, 2).state == "fits with room"


@pytest.mark.parametrize("room", [degrees(18), degrees(30), Room(COSINE, 0.1, 10, 2), Room(FACTOR, 4, 10, 2)])
def test_a_sample_within_its_stray_has_the_margin_and_one_beyond_has_not(room: Room) -> None:
    """Ten weights evenly on the circle; samples of class 0 are turned towards class 1."""
    turn = 2 * math.pi * np.arange(10) / 10
    weights = np.stack([np.cos(turn), np.sin(turn)], -1)

    def share(angle: float) -> float:
        sample = 3 * np.array([[math.cos(angle), math.sin(angle)]])
        return margin_share(sample, np.array([0]), weights, room)

    assert share(room.stray - 1e-6) == 1
    assert share(room.stray + 1e-6) == 0
    half_way = math.radians(9)
    assert (room.stray >= half_way - 1e-9) == (room.state == "fits with room")


def test_the_share_counts_the_classes_that_are_to_have_the_margin() -> None:
    features = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
    labels, weights = np.array([0, 0, 1]), np.array([[1.0, 0.0], [0.0, 1.0]])
    room = Room(ANGLE, math.radians(45), 2, 2)  # the second lies 36.9° and 53.1° from the weights
    assert margin_share(features, labels, weights, room) == pytest.approx(2 / 3)
    assert margin_share(features, labels, weights, room, 0) == pytest.approx(1 / 2)
    assert margin_share(features, labels, weights, room, (1,)) == 1
    assert math.isnan(margin_share(features[:2], labels[:2], weights, room, 1))


def test_the_sentence_has_the_largest_the_practical_and_the_own_margin() -> None:
    limit = "10 classes in 2-D can have margins below 36°; with room up to 18°"
    assert degrees(45).sentence.startswith(f"The margin 45° does not fit: {limit}")
    tight = degrees(30).sentence
    assert tight.startswith(
        "The margin 30° fits, but is tight: samples within 3° of their class weight have it"
    )
    assert limit in tight
    assert degrees(17).sentence.startswith("The margin 17° fits with room: samples within 9.5° of ")
    assert "may not fit at all" in degrees(39.5, classes=28, dimension=3).sentence
    assert "1 of 10 classes" in degrees(30, important=1).sentence
