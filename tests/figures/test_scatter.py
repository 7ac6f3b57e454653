"""The bytes of a scatter: read back by a reader of their own; shapes that do not fit are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lossviz.figures.scatter import Options, Panel, Picked, Timeline, Values, encode
from tests.figures.wire_reader import read


def some(**changes: Any) -> Panel:
    random = np.random.default_rng(0)
    given: dict[str, Any] = {
        "run": "a",
        "title": "ArcFace",
        "classes": ["x", "y", "ß"],
        "reach": 3.0,
        "features": random.normal(size=(5, 2)),
        "labels": np.array([0, 1, 2, 1, 0]),
    }
    return Panel(**{**given, **changes})


def test_every_array_comes_back_as_it_was_given() -> None:
    grid = np.arange(12.0).reshape(3, 4)
    panel = some(weights=np.eye(3)[:, :2], field=grid, levels=[0, 6, 12], losses=np.arange(5) / 3)
    header, array = read(encode([panel], options=Options(layer="field"), frame=7, echo=3))
    arrays = header["panels"][0]["arrays"]
    assert (header["frame"], header["echo"], header["panels"][0]["grid"]) == (7, 3, [4, 3])
    for name in ("features", "weights", "field", "losses"):
        given = getattr(panel, name).astype("f4").ravel()
        assert np.array_equal(array(arrays[name]), given)
    assert array(arrays["labels"]).tolist() == [0, 1, 2, 1, 0]
    assert header["panels"][0]["extent"] == [-3, 3, -3, 3]
    assert all(where["at"] % 4 == 0 for where in arrays.values())


def test_projected_features_come_with_axes_anchors_values_and_images() -> None:
    images = np.arange(5 * 2 * 3, dtype=np.uint8).reshape(5, 2, 3)
    panel = some(
        axes=("PC 1", "PC 2"),
        anchors=np.ones((3, 2)),
        values=np.arange(5.0),
        images=images,
        reach=None,
        numbers=np.array([3, 70_000, 5, 4, 0]),
        image_set="training image",
    )
    scale = Values("loss", 0.5, 2.0, log=True)
    header, array = read(encode([panel], options=Options(colour="value", values=scale)))
    shown = header["panels"][0]
    assert (shown["axes"], shown["image"]) == (["PC 1", "PC 2"], [2, 3, 1])
    assert array(shown["arrays"]["images"]).tolist() == list(range(30))
    assert array(shown["arrays"]["numbers"]).tolist() == [3, 70_000, 5, 4, 0]
    assert shown["image_set"] == "training image"
    assert array(shown["arrays"]["anchors"]).tolist() == [1.0] * 6
    assert array(shown["arrays"]["values"]).tolist() == [0, 1, 2, 3, 4]
    assert header["options"]["values"] == {"title": "loss", "low": 0.5, "high": 2.0, "log": True, "unit": ""}


@pytest.mark.parametrize(
    "changes",
    [
        {"values": np.zeros(4)},
        {"numbers": np.zeros(4, np.int64)},
        {"anchors": np.zeros((2, 2))},
        {"images": np.zeros((4, 2, 2), np.uint8)},
        {"images": np.zeros((5, 2, 2))},
        {"images": np.zeros((5, 2, 2, 2), np.uint8)},
    ],
)
def test_what_does_not_fit_the_points_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"scatter: ArcFace: (values|numbers|anchors|images) must be"):
        some(**changes)


@pytest.mark.parametrize(
    ("low", "high", "log"), [(1, 1, False), (2, 1, False), (0, 1, True), (0, np.inf, False)]
)
def test_ends_that_are_no_scale_are_refused(low: float, high: float, log: bool) -> None:
    with pytest.raises(ValueError, match="scatter: "):
        Values("x", low, high, log)


def test_equal_arrays_are_packed_once() -> None:
    one, two = encode([some()]), encode([some(), some(run="b")])
    header, _ = read(two)
    assert header["panels"][0]["arrays"] == header["panels"][1]["arrays"]
    packed = [len(data) - 4 - int.from_bytes(data[:4], "little") for data in (one, two)]
    assert abs(packed[0] - packed[1]) < 4


def test_only_the_layer_that_is_shown_is_packed() -> None:
    grid = np.zeros((4, 4))
    panel = some(field=grid, levels=[0, 1], regions=grid.astype(int))
    for layer, shown in (("none", set()), ("field", {"field"}), ("regions", {"regions"})):
        header, _ = read(encode([panel], options=Options(layer=layer)))  # type: ignore[arg-type]
        assert set(header["panels"][0]["arrays"]) & {"field", "regions"} == shown


def test_a_picked_image_comes_back_with_its_shape() -> None:
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    header, array = read(encode([some()], picked=Picked(0, 4, ["one"], image)))
    picked = header["picked"]
    assert (picked["width"], picked["height"], picked["channels"], picked["lines"]) == (4, 2, 3, ["one"])
    assert array(picked["image"]).tolist() == list(range(24))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"features": np.zeros((5, 4))}, "project others"),
        ({"labels": None}, "need labels"),
        ({"labels": np.zeros(4, int)}, r"one for each of 5 points; got \[4\]"),
        ({"labels": np.array([0, 1, 3, 0, 0])}, r"must lie in 0\.\.2"),
        ({"predictions": np.array([0, -1, 2, 0, 0])}, "got -1 to 2"),
        ({"weights": np.zeros((2, 2))}, r"\[K, d\] = \[3, 2\]; got \[2, 2\]"),
        ({"reach": 0.0}, "reach must be above 0"),
        ({"reach": float("nan")}, "reach must be above 0"),
        ({"field": np.zeros((4, 4))}, "at least two levels"),
        ({"regions": np.zeros(4)}, "at least 2 by 2"),
        ({"regions": np.zeros((4, 4)), "reach": None}, "needs an extent or a reach"),
        ({"classes": [str(k) for k in range(201)]}, "at most 200"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_the_rule(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        some(**changes)


def test_a_timeline_needs_an_epoch_a_step_and_a_frame_at_its_position() -> None:
    with pytest.raises(ValueError, match="one epoch a step"):
        Timeline(steps=[0, 5], epochs=[0])
    with pytest.raises(ValueError, match=r"0\.\.1; got 2"):
        Timeline(steps=[0, 5], epochs=[0, 1], position=2)


def test_a_picked_point_needs_a_panel_and_a_uint8_image() -> None:
    with pytest.raises(ValueError, match="uint8"):
        Picked(0, 0, image=np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"0\.\.0; got 1"):
        encode([some()], picked=Picked(1, 0))
