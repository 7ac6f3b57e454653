"""A run at one step as a panel: the landscape at a point is the loss there, and words say where it stands."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lossviz.core.errors import LossvizError
from lossviz.losses import ClassState
from lossviz.metrics.merging import Merged
from lossviz.readings import panels
from lossviz.readings.advice import verdicts
from lossviz.readings.plane_extent import plane_reach
from lossviz.runs import Run, RunStatus, RunStore, names
from lossviz.training.config import RunConfig
from tests.readings.folders import points, shot, written

RNG = np.random.default_rng(3)
WEIGHTS = np.array([[0.0, 1.0], [-1.0, -0.4], [0.9, -0.6]])
FEATURES = RNG.normal(size=(30, 2)) * 2


def drawn(run: Run, step: int = 10, **rest):
    return panels.panel(run, run.snapshot(step), run.points(), run.status, **rest)


def of(store: RunStore, features, weights, loss: str = "soft-d", **rest) -> Run:
    features = np.asarray(features)
    rest.setdefault("params", RunConfig(loss=loss).loss_params())
    return written(
        store, RunConfig(loss=loss, dimension=features.shape[1]), [shot(10, features, weights, **rest)]
    )


# ------------------------------------------------------------------ what lies behind the points


@pytest.mark.parametrize("loss", ["soft-d", "arcface", "center", "bce-d", "focal"])
def test_the_landscape_at_a_place_is_the_loss_of_a_sample_there(store: RunStore, loss: str) -> None:
    extra = {"centers": WEIGHTS * 2} if loss == "center" else {}
    extra |= {"bias": np.array([0.1, -0.2, 0.3])} if loss == "bce-d" else {}
    run = of(store, FEATURES, WEIGHTS, loss, **extra)
    panel = drawn(run, of_class=1)
    side, reach = panels.GRID, panel.reach
    state = ClassState(**{"weights": torch.tensor(WEIGHTS), **{k: torch.tensor(v) for k, v in extra.items()}})
    for row, column in ((0, 0), (5, 60), (side - 1, 3), (40, 41)):
        place = [[-reach + 2 * reach * column / (side - 1), -reach + 2 * reach * row / (side - 1)]]
        wanted = run.config.spec.per_sample(torch.tensor(place).double(), torch.tensor([1]), state)
        assert panel.field[row, column] == pytest.approx(float(wanted), rel=1e-4, abs=1e-4)
    assert panel.levels[0] == panel.field.min()
    assert panel.levels[-1] == panel.field.max()


def test_the_landscape_follows_what_is_annealed_not_what_is_asked_for(store: RunStore) -> None:
    mild = of(
        store,
        FEATURES,
        WEIGHTS,
        "arcface",
        params={**RunConfig(loss="arcface").loss_params(), "margin": 0.0, "scale": 4.0},
    )
    full = of(store, FEATURES, WEIGHTS, "arcface")
    assert drawn(mild).field.max() < drawn(full).field.max() / 2


def test_regions_are_the_classes_with_the_largest_logit(store: RunStore) -> None:
    bias = np.array([0.5, 0.0, -0.5])
    panel = drawn(of(store, FEATURES, WEIGHTS, bias=bias), layer="regions")
    side, reach = panels.GRID, panel.reach
    for row in range(0, side, 7):
        for column in range(0, side, 7):
            z = (-reach + 2 * reach * column / (side - 1), -reach + 2 * reach * row / (side - 1))
            logits = [w @ z + b for w, b in zip(WEIGHTS, bias, strict=True)]
            assert panel.regions[row, column] == np.argmax(logits)
    assert panel.field is None


def test_nothing_lies_behind_when_nothing_is_asked_for(store: RunStore) -> None:
    panel = drawn(of(store, FEATURES, WEIGHTS), layer="none")
    assert panel.field is None
    assert panel.regions is None


def test_a_class_that_the_run_has_not_is_taken_for_its_last(store: RunStore) -> None:
    run = of(store, FEATURES, WEIGHTS)
    assert np.array_equal(drawn(run, of_class=99).field, drawn(run, of_class=2).field)


# ------------------------------------------------------------------ points


def test_guesses_and_losses_of_the_points_are_those_of_the_loss(store: RunStore) -> None:
    run = of(store, FEATURES, WEIGHTS, "arcface")
    panel = drawn(run)
    features, labels = torch.tensor(FEATURES), torch.arange(30) % 3
    wanted = run.config.spec.per_sample(features, labels, ClassState(torch.tensor(WEIGHTS)))
    assert panel.losses == pytest.approx(wanted.numpy(), rel=1e-4, abs=1e-4)
    cosines = (FEATURES @ WEIGHTS.T) / np.linalg.norm(WEIGHTS, axis=1)
    assert panel.predictions.tolist() == cosines.argmax(1).tolist()


def test_one_dimension_lies_on_the_first_axis(store: RunStore) -> None:
    panel = drawn(of(store, FEATURES[:, :1], WEIGHTS[:, :1]))
    assert panel.features[:, 0] == pytest.approx(FEATURES[:, 0], rel=1e-6)
    assert not panel.features[:, 1].any()
    assert panel.weights.tolist() == [[0.0, 0.0], [-1.0, 0.0], [pytest.approx(0.9), 0.0]]
    assert panel.field is None


def test_three_dimensions_stay_three(store: RunStore) -> None:
    features = RNG.normal(size=(9, 3))
    panel = drawn(of(store, features, np.eye(3), centers=np.eye(3, dtype=np.float32)))
    assert panel.features == pytest.approx(features, rel=1e-6)
    assert panel.weights.shape == panel.centers.shape == (3, 3)
    assert panel.field is None


@pytest.mark.parametrize("dimension", [5, 40])
def test_a_plane_in_many_dimensions_is_shown_without_distortion(store: RunStore, dimension: int) -> None:
    basis, _ = np.linalg.qr(RNG.normal(size=(dimension, 2)))
    panel = drawn(of(store, FEATURES @ basis.T, WEIGHTS @ basis.T))

    def distances(a):
        return np.linalg.norm(a[:, None] - a[None], axis=-1)

    assert distances(panel.features) == pytest.approx(distances(FEATURES), abs=1e-4)
    # weights are shown in the same plane, as they lie to the points
    assert panel.features @ panel.weights.T == pytest.approx(FEATURES @ WEIGHTS.T, abs=1e-4)
    assert f"PCA 100 % of the variance of {dimension} dimensions" in panel.note


def test_more_dimensions_than_points_are_shown_too(store: RunStore) -> None:
    features = RNG.normal(size=(6, 20))
    panel = drawn(of(store, features, RNG.normal(size=(3, 20))))
    sizes = np.linalg.svd(features, compute_uv=False)
    shown = np.linalg.norm(panel.features, axis=0)
    assert shown == pytest.approx(sizes[:2], rel=1e-4)
    share = 100 * (sizes[:2] ** 2).sum() / (sizes**2).sum()
    assert f"{share:.0f} % of the variance" in panel.note


@pytest.mark.parametrize("dimension", [1, 2, 3, 5])
def test_a_run_that_diverged_is_still_drawn(store: RunStore, dimension: int) -> None:
    features = np.full((6, dimension), np.nan)
    features[:2] = 1e30
    weights = np.full((3, dimension), np.nan)
    for layer in ("field", "regions"):
        panel = drawn(of(store, features, weights, stopped="the loss is infinite"), layer=layer)
        assert math.isfinite(panel.reach)
        assert panel.features.shape == (6, 3 if dimension == 3 else 2)


# ------------------------------------------------------------------ the plane's width


def test_the_plane_holds_99_of_100_points_with_room_and_rounds_up() -> None:
    features = np.zeros((200, 2))
    features[:, 0] = np.linspace(-1, 1, 200)
    assert plane_reach(features, None) == 1.5  # 1.15 · 0.995 = 1.14
    features[0] = (500, 0)
    assert plane_reach(features, None) == 1.5
    assert plane_reach(features * 10, None) == 15.0
    assert plane_reach(features * 0.08, None) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("size", "before", "after"),
    [
        (1.0, 2.0, 2.0),  # needs 1.15: the same axes as before
        (1.7, 2.0, 2.0),
        (1.8, 2.0, 3.0),  # needs 2.07: grows at once
        (0.9, 2.0, 2.0),  # needs 1.04, more than half of it
        (0.75, 2.0, 1.0),  # needs 0.86: now it shrinks
    ],
)
def test_the_plane_grows_at_once_and_shrinks_only_by_a_lot(size: float, before: float, after: float) -> None:
    features = np.full((10, 2), size)
    assert plane_reach(features, before) == pytest.approx(after)


@pytest.mark.parametrize("features", [np.zeros((4, 2)), np.full((4, 2), np.nan), np.full((4, 2), 1e38)])
def test_the_plane_has_a_width_whatever_the_points(features: np.ndarray) -> None:
    assert 0 < plane_reach(features, None) < 1e13


# ------------------------------------------------------------------ words


def test_a_title_names_the_loss_and_what_makes_it() -> None:
    assert names.title(RunConfig(loss="soft-d")) == "Cross-entropy"
    assert names.title(RunConfig(loss="arcface", params={"margin": math.radians(15), "scale": 30.0})) == (
        "ArcFace, s 30, m 15°"
    )


def test_runs_are_told_apart_by_the_settings_in_which_they_differ() -> None:
    said = names.differences({"a": RunConfig(seed=1), "b": RunConfig(seed=2, loss="arcface")})
    assert said == {"a": "seed 1", "b": "seed 2"}
    assert names.differences({"a": RunConfig(), "b": RunConfig(loss="arcface")}) == {"a": "", "b": ""}


def test_the_name_of_the_data_says_that_it_is_data_and_nothing_is_said_of_an_empty_list() -> None:
    other = RunConfig(data="mnist", held_out=(8, 9), train_images=500)
    assert names.differences({"a": RunConfig(), "b": other}) == {
        "a": "digits, training images all",
        "b": "mnist, held-out classes 8,9, training images 500",
    }


def test_a_note_says_the_epoch_the_accuracy_and_what_is_still_annealed() -> None:
    config = RunConfig(loss="arcface", epochs=8)
    moving = shot(14, FEATURES, WEIGHTS, params={"margin": math.radians(5.4321), "scale": 7.123})
    said = panels.note(config, moving, {"test_accuracy": 0.9876})
    assert said == "epoch 1.4/8 · test 98.8 % · m 5.4° · s 7.12"
    there = shot(80, FEATURES, WEIGHTS, params=config.loss_params())
    assert panels.note(config, there, None) == "epoch 8/8"
    assert panels.note(config, there, {"test_accuracy": math.nan}) == "epoch 8/8"
    assert panels.note(config, None, None) == ""


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (RunStatus(state="queued", queued=5), 0, "waiting in the queue"),
        (RunStatus(state="queued", queued=5), 1, "waiting in the queue, 1 before it"),
        (RunStatus(state="queued"), 0, "not started"),
        (RunStatus(state="starting"), 0, "starting"),
        (RunStatus(state="starting", reason="downloading (40%)"), 0, "downloading (40%)"),
        (RunStatus(state="running"), 0, "first frame in a moment"),
        (RunStatus(state="failed", reason="the disk is full"), 0, "failed: the disk is full"),
        (RunStatus(state="lost", reason="killed"), 0, "lost: killed"),
        (RunStatus(state="stopped", reason="asked to stop"), 0, "stopped: asked to stop"),
    ],
)
def test_a_panel_without_a_frame_says_why(store: RunStore, now: RunStatus, before: int, words: str) -> None:
    run = store.create(RunConfig(loss="arcface"))
    panel = panels.empty(run, now, before)
    assert panel.state == words
    assert panel.title == names.title(run.config)
    assert panels.empty(run, now, before, "fork at 3").title == "fork at 3 · ArcFace, s 16, m 22.5°"
    assert panel.features is None


def test_why_a_run_with_frames_has_ended_is_said_above_its_points() -> None:
    lost, said = RunStatus(state="lost", reason="killed, or out of memory"), ["Classes a and b have merged"]
    assert panels.warning(lost, said, {"merged_pairs": 1}) == "killed, or out of memory"
    assert panels.warning(RunStatus(state="stopped", reason="asked to stop"), [], None) is None


def test_a_title_begins_with_what_the_panels_differ_in_unless_that_would_hide_the_loss(
    store: RunStore,
) -> None:
    run = of(store, FEATURES, WEIGHTS)
    assert drawn(run, more="seed 2").title == "seed 2 · Cross-entropy"
    many = "digits, training images all, epochs 20"
    assert drawn(run, more=many).title == f"Cross-entropy · {many}"


def merger(config: RunConfig, pairs: int, epoch: int = 5, falls: bool = False) -> str:
    return verdicts.after(config, Merged(1, 2, 0.01, 0.02, 0.5), pairs, epoch, falls, "abc")


@pytest.mark.parametrize(
    ("pairs", "words"),
    [(1, "b and c have merged"), (2, "b and c have merged (+1 pair)"), (3, "b and c have merged (+2 pairs)")],
)
def test_the_warning_of_a_panel_is_the_start_of_what_is_told(pairs: int, words: str) -> None:
    said = [merger(RunConfig(loss="arcface"), pairs)]
    assert panels.warning(RunStatus(), said, {"merged_pairs": pairs}) == words


def test_merged_classes_are_told_once_and_only_at_frames_where_they_had_merged() -> None:
    config = RunConfig(loss="arcface", params={"margin": 0.9})
    wide = verdicts.before(config, 10)
    now, said = RunStatus(), [*wide, merger(config, 1)]
    never = "The margin 51.57° does not fit"
    assert panels.warning(now, said, {"merged_pairs": 1}) == f"b and c have merged · {never}"
    assert panels.warning(now, said, {"merged_pairs": 0}) == panels.warning(now, said, None) == never
    # The line keeps its room from frame to frame.
    assert panels.warning(now, said[1:], None) == ""
    assert panels.warning(now, [], {"merged_pairs": 1}) is None


def test_classes_that_have_not_parted_are_told_by_that_word_at_their_frames_alone() -> None:
    now, said = RunStatus(), [merger(RunConfig(loss="arcface"), 3, epoch=8, falls=True)]
    assert panels.warning(now, said, {"merged_pairs": 3}) == "b and c have not parted yet (+2 pairs)"
    assert panels.warning(now, said, {"merged_pairs": 0}) == ""


def test_the_note_says_how_many_test_images_have_the_margin() -> None:
    config, frame = RunConfig(loss="arcface"), shot(10, FEATURES, WEIGHTS)
    assert panels.note(config, frame, {"margin_share": 0.766}).endswith(" · m: 77 %")
    assert "m:" not in panels.note(config.but(params={"margin": 0.0}), frame, {"margin_share": 0.9})
    assert "m:" not in panels.note(RunConfig(), frame, {"margin_share": 0.9})


def test_the_note_of_a_panel_says_how_the_run_stands(store: RunStore) -> None:
    for state, words in (("finished", "epoch"), ("paused", "paused · epoch"), ("stopped", "stopped · epoch")):
        run = of(store, FEATURES, WEIGHTS)
        panel = panels.panel(run, run.snapshot(10), run.points(), RunStatus(state=state))
        assert panel.note.startswith(words)
        assert panel.state == ""


def test_a_damaged_folder_is_a_panel_that_says_so(store: RunStore) -> None:
    run = store.create(RunConfig())
    (run.path / "config.json").write_text("{")
    again = store.get(run.id)
    panel = panels.empty(again, again.status)
    assert (panel.title, panel.state) == (run.id, "cannot be read: damaged, or of another version")


def test_a_point_is_told_with_its_label_guess_loss_and_place(store: RunStore) -> None:
    run = of(store, [[0.0, 2.0], [0.0, 2.0]], WEIGHTS, labels=[0, 1])
    frame = run.snapshot(10)
    lines = panels.point_lines(run, frame, points(2), 0)
    logits = WEIGHTS @ [0.0, 2.0]
    loss = math.log(np.exp(logits).sum()) - logits[0]
    assert lines == ["a · recognised", f"loss {loss:.3g}", "z = (0, 2)", "test image 100"]
    assert panels.point_lines(run, frame, points(2), 1)[0] == "b · taken for a"
    with pytest.raises(LossvizError, match="2 in this frame; got number 7"):
        panels.point_lines(run, frame, points(2), 7)


def test_the_frame_of_an_epoch_is_the_last_one_before_it() -> None:
    steps = [0, 5, 10, 20]
    assert panels.frame_at([], 10, 1.0) is None
    assert panels.frame_at(steps, 10, None) == 3
    assert [panels.frame_at(steps, 10, epoch) for epoch in (0, 0.49, 0.5, 1.9, 2, 99)] == [0, 0, 1, 2, 3, 3]


def test_a_note_takes_the_test_of_its_own_step_not_a_later_one(store: RunStore) -> None:
    shots = [shot(n, FEATURES, WEIGHTS, metrics={"test_accuracy": n / 100}) for n in (10, 20)]
    run = written(store, RunConfig(epochs=2), shots)
    assert "test 10.0 %" in drawn(run, 10).note
    assert "test 20.0 %" in drawn(run, 20).note
    assert panels.last_tested(run, 9) is None
