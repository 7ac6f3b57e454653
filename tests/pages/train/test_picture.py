"""The picture that the page puts up, and the epoch in the link that leads back to its frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lossviz.pages.train import packets
from lossviz.pages.train.ui import picture
from lossviz.pages.train.view import LiveView
from lossviz.readings import panels
from lossviz.runs import Run, RunStore
from lossviz.training.config import RunConfig
from tests.figures.wire_reader import read
from tests.pages.train.test_form import opened
from tests.pages.train.test_routes import ask
from tests.readings import folders


@pytest.mark.parametrize("per_epoch", [1, 3, 7, 10, 45, 469])
def test_the_epoch_that_a_link_writes_names_the_same_frame(per_epoch: int) -> None:
    steps = list(range(0, 4 * per_epoch, max(1, per_epoch // 16)))
    for place, step in enumerate(steps):
        query = LiveView(at=picture.link_epoch(step / per_epoch)).to_query()
        view, problems = LiveView.from_query(query)
        assert problems == []
        assert panels.frame_at(steps, per_epoch, view.at) == place


def test_an_epoch_with_few_decimals_is_written_as_it_is() -> None:
    assert [picture.link_epoch(epoch) for epoch in (0.0, 0.28, 1.0, 2.5)] == [0.0, 0.28, 1.0, 2.5]


@pytest.fixture
def run(still_store: RunStore) -> Run:
    """A run with a frame at the start, in the middle and at the end of its first epoch."""
    shots = [folders.shot(step, np.ones((3, 2)), np.eye(3, 2)) for step in (0, 5, 10)]
    return folders.written(still_store, RunConfig(epochs=3), shots)


def header(at: AppTest) -> dict[str, Any]:
    """The JSON of the picture that the page has put up."""
    found = [each.proto.bytes for each in at.get("bidi_component") if each.proto.bytes]
    made = [read(data)[0] for data in found]
    return next(each for each in made if "panels" in each)


def test_the_page_puts_up_the_frame_of_its_link_with_the_routes_to_the_others(run: Run) -> None:
    newest, first = header(opened(runs=run.id)), header(opened(runs=run.id, at="0.4"))
    assert [made["timeline"]["position"] for made in (newest, first)] == [2, 0]
    assert [made["follow"] for made in (newest, first)] == [True, False]
    (answer,) = ask("/" + newest["source"])
    assert answer.header["panels"] == newest["panels"]
    assert answer.headers["etag"] == f'"{newest["etag"]}"'
    assert answer.header["state"] == newest["state"]


def test_only_what_is_not_the_visitor_s_own_move_takes_the_timeline_along(run: Run) -> None:
    at = opened(runs=run.id)
    places = [header(at)["place"]]
    at.session_state["live.place"] = ((run.id,), 0.5)  # as where the timeline has come to rest
    at.query_params["at"] = "0.5"
    at.run()
    places.append(header(at)["place"])
    at.query_params["at"] = "0"  # another link
    at.run()
    places.append(header(at)["place"])
    assert places[0] == places[1] != places[2]


def test_the_last_frame_of_a_run_that_has_ended_needs_no_epoch_in_the_link(run: Run) -> None:
    scene = packets.scene(RunStore(), [run.id])
    assert [picture.epoch_in_link(scene, epoch) for epoch in (0.0, 0.49, 0.51, 1.0, 99.0)] == [
        0,
        0.5,
        0.5,
        None,
        None,
    ]
    assert picture.epoch_in_link(scene, float("nan")) is None
