"""The picture beside the plane is in the files and in the page that is handed out."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lossviz import figures
from lossviz.fields import profiles
from lossviz.pages.contours import panels, side_plots
from lossviz.pages.contours.ui import handout
from lossviz.pages.contours.view import ContourView

PLAIN = ContourView(losses=("soft-d", "arcface"))


def inches(figure: Any) -> list[tuple[float, ...]]:
    """Where axes stand, from the left and from the top."""
    wide, tall = figure.get_size_inches()
    boxes = [axes.get_position(original=True) for axes in figure.axes]
    return [
        tuple(np.round((b.x0 * wide, (1 - b.y1) * tall, b.width * wide, b.height * tall), 6)) for b in boxes
    ]


@pytest.mark.parametrize("beside", ["angle", "target", "difference", "surface"])
def test_a_figure_grows_by_the_second_picture_and_keeps_its_panels(beside: str) -> None:
    view = replace(PLAIN, beside=beside)
    figure = figures.contours(panels.fields(view, 24))
    before, size = inches(figure), figure.get_size_inches().copy()
    legends = [legend.get_window_extent().y1 for legend in figure.legends]
    assert side_plots.print_figure(view, figure) is figure
    assert inches(figure)[: len(before)] == before
    assert figure.get_size_inches()[1] > size[1] + 1.5
    assert len(figure.axes) > len(before)
    grown = (figure.get_size_inches()[1] - size[1]) * figure.dpi
    assert figure.legends[0].get_window_extent().y1 == pytest.approx(legends[0] + grown, abs=1.0)
    # What was added stands below all that was there.
    lowest = min(
        tall - y - height for (_, y, _, height), tall in zip(before, [size[1]] * len(before), strict=True)
    )
    assert all(
        axes.get_position().y1 * figure.get_size_inches()[1] <= lowest + grown / figure.dpi
        for axes in figure.axes[len(before) :]
    )


@pytest.mark.parametrize("beside", ["angle", "surface"])
def test_the_files_hold_the_second_picture(beside: str) -> None:
    heights = [
        Image.open(io.BytesIO(panels.write(view, "png", 24))).height
        for view in (PLAIN, replace(PLAIN, beside=beside))
    ]
    assert heights[1] > 1.3 * heights[0]


def test_the_printed_curves_are_the_cuts_through_the_losses() -> None:
    view = replace(PLAIN, beside="angle")
    figure = side_plots.print_figure(view)
    assert figure is not None
    (axes,) = figure.axes
    *curves, edge = axes.lines
    assert [line.get_linestyle() for line in curves] == ["-", "--"]
    assert set(edge.get_ydata()) == {view.edge}
    assert len(side_plots.print_figure(replace(view, opening=False)).axes[0].lines) == 2  # type: ignore[union-attr]
    for line, spec in zip(curves, view.specs(), strict=True):
        own = profiles.against_angle(
            spec, view.state(spec), view.label, view.values(spec), radius=view.circle
        )
        np.testing.assert_allclose(line.get_xdata(), own.x)
        np.testing.assert_allclose(line.get_ydata(), own.y)
    assert axes.get_xlim() == (-180, 180)


def test_a_loss_without_the_curve_is_named_and_left_out() -> None:
    view = replace(ContourView(losses=("bce-u", "arcface")), beside="target")
    assert [curve.name for curve in side_plots.cut(view).curves] == ["ArcFace"]
    assert side_plots.cut(view).places == (1,)
    assert side_plots.caption(view).endswith("Not defined for BCE, unified bias.")
    alone = replace(ContourView(losses=("bce-u",)), beside="target")
    assert side_plots.print_figure(alone) is None


def test_the_page_that_is_handed_out_holds_it_too() -> None:
    assert 'class="lv-second"' in handout.page(replace(PLAIN, beside="angle"))
    assert 'class="lv-second"' not in handout.page(PLAIN)
