from __future__ import annotations

import html
import math
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from lossviz.figures import palette, screen, screen_chart
from lossviz.figures.chart import (
    Arrows,
    Axis,
    Bars,
    Chart,
    ClassColor,
    Dots,
    Line,
    Matrix,
    Note,
    Panel,
    Rule,
    RunColor,
    Steps,
)
from lossviz.figures.roles import color_code
from tests.figures.chart_examples import ALL, NAMES, X

EVERY = [(name, dark, width) for name in ALL for dark in (False, True) for width in (340, 860)]


def texts(figure: go.Figure) -> list[str]:
    return [a.text for a in figure.layout.annotations]


def annotation(figure: go.Figure, text: str) -> Any:
    return next(a for a in figure.layout.annotations if a.text == text)


def one(*marks: object, **options: Any) -> go.Figure:
    return screen_chart.draw(Chart((Panel(marks, **options),), alt="", classes=NAMES))  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "dark", "width"), EVERY)
def test_plotly_knows_every_property_of_every_mark(name: str, dark: bool, width: int) -> None:
    figure = screen_chart.draw(ALL[name](), dark, width)
    go.Figure(figure.to_dict())  # raises where a name or value is not plotly's


@pytest.mark.parametrize("name", ALL)
def test_no_trace_shows_a_name_that_was_not_given(name: str) -> None:
    figure = screen_chart.draw(ALL[name]())
    assert all("trace" not in (trace.name or "") for trace in figure.data)
    shown = [trace.name for trace in figure.data if trace.showlegend]
    assert len(shown) == len(set(shown))
    assert "" not in shown


@pytest.mark.parametrize("name", ALL)
def test_the_figure_has_the_text_of_its_chart(name: str) -> None:
    chart = ALL[name]()
    assert screen_chart.draw(chart).layout.meta["alt"] == chart.alt


def test_lines_are_named_at_their_ends_in_their_colour() -> None:
    figure = screen_chart.draw(ALL["curves"]())
    assert not figure.layout.showlegend
    label = annotation(figure, "ArcFace")
    assert (label.xref, label.x, label.xanchor) == ("paper", 1, "left")
    # It ends at 0; the band and the air of 4 % reach from −2 − 1.76 to 42 + 1.76.
    assert label.y == pytest.approx(3.76 / 47.52)
    assert label.font.color == palette.curve_colors()[1]
    assert annotation(figure, "cross-entropy").y > 0.8


def test_on_a_phone_names_stand_in_a_legend_and_panels_under_each_other() -> None:
    figure = screen_chart.draw(ALL["curves"](), width=340)
    assert figure.layout.showlegend
    assert [t.name for t in figure.data if t.showlegend] == ["cross-entropy", "ArcFace"]
    assert "ArcFace" not in texts(figure)
    stacked = screen_chart.draw(ALL["histograms"](), width=340).layout
    assert stacked.xaxis.domain == stacked.xaxis2.domain
    assert stacked.yaxis.domain[0] > stacked.yaxis2.domain[1]


def test_a_smaller_place_has_fewer_columns() -> None:
    panels = ALL["matrices"]().panels
    for width, columns in ((860, 3), (500, 2), (300, 1)):
        layout = screen_chart.draw(Chart(panels, alt=""), width=width).layout
        starts = {round(layout[f"xaxis{n}"].domain[0], 3) for n in ("", 2, 3)}
        assert len(starts) == columns


def test_the_same_class_has_the_same_colour_and_one_legend_entry_in_all_panels() -> None:
    labels = np.array([0, 1, 2, 0, 1])
    panels = tuple(Panel((Dots(X * k, X, classes=labels),), f"run {k}") for k in (1, 2, 3))
    figure = screen_chart.draw(Chart(panels, alt="", classes=NAMES))
    for name, k in (("cat", 0), ("dog", 1)):
        own = [t for t in figure.data if t.name == name]
        assert len(own) == 3
        assert {t.marker.color for t in own} == {palette.class_color(k)}
        assert {t.legendgroup for t in own} == {name}
        assert [t.showlegend for t in own] == [True, False, False]


def test_points_of_a_class_are_where_they_were_and_say_their_own_text() -> None:
    figure = screen_chart.draw(ALL["points"]())
    cat = next(t for t in figure.data if t.name == "cat")
    assert (cat.x.tolist(), cat.y.tolist()) == ([1, 2], [0, 0])
    assert list(cat.hovertext) == ["image 0", "image 3"]
    assert cat.marker.color == color_code(ClassColor(0, muted=True), False)
    dog = next(t for t in figure.data if t.name == "dog")
    assert dog.marker.color == palette.class_color(1)


def test_one_class_keeps_its_own_symbols() -> None:
    symbols = ("ring", "star") * 2 + ("plus",)
    first, second = one(Dots(X, 2 * X, classes=np.array([0, 1, 0, 1, 1]), symbols=symbols)).data
    assert (first.name, list(first.x), list(first.marker.symbol)) == ("cat", [0, 2], ["circle-open"] * 2)
    assert (second.name, list(second.x)) == ("dog", [1, 3, 4])
    assert list(second.marker.symbol) == ["star", "star", "cross"]


def test_bars_of_many_classes_have_one_colour_each() -> None:
    colors = one(Bars(np.arange(20), np.ones(20), classes=np.arange(20))).data[0].marker.color
    assert list(colors) == [palette.class_color(k) for k in range(20)]


def test_more_than_three_thousand_points_are_drawn_by_webgl() -> None:
    few = one(Dots(np.arange(3000.0), np.arange(3000.0)))
    many = one(Dots(np.arange(3001.0), np.arange(3001.0)))
    assert few.data[0].type == "scatter"
    assert many.data[0].type == "scattergl"


def test_numbers_as_colours_have_a_bar_with_their_title_and_ticks() -> None:
    figure = screen_chart.draw(ALL["points"]())
    trace = next(t for t in figure.data if t.marker.coloraxis)
    assert trace.marker.color.tolist() == pytest.approx([-3, -2, -1, 0, 1, 2])
    axis = figure.layout.coloraxis
    assert (axis.cmin, axis.cmax) == pytest.approx((-3, 2))
    assert axis.colorbar.title.text == "loss"
    assert dict(zip(axis.colorbar.ticktext, axis.colorbar.tickvals, strict=True))["0.1"] == pytest.approx(-1)


def test_names_from_outside_are_shown_as_they_are() -> None:
    figure = screen_chart.draw(ALL["points"]())
    assert any(t.name == "a&lt;b &amp; $c$" for t in figure.data)
    template = one(Line(X, X, RunColor(0), "%{x} <b>")).data[0].hovertemplate
    assert html.unescape(template).startswith("%{x} <b><br>")
    assert "%{x}" not in template.partition("<br>")[0]


def test_hover_texts_have_titles_and_units() -> None:
    line = next(t for t in screen_chart.draw(ALL["curves"]()).data if t.name == "ArcFace")
    assert line.hovertemplate == "ArcFace<br>threshold: %{x:.4~g}<br>accuracy: %{y:.4~g} %<extra></extra>"
    bar = next(t for t in screen_chart.draw(ALL["bars"]()).data if t.name == "ERM")
    assert bar.hovertext[1] == "ERM<br>dog<br>recall: 80 % ± 2 %"
    spans = next(t for t in screen_chart.draw(ALL["bars"]()).data if t.base is not None)
    assert spans.hovertext[1] == "dog<br>−1 to 2"


def test_a_histogram_is_a_staircase_from_the_axis_to_the_axis() -> None:
    trace = one(Steps(np.array([0.0, 1, 3]), np.array([2.0, 5]))).data[0]
    assert trace.x.tolist() == [0, 0, 1, 1, 3, 3]
    assert trace.y.tolist() == [0, 2, 2, 5, 5, 0]
    assert trace.customdata.tolist() == [0.5, 0.5, 0.5, 2, 2, 2]
    assert trace.fill == "tozeroy"
    assert one(Steps(X, X[1:], filled=False)).data[0].fill == "none"


def test_a_band_is_in_pieces_around_gaps() -> None:
    from lossviz.figures.chart import Band

    low = np.array([0.0, 1, np.nan, 3, 4])
    figure = one(Band(X, low, low + 1))
    assert [trace.x.tolist() for trace in figure.data] == [[0, 1, 1, 0], [3, 4, 4, 3]]
    assert figure.data[0].y.tolist() == [0, 1, 2, 1]


def test_shared_axes_have_the_same_ends_and_numbers_only_outside() -> None:
    layout = screen_chart.draw(ALL["histograms"]()).layout
    assert layout.xaxis.range == layout.xaxis2.range == (-1, 5)
    assert layout.yaxis.range == layout.yaxis2.range
    assert (layout.xaxis2.matches, layout.yaxis2.matches) == ("x", "y")
    assert layout.yaxis.showticklabels
    assert not layout.yaxis2.showticklabels
    assert layout.xaxis2.showticklabels


def test_axes_have_their_units_and_logarithms() -> None:
    figure = one(
        Line(np.array([1.0, 10, 100]), np.array([0.0, 45, 90])),
        x=Axis("images", spacing="log", low=1, high=100),
        y=Axis("angle", "°", low=0, high=90),
    )
    assert (figure.layout.xaxis.type, figure.layout.xaxis.range) == ("log", (0, 2))
    assert list(figure.layout.xaxis.tickvals) == [1, 3, 10, 30, 100]
    assert (figure.layout.yaxis.ticksuffix, figure.layout.yaxis.dtick) == ("°", 15)


def test_a_log_axis_has_gaps_where_it_cannot_show_a_value() -> None:
    y = Axis(spacing="log")
    line, dots = one(Line(X, X - 1), Dots(X, X - 1), y=y).data
    for trace in (line, dots):
        np.testing.assert_array_equal(trace.y, [np.nan, np.nan, 1, 2, 3])


def test_feature_space_has_equal_scales() -> None:
    axis = screen_chart.draw(ALL["points"]()).layout.yaxis
    assert (axis.scaleanchor, axis.scaleratio, axis.constrain) == ("x", 1, "domain")
    assert axis.constraintoward == "top"  # under its title


def test_upright_rules_are_named_above_the_panel_and_level_ones_beside_it() -> None:
    figure = screen_chart.draw(ALL["curves"]())
    upright, level = [s for s in figure.layout.shapes if s.type == "line"]
    assert (upright.x0, upright.x1, upright.yref) == (1.5, 1.5, "y domain")
    assert (level.y0, level.y1, level.xref) == (30, 30, "x domain")
    assert (annotation(figure, "t* = 1.5").x, annotation(figure, "t* = 1.5").yanchor) == (1.5, "bottom")
    assert annotation(figure, "goal").x == 1


def test_close_rules_are_named_in_rows() -> None:
    figure = one(Line(X, X), Rule(2.0, name="t* = 2.00"), Rule(2.05, name="bias = 2.05"))
    assert {annotation(figure, name).yshift for name in ("t* = 2.00", "bias = 2.05")} == {0, 18}
    title = screen_chart.draw(Chart((Panel((Rule(1, name="t"),), "Title"),), alt=""))
    assert annotation(title, "<b>Title</b>").yshift > 18


def test_notes_stand_in_data_also_on_a_log_axis_and_nowhere_where_it_ends() -> None:
    figure = one(Line(X, X + 1), Note(3, 100, "here"), Note(3, -1, "nowhere"), y=Axis(spacing="log"))
    assert (annotation(figure, "here").x, annotation(figure, "here").y) == (3, 2)
    assert "nowhere" not in texts(figure)


def test_arrows_start_at_the_origin_and_are_labelled_beyond_their_tips() -> None:
    figure = one(Arrows(np.array([1.0, 0, np.nan]), np.array([0.0, -2, 1]), labels=("a", "b", "c")))
    casing, arrows = figure.data
    assert casing.line.width > arrows.line.width
    np.testing.assert_array_equal(arrows.x, [0, 1, np.nan, 0, 0, np.nan])
    np.testing.assert_array_equal(arrows.y, [0, 0, np.nan, 0, -2, np.nan])
    assert annotation(figure, "a").xshift > 0
    assert annotation(figure, "b").yshift < 0
    assert "c" not in texts(figure)


def test_a_matrix_has_row_0_on_top_its_texts_and_frames() -> None:
    figure = screen_chart.draw(ALL["matrices"]())
    heat, written = figure.data[:2]
    assert heat.z.tolist() == [[8, 2, 0], [1, 9, 0], [0, 3, 7]]
    low, high = figure.layout.yaxis.range
    assert low > high
    assert dict(zip(zip(written.x, written.y, strict=True), written.text, strict=True))[1, 0] == "2"
    assert heat.hovertext[0][1] == "true: cat<br>predicted: dog<br>2"
    frame = next(s for s in figure.layout.shapes if s.type == "rect")
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (0.5, 1.5, 0.5, 1.5)
    gaps = next(t for t in figure.data if t.type == "heatmap" and t.zmin < 0)
    assert (gaps.zmin, gaps.zmax) == (-4, 4)


def test_a_large_matrix_has_no_texts_and_fewer_names() -> None:
    names = tuple(f"class {k}" for k in range(100))
    figure = one(Matrix(np.eye(100), names, names, "number"))
    assert [t.type for t in figure.data] == ["heatmap"]
    assert 5 <= len(figure.layout.xaxis.ticktext) <= 50
    assert figure.layout.xaxis.ticktext[0] == "class 0"


def test_bars_have_their_errors_classes_and_texts() -> None:
    figure = screen_chart.draw(ALL["bars"]())
    erm, cce, ranges, sizes = figure.data
    assert erm.error_y.array[0] == 1
    assert erm.offset + erm.width == pytest.approx(cce.offset)
    assert ranges.base.tolist() == [-2, -1, 0]
    assert ranges.y.tolist() == [3, 3, 3]
    assert list(sizes.marker.color) == [palette.class_color(k) for k in range(3)]
    assert (sizes.y.tolist(), list(sizes.text)) == ([5, 4, 3], ["5", "4", "3"])
    assert list(figure.layout.xaxis.ticktext) == ["cat", "dog", "a&lt;b &amp; $c$"]


def test_a_polar_panel_is_round_without_axes() -> None:
    figure = screen_chart.draw(ALL["polar"]())
    assert not figure.layout.xaxis.visible
    assert figure.layout.yaxis.scaleanchor == "x"
    assert {"0°", "90°", "4 %", "2 %"} <= set(texts(figure))
    filled = next(t for t in figure.data if t.fill == "toself")
    assert np.hypot(filled.x, filled.y).max() == pytest.approx(1)


def test_three_dimensions_have_a_scene_of_their_own() -> None:
    chart = ALL["solid"]()
    figure = screen_chart.draw(replace(chart, panels=chart.panels * 2))
    assert {t.scene for t in figure.data} == {"scene", "scene2"}
    assert figure.layout.scene2.domain.x[0] > figure.layout.scene.domain.x[1]
    assert figure.layout.scene.zaxis.title.text == "3"


def test_legends_none_and_top_do_as_they_say() -> None:
    curves = ALL["curves"]()
    none = screen_chart.draw(replace(curves, legend="none", panels=ALL["histograms"]().panels))
    assert not none.layout.showlegend
    top = screen_chart.draw(replace(curves, legend="top"))
    assert top.layout.showlegend
    assert "ArcFace" not in texts(top)


def test_nothing_to_draw_is_an_empty_panel() -> None:
    nothing = np.array([])
    marks = (
        Line(nothing, nothing, name="gone"),
        Dots(nothing, nothing, classes=nothing.astype(int)),
        Bars(nothing, nothing),
        Arrows(nothing, nothing),
        Line(X, np.full(5, np.nan), name="not finite"),
    )
    figure = one(*marks)
    go.Figure(figure.to_dict())
    assert all(math.isfinite(end) for end in (*figure.layout.xaxis.range, *figure.layout.yaxis.range))
    assert "not finite" not in texts(figure)


def test_a_long_title_of_x_takes_several_lines_on_a_phone() -> None:
    axis = Axis("training images of the class (runs moved apart a little)")
    chart = Chart((Panel((Line(X, X, RunColor(0)),), x=axis),), alt="")
    wide, narrow = (screen_chart.draw(chart, width=width).layout for width in (860, 340))
    assert "<br>" not in wide.xaxis.title.text
    assert narrow.xaxis.title.text.replace("<br>", " ") == wide.xaxis.title.text
    assert narrow.margin.b > wide.margin.b


def test_a_long_note_over_a_small_panel_takes_several_lines() -> None:
    note = "2,000 of 10,000 test images, epoch 8"
    panels = tuple(Panel((Line(X, X, RunColor(0)),), "CAMRI", note=note) for _ in range(3))
    figure = screen_chart.draw(Chart(panels, alt="", columns=3), width=570)
    written = [text for text in texts(figure) if "CAMRI" in text]
    assert len(written) == 3
    assert all(text.count("<br>") >= 2 for text in written)
    assert figure.layout.margin.t > screen_chart.draw(Chart(panels, alt="", columns=3)).layout.margin.t


def test_panels_that_do_not_fit_beside_each_other_stand_in_rows_of_one_length() -> None:
    layout = screen_chart.draw(Chart((Panel((Line(X, X),)),) * 4, alt="", columns=4), width=620).layout
    rows = [round(layout[f"yaxis{n}"].domain[0], 3) for n in ("", 2, 3, 4)]
    assert rows[0] == rows[1] > rows[2] == rows[3]


def test_long_names_of_rows_leave_most_of_a_narrow_chart_to_its_plot() -> None:
    names = tuple(f"a name of a class that is long, {k}" for k in range(5))
    panel = Panel((Matrix(np.eye(5), names, names, "share"),), y=Axis("true class"))
    wide, narrow = (screen_chart.draw(Chart((panel,), alt=""), width=width).layout for width in (860, 330))
    assert narrow.margin.l < 0.5 * 330 < wide.margin.l
    for text in narrow.yaxis.ticktext:
        assert text.endswith("…")
        assert names[0].startswith(text[:-1])


@pytest.mark.parametrize("axis", [Axis("turn", "°", low=-180, high=180), Axis("x", low=0, high=1e4)])
def test_a_narrow_plot_has_fewer_numbers(axis: Axis) -> None:
    chart = Chart((Panel((Line(X, X),), x=axis),), alt="")
    wide, narrow = (screen_chart.draw(chart, width=width).layout.xaxis for width in (860, 240))
    if axis.unit:
        assert narrow.dtick > wide.dtick
    else:
        assert narrow.nticks < wide.nticks


def test_plotly_is_told_to_set_no_formulas() -> None:
    assert screen.CONFIG["typesetMath"] is False
