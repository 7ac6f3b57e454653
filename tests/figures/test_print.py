from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from lossviz.fields import Field, compute
from lossviz.figures import levels, palette, plane
from lossviz.figures import print as printed
from lossviz.losses import ClassState
from tests.figures.conftest import EXTENT, WEIGHTS, field, with_heights


def labelled(figure: Figure, label: str) -> list[Axes]:
    return [axes for axes in figure.axes if axes.get_label() == label]


def bands(axes: Axes) -> Any:
    return next(c for c in axes.collections if c.get_label() == "bands")


def arrows(axes: Axes) -> dict[str, FancyArrowPatch]:
    found = [p for p in axes.patches if isinstance(p, FancyArrowPatch)]
    return {str(p.get_label()): p for p in found}


def texts(figure: Figure) -> list[str]:
    inside = [t.get_text() for axes in figure.axes for t in axes.texts if t.get_label() == "name"]
    return [t.get_text() for t in figure.texts] + inside


def saved(figure: Figure, format: printed.Format) -> bytes:
    buffer = io.BytesIO()
    printed.save(figure, buffer, format)
    return buffer.getvalue()


@pytest.mark.parametrize("longest", [1e-3, 0.19, 0.7, 1.5, 15.9, 16.1, 79.0, 400.0])
def test_weights_in_a_large_plane_are_drawn_as_long_as_can_be_seen(longest: float) -> None:
    factor = plane.weight_factor(np.array([[0.0, longest], [0.3 * longest, 0.0]]), 80.0)
    assert float(f"{factor:.0e}") == factor  # one digit
    assert (factor == 1) == (longest >= 16)
    assert longest * factor >= 16
    assert factor == 1 or longest * factor <= 40


def test_every_field_has_a_panel_and_a_bar_of_the_same_extent(four: list[Field]) -> None:
    figure = printed.contours(four)
    panels = labelled(figure, "panel")
    assert len(panels) == len(labelled(figure, "bar")) == 4
    for axes in panels:
        assert axes.get_aspect() == 1
        assert (*axes.get_xlim(), *axes.get_ylim()) == EXTENT
        box = axes.get_window_extent()
        assert box.width == pytest.approx(box.height)


def test_each_panel_has_its_own_levels_unless_shared(four: list[Field]) -> None:
    for f, axes in zip(four, labelled(printed.contours(four, count=9), "panel"), strict=True):
        own = levels.band_edges(float(f.z_yx.min()), float(f.z_yx.max()), 9)
        assert bands(axes).levels == pytest.approx(own)
    figure = printed.contours(four, spacing="log", shared=True)
    low, high = levels.shared_range(four)
    for axes in labelled(figure, "panel"):
        assert bands(axes).levels == pytest.approx(levels.band_edges(low, high, 14, "log"))
    assert len(labelled(figure, "bar")) == 1


def test_bands_run_from_blue_at_low_to_yellow_at_high(four: list[Field]) -> None:
    axes = labelled(printed.contours(four[:1]), "panel")[0]
    assert [to_hex(c) for c in bands(axes).get_facecolor()] == palette.loss_colors(14)


@pytest.mark.parametrize(("dark", "others"), [(False, palette.LIGHT.other), (True, palette.DARK.other)])
def test_the_own_weight_is_red_and_the_others_are_not(dark: bool, others: str) -> None:
    axes = labelled(printed.contours([field("arcface", label=1)], dark=dark), "panel")[0]
    colors = {label: to_hex(arrow.get_edgecolor()) for label, arrow in arrows(axes).items()}
    assert colors == {"W₀": others, "W₁": palette.theme(dark).own, "W₂": others}
    assert {"W₀", "W₁", "W₂"} <= set(texts(axes.figure))


def test_arrows_end_at_the_weights(four: list[Field]) -> None:
    axes = labelled(printed.contours(four[:1]), "panel")[0]
    for k, tip in enumerate(WEIGHTS.tolist()):
        start, end = arrows(axes)[plane.name("W", k)]._posA_posB
        assert start == (0, 0)
        assert end == pytest.approx(tip)


def test_a_weight_beyond_the_panel_says_its_length() -> None:
    state = ClassState(torch.tensor([[0.0, 1.0], [30.0, 40.0], [-1.0, 0.0]], dtype=torch.float64))
    figure = printed.contours([field("cross-entropy", state=state)])
    axes = labelled(figure, "panel")[0]
    assert "W₁, ‖W₁‖ = 50" in texts(figure)
    assert max(arrows(axes)["W₁"]._posA_posB[1]) == pytest.approx(3)


def test_names_stay_within_their_panel() -> None:
    tips = torch.tensor([[0.0, 2.98], [2.98, -2.9], [-2.98, 0.0], [100.0, 1.0]], dtype=torch.float64)
    figure = printed.contours([field("cross-entropy", state=ClassState(tips))])
    (axes,) = labelled(figure, "panel")
    panel = axes.get_window_extent()
    assert len(axes.texts) == 8  # a name and its casing for each weight
    for text in axes.texts:
        box = text.get_window_extent()
        assert panel.x0 <= box.x0 < box.x1 <= panel.x1
        assert panel.y0 <= box.y0 < box.y1 <= panel.y1


def test_a_weight_of_length_zero_can_be_drawn() -> None:
    state = ClassState(torch.tensor([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0]], dtype=torch.float64))
    axes = labelled(printed.contours([field("cross-entropy", state=state)]), "panel")[0]
    assert set(arrows(axes)) == {"W₁", "W₂"}


def test_boundaries_are_grey_dashes_where_the_field_has_them(four: list[Field]) -> None:
    axes = labelled(printed.contours(four[:1]), "panel")[0]
    drawn = next(c for c in axes.collections if c.get_label() == "boundaries")
    assert to_hex(drawn.get_colors()[0]) == palette.LIGHT.boundary
    assert drawn.get_linestyles()[0][1] is not None
    assert len(drawn.get_segments()) == len(four[0].boundaries)


def test_axes_and_panels_are_named(four: list[Field]) -> None:
    figure = printed.contours(four)
    assert {axes.get_xlabel() for axes in labelled(figure, "panel")} == {"", "z₁"}
    assert {axes.get_ylabel() for axes in labelled(figure, "panel")} == {"", "z₂"}
    for text in ("Cross-entropy", "ArcFace", "s = 16, m = 22.5°", "κ = 0, w = 4"):
        assert text in texts(figure)
    own = printed.contours(four[:2], titles=["first", "second"], notes=["", "seed 3"])
    assert {"first", "second", "seed 3"} <= set(texts(own))


def test_titles_stay_within_the_figure() -> None:
    figure = printed.contours([field("crwwce")] * 4, columns=4, shared=True)
    for text in figure.texts:
        assert text.get_window_extent().x1 <= figure.bbox.x1


def test_the_key_names_only_what_is_drawn(four: list[Field]) -> None:
    def key(figure: Figure) -> list[str]:
        return [text.get_text() for text in figure.legends[0].get_texts()]

    assert key(printed.contours(four)) == ["own weight vector, y = 0", "other classes", "decision boundary"]
    bare = replace(four[0], boundaries=())
    path = np.array([[0.0, 0.0], [1.0, 1.0]])
    everything = printed.contours([bare], paths=[path], arrows=[(path, path)], centers=True)
    assert key(everything)[2:] == ["downhill direction", "gradient descent"]
    with_centers = printed.contours([field("center", state=None)], centers=True)
    assert key(with_centers)[-1] == "class centres"


def test_centers_are_named_crosses() -> None:
    axes = labelled(printed.contours([field("center", state=None)], centers=True), "panel")[0]
    crosses = [line for line in axes.lines if line.get_marker() == "x"]
    assert [line.get_label() for line in crosses] == ["C₀", "C₁", "C₂"]
    assert to_hex(crosses[0].get_color()) == palette.LIGHT.own


def test_a_path_has_a_ring_at_its_start_and_a_dot_at_its_end(four: list[Field]) -> None:
    path = np.array([[0.0, -2.0], [1.0, -1.0], [2.0, 2.0]])
    axes = labelled(printed.contours(four[:2], paths=[path, None]), "panel")
    lines = {line.get_label(): line for line in axes[0].lines}
    assert lines["path start"].get_xydata().tolist() == [[0, -2]]
    assert lines["path end"].get_xydata().tolist() == [[2, 2]]
    assert to_hex(lines["path start"].get_markerfacecolor()) == palette.LIGHT.casing
    assert "path" not in {line.get_label() for line in axes[1].lines}


def test_slope_arrows_too_short_to_see_are_left_out(four: list[Field]) -> None:
    points, vectors = np.zeros((3, 2)), np.array([[0.5, 0], [0.001, 0], [0, 0.2]])
    axes = labelled(printed.contours(four[:1], arrows=[(points, vectors)]), "panel")[0]
    quiver = next(c for c in axes.collections if c.get_label() == "slopes")
    assert quiver.N == 2


@pytest.mark.parametrize("spacing", ["linear", "log"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 3.0])
def test_a_field_of_one_value_or_none_can_be_drawn(four: list[Field], value: float, spacing: Any) -> None:
    flat = with_heights(four[0], np.full_like(four[0].z_yx, value))
    assert saved(printed.contours([flat], spacing=spacing), "png")


def test_infinite_losses_are_left_out_and_do_not_set_the_scale(four: list[Field]) -> None:
    heights = four[0].z_yx.copy()
    heights[:5] = np.inf
    axes = labelled(printed.contours([with_heights(four[0], heights)]), "panel")[0]
    assert bands(axes).levels[-1] == heights[np.isfinite(heights)].max()


def test_difference_is_centred_at_zero_and_has_its_own_map(four: list[Field]) -> None:
    figure = printed.difference(four[3], four[1])
    axes = labelled(figure, "panel")[0]
    edges = bands(axes).levels
    assert (edges == -edges[::-1]).all()
    assert edges[-1] == np.abs(four[3].z_yx - four[1].z_yx).max()
    assert [to_hex(c) for c in bands(axes).get_facecolor()] == palette.difference_colors(15)
    assert "ArcFace − L2-softmax" in texts(figure)


def test_difference_of_a_field_with_itself_is_neutral(four: list[Field]) -> None:
    figure = printed.difference(four[0], four[0])
    axes = labelled(figure, "panel")[0]
    edges = bands(axes).levels
    assert edges[7] < 0 < edges[8]
    ticks = [t.get_text() for t in labelled(figure, "bar")[0].get_yticklabels()]
    assert ticks == ["0"]


def test_fields_that_cannot_be_compared_are_refused(four: list[Field]) -> None:
    far = replace(four[0], x=four[0].x * 2)
    with pytest.raises(ValueError, match="same extent"):
        printed.contours([four[0], far])
    with pytest.raises(ValueError, match="at least one field"):
        printed.contours([])
    with pytest.raises(ValueError, match="titles needs one entry a field; got 1 for 4"):
        printed.contours(four, titles=["a"])
    coarse = replace(four[0], x=four[0].x[::2], y=four[0].y[::2], z_yx=four[0].z_yx[::2, ::2])
    with pytest.raises(ValueError, match="one resolution"):
        printed.difference(four[0], coarse)


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_two_saves_give_the_same_bytes(four: list[Field], format: printed.Format) -> None:
    once = printed.contours(four[:2])
    assert saved(once, format) == saved(once, format) == saved(printed.contours(four[:2]), format)


def test_text_in_svg_stays_text(four: list[Field]) -> None:
    svg = saved(printed.contours(four), "svg").decode()
    for text in ("ArcFace", "s = 16, m = 22.5°", "W₁", "z₂", "decision boundary"):
        assert f">{text}</text>" in svg
    assert "<dc:date>" not in svg


def test_png_has_200_dots_an_inch(four: list[Field], tmp_path: Path) -> None:
    from PIL import Image

    figure = printed.contours(four[:1])
    printed.save(figure, tmp_path / "one.png")
    with Image.open(tmp_path / "one.png") as image:
        assert image.width == round(200 * figure.get_figwidth())
        assert image.info["dpi"][0] == pytest.approx(200, abs=0.1)


def test_an_unknown_format_is_refused(four: list[Field]) -> None:
    with pytest.raises(ValueError, match=r"must end in \.png, \.svg or \.pdf; got 'one\.gif'"):
        printed.save(printed.contours(four[:1]), "one.gif")


def test_saving_leaves_matplotlibs_options_as_they_were(four: list[Field]) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    saved(printed.contours(four[:1]), "svg")
    assert dict(matplotlib.rcParams) == before


def test_a_notebook_shows_the_figure(four: list[Field]) -> None:
    assert printed.contours(four[:1])._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("key", "params", "note"),
    [
        ("arcface", {"margin": 0.4}, "s = 16, m = 22.92°"),
        ("arcface", {"monotone": True}, "s = 16, m = 22.5°, monotone: yes"),
        ("camri", {"important": (0, 2)}, "s = 16, m = 22.5°, κ = 0, 2"),
        ("crwwce", {}, "κ = 0, cᶠⁿ = 4, Cᶠᵖ = 2"),
        ("cce", {"gamma": -1}, "γ = −1"),
        ("center", {}, "λ = 0.1"),
        ("cross-entropy", {}, ""),
    ],
)
def test_notes_name_the_parameters(key: str, params: dict[str, Any], note: str) -> None:
    assert sorted(plane.params_note(compute(key, resolution=9, **params)).split(", ")) == sorted(
        note.split(", ")
    )


def test_boundaries_are_the_same_only_if_the_eye_cannot_tell() -> None:
    straight = field("cross-entropy")
    assert plane.same_boundaries(straight, replace(straight, boundaries=straight.boundaries[::-1]))
    moved = tuple(line + np.array([0.1, 0]) for line in straight.boundaries)
    assert not plane.same_boundaries(straight, replace(straight, boundaries=moved))
    for fewer in ((), straight.boundaries[:1]):
        assert not plane.same_boundaries(straight, replace(straight, boundaries=fewer))
        assert not plane.same_boundaries(replace(straight, boundaries=fewer), straight)


def test_a_path_that_says_another_format_is_refused_and_nothing_is_written(
    four: list[Field], tmp_path: Path
) -> None:
    for path, format in (
        (tmp_path / "f.png", "pdf"),
        (tmp_path / "f", None),
        (tmp_path / "no" / "f.png", None),
    ):
        with pytest.raises(ValueError, match="save"):
            printed.save(printed.contours(four[:1]), path, format)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
    printed.save(printed.contours(four[:1]), tmp_path / "F.PNG")
    assert (tmp_path / "F.PNG").read_bytes().startswith(b"\x89PNG")
