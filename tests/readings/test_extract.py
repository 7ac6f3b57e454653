"""Networks of checkpoints on all images: equal to what the run measured, kept once, fresh."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lossviz import data
from lossviz.core.errors import ReadingError
from lossviz.readings import extract, source, store
from lossviz.runs import Run, deletion, files, lock
from lossviz.runs.run import epoch_path
from lossviz.training.images import load
from tests.conftest import Copied
from tests.readings.folders import age, shown_changed


@pytest.mark.parametrize(
    ("loss", "settings"),
    [
        ("ce", {}),
        ("bce-nu", {}),
        ("adversarial", {}),
        ("arcface", {}),
        ("center", {"precision": "mixed"}),
        ("arcface", {"head": "cosine", "dimension": 5, "bias": "diverse"}),
        ("wasserstein", {"net": "camri-cnn", "train_images": 60}),
    ],
)
def test_all_test_images_give_exactly_what_the_run_measured(
    copied: Copied, loss: str, settings: dict[str, Any]
) -> None:
    run = copied(loss, **settings)
    for epoch in (None, 1):
        extract.extract(run, epoch, "test")
        reading = source.of_run(run, epoch, "test")
        row = run.metrics()[-1 if epoch is None else 0]
        assert reading.epoch == row["epoch"]
        assert len(reading.labels) == 360
        assert (reading.predictions == reading.labels).mean() == row["test_accuracy"]
        assert float(reading.loss_values.mean(dtype=np.float64)) == row["test_loss"]


def test_what_is_kept_of_a_run_is_the_runs_and_goes_with_it(copied: Copied) -> None:
    run = copied()
    extract.extract(run, None, "test")
    extract.extract(run, None, "shown", "trunk.0")
    assert (run.path / store.FOLDER).is_dir()
    assert deletion.strangers(run.path) == []


def test_the_images_shown_in_training_have_the_same_features_and_metrics(copied: Copied) -> None:
    run = copied("bce-nu")
    extract.extract(run, None, "test")
    reading, shown = source.of_run(run, None, "test"), source.of_run(run)
    # The same bits of the network; the losses' sums run over another number of samples.
    np.testing.assert_array_equal(reading.features[shown.indices], shown.features)
    np.testing.assert_array_equal(reading.labels[shown.indices], shown.labels)
    np.testing.assert_allclose(reading.metrics[shown.indices], shown.metrics, rtol=1e-5, atol=1e-4)
    np.testing.assert_array_equal(reading.thresholds, shown.thresholds)
    np.testing.assert_array_equal(reading.weights, shown.weights)
    assert reading.of == "all 360 test images, epoch 2"
    np.testing.assert_array_equal(source.pixels(run, "test")[shown.indices], source.pixels(run))


def test_before_it_is_kept_a_part_is_asked_for(copied: Copied) -> None:
    run = copied()
    assert not source.available(run, None, "test")
    assert source.pixels(run, "test") is None
    with pytest.raises(ReadingError, match=r"the test images have not been put through .* of epoch 2 yet"):
        source.of_run(run, None, "test")
    extract.extract(run, 1, "test")
    assert source.available(run, 1, "test")
    assert not source.available(run, None, "test")
    assert source.missing(run, 1, "test") == ""


def test_training_images_are_a_stratified_part_without_augmentation(
    copied: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract, "MOST_TRAIN", 50)
    run = copied(augment=True)
    extract.extract(run, None, "train")
    reading = source.of_run(run, None, "train")
    assert reading.of == "50 of 300 training images, epoch 2"
    assert np.bincount(reading.labels).tolist() == [5] * 10
    made = load(run.config)
    np.testing.assert_array_equal(reading.labels, made.train.labels.numpy()[reading.indices])
    pixels = made.train.pixels.numpy()[reading.indices]
    np.testing.assert_array_equal(source.pixels(run, "train"), pixels)
    again = by_hand(run, torch.from_numpy(pixels))
    np.testing.assert_allclose(reading.features, again, atol=1e-4)


def by_hand(run: Run, pixels: torch.Tensor) -> np.ndarray:
    """The small network of a run written out, in float64: its layers one by one."""
    tensors, _ = run.checkpoint()
    t = {name.removeprefix("model.network."): value.double() for name, value in tensors.items()}
    train = load(run.config).train.pixels.double() / 255
    x = (pixels.double() / 255 - train.mean()) / train.std(correction=0)

    def normed(x: torch.Tensor, name: str) -> torch.Tensor:
        shape = (1, -1, *[1] * (x.dim() - 2))
        mean, var = t[f"{name}.running_mean"].view(shape), t[f"{name}.running_var"].view(shape)
        x = (x - mean) / torch.sqrt(var + 1e-5)
        return torch.relu(x * t[f"{name}.weight"].view(shape) + t[f"{name}.bias"].view(shape))

    for number, stride, padding in ((0, 2, 2), (3, 2, 1), (6, 1, 1)):
        x = torch.nn.functional.conv2d(x, t[f"trunk.{number}.weight"], stride=stride, padding=padding)
        x = normed(x, f"trunk.{number + 1}")
    x = normed(x.flatten(1) @ t["head.1.weight"].T, "head.2")
    return (x @ t["head.4.weight"].T + t["head.4.bias"]).numpy()


def test_held_out_classes_are_unknown(copied: Copied) -> None:
    run = copied("bce-u", held_out=(8, 9), dimension=4)
    assert extract.unknown_parts(run) == {"unknown:held-out": "its held-out classes (8, 9)"}
    extract.extract(run, None, "unknown:held-out")
    reading = source.of_run(run, None, "unknown:held-out")
    held = load(run.config).held_out
    assert held is not None
    assert reading.of == f"all {len(held)} test images of 8, 9, epoch 2"
    assert reading.labels.tolist() == [-1] * len(held)
    assert reading.loss_values is None
    assert reading.metrics.shape == (len(held), 8)
    pixels = held.pixels[torch.from_numpy(reading.indices.copy())]
    np.testing.assert_allclose(reading.features, by_hand(run, pixels), atol=1e-4)


def test_without_held_out_classes_it_is_said_what_else_there_is(copied: Copied) -> None:
    with pytest.raises(ReadingError, match=r"no class was held out .*setting held_out.*images of 1 × 8 × 8"):
        extract.extract(copied(), None, "unknown:held-out")


def test_another_data_set_of_the_same_form_is_unknown(copied: Copied, tmp_path: Path) -> None:
    run = copied()
    path = tmp_path / "noise.npz"
    pixels = np.arange(40 * 64).reshape(40, 8, 8).astype(np.uint8)
    np.savez(path, images=pixels, labels=np.arange(40) % 2)
    extract.extract(run, None, f"unknown:{path}")
    reading = source.of_run(run, None, f"unknown:{path}")
    assert reading.predictions.min() >= 0
    assert reading.of.endswith("test images of noise.npz, epoch 2")
    np.savez(tmp_path / "wide.npz", images=np.zeros((40, 9, 9), np.uint8), labels=np.arange(40) % 2)
    with pytest.raises(ReadingError, match=r"takes images of 1 × 8 × 8 .*wide.npz are 1 × 9 × 9; what fits"):
        extract.extract(run, None, f"unknown:{tmp_path / 'wide.npz'}")


def test_what_cannot_be_unknown_is_told_before_anything_is_downloaded(
    copied: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied()
    monkeypatch.setattr(data, "load_test", lambda name: pytest.fail("looked for"))
    with pytest.raises(ReadingError, match="those of KMNIST are 1 × 28 × 28; what fits"):
        extract.extract(run, None, "unknown:kmnist")
    with pytest.raises(ReadingError, match="digits is what it was trained on"):
        extract.extract(run, None, "unknown:digits")


def test_parts_that_look_alike_are_kept_apart() -> None:
    assert store.tail("unknown:kmnist") == "unknown-kmnist"
    assert store.tail("unknown:held-out") == "unknown-held-out"
    assert store.tail("unknown:/a/b.npz") != store.tail("unknown:/a-b.npz")
    assert "/" not in store.tail("unknown:../../x.npz")


def test_a_part_is_made_once(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    run = copied()
    path = extract.extract(run, None, "test")
    before = path.stat().st_mtime_ns
    monkeypatch.setattr(extract, "load", lambda *a: pytest.fail("loaded again"))
    assert extract.extract(run, None, "test") == path
    assert path.stat().st_mtime_ns == before


def test_one_that_is_being_made_is_waited_for_however_long_it_takes(
    copied: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied()
    folder = run.path / store.FOLDER
    folder.mkdir(exist_ok=True)
    monkeypatch.setattr(lock, "LONGEST_S", 0.01)
    with ThreadPoolExecutor(1) as pool:
        with lock.hold(folder / ".lock"):
            with pytest.raises(OSError, match="another process"), lock.hold(folder / ".lock"):
                pass
            waits = pool.submit(extract.extract, run, None, "test")
            time.sleep(0.1)  # ten times what a lock of the queue is waited for
            assert not waits.done()
        assert waits.result().is_file()


def test_when_the_run_has_trained_on_it_is_made_again(copied: Copied) -> None:
    """The last checkpoint, within an epoch, is kept as "last" and replaced."""
    run = copied()
    tensors, facts = run.checkpoint()
    steps = []
    for step, factor in ((7, 1.0), (8, 2.0)):
        changed = {**tensors, "model.weights": tensors["model.weights"] * factor}
        file = files.encode_tensors(changed, {**facts, "step": step})
        files.replace_file(run.path / "checkpoint.safetensors", file)
        assert not source.available(run, None, "test")
        path = extract.extract(run, None, "test")
        assert path.name == "last-test.safetensors"
        steps.append(source.of_run(run, None, "test"))
    assert [reading.epoch for reading in steps] == [7 / 5, 8 / 5]
    assert steps[1].of == "all 360 test images, epoch 1.6"
    np.testing.assert_allclose(steps[1].weights, 2 * steps[0].weights)


def test_while_a_run_trains_the_newest_that_is_kept_stands_for_it(
    copied: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied()
    extract.extract(run, 1, "test")
    monkeypatch.setattr(Run, "alive", True)
    assert source.available(run, None, "test")
    assert source.available(run, 5, "test")
    assert source.of_run(run, None, "test").epoch == 1
    assert source.missing(run, None, "test") == (
        "the test images were read at step 5; the run has come to step 10 since"
    )


def test_epochs_without_a_checkpoint_are_told(copied: Copied) -> None:
    run = copied()
    epoch_path(run.path, 1).unlink()
    with pytest.raises(
        ReadingError, match=r"up to epoch 1 is kept, of epochs 2 and the last one \(epoch 2\)"
    ):
        source.of_run(run, 1, "test")
    epoch_path(run.path, 2).unlink()
    with pytest.raises(ReadingError, match="only the last one"):
        source.of_run(run, 1, "test")
    (run.path / "checkpoint.safetensors").unlink()
    with pytest.raises(ReadingError, match="no checkpoint yet"):
        extract.extract(run, None, "test")


def test_another_data_set_than_was_trained_on_is_told(copied: Copied) -> None:
    run = copied()
    with shown_changed(run) as (arrays, _):
        arrays["pixels"][0] += 1
    with pytest.raises(ReadingError, match="holds other images than the run was trained on"):
        extract.extract(run, None, "test")


def test_a_checkpoint_of_another_network_is_told(copied: Copied) -> None:
    run = copied()
    tensors, facts = run.checkpoint()
    del tensors["model.weights"]
    path = run.path / "checkpoint.safetensors"
    files.replace_file(path, files.encode_tensors(tensors, facts))
    with pytest.raises(ReadingError, match=r"of another network or head .*weights"):
        extract.extract(run, None, "test")


def test_a_damaged_extraction_is_told_and_made_again(copied: Copied) -> None:
    run = copied()
    path = extract.extract(run, None, "test")
    arrays, facts = files.read_tensors(path)
    del arrays["metrics"]
    files.replace_file(path, files.encode_tensors(arrays, facts))
    with pytest.raises(ReadingError, match=r"readings/0002-test.safetensors is damaged"):
        source.of_run(run, None, "test")
    path.write_bytes(b"")
    assert not source.available(run, None, "test")
    extract.extract(run, None, "test")
    assert len(source.of_run(run, None, "test").labels) == 360


def test_counts_of_an_old_folder_are_known_once_something_was_read(copied: Copied) -> None:
    run = copied()
    age(run)
    assert source.of_run(run).train_counts is None
    extract.extract(run, None, "test")
    counts = source.of_run(run).train_counts
    assert counts.sum() == 300
    np.testing.assert_array_equal(counts, np.bincount(load(run.config).train.labels.numpy()))


def test_features_that_are_not_finite_are_told(copied: Copied) -> None:
    run = copied()
    tensors, facts = run.checkpoint()
    tensors["model.network.head.4.bias"][:] = math.inf
    files.replace_file(run.path / "checkpoint.safetensors", files.encode_tensors(tensors, facts))
    with pytest.raises(ReadingError, match="features are not finite"):
        extract.extract(run, None, "test")


def test_a_run_on_a_device_that_is_not_here_is_read_on_the_cpu(copied: Copied) -> None:
    run = copied()
    values = files.read_json(run.path / "config.json")
    files.write_json(run.path / "config.json", {**values, "device": "mps"})
    extract.extract(Run(run.path), None, "test")
    reading = source.of_run(Run(run.path), None, "test")
    assert (reading.predictions == reading.labels).mean() == run.metrics()[-1]["test_accuracy"]


def test_progress_rises_and_an_error_of_the_listener_ends_it(copied: Copied) -> None:
    run = copied()
    told: list[float] = []
    extract.extract(run, None, "test", progress=lambda words, share: told.append(share))
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] <= 1


def test_data_sets_that_fit_are_those_of_the_same_form(copied: Copied) -> None:
    run = copied()
    with shown_changed(run) as (arrays, _):
        arrays["pixels"] = np.zeros((100, 1, 28, 28), np.uint8)
    fits = extract.unknown_parts(run)
    assert fits["unknown:kmnist"] == "KMNIST"
    assert {data.catalogue()[part.removeprefix("unknown:")].shape for part in fits} == {(1, 28, 28)}


def test_a_status_that_cannot_be_read_is_a_readings_error(copied: Copied) -> None:
    run = copied()
    (run.path / "status.json").write_text("[]")
    with pytest.raises(ReadingError, match=r"status.json"):
        source.of_run(run, None, "test")
