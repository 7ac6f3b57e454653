"""Curves are the numbers of the run's files, run by run, with names that tell the runs apart."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from lossviz.readings import histories
from lossviz.runs import Run, RunStore
from lossviz.runs.names import legend
from lossviz.training.config import RunConfig
from tests.readings.folders import shot, written

FEATURES, WEIGHTS = np.zeros((6, 2)), np.eye(3, 2)


def of(store: RunStore, rows: dict[int, dict[str, float]], config: RunConfig | None = None) -> Run:
    """A run with these numbers by step."""
    config = config or RunConfig(epochs=2)
    return written(store, config, [shot(n, FEATURES, WEIGHTS, metrics=row) for n, row in rows.items()])


def by_title(runs: list[Run], chart: str) -> dict[str, histories.Plot]:
    return {plot.title: plot for plot in histories.plots(runs, chart)}


def xy(curve: histories.Curve) -> list[tuple[float, float]]:
    return [(float(x), pytest.approx(float(y), rel=1e-6)) for x, y in zip(curve.x, curve.y, strict=True)]


def test_learning_joins_frames_and_epochs_in_the_order_of_time(store: RunStore) -> None:
    run = of(
        store,
        {
            0: {"train_loss": 2.0},
            10: {"train_loss": 1.0, "test_loss": 1.2, "test_accuracy": 0.5},
            15: {"train_loss": 0.5},
            20: {"train_loss": 0.25, "test_loss": 0.9, "test_accuracy": 0.75},
        },
    )
    plots = by_title([run], "learning")
    assert xy(plots["Training loss"].curves[0]) == [(0, 2.0), (1, 1.0), (1.5, 0.5), (2, 0.25)]
    assert xy(plots["Test loss"].curves[0]) == [(1, 1.2), (2, 0.9)]
    assert xy(plots["Test accuracy"].curves[0]) == [(1, 0.5), (2, 0.75)]
    assert plots["Test accuracy"].unit == "%"
    assert plots["Training loss"].spacing == "log"


def test_a_loss_that_goes_below_zero_is_not_drawn_on_a_logarithmic_axis(store: RunStore) -> None:
    run = of(store, {0: {"train_loss": 1.0}, 5: {"train_loss": -0.5}})
    assert by_title([run], "learning")["Training loss"].spacing == "linear"


def test_what_could_not_be_measured_is_a_gap_and_leaves_the_axis(store: RunStore) -> None:
    run = of(store, {0: {"train_loss": 1.0}, 5: {"train_loss": math.nan}, 6: {"train_loss": 0.5}})
    plot = by_title([run], "learning")["Training loss"]
    assert np.isnan(plot.curves[0].y).tolist() == [False, True, False]
    assert plot.spacing == "log"


def test_every_class_has_its_recall_in_its_colour(store: RunStore) -> None:
    run = of(store, {10: {"recall_0": 0.1, "recall_1": 0.2, "recall_2": 0.3}})
    (plot,) = histories.plots([run], "recall")
    assert plot.title == "Recall: Cross-entropy"
    assert [(c.name, c.number, c.by, xy(c)) for c in plot.curves] == [
        ("a", 0, "class", [(1, 0.1)]),
        ("b", 1, "class", [(1, 0.2)]),
        ("c", 2, "class", [(1, 0.3)]),
    ]


def test_the_schedule_shows_what_moved_and_nothing_else(store: RunStore) -> None:
    run = of(store, {0: {"learning_rate": 0.01, "margin": 0.0}, 5: {"learning_rate": 0.02, "margin": 0.3}})
    plots = by_title([run], "schedule")
    assert list(plots) == ["Learning rate", "Margin"]
    assert xy(plots["Margin"].curves[0]) == [(0, 0), (0.5, 0.3)]
    assert plots["Margin"].low == 0


def test_threshold_and_biases_share_an_axis(store: RunStore) -> None:
    run = of(store, {10: {"threshold": 1.5, "bias_0": 0.1, "bias_1": -0.1, "uniform_accuracy": 0.8}})
    plots = by_title([run], "threshold")
    shown = plots["Bias and threshold: Cross-entropy"].curves
    assert [(c.name, c.dashed, xy(c)) for c in shown] == [
        ("t*, bias included", True, [(1, 1.5)]),
        ("b0", False, [(1, 0.1)]),
        ("b1", False, [(1, -0.1)]),
    ]
    assert xy(plots["Accuracy with one threshold"].curves[0]) == [(1, 0.8)]


def test_a_run_keeps_its_number_where_another_has_nothing_to_show(store: RunStore) -> None:
    silent = store.create(RunConfig(epochs=2))
    run = of(store, {0: {"train_loss": 1.0}}, RunConfig(loss="arcface", epochs=2))
    (curve,) = by_title([silent, run], "learning")["Training loss"].curves
    assert (curve.run, curve.number, curve.name) == (run.id, 1, "ArcFace")
    for chart in ("recall", "schedule", "threshold"):
        histories.plots([silent, run], chart)


def test_names_are_as_short_as_they_can_be_and_never_the_same(store: RunStore) -> None:
    def named(*configs: RunConfig) -> list[str]:
        return list(legend([store.create(config) for config in configs]).values())

    assert named(RunConfig(), RunConfig(loss="arcface")) == ["Cross-entropy", "ArcFace"]
    assert named(
        RunConfig(loss="arcface", params={"margin": 0.0}),
        RunConfig(loss="arcface", params={"margin": math.radians(30)}),
    ) == ["ArcFace, s 16, m 0°", "ArcFace, s 16, m 30°"]
    assert named(RunConfig(seed=1), RunConfig(seed=2)) == ["Cross-entropy, seed 1", "Cross-entropy, seed 2"]
    twins = [store.create(RunConfig()) for _ in range(2)]
    assert legend(twins) == {run.id: f"Cross-entropy · {run.id[-4:]}" for run in twins}


def test_a_fork_under_the_loss_of_its_origin_is_named_as_a_fork_without_an_id(store: RunStore) -> None:
    config = RunConfig(loss="arcface", epochs=8)
    origin, fork = store.create(config), store.create(RunConfig(epochs=8))
    written = config.but(fork_run=origin.id, fork_epoch=3).to_json().replace("{", '{"format": 1,', 1)
    (fork.path / "config.json").write_text(written)
    assert list(legend([origin, Run(fork.path)]).values()) == ["ArcFace", "ArcFace, fork at 3"]


def test_numbers_that_are_none_are_left_out_of_the_curves(store: RunStore) -> None:
    run = of(store, {0: {"train_loss": 2.0}})
    with (run.path / "steps.jsonl").open("a") as file:
        for row in (
            {"step": "soon", "epoch": 1, "train_loss": 1},
            {"step": 3, "epoch": "late", "train_loss": 1},
            {"step": 4, "epoch": 0.4, "train_loss": "low"},
            {"step": 5, "epoch": 0.5, "train_loss": 1e300},
            {"step": 6, "epoch": 0.6, "train_loss": 1.5},
        ):
            file.write(json.dumps(row) + "\n")
    assert xy(by_title([run], "learning")["Training loss"].curves[0]) == [(0, 2.0), (pytest.approx(0.6), 1.5)]
