"""What was shown in training, as arrays: against plain loops and against what the run measured."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from lossviz.core.errors import ReadingError
from lossviz.readings import source
from lossviz.runs import Run, RunStore, files, status
from lossviz.runs.names import legend
from lossviz.runs.run import snapshot_path
from lossviz.training.config import RunConfig
from tests.conftest import Copied, Trained
from tests.readings import folders
from tests.readings.folders import age


def products(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """W_k·z by a plain loop in float64."""
    return np.array(
        [[sum(float(w) * float(x) for w, x in zip(row, z, strict=True)) for row in weights] for z in features]
    )


def cosines(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    lengths = [[math.hypot(*map(float, z)) * math.hypot(*map(float, w)) for w in weights] for z in features]
    return products(features, weights) / np.array(lengths)


def test_metrics_of_a_linear_head_have_no_bias_and_logits_have_it(trained: Trained) -> None:
    reading = source.of_run(trained("ce"))
    expected = products(reading.features, reading.weights)
    np.testing.assert_allclose(reading.metrics, expected, atol=2e-5)
    np.testing.assert_allclose(reading.logits, expected + reading.bias.astype(float), atol=2e-5)
    assert reading.bias.shape == (10,)
    np.testing.assert_array_equal(reading.thresholds, -reading.bias)


def test_loss_values_are_those_of_the_formula(trained: Trained) -> None:
    reading = source.of_run(trained("ce"))
    logits = products(reading.features, reading.weights) + reading.bias.astype(float)
    expected = [
        math.log(sum(math.exp(o - row[y]) for o in row))
        for row, y in zip(logits, reading.labels, strict=True)
    ]
    np.testing.assert_allclose(reading.loss_values, expected, rtol=1e-4, atol=1e-5)


def test_a_normalised_loss_has_its_bias_subtracted_and_its_threshold_is_the_bias(trained: Trained) -> None:
    reading = source.of_run(trained("bce-nu"))
    expected = 96 * cosines(reading.features, reading.weights)
    np.testing.assert_allclose(reading.metrics, expected, atol=1e-3)
    np.testing.assert_allclose(reading.logits, expected - float(reading.bias[0]), atol=1e-3)
    assert reading.bias.shape == (1,)
    np.testing.assert_array_equal(reading.thresholds, reading.bias)


def test_a_bias_that_predictions_do_not_take_is_the_threshold_of_the_own_class(trained: Trained) -> None:
    """002 Eq. 63: the metrics of a sample of class y are held against b_y."""
    reading = source.of_run(trained("bce-di"))
    np.testing.assert_array_equal(reading.logits, reading.metrics)
    np.testing.assert_array_equal(reading.thresholds, reading.bias)


def test_a_loss_without_bias_has_no_threshold(trained: Trained) -> None:
    reading = source.of_run(trained("camri", params={"important": 3}))
    assert reading.bias is None
    assert reading.thresholds is None
    np.testing.assert_allclose(reading.metrics, 16 * cosines(reading.features, reading.weights), atol=2e-4)


def test_a_bias_that_a_loss_never_looks_at_has_no_threshold(trained: Trained) -> None:
    reading = source.of_run(trained("arcface", bias="unified"))
    assert reading.bias is not None
    assert reading.thresholds is None


@pytest.mark.parametrize("loss", ["ce", "bce-nu", "bce-di", "center", "adversarial", "arcface"])
def test_all_test_images_shown_give_the_accuracy_and_the_loss_that_the_run_measured(
    trained: Trained, loss: str
) -> None:
    run = trained(loss, points=400)
    for row in run.metrics():
        reading = source.of_run(run, row["epoch"])
        assert len(reading.labels) == 360
        assert (reading.predictions == reading.labels).mean() == row["test_accuracy"]
        assert reading.loss_values.mean(dtype=np.float64) == pytest.approx(row["test_loss"], rel=1e-6)


def test_an_epoch_is_the_newest_up_to_it(trained: Trained) -> None:
    run = trained("ce")
    assert source.of_run(run).epoch == 2
    assert source.of_run(run, 99).epoch == 2
    assert source.of_run(run, 1.7).epoch == 1
    with pytest.raises(ReadingError, match=r"the first epoch that can be read is 1; got epoch 0.5"):
        source.of_run(run, 0.5)


def test_a_reading_says_of_which_images_it_is(trained: Trained) -> None:
    run = trained("ce")
    reading = source.of_run(run)
    assert reading.of == "100 of 360 test images, epoch 2"
    assert source.of_run(trained("ce", points=400)).of == "all 360 test images, epoch 2"
    np.testing.assert_array_equal(reading.indices, run.points().indices)
    assert reading.classes == tuple("0123456789")
    assert (reading.run_id, reading.loss_key, reading.part) == (run.id, "soft-d", "shown")


def test_names(trained: Trained) -> None:
    ce, camri = trained("ce"), trained("camri", params={"important": 3})
    assert source.of_run(camri).name == "CAMRI, s 16, m 22.5°, κ 3"
    assert source.of_run(ce, name="first").name == "first"
    assert legend([ce, camri]) == {ce.id: "Cross-entropy", camri.id: "CAMRI"}


def test_training_counts_are_of_the_images_that_were_trained_on(trained: Trained) -> None:
    run = trained("ce", imbalance="step", imbalance_ratio=5.0, train_images=0)
    counts = source.of_run(run).train_counts
    # 003: the first half of the classes keep n_max, the others n_max/ρ.
    assert set(counts[:5].tolist()) == {counts[0]}
    assert set(counts[5:].tolist()) == {round(counts[0] / 5)}


def test_a_folder_of_an_earlier_version_has_no_counts_and_is_read_all_the_same(copied: Copied) -> None:
    run = copied()
    age(run)
    reading = source.of_run(run)
    assert reading.train_counts is None
    assert reading.of == "100 test images, epoch 2"
    assert len(reading.labels) == 100


def test_a_run_that_trains_is_read(store: RunStore) -> None:
    shots = [
        folders.shot(step, np.full((6, 2), step / 10), np.eye(3, 2), params={}, loss="soft-0")
        for step in (4, 10, 14)
    ]
    run = folders.written(store, RunConfig(loss="soft-0"), shots, state="running", pid=1, reason="")
    reading = source.of_run(run)
    # The frame within the second epoch shows fewer points and is no reading.
    assert reading.epoch == 1
    np.testing.assert_array_equal(reading.features, np.ones((6, 2), np.float32))


def test_a_fork_is_read_before_its_start_with_the_loss_that_trained_then(trained: Trained) -> None:
    origin = trained("ce", epochs=3)
    store = RunStore(origin.path.parent)
    run = store.fork(origin, 2, {"loss": "arcface", "epochs": 3})
    assert source.of_run(run).loss_key == "soft-d"
    assert source.of_run(run).epoch == 2


def test_before_the_first_epoch_has_ended_it_is_said(store: RunStore) -> None:
    run = store.create(RunConfig())
    with pytest.raises(ReadingError, match=r"before its first epoch has ended; the run is queued"):
        source.of_run(run)
    now = status.read(run.path / "status.json")
    status.write(run.path / "status.json", now.but(state="failed", reason="no data"))
    with pytest.raises(ReadingError, match=r"the run is failed \(no data\)"):
        source.of_run(run)


def test_features_that_are_not_finite_are_told(store: RunStore) -> None:
    features = np.full((6, 2), np.nan)
    shots = [folders.shot(10, features, np.eye(3, 2), params={}, loss="soft-0")]
    run = folders.written(store, RunConfig(loss="soft-0"), shots)
    with pytest.raises(ReadingError, match="features of epoch 1 are not finite"):
        source.of_run(run)


def test_a_folder_that_cannot_be_read_is_told_in_its_own_words(copied: Copied) -> None:
    run = copied()
    (run.path / "config.json").write_text("{")
    with pytest.raises(ReadingError, match=r"config\.json is damaged"):
        source.of_run(Run(run.path))


def test_a_damaged_snapshot_is_told(copied: Copied) -> None:
    run = copied()
    snapshot_path(run.path, 10).write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"snapshots/00000010.safetensors is damaged"):
        source.of_run(run)


def test_a_part_that_does_not_exist_is_told(trained: Trained) -> None:
    with pytest.raises(ReadingError, match="part must be shown, test, train"):
        source.of_run(trained("ce"), None, "validation")


def test_the_same_reading_is_made_once_and_cannot_be_written_into(copied: Copied) -> None:
    run = copied()
    first = source.of_run(run)
    assert source.of_run(run).features is first.features
    with pytest.raises(ValueError, match="read-only"):
        first.metrics[0, 0] = 1.0


def test_a_snapshot_that_was_replaced_is_read_anew(copied: Copied) -> None:
    run = copied()
    before = source.of_run(run)
    path = snapshot_path(run.path, 10)
    arrays, facts = files.read_arrays(path)
    files.replace_file(path, files.encode_arrays({**arrays, "features": arrays["features"] + 1}, facts))
    np.testing.assert_array_equal(source.of_run(run).features, before.features + 1)


def test_metrics_jsonl_of_a_killed_writer_is_no_harm(copied: Copied) -> None:
    """A row without its frame, and a row without an epoch, are passed over."""
    run = copied()
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({"step": 15, "epoch": 3}) + "\n" + json.dumps({"step": 5}) + "\n")
    assert source.of_run(run).epoch == 2
