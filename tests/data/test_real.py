"""The real data sets: counts a class, pixels by their published checksums, other libraries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from lossviz.data import Choice, DataSet, catalogue, find, load, load_test
from tests.data.conftest import forget

Loader = Callable[[str], DataSet]


@pytest.fixture(scope="module")
def loaded(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOSSVIZ_DATA", str(real))
        patch.setenv("LOSSVIZ_CACHE", str(tmp_path_factory.mktemp("cache")))
        forget()
        yield lambda name: load(Choice(name))
        forget()


def md5(header: str, values: torch.Tensor) -> str:
    return hashlib.md5(bytes.fromhex(header) + values.to(torch.uint8).numpy().tobytes()).hexdigest()


def counts(labels: torch.Tensor) -> list[int]:
    return [int((labels == k).sum()) for k in range(int(labels.max()) + 1)]


def test_mnist_is_the_published_one_byte_for_byte(loaded: Loader) -> None:
    data = loaded("mnist")
    assert data.train.pixels.shape == (60_000, 1, 28, 28)
    assert data.train.pixels.dtype == torch.uint8
    assert data.train.pixels.is_contiguous()
    # The idx header and then the values make the raw file again.
    images, labels = "00000803{:08x}0000001c0000001c", "00000801{:08x}"
    assert md5(images.format(60_000), data.train.pixels) == "6bbc9ace898e44ae57da46a324031adb"
    assert md5(labels.format(60_000), data.train.labels) == "a25bea736e30d166cdddb491f175f624"
    assert md5(images.format(10_000), data.test.pixels) == "2646ac647ad5339dbf082846283269ea"
    assert md5(labels.format(10_000), data.test.labels) == "27ae3e4e09519cfbb04c329615203637"
    assert counts(data.train.labels) == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert counts(data.test.labels) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert data.found == "60,000 of 60,000 train and 10,000 of 10,000 test images"
    assert data.complete
    # What everybody who normalises MNIST writes.
    assert data.mean[0] == pytest.approx(0.1307, abs=5e-5)
    assert data.std[0] == pytest.approx(0.3081, abs=5e-5)


def test_fashion_mnist_has_every_class_equally_often(loaded: Loader) -> None:
    data = loaded("fashion-mnist")
    assert counts(data.train.labels) == [6000] * 10
    assert counts(data.test.labels) == [1000] * 10
    assert data.classes[9] == "Ankle boot"
    # Published in the repository of the data set.
    assert data.mean[0] == pytest.approx(0.2860, abs=1e-4)
    assert data.std[0] == pytest.approx(0.3530, abs=1e-4)


def test_the_cifar_10_subset_has_the_published_pixels_and_says_that_it_is_a_subset(loaded: Loader) -> None:
    data = loaded("cifar-10")
    assert data.found == "20,000 of 50,000 train and 10,000 of 10,000 test images"
    assert not data.complete
    assert counts(data.train.labels) == [2000] * 10
    assert counts(data.test.labels) == [1000] * 10
    # Records of the official test batch: the label, then the three planes.
    records = np.concatenate(
        [data.test.labels.numpy().astype(np.uint8)[:, None], data.test.pixels.numpy().reshape(-1, 3072)], 1
    )
    assert hashlib.md5(records.tobytes()).hexdigest() == "803d5f7f4d78ea53de84dbe85f74fb6d"


def test_the_gtsrb_subset_has_100_train_images_a_class_and_43_classes(loaded: Loader) -> None:
    data = loaded("gtsrb")
    assert len(data.classes) == 43
    assert counts(data.train.labels) == [100] * 43
    fewer = {0: 39, 27: 21, 32: 28, 37: 34, 41: 32}
    assert counts(data.test.labels) == [fewer.get(k, 40) for k in range(43)]
    assert data.found == "4,300 of 39,209 train and 1,674 of 12,630 test images"
    assert data.train.pixels.shape[1:] == (3, 32, 32)
    assert (data.classes[0], data.classes[14], data.classes[42]) == (
        "speed limit 20",
        "stop",
        "end of no passing for trucks",
    )


def test_test_images_alone_serve_as_input_from_elsewhere(loaded: Loader) -> None:
    images = load_test("kmnist")
    assert counts(images.labels) == [1000] * 10
    found = find("kmnist")
    assert found is not None
    assert found.text == "0 of 60,000 train and 10,000 of 10,000 test images"


def test_digits_are_those_of_scikit_learn(place: Path) -> None:
    data = load(Choice("digits"))
    bunch = load_digits()
    known = zip(bunch["data"], bunch["target"], strict=True)
    theirs = {(tuple(np.rint(x * 255 / 16).astype(int).tolist()), int(y)) for x, y in known}
    ours = {
        (tuple(pixels.flatten().tolist()), int(label))
        for split in (data.train, data.test)
        for pixels, label in zip(split.pixels, split.labels, strict=True)
    }
    assert ours == theirs
    assert len(data.train) + len(data.test) == 1797
    assert data.found == "1,437 of 1,437 train and 360 of 360 test images"


def test_no_test_digit_is_trained_on_and_every_class_is_split_alike(place: Path) -> None:
    data = load(Choice("digits"))
    train = {tuple(pixels.flatten().tolist()) for pixels in data.train.pixels}
    assert not any(tuple(pixels.flatten().tolist()) in train for pixels in data.test.pixels)
    shares = torch.tensor(counts(data.test.labels)) / (
        torch.tensor(counts(data.test.labels)) + torch.tensor(counts(data.train.labels))
    )
    assert ((shares - 0.2).abs() < 0.01).all()


def test_the_declared_counts_of_digits_are_those_of_the_file(place: Path) -> None:
    data, found = load(Choice("digits")), find("digits")
    assert found is not None
    assert (found.train, found.test) == (len(data.train), len(data.test))
    spec = catalogue()["digits"]
    assert (spec.train, spec.test) == (len(data.train), len(data.test))


def test_the_counts_found_are_those_then_loaded(loaded: Loader) -> None:
    for name in ("mnist", "cifar-10", "gtsrb"):
        found, data = find(name), loaded(name)
        assert found is not None
        assert (found.train, found.test) == (len(data.train), len(data.test))
        assert found.text == data.found


def test_counting_and_loading_the_same_again_reads_nothing(
    loaded: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = loaded("gtsrb")
    monkeypatch.setattr("lossviz.data.records.members", None)
    assert find("gtsrb") is not None
    assert loaded("gtsrb") is first


def test_every_entry_of_the_catalogue_says_who_made_it_and_where_it_comes_from() -> None:
    for key, spec in catalogue().items():
        assert key == spec.key
        assert spec.licence
        assert spec.reference
        assert spec.class_count in (len(spec.classes), 200)
        assert len({*spec.classes}) == len(spec.classes)
        assert spec.urls or key == "digits"
    assert [s.class_count for s in catalogue().values()] == [10, 10, 10, 10, 10, 100, 10, 43, 200, 50]
