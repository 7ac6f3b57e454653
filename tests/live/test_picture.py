"""The epoch in the link leads back to the frame that was shown."""

from __future__ import annotations

import pytest

from lossviz.live import panels
from lossviz.live.view import LiveView
from lossviz.ui.live import picture


@pytest.mark.parametrize("per_epoch", [1, 3, 7, 10, 45, 469])
def test_the_epoch_that_a_link_writes_names_the_same_frame(per_epoch: int) -> None:
    steps = list(range(0, 4 * per_epoch, max(1, per_epoch // 16)))
    for place, step in enumerate(steps):
        query = LiveView(at=picture.written_epoch(step / per_epoch)).to_query()
        view, problems = LiveView.from_query(query)
        assert problems == []
        assert panels.frame_at(steps, per_epoch, view.at) == place


def test_an_epoch_with_few_decimals_is_written_as_it_is() -> None:
    assert [picture.written_epoch(epoch) for epoch in (0.0, 0.28, 1.0, 2.5)] == [0.0, 0.28, 1.0, 2.5]
