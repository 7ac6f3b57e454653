"""The axes of a frame do not depend on how one came to it."""

from __future__ import annotations

import numpy as np

from lossviz.readings import plane_extent
from lossviz.runs import RunStore
from lossviz.training.config import RunConfig
from tests.readings import folders

SIZES = (1.0, 5.0, 4.0, 3.0, 1.0, 1.2)  # needs 1.15, 5.75, 4.6, 3.45, 1.15, 1.38


def test_a_frame_has_the_same_axes_by_playing_and_by_jumping(store: RunStore) -> None:
    shots = [folders.shot(step, np.full((10, 2), size), np.eye(3, 2)) for step, size in enumerate(SIZES)]
    run = folders.written(store, RunConfig(), shots)
    steps = range(len(SIZES))
    plane_extent._reaches.clear()
    jumped = plane_extent.reach_at(run, 5, shots[5].features)
    plane_extent._reaches.clear()
    played = [plane_extent.reach_at(run, step, shots[step].features) for step in steps]
    # It grows at once, and shrinks only where less than four tenths of it are needed.
    assert played == [1.5, 6.0, 6.0, 6.0, 1.5, 1.5]
    assert jumped == played[-1]
    assert [plane_extent.reach_at(run, step, shots[step].features) for step in reversed(steps)] == played[
        ::-1
    ]
