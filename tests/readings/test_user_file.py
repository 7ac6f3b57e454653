"""Files of one's own: what is read from them, and what is wrong with them, in words."""

from __future__ import annotations

import contextlib
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossviz.core.errors import ReadingError
from lossviz.readings import user_file

METRICS = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [1.0, 0.5, 0.0], [0.0, 0.0, 5.0]])
LABELS = np.array([0, 1, 1, 2])
FEATURES = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0], [-1.0, -1.0]])
WEIGHTS = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])


def packed(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def read(**arrays: Any) -> Any:
    return user_file.of_file(packed(**arrays), "mine")


def test_metrics_and_labels() -> None:
    reading = read(metrics=METRICS, labels=LABELS)
    assert (reading.name, reading.run_id, reading.loss_key, reading.part) == ("mine", "", "", "file")
    assert reading.metrics.dtype == np.float32
    np.testing.assert_array_equal(reading.metrics, METRICS)
    np.testing.assert_array_equal(reading.logits, METRICS)
    assert reading.predictions.tolist() == [0, 1, 0, 2]
    assert reading.labels.dtype == np.int64
    assert reading.classes == ("0", "1", "2")
    assert reading.of == "4 samples of file.npz"
    for name in ("features", "weights", "bias", "thresholds", "loss_values", "indices", "train_counts"):
        assert getattr(reading, name) is None


def test_features_with_weights_give_metrics_and_a_bias_gives_logits_and_thresholds() -> None:
    reading = read(features=FEATURES, labels=LABELS, weights=WEIGHTS, bias=np.array([0.0, -1.0, 0.5]))
    assert reading.metrics.tolist() == [[1, 0, -1], [0, 2, -2], [1, 1, -2], [-1, -1, 2]]
    assert reading.logits.tolist() == [[1, -1, -0.5], [0, 1, -1.5], [1, 0, -1.5], [-1, -2, 2.5]]
    assert reading.thresholds.tolist() == [0, 1, -0.5]
    assert read(metrics=METRICS, labels=LABELS, bias=2.0).thresholds.tolist() == [-2.0]


def test_features_alone_predict_nothing() -> None:
    reading = read(features=FEATURES, labels=LABELS)
    assert reading.metrics is None
    assert reading.predictions.tolist() == [-1, -1, -1, -1]
    assert np.isnan(reading.logits).all()
    assert reading.logits.shape == (4, 3)


def test_logits_may_differ_from_metrics() -> None:
    reading = read(metrics=METRICS, labels=LABELS, logits=-METRICS)
    np.testing.assert_array_equal(reading.logits, -METRICS)
    assert reading.predictions.tolist() == [2, 0, 2, 0]


def test_names_and_training_counts() -> None:
    reading = read(
        metrics=METRICS, labels=LABELS, classes=np.array(["a", "b", "ß"]), train_counts=np.array([5, 0, 1])
    )
    assert reading.classes == ("a", "b", "ß")
    assert reading.train_counts.tolist() == [5, 0, 1]


def test_numbers_of_any_type_and_classes_without_samples_are_taken() -> None:
    reading = read(metrics=(METRICS * 2).astype(np.int16), labels=np.zeros((4, 1), np.uint8))
    assert reading.metrics.dtype == np.float32
    assert reading.labels.tolist() == [0, 0, 0, 0]
    assert len(reading.classes) == 3
    one = read(metrics=METRICS[:1, :1].astype(np.float16), labels=LABELS[:1])
    assert one.metrics.tolist() == [[2.0]]


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"metrics": METRICS}, r"must hold labels \[N\], and metrics \[N, K\] or features"),
        ({"labels": LABELS, "scores": METRICS}, r"it holds labels, scores"),
        ({"metrics": METRICS, "labels": LABELS[:3]}, r"metrics must be \[N, K\], here 3 × any; got 4 × 3"),
        ({"metrics": METRICS[0], "labels": LABELS}, r"metrics must be \[N, K\].*got 3"),
        ({"metrics": METRICS, "labels": LABELS.astype(float)}, r"whole numbers 0..K-1.*got float64"),
        ({"metrics": METRICS, "labels": LABELS - 1}, r"labels must lie in 0..K-1.*got -1"),
        ({"metrics": METRICS, "labels": LABELS + 1}, r"labels must lie in 0..2 for 3 classes; got 3"),
        ({"metrics": METRICS[:0], "labels": LABELS[:0]}, r"there must be a sample"),
        ({"metrics": METRICS[:, :0], "labels": LABELS}, r"metrics must be \[N, K\].*got 4 × 0"),
        ({"metrics": METRICS.astype(str), "labels": LABELS}, r"metrics must be numbers; got <U"),
        ({"metrics": METRICS.astype(complex), "labels": LABELS}, r"must be numbers; got complex128"),
        ({"metrics": METRICS > 1, "labels": LABELS}, r"must be numbers; got bool"),
        ({"metrics": np.where(METRICS == 3, np.nan, METRICS), "labels": LABELS}, r"got 1 that are NaN"),
        ({"metrics": METRICS * 1e300, "labels": LABELS}, r"within ±3·10³⁸; got \d that are"),
        ({"features": FEATURES, "labels": LABELS, "weights": WEIGHTS.T}, r"labels must lie in 0..1"),
        (
            {"features": FEATURES, "labels": LABELS, "weights": WEIGHTS[:, :1]},
            r"weights must be \[K, d\], here 3 × 2; got 3 × 1",
        ),
        ({"metrics": METRICS, "labels": LABELS, "bias": np.zeros(2)}, r"bias must be \[1\] or \[K\], here"),
        ({"metrics": METRICS, "labels": LABELS, "classes": np.array(["a", "a", "b"])}, r"3 different names"),
        ({"metrics": METRICS, "labels": LABELS, "classes": np.array(["a"])}, r"3 different names.*got 1"),
        ({"metrics": METRICS, "labels": LABELS, "train_counts": np.ones(3)}, r"whole numbers of at least 0"),
        ({"metrics": METRICS, "labels": LABELS, "train_counts": np.array([1, 2])}, r"train_counts must be 3"),
        ({"features": FEATURES, "labels": LABELS + 99_999}, r"K at most 100,000; got 100001"),
    ],
)
def test_what_is_wrong_is_told(arrays: dict[str, Any], told: str) -> None:
    with pytest.raises(ReadingError, match=told):
        read(**arrays)


def test_python_objects_are_refused_before_they_are_read() -> None:
    metrics = np.array([[1.0, 2.0], [3.0, None]], dtype=object)
    with pytest.raises(ReadingError, match="could run code when read"):
        read(metrics=metrics, labels=LABELS[:2])


def test_a_file_that_is_cut_off_or_no_npz_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match="damaged or cut off"):
        user_file.of_file(packed(metrics=METRICS, labels=LABELS)[:200])
    with pytest.raises(ReadingError, match="damaged or cut off"):
        user_file.of_file(b"")
    with pytest.raises(ReadingError, match="there is no such file"):
        user_file.of_file(tmp_path / "gone.npz")
    with pytest.raises(ReadingError, match=r"must be an \.npz"):
        user_file.of_file(tmp_path / "scores.csv")


def bomb(shape: tuple[int, int], declared: tuple[int, int]) -> bytes:
    """Zeros that unpack to far more than the file has, with a header that may lie."""
    body = io.BytesIO()
    np.lib.format.write_array_header_1_0(body, {"descr": "<f8", "fortran_order": False, "shape": declared})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        labels = io.BytesIO()
        np.save(labels, np.zeros(shape[0], np.int64))
        archive.writestr("labels.npy", labels.getvalue())
        with archive.open("metrics.npy", "w", force_zip64=True) as entry:
            entry.write(body.getvalue())
            for _ in range(shape[0]):
                entry.write(bytes(8 * shape[1]))
    return file.getvalue()


def test_a_file_that_unpacks_to_more_than_is_allowed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bomb((1000, 1000), (1000, 1000))
    assert len(content) < 40_000
    assert user_file.of_file(content).metrics.shape == (1000, 1000)
    monkeypatch.setattr(user_file, "LARGEST", 1_000_000)
    with pytest.raises(ReadingError, match=r"at most 1,000,000 bytes together; they have 8,008,000"):
        user_file.of_file(content)


def test_a_header_that_declares_other_bytes_than_there_are_is_refused() -> None:
    with pytest.raises(ReadingError, match="must hold the bytes that its header declares"):
        user_file.of_file(bomb((1000, 10), (10, 10)))
    with pytest.raises(ReadingError, match="must hold the bytes that its header declares"):
        user_file.of_file(bomb((10, 10), (10**6, 10**6)))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_file_that_was_sent_is_kept_under_its_content(cache: Path) -> None:
    content = packed(metrics=METRICS, labels=LABELS)
    name = user_file.keep(content, r"C:\my scores.npz")
    assert name.startswith(user_file.PREFIX)
    assert user_file.keep(content, "other.npz") == name
    path = user_file.upload_path(name)
    assert path.name == "my-scores.npz"
    assert user_file.title(name) == "my-scores"
    assert user_file.of_file(path).labels.tolist() == LABELS.tolist()
    assert [entry.name for entry in (cache / "readings").iterdir()] == [name.removeprefix(user_file.PREFIX)]


def test_a_file_that_is_wrong_leaves_nothing_behind(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReadingError, match="must hold labels"):
        user_file.keep(packed(metrics=METRICS), "scores.npz")
    with pytest.raises(ReadingError, match=r"must be an \.npz"):
        user_file.keep(packed(metrics=METRICS, labels=LABELS), "scores.zip")
    monkeypatch.setattr(user_file, "LARGEST_UPLOAD", 10)
    with pytest.raises(ReadingError, match="at most 10 bytes"):
        user_file.keep(packed(metrics=METRICS, labels=LABELS), "scores.npz")
    assert not (cache / "readings").exists()


@pytest.mark.parametrize("name", ["upload:" + "0" * 24, "upload:../../etc", "upload:", "x"])
def test_a_file_that_was_never_sent_is_told(cache: Path, name: str) -> None:
    with pytest.raises(ReadingError, match="no such file is kept here"):
        user_file.upload_path(name)
    assert user_file.title("upload:" + "0" * 24)


def test_a_file_by_its_path_is_copied_before_anything_is_kept_beside_it(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "scores.npz"
    path.write_bytes(packed(metrics=METRICS, labels=LABELS))
    copy = user_file.settled(path)
    assert copy.parent.parent == cache / "readings"
    assert user_file.settled(copy) == copy


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "scores.npz"
    path.write_bytes(packed(metrics=METRICS, labels=LABELS))
    assert len(user_file.of_file(path).labels) == 4
    (tmp_path / "new.npz").write_bytes(packed(metrics=METRICS[:2], labels=LABELS[:2]))
    (tmp_path / "new.npz").replace(path)
    assert len(user_file.of_file(str(path)).labels) == 2


def test_labels_alone_do_not_make_a_hundred_thousand_classes() -> None:
    with pytest.raises(ReadingError, match="labels go up to 99,999 in 2 samples"):
        read(features=np.zeros((2, 2)), labels=np.array([0, 99_999]))
    assert len(read(features=np.zeros((2, 2)), labels=np.array([0, 999])).classes) == 1000


@pytest.mark.parametrize("entry", ["labels", "metrics"])
def test_an_entry_that_is_no_array_of_numpy_is_not_taken_for_one(entry: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("labels", "metrics"):
            content = io.BytesIO()
            np.save(content, LABELS if name == "labels" else METRICS)
            archive.writestr(name if name == entry else f"{name}.npy", content.getvalue())
    with pytest.raises(ReadingError, match="must hold labels"):
        user_file.of_file(file.getvalue(), "mine")


def test_numbers_that_overflow_once_they_are_multiplied_are_told() -> None:
    huge = np.full((2, 2), 3e38)
    with pytest.raises(ReadingError, match="features times weights must be finite"):
        read(features=huge, labels=np.array([0, 1]), weights=huge)
    with pytest.raises(ReadingError, match="metrics with bias must be finite"):
        read(metrics=huge, labels=np.array([0, 1]), bias=np.array([3e38]))


def test_counts_beyond_all_images_are_told() -> None:
    with pytest.raises(ReadingError, match="train_counts must have a sum of at most"):
        read(metrics=METRICS, labels=LABELS, train_counts=np.full(3, 2**64 - 1, dtype=np.uint64))


def test_names_that_are_no_text_are_told() -> None:
    with pytest.raises(ReadingError, match="classes must be names in Unicode"):
        read(metrics=METRICS, labels=LABELS, classes=np.array(["a", "b", chr(0xD800)]))


def test_a_pipe_a_device_and_a_loop_of_links_are_told_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "zero.npz").symlink_to("/dev/zero")
    (tmp_path / "loop.npz").symlink_to("loop.npz")
    (tmp_path / "folder.npz").mkdir()
    for name in ("pipe", "zero", "loop", "folder"):
        told = rf"{name}\.npz" if name == "loop" else rf"{name}\.npz.*must be a file"
        with pytest.raises(ReadingError, match=told):
            user_file.of_file(tmp_path / f"{name}.npz")


def test_names_of_arrays_are_told_on_one_line_of_some_length() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for n in range(9):
            file.writestr(f"{n}\n\x1b[31m{'x' * 5000}.npy", b"")
    with pytest.raises(ReadingError) as told:
        user_file.of_file(content.getvalue())
    assert len(str(told.value)) < 700
    assert str(told.value).isprintable()


def test_arrays_without_a_class_are_told() -> None:
    with pytest.raises(ReadingError, match="class"):
        read(features=FEATURES, labels=LABELS, logits=np.zeros((4, 0)))


def test_whatever_is_changed_in_a_file_it_is_read_or_told() -> None:
    whole = packed(metrics=METRICS, labels=LABELS, classes=["a", "b", "c"])
    random = np.random.default_rng(0)
    for n in range(300):
        changed = bytearray(whole)
        for place in random.integers(len(whole), size=3):
            changed[place] = random.integers(256)
        # Anything but a refusal in words goes through.
        with contextlib.suppress(ReadingError):
            user_file.of_file(bytes(changed[: random.integers(len(whole))] if n % 4 == 0 else changed))
