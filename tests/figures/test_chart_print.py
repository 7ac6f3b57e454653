from __future__ import annotations

import io
import itertools
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text
from PIL import Image

from lossviz.figures import palette, print_chart
from lossviz.figures.chart import Axis, Chart, Dots, Line, Matrix, Panel, Rule, RunColor, Steps
from tests.figures.chart_examples import ALL, NAMES, X


def panels(figure: Figure) -> list[Axes]:
    return figure.axes


def outside(figure: Figure) -> list[Text]:
    """Titles, notes, names and legends: all that stands around the plots, without halos."""
    around = [text for axes in figure.axes for text in axes.texts if isinstance(text, Annotation)]
    named = [text for text in around if text.xycoords == "axes fraction" and not text.get_path_effects()]
    labels = [label for axes in figure.axes for label in (axes.xaxis.label, axes.yaxis.label)]
    legends = [text for legend in figure.legends for text in legend.get_texts()]
    return [text for text in [*named, *labels, *legends] if text.get_text()]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in outside(figure)]


def named(figure: Figure, name: str) -> Text:
    return next(text for text in outside(figure) if text.get_text() == name)


def one(*marks: object, **options: object) -> Figure:
    return print_chart.figure(Chart((Panel(marks, **options),), alt=""))  # type: ignore[arg-type]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ALL)
def test_every_mark_is_drawn_in_both_themes(name: str, dark: bool) -> None:
    figure = print_chart.figure(ALL[name](), dark)
    figure.canvas.draw()
    assert to_hex(figure.get_facecolor()) == palette.theme(dark).background


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_chart_gives_the_same_bytes(kind: print_chart.Format) -> None:
    assert print_chart.save(ALL["points"](), kind) == print_chart.save(ALL["points"](), kind)


def test_the_text_of_the_chart_is_in_the_files() -> None:
    chart = ALL["curves"]()
    picture = Image.open(io.BytesIO(print_chart.save(chart, "png")))
    assert picture.info["Description"] == chart.alt
    drawing = print_chart.save(chart, "svg").decode()
    assert f"<dc:description>{chart.alt}</dc:description>" in drawing
    assert f"/Subject ({chart.alt})".encode() in print_chart.save(chart, "pdf")


def test_text_stays_text_in_svg() -> None:
    root = ElementTree.fromstring(print_chart.save(ALL["curves"](), "svg"))
    written = {"".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Accuracy", "n = 5", "cross-entropy", "t* = 1.5", "threshold", "goal", "here"} <= written


def test_pdf_has_its_fonts_and_no_date() -> None:
    written = print_chart.save(ALL["curves"](), "pdf")
    assert b"/FontFile2" in written
    assert b"CreationDate" not in written


def test_lines_are_drawn_with_their_colours_and_named_at_their_ends() -> None:
    figure = print_chart.figure(ALL["curves"]())
    (line,) = (line for line in panels(figure)[0].lines if line.get_color() == palette.curve_colors()[1])
    np.testing.assert_array_equal(line.get_ydata(), 40 - 10 * X)
    assert line.get_linestyle() == "--"
    figure.canvas.draw()
    label = named(figure, "ArcFace").get_window_extent()
    assert label.x0 > panels(figure)[0].get_window_extent().x1
    # It ends at 0; the band and the air of 4 % reach from −2 − 1.76 to 42 + 1.76.
    plot = panels(figure)[0].get_window_extent()
    assert (label.y0 + label.y1) / 2 == pytest.approx(plot.y0 + 3.76 / 47.52 * plot.height, abs=6)


def test_no_text_covers_another_or_leaves_the_page() -> None:
    for name, made in ALL.items():
        figure = print_chart.figure(made())
        figure.canvas.draw()
        page = figure.bbox
        boxes = [(t.get_text(), t.get_window_extent()) for t in outside(figure)]
        for text, box in boxes:
            assert box.x0 >= page.x0 - 1, (name, text)
            assert box.x1 <= page.x1 + 1, (name, text)
            assert box.y0 >= page.y0 - 1, (name, text)
            assert box.y1 <= page.y1 + 1, (name, text)
        for (one_text, a), (two_text, b) in itertools.combinations(boxes, 2):
            apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 1 or b.y1 <= a.y0 + 1
            assert apart, (name, one_text, two_text)


def test_close_rules_are_named_in_rows_within_the_panel() -> None:
    marks = (Line(X, X), Rule(0.0, name="t* = 0.00"), Rule(0.05, name="bias = 0.05"))
    figure = one(*marks)
    figure.canvas.draw()
    first, second = (named(figure, name).get_window_extent() for name in ("t* = 0.00", "bias = 0.05"))
    assert first.y1 <= second.y0 or second.y1 <= first.y0
    assert first.x0 >= panels(figure)[0].get_window_extent().x0 - 2


def test_points_keep_their_colours_and_what_is_not_finite_is_left_out() -> None:
    classes, losses, *_ = panels(print_chart.figure(ALL["points"]()))
    groups = [c for c in classes.collections if isinstance(c, PathCollection)]
    assert sorted(len(np.asarray(c.get_offsets())) for c in groups) == [1, 2, 2]
    vivid = groups[-1]
    assert to_hex(vivid.get_facecolor()[0]) == palette.class_color(1)
    values = next(c for c in losses.collections if isinstance(c, PathCollection))
    assert np.asarray(values.get_array()).tolist() == pytest.approx([-3, -2, -1, 0, 1])


def test_equal_scales_are_equal_on_paper() -> None:
    axes = panels(print_chart.figure(ALL["points"]()))[0]
    box = axes.get_window_extent()
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    assert box.width / (x1 - x0) == pytest.approx(box.height / (y1 - y0), rel=1e-6)


def test_equal_scales_stay_within_the_place_of_the_panel() -> None:
    wide = Dots(np.array([0.0, 100]), np.array([0.0, 10]))
    tall = Dots(np.array([0.0, 10]), np.array([0.0, 100]))
    places = [
        panels(one(dots, equal=equal))[0].get_position() for dots in (wide, tall) for equal in (True, False)
    ]
    for equal, free in (places[:2], places[2:]):
        assert free.x0 - 1e-9 <= equal.x0 < equal.x1 <= free.x1 + 1e-9
        assert free.y0 - 1e-9 <= equal.y0 < equal.y1 <= free.y1 + 1e-9


def test_plots_are_as_high_as_the_chart_says() -> None:
    for chart in (ALL["curves"](), replace(ALL["histograms"](), height=200), ALL["bars"]()):
        figure = print_chart.figure(chart)
        figure.canvas.draw()
        for axes in panels(figure):
            inches = axes.get_window_extent().height / figure.dpi
            assert inches == pytest.approx(chart.height / 130, rel=0.02)


def test_shared_axes_have_the_same_ends() -> None:
    left, right = panels(print_chart.figure(ALL["histograms"]()))
    assert left.get_xlim() == right.get_xlim() == (-1, 5)
    assert left.get_ylim() == right.get_ylim()
    assert not any(
        label.get_visible() and label.get_text() for label in right.get_yticklabels() if label.get_visible()
    )


def test_bars_stand_side_by_side_over_their_categories() -> None:
    recall, ranges, sizes = panels(print_chart.figure(ALL["bars"]()))
    patches = [p for p in recall.patches if isinstance(p, Rectangle)]
    assert [p.get_height() for p in patches[:2]] == [90, 80]
    assert patches[0].get_x() + patches[0].get_width() == pytest.approx(patches[3].get_x())
    span = ranges.patches[1]
    assert isinstance(span, Rectangle)
    assert (span.get_y(), span.get_height()) == (-1, 3)
    assert to_hex(sizes.patches[1].get_facecolor()) == palette.class_color(1)
    assert [label.get_text() for label in sizes.get_xticklabels()] == ["cat", "dog", "a<b & $c$"]
    assert {"5", "4", "3"} <= {text.get_text() for text in sizes.texts}


def test_a_matrix_has_its_texts_and_frame() -> None:
    axes = panels(print_chart.figure(ALL["matrices"]()))[0]
    found = {text.get_position(): text.get_text() for text in axes.texts}
    assert (found[0, 0], found[1, 0], found[0, 1]) == ("8", "2", "1")
    frame = axes.patches[0]
    assert isinstance(frame, Rectangle)
    assert frame.get_xy() == (0.5, 0.5)
    low, high = axes.get_ylim()
    assert low > high


def test_a_large_matrix_has_no_texts() -> None:
    names = tuple(f"class {k}" for k in range(100))
    assert not panels(one(Matrix(np.eye(100), names, names)))[0].texts


def test_a_dollar_sign_in_a_name_is_no_formula() -> None:
    named = Panel((Line(X, X, RunColor(0), "$a_1$"), Line(X, X, RunColor(1), "$_$")), "cost $x$ and $y$")
    drawing = print_chart.save(Chart((named,), alt=""), "svg").decode()
    for name in ("$a_1$", "$_$", "cost $x$ and $y$"):
        assert f">{name}</" in drawing


def test_many_points_are_a_picture_in_a_drawing() -> None:
    many = Chart((Panel((Dots(np.arange(5000.0), np.arange(5000.0)),)),), alt="")
    few = Chart((Panel((Dots(np.arange(500.0), np.arange(500.0)),)),), alt="")
    assert b"<image" in print_chart.save(many, "svg")
    assert b"<image" not in print_chart.save(few, "svg")


def test_axes_have_units_logarithms_and_their_own_ticks() -> None:
    x, y = (
        Axis("images", spacing="log", low=1, high=100),
        Axis("recall", "%", ticks=((0, "none"), (100, "all"))),
    )
    axes = panels(one(Line(np.array([1.0, 10, 100]), np.array([0.0, 50, 100])), x=x, y=y))[0]
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "3", "10", "30", "100"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["none", "all"]
    shares = panels(one(Steps(X, 10 * X[1:]), y=Axis("share", "%")))[0]
    assert shares.get_yticklabels()[1].get_text().endswith(" %")


def test_the_legend_is_read_along_its_rows() -> None:
    labels = np.arange(12) % 12
    dots = Dots(np.arange(12.0), np.arange(12.0), classes=labels)
    names = tuple(f"a longer name {k}" for k in range(12))
    figure = print_chart.figure(Chart((Panel((dots,)), Panel(())), alt="", classes=names))
    read = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert sorted(read) == sorted(names)
    figure.canvas.draw()
    boxes = [(t.get_window_extent(), t.get_text()) for legend in figure.legends for t in legend.get_texts()]
    along = [text for _, text in sorted(boxes, key=lambda pair: (-round(pair[0].y0), pair[0].x0))]
    assert along == list(names)
    assert len({round(box.y0) for box, _ in boxes}) > 1


def test_an_empty_chart_is_an_empty_panel() -> None:
    nothing = np.array([])
    figure = one(Line(nothing, nothing, name="gone"), Dots(nothing, nothing), Line(X, np.full(5, np.nan)))
    figure.canvas.draw()
    assert "gone" not in texts(figure)


def test_a_chart_without_a_legend_has_none() -> None:
    assert not print_chart.figure(replace(ALL["solid"](), legend="none")).legends
    assert [
        t.get_text() for legend in print_chart.figure(ALL["solid"]()).legends for t in legend.get_texts()
    ] == [*NAMES[:2], "a<b & $c$"]
