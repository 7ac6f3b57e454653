from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from lossviz.fields import Field
from lossviz.figures import levels, palette, plane, screen
from lossviz.figures.screen import Curve
from tests.figures.conftest import WEIGHTS, with_heights

ANGLES = np.linspace(-180, 180, 73)


def curves(count: int = 3) -> list[Curve]:
    return [Curve(f"loss {k}", ANGLES, (1 + k) * (1.01 - np.cos(np.radians(ANGLES)))) for k in range(count)]


def test_a_level_is_a_line_across_the_curves() -> None:
    (line,) = screen.lines(curves(), level=1.5).layout.shapes
    assert (line.type, line.y0, line.y1) == ("line", 1.5, 1.5)
    assert not screen.lines(curves()).layout.shapes


def test_24_curves_differ_in_color_or_dash() -> None:
    figure = screen.lines(curves(24))
    assert len({(t.line.color, t.line.dash) for t in figure.data}) == 24
    neighbours = itertools.pairwise(figure.data)
    assert all(a.line.color != b.line.color and a.line.dash != b.line.dash for a, b in neighbours)


@pytest.mark.parametrize(
    ("kind", "ends", "unit", "x_title"),
    [
        ("angle", (-180, 180), "°", "angle from the own weight vector"),
        ("target", (0, 180), "°", "θ, angle from the own weight vector"),
        ("probability", (0, 100), " %", "probability of the true class"),
    ],
)
def test_axes_have_names_units_and_the_whole_range(
    kind: screen.Kind, ends: tuple[float, float], unit: str, x_title: str
) -> None:
    layout = screen.lines(curves(), kind=kind).layout
    assert tuple(layout.xaxis.range) == ends
    assert all(text.endswith(unit) for text in layout.xaxis.ticktext)
    assert layout.xaxis.title.text == x_title
    assert layout.yaxis.title.text == ("target logit ψ(θ)" if kind == "target" else "loss")


def test_target_logits_come_with_the_plain_cosine_in_dashed_grey() -> None:
    figure = screen.lines(curves(1), "target")
    reference = next(t for t in figure.data if t.name == "cos θ, no margin")
    assert reference.line.color == palette.LIGHT.muted
    assert reference.line.dash != "solid"
    assert reference.y[[0, 90, 180]] == pytest.approx([1, 0, -1], abs=1e-12)


def test_infinite_values_are_gaps_and_do_not_set_the_scale() -> None:
    y = np.array([np.inf, 2.0, 1.0, np.nan])
    figure = screen.lines([Curve("one", np.arange(4.0), y)])
    assert np.isnan(figure.data[0].y[[0, 3]]).all()
    low, high = figure.layout.yaxis.range
    assert 0.5 < low < 1 < 2 < high < 2.5


def test_the_pole_at_probability_zero_does_not_set_the_scale() -> None:
    share = np.linspace(1e-4, 100, 1001)
    figure = screen.lines([Curve("ce", share, -np.log(share / 100))], "probability")
    assert 4 < figure.layout.yaxis.range[1] < 5.5


def test_a_log_axis_leaves_out_zero_and_has_our_ticks() -> None:
    figure = screen.lines([Curve("one", np.arange(4.0), np.array([0, 1e-3, 1, 50]))], spacing="log")
    assert figure.layout.yaxis.type == "log"
    assert np.isnan(figure.data[0].y[0])
    assert list(figure.layout.yaxis.ticktext) == ["0.001", "0.01", "0.1", "1", "10"]


def test_without_values_there_is_still_an_empty_figure() -> None:
    for spacing in ("linear", "log"):
        low, high = screen.lines([], spacing=spacing).layout.yaxis.range
        assert np.isfinite([low, high]).all()
        nothing = Curve("nothing", ANGLES, np.full_like(ANGLES, np.nan))
        assert np.isfinite(screen.lines([nothing], spacing=spacing).layout.yaxis.range).all()


def test_numbers_of_angles_fit_beside_each_other_in_a_narrow_figure() -> None:
    wide, narrow = (screen.lines(curves(), width=width).layout.xaxis for width in (860, 330))
    assert list(wide.tickvals) == list(range(-180, 181, 45))
    assert len(narrow.tickvals) * 40 < 330 - 64 - 16


def test_a_narrow_picture_of_the_plane_is_no_higher_than_it_needs(four: list[Field]) -> None:
    def heights(width: int) -> tuple[float, float]:
        figures = screen.surface(four[0], width=width), screen.difference(*four[:2], width=width)
        return figures[0].layout.height, figures[1].layout.height

    assert max(heights(330)) < 400 < min(heights(860))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="angle, target, probability; got 'radius'"):
        screen.lines([], "radius")  # type: ignore[arg-type]


def test_surface_has_the_loss_map_named_axes_and_true_values_on_hover(four: list[Field]) -> None:
    figure = screen.surface(four[0])
    surface = figure.data[0]
    colors = [color for _, color in surface.colorscale]
    assert (colors[0], colors[-1]) == (palette.loss_colors(2)[0], palette.loss_colors(2)[1])
    scene = figure.layout.scene
    assert [a.title.text for a in (scene.xaxis, scene.yaxis, scene.zaxis)] == ["z₁", "z₂", "loss"]
    assert surface.customdata == pytest.approx(four[0].z_yx)
    assert "customdata" in surface.hovertemplate
    ticks = levels.ticks(levels.band_edges(float(four[0].z_yx.min()), float(four[0].z_yx.max())))
    assert list(scene.zaxis.ticktext) == [text for _, text in ticks]


def test_surface_heights_rise_with_the_loss_in_both_spacings(four: list[Field]) -> None:
    for spacing in ("linear", "log"):
        order = np.argsort(four[0].z_yx.ravel())
        heights = screen.surface(four[0], spacing=spacing).data[0].z.ravel()[order]
        assert (np.diff(heights) >= 0).all()
        assert (heights[0], heights[-1]) == (0, 1)


def test_surface_draws_each_weight_to_its_tip(four: list[Field]) -> None:
    figure = screen.surface(four[0])
    for k, trace in enumerate(figure.data[1:]):
        assert [trace.x[-1], trace.y[-1]] == pytest.approx(WEIGHTS[k].tolist())
        assert trace.line.color == (palette.LIGHT.own if k == 0 else palette.LIGHT.other)
    assert [a.text for a in figure.layout.scene.annotations] == ["<b>W₀</b>", "W₁", "W₂"]


def test_large_fields_are_thinned_but_keep_their_corners(four: list[Field]) -> None:
    x, y, z = plane.thinned(four[0], four[0].z_yx, 20)
    assert z.shape == (20, 20)
    assert (x[0], x[-1], y[0], y[-1]) == four[0].extent
    assert z[0, 0] == four[0].z_yx[0, 0]
    assert z[-1, -1] == four[0].z_yx[-1, -1]


@pytest.mark.parametrize("spacing", ["linear", "log"])
def test_difference_is_centred_at_zero_with_equal_aspect(four: list[Field], spacing: levels.Spacing) -> None:
    figure = screen.difference(four[3], four[1], spacing=spacing)
    shown = figure.data[0]
    gap = four[3].z_yx - four[1].z_yx
    assert shown.customdata == pytest.approx(gap)
    assert ((shown.z > 0.5) == (gap > 0)).all()  # 0.5 is the middle of the map
    assert (shown.zmin, shown.zmax) == (0, 1)
    assert [color for _, color in shown.colorscale] == palette.difference_colors(15)
    ticks = dict(zip(shown.colorbar.ticktext, shown.colorbar.tickvals, strict=True))
    assert ticks["0"] == pytest.approx(0.5)
    assert (figure.layout.yaxis.scaleanchor, figure.layout.yaxis.scaleratio) == ("x", 1)
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("z₁", "z₂")


@pytest.mark.parametrize("dark", [False, True])
def test_difference_draws_the_own_weight_red(four: list[Field], dark: bool) -> None:
    figure = screen.difference(four[3], four[1], dark=dark)
    arrows = [a for a in figure.layout.annotations if a.showarrow]
    tips = {(a.x, a.y): a.arrowcolor for a in arrows}
    expected = [palette.theme(dark).own, palette.theme(dark).other, palette.theme(dark).other]
    assert tips == {tuple(w): color for w, color in zip(WEIGHTS.tolist(), expected, strict=True)}
    assert {a.text for a in figure.layout.annotations if a.text} == {"<b>W₀</b>", "W₁", "W₂"}


def test_two_boundaries_are_told_apart_by_line_style_and_name(four: list[Field]) -> None:
    moved = tuple(line + np.array([0.5, 0.0]) for line in four[0].boundaries)
    shifted = replace(four[0], boundaries=moved)
    drawn = [
        t for t in screen.difference(four[3], shifted).data if "boundary" in (t.name or "") and t.showlegend
    ]
    assert [(t.name, t.line.dash) for t in drawn] == [
        ("boundary, ArcFace", "dash"),
        ("boundary, Cross-entropy", "dot"),
    ]
    same = [
        t for t in screen.difference(four[0], four[2]).data if "boundary" in (t.name or "") and t.showlegend
    ]
    assert [t.name for t in same] == ["decision boundary"]


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_fields_without_relief_can_be_drawn(four: list[Field], value: float) -> None:
    flat = with_heights(four[0], np.full_like(four[0].z_yx, value))
    assert screen.surface(flat).data
    assert screen.difference(flat, flat).data


@pytest.mark.parametrize("dark", [False, True])
def test_figures_are_transparent_large_enough_to_read_and_have_no_default_names(
    four: list[Field], dark: bool
) -> None:
    made = [
        screen.lines(curves(), dark=dark),
        screen.surface(four[0], dark=dark),
        screen.difference(four[3], four[1], dark=dark),
    ]
    for figure in made:
        layout = figure.layout
        assert layout.paper_bgcolor.endswith(",0)")
        assert layout.plot_bgcolor.endswith(",0)")
        assert layout.font.color == palette.theme(dark).text
        assert layout.title.text is None
        assert all(trace.name for trace in figure.data)
        sizes = [
            value
            for path, value in leaves(figure.to_plotly_json()["layout"])
            if path[-2:] == ("font", "size")
        ]
        sizes += [
            value for path, value in leaves(figure.to_plotly_json()) if path[-2:] == ("tickfont", "size")
        ]
        assert sizes
        assert min(sizes) >= 13


def leaves(tree: object, path: tuple[object, ...] = ()) -> list[tuple[tuple[object, ...], object]]:
    if isinstance(tree, dict):
        return [leaf for key, value in tree.items() for leaf in leaves(value, (*path, key))]
    if isinstance(tree, (list, tuple)):
        return [leaf for i, value in enumerate(tree) for leaf in leaves(value, (*path, i))]
    return [(path, tree)]
