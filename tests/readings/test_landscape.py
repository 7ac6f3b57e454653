"""A trained run's weights on the contour page: the same loss at the same places."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lossviz.core.errors import RunError
from lossviz.pages.contours.view import ContourView
from lossviz.readings import landscape
from lossviz.readings.landscape import suitable
from lossviz.runs import Run, RunStore
from lossviz.runs.worker import Worker
from lossviz.training import RunConfig, Snapshot


def trained(store: RunStore, **settings: object) -> Run:
    run = store.create(RunConfig(epochs=1, train_images=200, test_images=40, **settings))
    Worker(run).work()
    assert run.status.state == "finished", run.status.reason
    return run


@pytest.mark.parametrize("loss", ["soft-d", "bce-u", "center", "arcface"])
def test_the_contour_page_draws_the_loss_that_the_run_had(tmp_path: Path, loss: str) -> None:
    run = trained(RunStore(tmp_path), loss=loss, classes=(0, 1, 2))
    shot = run.snapshot(run.frames()[-1])
    view, problems = ContourView.from_query(landscape.link(run, shot))
    assert not problems
    (spec,) = view.specs()
    points = torch.tensor([[1.0, 2.0], [-3.0, 0.5]], dtype=torch.float64)
    labels = torch.tensor([0, 2])
    here = spec.per_sample(points, labels, view.state(spec), **view.values(spec))
    there = spec.per_sample(points, labels, shot.state(torch.float64), **shot.params)
    # Weights are written with four decimals.
    torch.testing.assert_close(here, there, rtol=1e-3, atol=1e-3)


def test_only_runs_in_two_dimensions_are_offered(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    flat = trained(store, classes=(3, 8))
    deep = trained(store, classes=(3, 8), dimension=3)
    store.create(RunConfig())  # not begun
    (tmp_path / "broken").mkdir()
    assert suitable(store) == [flat]
    shot = deep.snapshot(deep.frames()[-1])
    with pytest.raises(RunError, match="in 3 dimensions"):
        landscape.link(deep, shot)


def test_weights_that_the_page_cannot_show_are_refused(tmp_path: Path) -> None:
    run = trained(RunStore(tmp_path), classes=(3, 8))
    shot = run.snapshot(run.frames()[-1])
    far = Snapshot(**{**vars(shot), "weights": shot.weights * 1e6})
    with pytest.raises(RunError, match="±100"):
        landscape.link(run, far)


def test_taken_into_a_view_only_weights_biases_centres_and_extent_change(tmp_path: Path) -> None:
    run = trained(RunStore(tmp_path), classes=(3, 8))
    before = ContourView(losses=("hinge", "focal"), params={"focusing": 5.0})
    view = before.with_texts(landscape.points(run, run.snapshot(run.frames()[-1])))
    assert view.losses == before.losses
    assert view.params == before.params
    assert view.classes == 2
