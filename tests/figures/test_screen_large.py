"""A figure for a projector: pixels grow, the data and their places do not."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from lossviz.figures import screen, screen_chart, screen_large
from tests.figures.chart_examples import ALL

X = np.linspace(-180, 180, 9)


def lines() -> go.Figure:
    return screen.lines([screen.Curve("ArcFace", X, X**2), screen.Curve("CCE", X, 2 * X**2)])


def test_texts_lines_margins_and_height_grow_by_one_factor() -> None:
    before, after = lines().layout, screen_large.enlarged(lines(), 2.0).layout
    assert after.height == 2 * before.height
    assert after.font.size == 2 * before.font.size
    assert after.margin.l == 2 * before.margin.l
    assert after.xaxis.tickfont.size == 2 * before.xaxis.tickfont.size
    assert after.annotations[0].xshift == 2 * before.annotations[0].xshift
    assert screen_large.enlarged(lines(), 2.0).data[0].line.width == 2 * lines().data[0].line.width


def test_data_axes_and_places_stay() -> None:
    before, after = lines(), screen_large.enlarged(lines(), 2.0)
    np.testing.assert_array_equal(after.data[1].y, before.data[1].y)
    assert after.layout.yaxis.range == before.layout.yaxis.range
    assert after.layout.annotations[0].y == before.layout.annotations[0].y
    steps = go.Figure(go.Contour(z=[[1, 2], [3, 4]], contours={"start": 1, "end": 4, "size": 0.5}))
    assert screen_large.enlarged(steps).data[0].contours.size == 0.5
    turned = go.Figure(go.Scatterpolar(r=[1, 2], theta=[0, 90], marker={"size": [4, 6]}))
    assert list(screen_large.enlarged(turned, 2.0).data[0].r) == [1, 2]
    assert list(screen_large.enlarged(turned, 2.0).data[0].marker.size) == [8, 12]


@pytest.mark.parametrize("name", ALL)
def test_every_kind_of_chart_can_be_enlarged(name: str) -> None:
    before = screen_chart.draw(ALL[name]())
    after = screen_large.enlarged(before, 1.5)
    assert after.layout.height == pytest.approx(1.5 * before.layout.height)
    assert len(after.data) == len(before.data)
