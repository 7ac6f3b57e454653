"""The words beside the curves: names short enough for a line's end, and times as one says them."""

from __future__ import annotations

import pytest

from lossviz.pages.train.ui import numbers
from lossviz.runs import RunStatus


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["ArcFace, s 16, m 0°", "ArcFace, s 16, m 15°"], ["m 0°", "m 15°"]),
        (
            ["ArcFace, s 30, m 17°, annealing on", "ArcFace, s 30, m 17°, annealing off"],
            ["annealing on", "annealing off"],
        ),
        (["Cross-entropy", "ArcFace"], ["Cross-entropy", "ArcFace"]),
        (
            ["Center, λ 0.1", "ArcFace, s 16, m 0°", "ArcFace, s 16, m 15°"],
            ["Center, λ 0.1", "ArcFace, s 16, m 0°", "ArcFace, s 16, m 15°"],
        ),
        (["ArcFace, s 16"], ["ArcFace, s 16"]),
        (["0", "1"], ["0", "1"]),
        ([], []),
    ],
)
def test_the_name_at_a_lines_end_is_what_tells_the_lines_apart(names: list[str], wanted: list[str]) -> None:
    assert numbers.short_names(names) == wanted


@pytest.mark.parametrize(
    ("state", "left", "wanted"),
    [
        ("running", 119.0, "CE: 500 images/s on CPU, 119 s left"),
        ("running", 524.0, "CE: 500 images/s on CPU, 9 min left"),
        ("running", 9000.0, "CE: 500 images/s on CPU, 2.5 h left"),
        ("running", 0.0, "CE: 500 images/s on CPU"),
        ("paused", 524.0, "CE: paused after 7.0 s on CPU"),
        ("finished", 0.0, "CE: 7.0 s on CPU"),
    ],
)
def test_the_time_left_is_said_as_one_says_it_and_only_while_time_passes(
    state: str, left: float, wanted: str
) -> None:
    now = RunStatus(state=state, seconds=7.0, seconds_left=left, images_per_second=500.0, device="CPU")
    assert numbers.speeds_text([("CE", now)]) == wanted


def test_a_device_that_all_runs_share_is_named_once() -> None:
    done = RunStatus(state="finished", seconds=7.0, device="CPU, 1 thread")
    assert numbers.speeds_text([("CE", done)]) == "CE: 7.0 s on CPU, 1 thread"
    assert numbers.speeds_text([("CE", done), ("ArcFace", done)]) == (
        "CE: 7.0 s · ArcFace: 7.0 s · all on CPU, 1 thread"
    )
    other = RunStatus(state="finished", seconds=2.0, device="CUDA")
    assert numbers.speeds_text([("CE", done), ("Center", other)]) == (
        "CE: 7.0 s on CPU, 1 thread · Center: 2.0 s on CUDA"
    )
    assert numbers.speeds_text([]) == ""
