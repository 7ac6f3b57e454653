"""Frames in, one looping animated picture out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import recordings


def bar(at: int, width: int = 1000) -> Image.Image:
    """White, with a black bar from column `at` on."""
    picture = Image.new("RGB", (width, 500), "white")
    picture.paste("black", (at, 0, at + 100, 500))
    return picture


def durations(picture: Image.Image) -> list[int]:
    told = []
    for n in range(picture.n_frames):
        picture.seek(n)
        picture.load()
        told.append(picture.info["duration"])
    return told


def test_all_frames_stand_there_in_order_and_the_last_one_stays(tmp_path: Path) -> None:
    frames = [bar(100 * n) for n in range(6)]
    out = recordings.assemble(frames, tmp_path / "a.webp", per_second=10, hold=1.5)
    with Image.open(out) as made:
        assert made.format == "WEBP"
        assert (made.n_frames, made.size) == (6, (800, 400))
        assert made.info["loop"] == 0
        assert durations(made) == [100] * 5 + [1500]
        made.seek(3)
        dark = np.asarray(made.convert("L"))[200] < 128
    # the bar of the fourth frame, at 800 of 1000 pixels
    assert (int(dark.argmax()), int(dark.sum())) == (pytest.approx(240, abs=2), pytest.approx(80, abs=3))


def test_a_narrow_frame_is_not_made_larger(tmp_path: Path) -> None:
    with Image.open(recordings.assemble([bar(0, 300), bar(50, 300)], tmp_path / "a.webp")) as made:
        assert made.size == (300, 500)


@pytest.mark.parametrize("frames", [[], [bar(0), bar(0, 900)]])
def test_frames_that_do_not_fit_are_refused(frames: list[Image.Image], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="of one size"):
        recordings.assemble(frames, tmp_path / "a.webp")


def test_a_pointer_stands_where_the_mouse_is_and_a_press_has_a_ring() -> None:
    white = Image.new("RGB", (60, 60), "white")
    free, pressed = (np.asarray(recordings.with_pointer(white, 20, 25, down)) for down in (False, True))
    assert free[30, 22].max() < 60
    assert (free[25, 7:10] == 255).all()
    assert tuple(pressed[25, 8]) == (28, 111, 209)
    assert np.asarray(white).min() == 255


def test_the_recordings_of_the_readme_are_small_enough_for_it() -> None:
    for name in recordings.RECORDINGS:
        out = recordings.FOLDER / f"{name}.webp"
        assert out.stat().st_size <= recordings.SIZE_LIMIT
        with Image.open(out) as made:
            assert 6000 <= sum(durations(made)) <= 11_000
