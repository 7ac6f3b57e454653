"""What is said of the valleys of a view is what was measured."""

from __future__ import annotations

import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from lossviz import losses
from lossviz.cli import main
from lossviz.pages.contours import panels, valleys
from lossviz.pages.contours.presets import presets
from lossviz.pages.contours.view import ContourView

TWO = replace(ContourView().with_classes(2), weights=((0.0, 1.0), (0.0, -1.0)), level=math.log(2))
KEYS = ("soft-d", "l2-softmax", "weighted-ce", "arcface")


def test_the_sentence_gives_the_width_of_each_valley_and_what_the_margin_takes() -> None:
    """Of two opposite classes, at the loss of a guess: a half circle, and a margin takes its own size."""
    view = replace(TWO, losses=("soft-d", "l2-softmax", "arcface"))
    widths, effect = valleys.sentences(view)
    assert widths == (
        "At loss 0.693 on the circle ‖z‖ = 2 the valley of class 0 spans 180.0° under Cross-entropy, 180.0° "
        "under L2-softmax and 157.5° under ArcFace."
    )
    assert effect == (
        "Angular margin m = 22.5° narrows ArcFace by 22.5°, from 180.0° with m = 0°; on every circle alike."
    )


def test_a_weight_narrows_and_farther_out_less() -> None:
    """w = 4 at ℓ = log 2: cosθ = −log(e^{ℓ/4} − 1)/(2r), at r = 2 and r = 20."""

    def width(radius: float) -> float:
        return 2 * math.degrees(math.acos(-math.log(math.expm1(math.log(2) / 4)) / (2 * radius)))

    (_, effect) = valleys.sentences(replace(TWO, losses=("weighted-ce",)))
    near, far = 180 - round(width(2), 1), 180 - round(width(20), 1)
    assert f"narrows Weighted cross-entropy by {near:.1f}°, from 180.0° with w = 1" in effect
    assert f"10 times as far out by {far:.1f}°" in effect


def test_a_margin_of_nothing_has_no_effect_to_tell() -> None:
    assert len(valleys.sentences(replace(TWO, losses=("arcface",), params={"margin": 0.0}))) == 1


def test_an_unimportant_class_keeps_its_valley() -> None:
    (_, *effects) = valleys.sentences(presets()["Important class, other label"].view)
    assert [e for e in effects if "leaves CAMRI as wide" in e]
    assert [e for e in effects if "leaves Weighted cross-entropy as wide" in e]


def test_one_colour_scale_changes_no_word() -> None:
    assert valleys.sentences(replace(ContourView(), shared=True)) == valleys.sentences(ContourView())


def test_of_many_losses_the_narrowest_and_the_widest_are_named() -> None:
    (only,) = valleys.sentences(replace(TWO, losses=("soft-d", "soft-0", "soft-u", *KEYS[1:], "cosface")))
    assert "to 180.0° (" in only
    assert "(Weighted cross-entropy)" in only


@pytest.mark.parametrize("radius", [1.0, 2.0, 5.0])
@pytest.mark.parametrize("level", [0.4, 1.0986, 2.0])
def test_what_the_weight_does_fades_farther_out_and_what_the_margin_does_stays(
    level: float, radius: float
) -> None:
    view = replace(presets()["CAMRI Fig. 1"].view, level=level, radius=radius)
    weight, margin = (valleys.effect(view, losses.get(key)) for key in ("weighted-ce", "arcface"))
    assert weight is not None
    assert margin is not None
    by = [e.off.degrees - e.now.degrees for e in (weight, margin)]
    far = [e.far_off.degrees - e.far_now.degrees for e in (weight, margin)]
    assert min(by) > 1  # both narrow it
    assert far[0] < 0.5 * by[0]  # what the weight does fades
    assert far[1] == pytest.approx(by[1], abs=1e-6)  # what the margin does stays


def test_the_table_has_a_row_a_loss() -> None:
    view = replace(TWO, losses=KEYS)
    table = valleys.table(view)
    assert {len(column) for column in table.values()} == {4}
    assert table["opening"][3] == "157.5°"
    assert table["without it"][3] == "180.0°"


def test_circle_and_level_follow_plane_and_classes_until_they_are_set() -> None:
    assert (ContourView().circle, ContourView().edge) == (2.0, pytest.approx(math.log(3), abs=1e-4))
    wide = replace(ContourView().with_classes(10), reach=80.0)
    assert (wide.circle, wide.edge) == (53.3, pytest.approx(math.log(10), abs=1e-4))
    assert "radius" not in wide.to_query()
    kept, problems = ContourView.from_query({"radius": "1.5", "level": "-2", "opening": "no"})
    assert (kept.circle, kept.edge, kept.opening, problems) == (1.5, -2.0, False, [])


def test_the_circle_goes_through_where_its_handle_was_dragged() -> None:
    assert ContourView().with_dragged("circle", 0, (0.6, -0.8)).circle == 1.0
    assert ContourView().with_dragged("circle", 0, (0.0, 0.0)).circle == 0.01


@pytest.mark.parametrize("opening", [True, False])
def test_a_saved_picture_shows_the_angles_of_the_page(opening: bool) -> None:
    view = replace(ContourView(), opening=opening)
    text = panels.write(view, "svg", 40).decode()
    for spec in view.specs():
        assert (valleys.of_loss(view, spec).text in text) is opening
    assert ("loss = 1.099" in text or "loss = 1.1" in text) is opening


def test_the_arrays_hold_the_openings() -> None:
    view = replace(TWO, losses=("arcface",))
    with np.load(io.BytesIO(panels.write(view, "npz", 20))) as arrays:
        held = json.loads(str(arrays["about"]))["arcface"]["opening"]
    assert held["degrees"] == pytest.approx(157.5, abs=1e-6)
    assert (held["radius"], held["level"], len(held["arcs"])) == (2.0, math.log(2), 1)


def test_the_command_line_measures_too(tmp_path, capsys) -> None:
    out = str(tmp_path / "picture.svg")
    assert (
        main(["field", "l2-softmax", "--level", "0.5", "--radius", "1.5", "--resolution", "30", "--out", out])
        == 0
    )
    view = ContourView(losses=("l2-softmax",), level=0.5, radius=1.5)
    assert valleys.sentences(view)[0] in capsys.readouterr().out
    main(["field", "arcface", "--no-opening", "--resolution", "30", "--out", out])
    assert "valley" not in capsys.readouterr().out
