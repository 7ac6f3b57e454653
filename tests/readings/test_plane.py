"""The plane of many dimensions stands still: what is drawn moves no further than the features do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lossviz.readings import panels, plane
from lossviz.readings.plane import axes_of, principal, share, turned, turns
from lossviz.runs import Run, RunStore
from lossviz.training.config import RunConfig
from tests.readings.folders import shot, written

RNG = np.random.default_rng(5)
PARAMS = RunConfig().loss_params()


def drifting(store: RunStore, dimension: int = 6, frames: int = 24, **status: object) -> Run:
    """A run whose points drift a little from frame to frame while their principal axes change places."""
    start, drift = RNG.normal(size=(2, 40, dimension))
    stretch = [1 + 0.3 * np.sin(t / 3 + np.arange(dimension)) for t in range(frames)]
    shots = [
        shot(t, (start + 0.05 * t * drift) * stretch[t], np.eye(3, dimension), params=PARAMS)
        for t in range(frames)
    ]
    return written(store, RunConfig(dimension=dimension, epochs=5), shots, **status)


def drawn(run: Run, step: int, **status: object) -> np.ndarray:
    panel = panels.panel(run, run.snapshot(step), run.points(), run.status.but(**status))
    assert panel.features is not None
    return panel.features


def test_between_frames_of_an_ended_run_nothing_is_drawn_to_move_further_than_it_did(store: RunStore) -> None:
    run = drifting(store)
    for before, after in zip(run.frames(), run.frames()[1:], strict=False):
        moved = np.linalg.norm(drawn(run, after) - drawn(run, before), axis=1)
        did = np.linalg.norm(run.snapshot(after).features - run.snapshot(before).features, axis=1)
        assert (moved <= did + 1e-5).all()


def test_the_last_frame_of_an_ended_run_is_seen_along_its_own_axes(store: RunStore) -> None:
    run = drifting(store)
    last = run.snapshot(23)
    _, sizes, _ = np.linalg.svd(last.features)
    assert np.square(drawn(run, 23)).sum() == pytest.approx(np.square(sizes[:2]).sum(), rel=1e-4)
    told = panels.panel(run, last, run.points(), run.status).note
    part = 100 * np.square(sizes[:2]).sum() / np.square(sizes).sum()
    assert f"PCA {part:.0f} % of the variance of 6 dimensions" in told
    early = run.snapshot(3)
    part = 100 * np.square(drawn(run, 3)).sum() / np.square(early.features).sum()
    told = panels.panel(run, early, run.points(), run.status).note
    assert f"PCA {part:.0f} % of the variance of 6 dimensions, axes of epoch 2.3" in told


def test_while_a_run_trains_its_axes_turn_seldom(store: RunStore) -> None:
    run = drifting(store)
    now = run.status.but(state="running")
    assert turns(run.frames()) == [0, 1, 2, 3, 5, 8, 12, 18]
    known = axes_of(run, now, 6)
    assert known.epoch == 1.8
    # The frame that comes next is drawn on the same plane.
    assert drawn(run, 20, state="running") == pytest.approx(run.snapshot(20).features @ known.axes, abs=1e-6)
    ended = axes_of(run, now.but(state="finished"), 6)
    assert ended.epoch == 2.3
    # It turned as little as its plane allows.
    assert ended.axes == pytest.approx(turned(ended.axes, known.axes), abs=1e-5)


def test_axes_are_the_same_however_one_comes_to_them(store: RunStore) -> None:
    run = drifting(store)
    at_once = axes_of(run, run.status, 6).axes
    plane._known.clear()
    frames = run.frames()
    for count in range(1, len(frames) + 1):
        seen = Run(run.path)
        seen.frames = lambda count=count: frames[:count]  # type: ignore[method-assign]
        followed = axes_of(seen, run.status.but(state="running"), 6).axes
    followed = axes_of(run, run.status, 6).axes
    assert np.array_equal(followed, at_once)


def test_principal_axes_are_those_of_the_singular_vectors() -> None:
    for features in (RNG.normal(size=(30, 7)), RNG.normal(size=(5, 20))):
        _, _, rows = np.linalg.svd(features)
        found = principal(features)
        assert found is not None
        assert np.abs((found * rows[:2].T).sum(0)) == pytest.approx([1, 1], abs=1e-5)
    assert principal(np.array([[1.0, 2.0], [np.nan, 0.0]])) is None


def test_turning_comes_as_near_as_any_turn_or_mirroring() -> None:
    for _ in range(5):
        (own, _), (other, _) = (np.linalg.qr(RNG.normal(size=(6, 2))) for _ in range(2))
        best = math.inf
        for angle in np.linspace(0, 2 * math.pi, 720):
            c, s = math.cos(angle), math.sin(angle)
            for mirror in (1, -1):
                tried = own @ np.array([[c, -s * mirror], [s, c * mirror]])
                best = min(best, float(np.linalg.norm(tried - other)))
        found = turned(own, other)
        assert np.linalg.norm(found - other) <= best + 1e-6
        assert found.T @ found == pytest.approx(np.eye(2), abs=1e-6)
        assert found @ found.T == pytest.approx(own @ own.T, abs=1e-6)  # the same plane


def test_a_frame_that_diverged_sets_no_axes(store: RunStore) -> None:
    good = shot(5, RNG.normal(size=(20, 4)), np.eye(3, 4), params=PARAMS)
    bad = shot(
        6, 1e20 * RNG.normal(size=(20, 4)), np.eye(3, 4), params=PARAMS, stopped="the loss is infinite"
    )
    run = written(store, RunConfig(dimension=4), [good, bad], state="diverged")
    assert axes_of(run, run.status, 4).epoch == 0.5
    alone = written(store, RunConfig(dimension=4), [bad], state="diverged")
    assert np.array_equal(axes_of(alone, alone.status, 4).axes, np.eye(4, 2))


def test_the_share_of_features_without_length_is_none() -> None:
    assert share(np.zeros((3, 4)), np.eye(4, 2)) == 0
    assert share(np.array([[3e30, 0, 4e30, 0.0]]), np.eye(4, 2)) == pytest.approx(9 / 25)
