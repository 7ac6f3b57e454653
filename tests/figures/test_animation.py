"""Animated pages and zips of pictures: self-contained, small, the same each time."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lossviz.figures import animation, palette, print_scatter
from lossviz.figures.scatter import Options, Panel, Timeline
from tests.figures.wire_reader import story as told_by

CLASSES = [str(k) for k in range(10)]


def panel(step: int = 0, points: int = 50, run: str = "a", **changes: Any) -> Panel:
    random = np.random.default_rng(step)
    labels = np.arange(points) % 10
    given: dict[str, Any] = {
        "run": run,
        "title": "ArcFace",
        "note": f"step {step}",
        "classes": CLASSES,
        "features": random.normal(size=(points, 2)).astype("f4"),
        "labels": labels,
        "predictions": labels,
        "weights": random.normal(size=(10, 2)).astype("f4"),
    }
    return Panel(**{**given, **changes})


def story(count: int = 3, **changes: Any) -> tuple[list[list[Panel]], Timeline]:
    timeline = Timeline(steps=range(0, 10 * count, 10), epochs=[n / 2 for n in range(count)])
    return [[panel(step, **changes)] for step in timeline.steps], timeline


def test_a_page_loads_nothing_from_anywhere() -> None:
    html = animation.page("A run", *story())
    assert not re.search(
        r"""(?:src|href)\s*=|@import|url\(|fetch\(|import\(|https?://(?!www\.w3\.org)""", html
    )
    assert "default-src 'none'" in html


def test_a_page_holds_the_features_of_every_frame_bit_for_bit() -> None:
    frames, timeline = story()
    html = animation.page("A run", frames, timeline)
    told, array = told_by(html)
    for given, shown in zip(frames, told["frames"], strict=True):
        where = shown["panels"][0]["arrays"]["features"]
        assert np.array_equal(array(where), given[0].features.ravel())  # type: ignore[union-attr]


def test_a_hundred_frames_of_five_hundred_points_take_less_than_a_megabyte() -> None:
    assert len(animation.page("A run", *story(100, points=500)).encode()) < 1e6


def test_axes_stand_still_where_no_reach_is_given() -> None:
    frames, timeline = story()
    farthest = max(np.abs(panels[0].features).max() for panels in frames)  # type: ignore[arg-type]
    told, _ = told_by(animation.page("A run", frames, timeline))
    reaches = {shown["panels"][0]["reach"] for shown in told["frames"]}
    assert len(reaches) == 1
    assert farthest < reaches.pop() < 1.2 * farthest


def test_texts_cannot_become_markup() -> None:
    evil = '</script><script>alert("&")</script>'
    html = animation.page(evil, *story(classes=[evil, *CLASSES[1:]]), about=[evil], command=evil)
    assert html.count("<script") == 2
    assert told_by(html)[0]["frames"][0]["panels"][0]["classes"][0] == evil


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda frames, line: ([], line), "at least one frame"),
        (lambda frames, line: (frames[1:], line), "3 steps for 2 frames"),
        (lambda frames, line: ([*frames[:2], [panel(run="b")]], line), r"frame 2 has \['b'\]"),
    ],
)
def test_frames_that_do_not_belong_together_are_refused(change: Any, text: str) -> None:
    for made in (lambda *given: animation.page("A run", *given), animation.png_frames):
        with pytest.raises(ValueError, match=text):
            made(*change(*story()))


def test_images_of_the_wrong_type_are_refused() -> None:
    with pytest.raises(ValueError, match="uint8"):
        animation.page("A run", *story(), images=np.zeros((50, 8, 8)))


# ------------------------------------------------------------------ pictures


def test_the_frames_come_as_pictures_of_one_size_named_by_frame_and_step() -> None:
    frames, timeline = story(2)
    done: list[tuple[int, int]] = []
    packed = animation.png_frames(frames, timeline, progress=lambda *now: done.append(now))
    archive = zipfile.ZipFile(io.BytesIO(packed))
    assert archive.namelist() == ["frame-00000-step-000000.png", "frame-00001-step-000010.png"]
    sizes = {Image.open(io.BytesIO(archive.read(name))).size for name in archive.namelist()}
    assert len(sizes) == 1
    assert done == [(1, 2), (2, 2)]
    assert animation.png_frames(frames, timeline) == packed


def test_a_printed_point_has_its_place_and_class_colour() -> None:
    some = panel(reach=3.0)
    figure = print_scatter.figure([some], Options())
    axes = next(a for a in figure.axes if a.get_label() == "panel")
    for k in range(10):
        line = next(each for each in axes.lines if each.get_label() == f"class {k}")
        assert np.allclose(line.get_xydata(), some.features[some.labels == k])  # type: ignore[index]
        assert line.get_color() == palette.class_color(k)
    assert axes.get_xlim() == (-3.0, 3.0)


def test_misclassified_points_and_only_they_are_ringed_in_print() -> None:
    wrong = panel(reach=3.0)
    predictions = wrong.labels.copy()  # type: ignore[union-attr]
    predictions[7] = (predictions[7] + 1) % 10
    figure = print_scatter.figure([panel(reach=3.0, predictions=predictions)], Options())
    axes = next(a for a in figure.axes if a.get_label() == "panel")
    rings = next(each for each in axes.lines if each.get_label() == "misclassified")
    assert np.allclose(rings.get_xydata(), wrong.features[[7]])  # type: ignore[index]


def test_three_dimensions_are_seen_from_the_side_without_stretching() -> None:
    unit = print_scatter.side_view(np.eye(3))
    assert np.allclose(unit.T @ unit, np.eye(2))  # so it is an orthogonal projection


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("layer", ["field", "regions"])
def test_fields_and_regions_lie_behind_the_points_in_print(layer: Any, dark: bool) -> None:
    across = np.tile(np.linspace(0, 1, 21), (21, 1))
    some = panel(
        reach=3.0, field=across, levels=np.linspace(0, 1, 5), regions=(across > 0.5).astype(int), points=10
    )
    picture = print_scatter.save([some], Options(layer=layer, weights=False), dark=dark)
    figure = print_scatter.figure([some], Options(layer=layer, weights=False), dark=dark)
    axes = next(a for a in figure.axes if a.get_label() == "panel")
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).astype(int)
    box = axes.get_position()
    row = int(pixels.shape[0] * (1 - box.y0 - 0.02 * box.height))
    left, right = (pixels[row, int(pixels.shape[1] * (box.x0 + f * box.width))] for f in (0.05, 0.95))
    if layer == "field":
        assert left[2] > left[0] + 40  # blue
        assert right[0] > right[2] + 40  # yellow
    else:
        for shown, k in ((left, 0), (right, 1)):
            own = np.array([int(palette.class_color(k)[i : i + 2], 16) for i in (1, 3, 5)])
            page = palette.theme(dark).background
            ground = np.array([int(page[i : i + 2], 16) for i in (1, 3, 5)])
            share = 0.34 if dark else 0.3
            assert np.abs(shown - (share * own + (1 - share) * ground)).max() < 3
