"""Cells of values: one scale for all panels, gaps where there is none, strokes within hatched cells."""

from __future__ import annotations

import numpy as np

from lossviz.figures import print_chart, screen_chart
from lossviz.figures.chart import Chart, Matrix, Panel


def matrix(values: list[list[float]], **more: object) -> Matrix:
    rows, columns = np.shape(values)
    names = tuple("abcdef")
    return Matrix(np.array(values), names[:rows], names[:columns], "values", value_title="%", **more)  # type: ignore[arg-type]


def test_matrices_of_values_share_their_scale() -> None:
    one, two = matrix([[1.0, 2.0]]), matrix([[3.0, np.nan]])
    figure = screen_chart.draw(Chart((Panel((one,)), Panel((two,))), "two"))
    heat = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [trace.coloraxis for trace in heat] == ["coloraxis", "coloraxis"]
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (1.0, 3.0)
    # In print the same colour stands for the same number.
    assert one.cell_colors(False, (1.0, 3.0))[0] == matrix([[1.0]]).cell_colors(False, (1.0, 3.0))[0]
    assert one.cell_colors(False, (1.0, 3.0))[1] != one.cell_colors(False)[1]


def test_strokes_of_a_hatched_cell_stay_within_it_and_say_nothing() -> None:
    drawn = matrix([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], hatched=((1, 2),))
    chart = Chart((Panel((drawn,)),), "hatched")
    (strokes,) = [
        trace for trace in screen_chart.draw(chart).data if trace.to_plotly_json().get("mode") == "lines"
    ]
    x, y = (np.array(ends, dtype=float) for ends in (strokes.x, strokes.y))
    ends = np.isfinite(x)
    assert ends.sum() >= 6
    assert np.abs(x[ends] - 2).max() < 0.501
    assert np.abs(y[ends] - 1).max() < 0.501
    assert strokes.hoverinfo == "skip"
    plain = Chart((Panel((matrix([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),)),), "plain")
    assert print_chart.save(chart, "svg").count(b"<path") > print_chart.save(plain, "svg").count(b"<path")
