"""Every layout in which data sets lie on disks, from tiny files with known pixels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import savemat

from lossviz.core.errors import DataError
from lossviz.data import Choice, find, idx, load
from tests.data import layouts
from tests.data.layouts import noise, picture, plain_colour, tar_gz, write_files, write_idx, zipped


def test_idx_holds_count_rows_and_columns_in_this_order(tmp_path: Path) -> None:
    array = noise(0, 3, 4, 5)
    (tmp_path / "x").write_bytes(layouts.idx(array))
    np.testing.assert_array_equal(idx.read(tmp_path / "x", 3, "x"), array)
    assert idx.shape(tmp_path / "x", 3, "x") == (3, 4, 5)


@pytest.mark.parametrize("folder", ["mnist", "MNIST/raw", "."])
@pytest.mark.parametrize("packed", [True, False])
def test_idx_files_are_found_by_the_name_of_their_folder(place: Path, folder: str, packed: bool) -> None:
    write_idx(place / folder, packed=packed)
    found = find("mnist")
    # The file names of three data sets are the same: without a name or a size they could be any.
    if folder == ".":
        assert found is None
        return
    assert found is not None
    assert found.text == "30 of 60,000 train and 20 of 10,000 test images"
    assert not found.complete
    data = load(Choice("mnist"))
    np.testing.assert_array_equal(data.train.pixels[:, 0], noise(0, 30, 28, 28))
    np.testing.assert_array_equal(data.test.pixels[:, 0], noise(1, 20, 28, 28))
    assert data.test.labels.tolist() == list(range(10)) * 2
    assert find("fashion-mnist") is None


def test_the_named_folder_may_be_the_data_set_itself(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_idx(place / "kmnist")
    monkeypatch.setenv("LOSSVIZ_DATA", str(place / "kmnist"))
    assert load(Choice("kmnist")).classes[9] == "wo"
    assert find("mnist") is None


def test_an_unnamed_folder_is_taken_by_the_sizes_of_the_official_files(
    real: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unnamed = place / "some"
    unnamed.symlink_to(real / "fashion-mnist")
    monkeypatch.setenv("LOSSVIZ_DATA", str(unnamed))
    assert find("fashion-mnist") is not None
    assert find("mnist") is None


def test_a_complete_copy_further_on_is_taken_before_a_part(
    real: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_idx(place / "mnist", train=40, test=10)
    more = place.parent / "more"
    write_idx(more / "mnist", train=50, test=10)
    monkeypatch.setenv("LOSSVIZ_DATA", f"{place}:{more}")
    found = find("mnist")
    assert found is not None
    assert found.train == 50
    monkeypatch.setenv("LOSSVIZ_DATA", f"{place}:{more}:{real}")
    found = find("mnist")
    assert found is not None
    assert found.complete


def cifar_record(seed: int, *labels: int) -> bytes:
    return bytes(labels) + noise(seed, 3072).tobytes()


def cifar_100() -> dict[str, bytes]:
    """Two train images of each fine class k, one test image; the coarse label is k mod 20."""
    train = b"".join(cifar_record(100 * j + k, k % 20, k) for j in range(2) for k in range(100))
    test = b"".join(cifar_record(500 + k, k % 20, k) for k in range(100))
    return {"cifar-100-binary/train.bin": train, "cifar-100-binary/test.bin": test}


@pytest.mark.parametrize("packed", [True, False])
def test_cifar_100_takes_the_fine_label(place: Path, packed: bool) -> None:
    if packed:
        (place / "cifar-100").mkdir()
        (place / "cifar-100" / "cifar-100-binary.tar.gz").write_bytes(tar_gz(cifar_100()))
    else:
        write_files(place, cifar_100())
    found = find("cifar-100")
    assert found is not None
    assert (found.train, found.test) == (200, 100)
    data = load(Choice("cifar-100"))
    assert data.train.labels.tolist() == [*range(100), *range(100)]
    # Red, green and blue planes, each by rows.
    np.testing.assert_array_equal(data.train.pixels[107], noise(107, 3072).reshape(3, 32, 32))
    np.testing.assert_array_equal(data.test.pixels[42], noise(542, 3072).reshape(3, 32, 32))
    assert (data.classes[0], data.classes[72], data.classes[99]) == ("apple", "seal", "worm")


def test_cifar_10_batches_are_read_in_their_order(place: Path) -> None:
    batches = {f"data_batch_{i}.bin": cifar_record(i, i) + cifar_record(9, 0) for i in (2, 1, 5)}
    write_files(place / "cifar-10-batches-bin", {**batches, "test_batch.bin": cifar_record(7, 1)})
    data = load(Choice("cifar-10", classes=(1, 2, 5, 0)))
    assert data.train.labels.tolist() == [0, 3, 1, 3, 2, 3]
    assert data.found == "6 of 50,000 train and 1 of 10,000 test images"


def svhn(folder: Path, name: str, count: int, seed: int) -> None:
    labels = (np.arange(count) % 10 + 1).astype(np.uint8)
    savemat(folder / name, {"X": noise(seed, 32, 32, 3, count), "y": labels[:, None]}, do_compression=True)


def test_svhn_counts_the_label_10_as_the_digit_0(place: Path) -> None:
    folder = place / "svhn"
    folder.mkdir()
    svhn(folder, "train_32x32.mat", 20, 1)
    svhn(folder, "test_32x32.mat", 10, 2)
    found = find("svhn")
    assert found is not None
    assert found.text == "20 of 73,257 train and 10 of 26,032 test images"
    data = load(Choice("svhn"))
    assert data.test.labels.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    matrix = noise(1, 32, 32, 3, 20)
    for image, (row, column), channel in [(0, (0, 0), 0), (7, (3, 30), 2), (19, (31, 4), 1)]:
        assert data.train.pixels[image, channel, row, column] == matrix[row, column, channel, image]
    assert data.train.pixels.is_contiguous()


def gtsrb_parts() -> tuple[dict[str, bytes], dict[str, bytes], bytes]:
    """Class k: two train images of the colour (5k, 0, 200), one test image; of any size, as official."""
    train = {
        f"GTSRB/Final_Training/Images/{k:05d}/00000_{j:05d}.ppm": picture(
            plain_colour(5 * k, 0, 200, 20 + k, 25 + j), "PPM"
        )
        for k in range(43)
        for j in range(2)
    }
    train |= {"GTSRB/Final_Training/Images/00000/GT-00000.csv": b"Filename;ClassId\n"}
    test = {
        f"GTSRB/Final_Test/Images/{i:05d}.ppm": picture(plain_colour(5 * (42 - i), 0, 200, 30, 60), "PPM")
        for i in range(43)
    }
    test |= {"GTSRB/Final_Test/Images/GT-final_test.test.csv": b"Filename;Width\n"}
    header = "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"
    rows = [f"{i:05d}.ppm;60;30;5;5;50;25;{42 - i}" for i in range(43)]
    return train, test, "\r\n".join([header, *rows]).encode()


def gtsrb(place: Path, layout: str) -> None:
    train, test, truth = gtsrb_parts()
    if layout == "zips":
        folder = place / "gtsrb"
        write_files(
            folder,
            {
                "GTSRB_Final_Training_Images.zip": zipped(train),
                "GTSRB_Final_Test_Images.zip": zipped(test),
                "GTSRB_Final_Test_GT.zip": zipped({"GT-final_test.csv": truth}),
            },
        )
        return
    files = {**train, **test}
    if layout == "torchvision":
        files = {n.replace("Final_Training/Images", "Training"): c for n, c in files.items()}
        files = {f"gtsrb/{n}": c for n, c in files.items()} | {"gtsrb/GT-final_test.csv": truth}
    else:
        files |= {"GTSRB/GT-final_test.csv": truth}
    write_files(place, files)


@pytest.mark.parametrize("layout", ["zips", "unpacked", "torchvision"])
def test_the_official_gtsrb_gives_whole_images_of_48_pixels(place: Path, layout: str) -> None:
    gtsrb(place, layout)
    found = find("gtsrb")
    assert found is not None
    assert (found.train, found.test) == (86, 43)
    data = load(Choice("gtsrb"))
    assert data.train.pixels.shape == (86, 3, 48, 48)
    for split in (data.train, data.test):
        assert (split.pixels[:, 0] == 5 * split.labels[:, None, None]).all()
        assert (split.pixels[:, 2] == 200).all()
    assert data.train.labels.bincount().tolist() == [2] * 43
    assert data.test.labels.bincount().tolist() == [1] * 43


def tiny_imagenet() -> dict[str, bytes]:
    colours = {"n02000": (250, 10, 10), "n01000": (10, 250, 10), "n03000": (10, 10, 250)}
    files = {
        f"tiny-imagenet-200/train/{wnid}/images/{wnid}_{j}.JPEG": picture(plain_colour(*c, 64, 64), "JPEG")
        for wnid, c in colours.items()
        for j in range(3)
    }
    files["tiny-imagenet-200/train/n01000/images/n01000_9.JPEG"] = picture(
        np.full((64, 64), 99, np.uint8), "JPEG"
    )
    for i, (_, colour) in enumerate(colours.items()):
        files[f"tiny-imagenet-200/val/images/val_{i}.JPEG"] = picture(plain_colour(*colour, 64, 64), "JPEG")
    rows = [f"val_{i}.JPEG\t{wnid}\t0\t0\t62\t62" for i, wnid in enumerate(colours)]
    files["tiny-imagenet-200/val/val_annotations.txt"] = "\n".join(rows).encode()
    words = "n01000\tgoldfish, Carassius auratus\nn02000\tcrane\nn03000\tcrane\nn04000\tother"
    files["tiny-imagenet-200/words.txt"] = words.encode()
    files["tiny-imagenet-200/test/images/test_0.JPEG"] = b""
    return files


@pytest.mark.parametrize("packed", [True, False])
def test_tiny_imagenet_tests_on_the_annotated_images(place: Path, packed: bool) -> None:
    if packed:
        write_files(place, {"tiny-imagenet/tiny-imagenet-200.zip": zipped(tiny_imagenet())})
    else:
        write_files(place, tiny_imagenet())
    found = find("tiny-imagenet")
    assert found is not None
    assert found.text == "10 of 100,000 train and 3 of 10,000 test images"
    data = load(Choice("tiny-imagenet"))
    # By WordNet number; two classes of the same word are told apart.
    assert data.classes == ("goldfish", "crane (n02000)", "crane (n03000)")
    assert data.train.labels.bincount().tolist() == [4, 3, 3]
    # Green, red, blue are the brightest of their classes.
    colours = data.test.pixels.float().mean((2, 3)).argmax(1)
    assert dict(zip(data.test.labels.tolist(), colours.tolist(), strict=True)) == {0: 1, 1: 0, 2: 2}
    grey = data.train.pixels[data.train.labels == 0][-1].float().mean((1, 2))
    assert torch.allclose(grey, torch.full((3,), 99.0), atol=2)


def awa2() -> dict[str, bytes]:
    animals = {"antelope": 10, "grizzly+bear": 120, "dolphin": 240}
    return {
        f"Animals_with_Attributes2/JPEGImages/{animal}/{animal}_{10001 + i}.jpg": picture(
            plain_colour(value, value, value, 150 + i, 200), "JPEG"
        )
        for animal, value in animals.items()
        for i in range(10)
    }


@pytest.mark.parametrize("packed", [True, False])
def test_awa2_is_split_within_each_animal_as_in_001(place: Path, packed: bool) -> None:
    write_files(place, {"awa2/AwA2-data.zip": zipped(awa2())} if packed else awa2())
    data = load(Choice("awa2", classes=(0, 1, 49)))
    assert data.classes == ("antelope", "grizzly bear", "dolphin")
    assert data.train.pixels.shape[1:] == (3, 64, 64)
    # 30 images: 21 to 9, as 26,157 to 11,165.
    assert data.train.labels.bincount().tolist() == [7, 7, 7]
    assert data.test.labels.bincount().tolist() == [3, 3, 3]
    brightness = data.train.pixels.float().mean((1, 2, 3))
    assert torch.allclose(brightness, torch.tensor([10.0, 120.0, 240.0])[data.train.labels], atol=3)


def test_another_set_with_a_folder_of_the_same_name_is_not_awa2(place: Path) -> None:
    write_files(place, {"JPEGImages/2007_000027.jpg": b"", "JPEGImages/cars/1.jpg": b""})
    assert find("awa2") is None


def test_images_that_take_long_are_parsed_once_and_again_when_a_file_changes(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.data.conftest import forget

    write_files(place, awa2())
    choice = Choice("awa2", classes=(0, 49))
    first = load(choice)
    forget()
    with monkeypatch.context() as blind:
        blind.setattr("lossviz.data.pictures.read", None)
        again = load(choice)
    assert torch.equal(again.train.pixels, first.train.pixels)
    assert again.classes == first.classes
    changed = place / "Animals_with_Attributes2/JPEGImages/antelope/antelope_10001.jpg"
    changed.write_bytes(picture(plain_colour(77, 77, 77, 64, 65), "JPEG"))
    other = load(choice)
    brightness = torch.cat([s.pixels.float().mean((1, 2, 3)) for s in (other.train, other.test)])
    assert int(((brightness - 77).abs() < 3).sum()) == 1
    kept = list((place.parent / "cache" / "parsed").iterdir())
    assert len(kept) == 1
    # A damaged copy costs time, nothing else.
    kept[0].write_bytes(kept[0].read_bytes()[:500])
    forget()
    assert torch.equal(load(choice).train.pixels, other.train.pixels)


def test_a_full_disk_only_costs_the_copy_in_the_cache(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    write_files(place, awa2())
    monkeypatch.setattr("safetensors.torch.save_file", full)
    told: list[str] = []
    assert len(load(Choice("awa2", classes=(0, 1)), lambda what, share: told.append(what)).train) == 14
    assert any("No space left" in what for what in told)
    assert list((place.parent / "cache" / "parsed").iterdir()) == []


def damaged(place: Path, kind: str) -> str:
    """Writes one damaged data set; the name of the set."""
    good = layouts.idx(noise(0, 20, 28, 28))
    labels = layouts.idx((np.arange(20) % 10).astype(np.uint8))
    write_idx(place / "mnist")
    images = place / "mnist" / "train-images-idx3-ubyte.gz"
    if kind == "cut gzip":
        images.write_bytes(images.read_bytes()[:-2000])
    elif kind == "changed gzip":
        content = bytearray(images.read_bytes())
        content[len(content) // 2] ^= 0xFF
        images.write_bytes(content)
    elif kind == "cut header":
        images.write_bytes(good[:9])
    elif kind == "cut images":
        images.write_bytes(good[:-1])
    elif kind == "longer images":
        images.write_bytes(good + b"x")
    elif kind == "labels for images":
        images.write_bytes(labels)
    elif kind == "enormous":
        images.write_bytes(bytes.fromhex("00000803ffffffff0000001c0000001c"))
    elif kind == "other count":
        images.write_bytes(good)
    elif kind == "other size":
        images.write_bytes(layouts.idx(noise(0, 30, 14, 14)))
    elif kind == "label 10":
        (place / "mnist" / "train-labels-idx1-ubyte.gz").write_bytes(layouts.idx(np.full(30, 10, np.uint8)))
    elif kind == "folder":
        images.unlink()
        (place / "mnist" / "train-images-idx3-ubyte").mkdir()
        (place / "mnist" / "train-labels-idx1-ubyte.gz").unlink()
    return "mnist"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("cut gzip", r"mnist: train-images-idx3-ubyte\.gz is damaged .* Fetch it again"),
        ("changed gzip", r"is damaged"),
        ("cut header", r"is cut off: it ends within its header"),
        ("cut images", r"declares 15,680 bytes; got 15,679"),
        ("longer images", r"goes on after the 15,680 bytes"),
        ("labels for images", r"of images, with the magic number 2051; got 2049"),
        ("enormous", r"declares 4294967295 × 28 × 28 bytes; at most"),
        ("other count", r"must count the same; got 20 images and 30 labels"),
        ("other size", r"images of 28 × 28 pixels; got 14 × 14"),
        ("label 10", r"labels must lie in 0\.\.9; got 10"),
    ],
)
def test_damaged_idx_files_are_told_apart(place: Path, kind: str, text: str) -> None:
    name = damaged(place, kind)
    with pytest.raises(DataError, match=text):
        load(Choice(name))


def broken_archives() -> Mapping[str, tuple[bytes, str]]:
    whole = tar_gz(cifar_100())
    files = cifar_100()
    short = {**files, "cifar-100-binary/train.bin": files["cifar-100-binary/train.bin"][:-5]}
    beyond = {**files, "cifar-100-binary/test.bin": cifar_record(0, 3, 100)}
    one = {"cifar-100-binary/train.bin": files["cifar-100-binary/train.bin"]}
    return {
        "cut": (whole[: len(whole) // 2], r"cifar-100: cifar-100-binary\.tar\.gz is damaged or cut off"),
        "cut at the end": (whole[:-6], r"is damaged or cut off"),
        "no archive": (b"<html>not found</html>", r"is damaged or cut off"),
        "short file": (tar_gz(short), r"train\.bin must be a multiple of 3,074 bytes.*got 614,795"),
        "label beyond": (tar_gz(beyond), r"labels must lie in 0\.\.99; got 100 in test\.bin"),
        "half": (tar_gz(one), r"must hold test\.bin and at least one of train\.bin; got train\.bin"),
    }


@pytest.mark.parametrize("kind", list(broken_archives()))
def test_damaged_cifar_archives_are_told_apart(place: Path, kind: str) -> None:
    content, text = broken_archives()[kind]
    write_files(place / "cifar-100", {"cifar-100-binary.tar.gz": content})
    with pytest.raises(DataError, match=text):
        read("cifar-100")


def read(name: str) -> None:
    """Looks and reads; loading would go on to a download where the test images are missing."""
    found = find(name)
    assert found is not None
    found.read(lambda what, share: None)


def test_an_archive_that_unpacks_without_end_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossviz.data.records.LARGEST", 1_000_000)
    bomb = tar_gz({"cifar-100-binary/train.bin": bytes(3074 * 1000)})
    assert len(bomb) < 20_000
    write_files(place / "cifar-100", {"cifar-100-binary.tar.gz": bomb})
    with pytest.raises(DataError, match=r"must unpack to at most 1,000,000 bytes"):
        load(Choice("cifar-100"))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"X": noise(0, 32, 32, 4, 5)}, r"uint8 of 32 × 32 × 3 × N.*got uint8 of 32 × 32 × 4 × 5"),
        ({"y": np.full((5, 1), 11, np.uint8)}, r"in train_32x32\.mat must lie in 1\.\.10.*got 11\.\.11"),
        ({"y": np.ones((4, 1), np.uint8)}, r"and 4 labels"),
    ],
)
def test_a_matlab_file_of_another_shape_is_refused(
    place: Path, change: dict[str, np.ndarray], text: str
) -> None:
    (place / "svhn").mkdir()
    good = {"X": noise(0, 32, 32, 3, 5), "y": np.ones((5, 1), np.uint8)}
    savemat(place / "svhn" / "train_32x32.mat", {**good, **change})
    savemat(place / "svhn" / "test_32x32.mat", good)
    with pytest.raises(DataError, match=text):
        load(Choice("svhn"))


def test_a_cut_off_matlab_file_is_refused(place: Path) -> None:
    (place / "svhn").mkdir()
    svhn(place / "svhn", "train_32x32.mat", 20, 1)
    svhn(place / "svhn", "test_32x32.mat", 10, 2)
    whole = (place / "svhn" / "train_32x32.mat").read_bytes()
    for end in (50, len(whole) // 2, len(whole) - 40):
        (place / "svhn" / "train_32x32.mat").write_bytes(whole[:end])
        with pytest.raises(DataError, match=r"svhn: train_32x32\.mat (is damaged|must hold)"):
            load(Choice("svhn"))


def test_a_file_that_may_not_be_read_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_idx(place / "mnist")
    plain_open = Path.open

    def refuse(self: Path, *arguments: object, **more: object) -> object:
        if self.name.startswith("train-images"):
            raise PermissionError(13, "Permission denied", str(self))
        return plain_open(self, *arguments, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz cannot be read: permission denied"):
        load(Choice("mnist"))


def test_a_test_image_of_unknown_class_is_named(place: Path) -> None:
    files = tiny_imagenet()
    files["tiny-imagenet-200/val/val_annotations.txt"] = b"val_0.JPEG\tn09999\n"
    write_files(place, files)
    with pytest.raises(DataError, match=r"must name for each image a class .*got 'n09999' for val_0\.JPEG"):
        load(Choice("tiny-imagenet"))
    gtsrb(place, "unpacked")
    (place / "GTSRB" / "GT-final_test.csv").write_bytes(b"Filename;ClassId\n00000.ppm;3\n")
    with pytest.raises(DataError, match=r"must name every test image; 00001\.ppm is missing"):
        load(Choice("gtsrb"))
