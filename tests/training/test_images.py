"""The images that a run shows."""

from __future__ import annotations

import pytest

from lossviz.training.config import RunConfig
from lossviz.training.images import frame_points


@pytest.mark.parametrize(
    ("settings", "tests", "shown"),
    [
        ({}, 10_000, 200),
        ({}, 401, 200),
        ({}, 400, 400),
        ({}, 360, 360),  # a small set shows the same points at the end of an epoch and within it
        ({"points": 150}, 10_000, 150),
        ({"frame_points": 50}, 10_000, 50),
        ({"frame_points": 1000}, 10_000, 1000),
        ({"frame_points": 1000}, 360, 360),
    ],
)
def test_a_frame_shows_as_many_points_as_asked_or_two_hundred(
    settings: dict[str, int], tests: int, shown: int
) -> None:
    assert frame_points(RunConfig(**settings), tests) == shown
