"""Where sets of the catalogue are found, in the layouts in which people have them, and what is said else."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from lossviz.core.errors import DataError
from lossviz.data import Choice, Found, catalogue, find, load, searched
from tests.data import layouts
from tests.data.layouts import noise, picture, plain_colour, tar_gz, write_files, write_idx
from tests.data.test_layouts import cifar_record, gtsrb_parts


def counts(name: str) -> tuple[int, int] | None:
    found = find(name)
    return None if found is None else (found.train, found.test)


def renamed(folder: Path, change: Callable[[str], str]) -> None:
    for file in list(folder.iterdir()):
        moved = folder / change(file.name)
        held = file.read_bytes()
        file.unlink()
        moved.parent.mkdir(exist_ok=True)
        moved.write_bytes(held)


@pytest.mark.parametrize(
    ("lies", "named"),
    [
        ("mnist", "."),
        ("MNIST", "."),
        ("Mnist/RAW", "."),
        ("MNIST/raw", "MNIST"),
        ("MNIST/raw", "MNIST/raw"),
        ("MNIST/MNIST/raw", "."),
        ("sets/public/mnist", "."),
        ("sets/mnist", "."),
        ("mnist-dataset", "."),
    ],
)
def test_a_set_is_found_above_below_and_in_any_case(
    place: Path, lies: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_idx(place / lies, packed=False)
    monkeypatch.setenv("LOSSVIZ_DATA", str(place / named))
    deep = lies == "sets/public/mnist"  # three below is not looked for
    assert counts("mnist") == (None if deep else (30, 20))
    assert find("fashion-mnist") is None


@pytest.mark.parametrize(
    "change",
    [
        lambda name: name.replace("-idx", ".idx"),
        lambda name: f"{name}/{name}",
        lambda name: f"{name}/{name.replace('-idx', '.idx')}",
        lambda name: name.upper(),
    ],
)
def test_idx_files_may_be_spelt_as_tools_spell_them(place: Path, change: Callable[[str], str]) -> None:
    write_idx(place / "mnist", packed=False)
    renamed(place / "mnist", change)
    assert counts("mnist") == (30, 20)
    np.testing.assert_array_equal(load(Choice("mnist")).train.pixels[:, 0], noise(0, 30, 28, 28))


def test_the_nearest_folder_with_a_name_tells_which_set_it_is(place: Path) -> None:
    write_idx(place / "mnist" / "FashionMNIST" / "raw")
    assert counts("fashion-mnist") == (30, 20)
    assert find("mnist") is None


@pytest.mark.parametrize("folder", ["cifar-10", "CIFAR10", "cifar-10-batches-bin", "x/cifar10"])
def test_unpacked_cifar_10_is_found_in_any_folder_of_its_name(place: Path, folder: str) -> None:
    files = {f"data_batch_{i}.bin": cifar_record(i, i) for i in (1, 2)}
    write_files(place / folder, files | {"test_batch.bin": cifar_record(7, 1)})
    assert counts("cifar-10") == (2, 1)
    assert load(Choice("cifar-10", classes=(1, 2))).train.labels.tolist() == [0, 1]


@pytest.mark.parametrize("form", ["unpacked", "archive", "own key"])
def test_the_cifar_of_python_is_refused_with_what_to_take(place: Path, form: str) -> None:
    pickled = b"\x80\x04cos\nsystem\n."
    if form == "archive":
        write_files(place, {"cifar-10/cifar-10-python.tar.gz": tar_gz({"data_batch_1": pickled})})
    else:
        folder = "cifar-10-batches-py" if form == "unpacked" else "cifar-10"
        write_files(place / folder, {"data_batch_1": pickled, "test_batch": pickled})
    for ask in (find, lambda name: load(Choice(name))):
        with pytest.raises(DataError, match=r"pickles.*Take the binary version, cifar-10-binary\.tar\.gz"):
            ask("cifar-10")
    # It hides no copy that can be read.
    write_files(
        place / "cifar-10-batches-bin",
        {"data_batch_1.bin": cifar_record(1, 1), "test_batch.bin": cifar_record(7, 1)},
    )
    assert counts("cifar-10") == (1, 1)


COLOURS = {name: (9 * k, 200, 255 - 9 * k) for k, name in enumerate(catalogue()["cifar-10"].classes)}


def test_cifar_10_as_images_in_class_folders_has_its_own_order(place: Path) -> None:
    files = {
        f"cifar10/cifar10/{split}/{name}/{i:04}.png": picture(plain_colour(*colour, 32, 32))
        for split, many in (("train", 3), ("test", 2))
        for name, colour in reversed(COLOURS.items())
        for i in range(many)
    }
    write_files(place, files)
    assert counts("cifar-10") == (30, 20)
    data = load(Choice("cifar-10"))
    assert data.classes == catalogue()["cifar-10"].classes
    for split in (data.train, data.test):
        assert (split.pixels[:, 0, 0, 0] == 9 * split.labels).all()


def test_cifar_10_as_images_with_a_table_of_labels_is_split_and_that_is_told(place: Path) -> None:
    names = list(COLOURS)
    files = {
        f"cifar-10/train/{i + 1}.png": picture(plain_colour(*COLOURS[names[i % 10]], 32, 32))
        for i in range(50)
    }
    rows = "".join(f"{i + 1},{names[i % 10]}\n" for i in range(50))
    files |= {
        "cifar-10/trainLabels.csv": f"id,label\n{rows}".encode(),
        "cifar-10/test/1.png": picture(noise(0, 32, 32)),
    }
    write_files(place, files)
    data = load(Choice("cifar-10"))
    assert (len(data.train), len(data.test)) == (40, 10)
    assert (data.train.pixels[:, 0, 0, 0] == 9 * data.train.labels).all()
    assert "without labels are left out" in data.found


def table(count: int, seed: int, head: str) -> bytes:
    rows = noise(seed, count, 784)
    lines = [",".join(map(str, (i % 10, *row))) for i, row in enumerate(rows.tolist())]
    names = ",".join(["label", *(f"{head}{i}" for i in range(784))])
    return "\n".join([names, *lines, ""]).encode()


@pytest.mark.parametrize(
    ("key", "train", "test"),
    [
        ("mnist", "archive/mnist/mnist_train.csv", "archive/mnist/mnist_test.csv"),
        ("mnist", "mnist_train.csv", "mnist_test.csv"),
        ("fashion-mnist", "fashionmnist/fashion-mnist_train.csv", "fashionmnist/fashion-mnist_test.csv"),
    ],
)
def test_tables_of_pixels_are_read(place: Path, key: str, train: str, test: str) -> None:
    write_files(place, {train: table(30, 1, "pixel"), test: table(20, 2, "pixel")})
    assert counts(key) == (30, 20)
    data = load(Choice(key))
    np.testing.assert_array_equal(data.train.pixels.reshape(30, 784), noise(1, 30, 784))
    assert data.test.labels.tolist() == list(range(10)) * 2


def test_the_digit_recognizer_has_no_test_labels_and_a_fifth_is_its_test_set(place: Path) -> None:
    unlabelled = table(5, 3, "pixel").split(b"\n")
    unlabelled[0] = unlabelled[0].removeprefix(b"label,")
    folder = place / "digit-recognizer"
    write_files(folder, {"train.csv": table(50, 1, "pixel"), "test.csv": b"\n".join(unlabelled)})
    write_files(place, {"train.csv": b"text,label\n"})
    data = load(Choice("mnist"))
    assert (len(data.train), len(data.test)) == (40, 10)
    assert "without labels are left out" in data.found


def test_a_damaged_table_is_told(place: Path) -> None:
    broken = table(30, 1, "pixel").replace(b"\n3,", b"\n3,x", 1)
    write_files(place, {"mnist_train.csv": broken, "mnist_test.csv": table(20, 2, "pixel")})
    with pytest.raises(DataError, match=r"mnist_train\.csv must hold whole numbers 0\.\.255"):
        load(Choice("mnist"))


def test_arrays_of_keras_and_of_kmnist_are_read(place: Path) -> None:
    x, y = noise(1, 30, 28, 28), (np.arange(30) % 10).astype(np.uint8)
    (place / "kmnist").mkdir()
    np.savez(place / "mnist.npz", x_train=x, y_train=y, x_test=x[:20], y_test=y[:20])
    for split, n in (("train", 30), ("test", 20)):
        np.savez(place / "kmnist" / f"kmnist-{split}-imgs.npz", x[:n])
        np.savez(place / "kmnist" / f"kmnist-{split}-labels.npz", y[:n])
    for key in ("mnist", "kmnist"):
        assert counts(key) == (30, 20)
        np.testing.assert_array_equal(load(Choice(key)).train.pixels[:, 0], x)


def test_gtsrb_as_it_lies_on_kaggle(place: Path) -> None:
    train, _, _ = gtsrb_parts()
    files = {
        f"GTSRB/Train/{int(name.split('/')[-2])}/{name.rsplit('/', 1)[1].replace('ppm', 'png')}": content
        for name, content in train.items()
        if name.endswith("ppm")
    }
    files |= {
        f"GTSRB/Test/{i:05}.png": picture(plain_colour(5 * (42 - i), 0, 200, 30, 60)) for i in range(43)
    }
    rows = [f"60,30,5,5,50,25,{42 - i},Test/{i:05}.png" for i in range(43)]
    head = "Width,Height,Roi.X1,Roi.Y1,Roi.X2,Roi.Y2,ClassId,Path"
    files["GTSRB/Test.csv"] = "\n".join([head, *rows]).encode()
    write_files(place, files)
    assert counts("gtsrb") == (86, 43)
    data = load(Choice("gtsrb"))
    for split in (data.train, data.test):
        assert (split.pixels[:, 0] == 5 * split.labels[:, None, None]).all()


def test_a_damaged_copy_does_not_hide_a_good_one(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_idx(place / "mnist")
    head = place / "mnist" / "train-images-idx3-ubyte.gz"
    head.write_bytes(b"\x00\x00")
    with pytest.raises(DataError, match="cut off"):
        find("mnist")
    more = place.parent / "more"
    write_idx(more / "mnist")
    monkeypatch.setenv("LOSSVIZ_DATA", f"{place}:{more}")
    found = find("mnist")
    assert isinstance(found, Found)
    assert found.folder == more / "mnist"
    # Damaged where only reading shows it.
    whole = gzip.compress(layouts.idx(noise(5, 30, 28, 28)))
    head.write_bytes(whole[:-2000])
    data = load(Choice("mnist"))
    assert torch.equal(data.train.pixels[:, 0], torch.from_numpy(noise(0, 30, 28, 28)))
    assert str(more / "mnist") in data.found
    assert "damaged" in data.found


def test_what_was_seen_and_what_is_looked_for_is_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(place, {"pictures/x.txt": b"", "notes.txt": b""})
    absent = place.parent / "absent"
    monkeypatch.setenv("LOSSVIZ_DATA", f"{place}:{absent}")
    text = searched(catalogue()["mnist"])
    for part in (
        f"{place} holds notes.txt, pictures",
        f"{absent} does not exist",
        "mnist",
        "MNIST/raw",
        "train-images-idx3-ubyte.gz",
    ):
        assert part in text
    with pytest.raises(DataError, match=r"holds notes\.txt, pictures"):
        load(Choice("mnist"))
