"""The saved picture of the threshold is the one that is seen: roots of shares, the wrong side in full."""

from __future__ import annotations

import numpy as np
import pytest

from lossviz.figures.chart import Panel, RoleColor, Steps
from lossviz.pages.uniform import UniformView, threshold
from tests.readings.made import reading

# Positive metrics 1, largest negatives 0; the last sample is taken for the other class.
ONE = reading([0, 0, 1, 1], [0, 0, 1, 0], classes=2, name="one", images="four")


def histograms(panel: Panel, solid: bool) -> dict[str, Steps]:
    steps = [mark for mark in panel.marks if isinstance(mark, Steps) and mark.solid == solid]
    return {mark.color.role: mark for mark in steps if isinstance(mark.color, RoleColor)}


def test_heights_are_roots_of_shares() -> None:
    panel = threshold.chart([ONE], UniformView(t=0.5)).panels[1]
    heights = np.sort(histograms(panel, solid=False)["positive"].heights)
    # Three of four positive metrics are 1, one is 0.
    assert heights[-2:].tolist() == pytest.approx([0.5, np.sqrt(0.75)])
    assert heights[:-2].max() == 0


@pytest.mark.parametrize("t", [0.5, -0.001, 0.25, 0.999])
def test_what_lies_on_the_wrong_side_of_t_is_full(t: float) -> None:
    panel = threshold.chart([ONE], UniformView(t=t)).panels[1]
    whole, wrong = histograms(panel, solid=False), histograms(panel, solid=True)
    assert wrong["negative"].edges[0] == t
    assert wrong["positive"].edges[-1] == t
    for side, mark in wrong.items():
        # Bin by bin the same heights as in the whole, at the middle of what is left of each.
        middles = (mark.edges[1:] + mark.edges[:-1]) / 2
        bins = np.searchsorted(whole[side].edges, middles, "right") - 1
        np.testing.assert_array_equal(mark.heights, whole[side].heights[bins])
    above = whole["negative"].edges[1:] > t
    assert wrong["negative"].heights.sum() == pytest.approx(whole["negative"].heights[above].sum())


def test_how_many_are_right_stands_beside_each_run() -> None:
    assert threshold.chart([ONE], UniformView(t=0.5)).panels[1].note.startswith("75.0 % of 4 right")
    two = reading([0, 0, 1, 1], [0, 0, 1, 1], classes=2, name="two", images="four")
    panels = threshold.chart([ONE, two], UniformView()).panels
    assert [panel.note for panel in panels[1:]] == ["75.0 % of 4 right", "100.0 % of 4 right"]
    # Each run at its own t*: what is wrong there is full.
    assert histograms(panels[1], solid=True)
