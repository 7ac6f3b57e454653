"""One's own arrays, folders and uploads: what is taken, and what every refusal says."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lossviz.core.errors import DataError
from lossviz.data import Choice, find, load, upload
from tests.data.conftest import forget
from tests.data.layouts import noise, picture, plain_colour, write_files, zipped


def arrays(count: int = 30, classes: int = 3) -> dict[str, Any]:
    return {"images": noise(4, count, 10, 12), "labels": np.arange(count) % classes}


def packed(**named: Any) -> bytes:
    content = io.BytesIO()
    np.savez(content, **named)
    return content.getvalue()


def saved(place: Path, **named: Any) -> Choice:
    (place / "own.npz").write_bytes(packed(**named))
    return Choice(str(place / "own.npz"))


def both(data: Any) -> list[tuple[bytes, int]]:
    """Every image with its label, of both splits, in an order of its own."""
    return sorted(
        (pixels.numpy().tobytes(), int(label))
        for split in (data.train, data.test)
        for pixels, label in zip(split.pixels, split.labels, strict=True)
    )


def test_grey_arrays_are_taken_and_a_fifth_of_each_class_becomes_the_test_set(place: Path) -> None:
    own = arrays()
    choice = saved(place, **own)
    found = find(choice.name)
    assert found is not None
    assert found.text == "24 train and 6 test images"
    assert found.complete
    data = load(choice)
    assert data.test.labels.bincount().tolist() == [2, 2, 2]
    assert data.train.pixels.shape == (24, 1, 10, 12)
    assert both(data) == sorted(
        (image.tobytes(), int(label)) for image, label in zip(own["images"], own["labels"], strict=True)
    )
    assert data.classes == ("0", "1", "2")
    assert data.title == "own.npz"
    # Always the same test images, whatever the seed of the subset.
    forget()
    again = load(Choice(choice.name, seed=5))
    assert torch.equal(again.test.pixels, data.test.pixels)


@pytest.mark.parametrize("order", ["last", "first"])
@pytest.mark.parametrize("channels", [1, 3])
def test_channels_may_stand_last_or_first(place: Path, order: str, channels: int) -> None:
    last = noise(1, 20, 8, 9, channels)
    own = {"images": last if order == "last" else last.transpose(0, 3, 1, 2), "labels": np.arange(20) % 2}
    data = load(saved(place, **own, test_images=own["images"][:4], test_labels=own["labels"][:4]))
    assert data.train.pixels.shape == (20, channels, 8, 9)
    assert data.train.pixels[3, channels - 1, 5, 7] == last[3, 5, 7, channels - 1]
    assert data.test.labels.tolist() == [0, 1, 0, 1]
    assert data.found == "20 train and 4 test images"


def test_floats_between_0_and_1_become_bytes(place: Path) -> None:
    images = np.zeros((4, 4, 4))
    images[:, 0, 0] = [0.0, 0.5, 1.0, 100.4 / 255]
    own = {"images": images, "labels": [0, 1, 0, 1]}
    data = load(saved(place, **own, test_images=images, test_labels=[0, 1, 0, 1]))
    assert data.train.pixels[:, 0, 0, 0].tolist() == [0, 128, 255, 100]


def test_names_of_classes_come_along(place: Path) -> None:
    assert load(saved(place, **arrays(), classes=["ant", "bee", "cat"])).classes == ("ant", "bee", "cat")


def bad(images: Any = None, labels: Any = None, **more: Any) -> dict[str, Any]:
    own = arrays()
    return {
        "images": own["images"] if images is None else images,
        "labels": own["labels"] if labels is None else labels,
        **more,
    }


NAN = np.full((30, 10, 12), 0.5)
NAN[3, 4, 5] = np.nan


@pytest.mark.parametrize(
    ("own", "text"),
    [
        ({"pictures": np.zeros(3)}, r"must hold the arrays images and labels; images and labels are missing"),
        ({"images": noise(0, 30, 10, 12)}, r"labels is missing, it holds images"),
        (bad(images=noise(0, 30, 100)), r"images must be \[N, H, W\].*got 30 × 100"),
        (bad(images=noise(0, 30, 8, 8, 4)), r"with 1 or 3 channels.*got 30 × 8 × 8 × 4"),
        (bad(images=noise(0, 30, 2, 12)), r"sides of 4 to 512 pixels; got 30 × 1 × 2 × 12"),
        (bad(images=noise(0, 0, 8, 8), labels=np.zeros(0, int)), r"images must hold images; got none"),
        (bad(images=noise(0, 30, 8, 8).astype(int)), r"uint8 .* or floats in 0\.\.1; got int64.*astype"),
        (bad(images=noise(0, 30, 8, 8).astype(float)), r"float64 must lie in 0\.\.1; got 0\.\.255"),
        (bad(images=NAN), r"images must be finite numbers; got 1 that are NaN or infinite"),
        (bad(images=NAN * np.inf), r"got 3,600 that are NaN or infinite"),
        (bad(images=np.array([None] * 30)), r"images must be an array of plain values; got Python objects"),
        (bad(labels=np.arange(29)), r"one number for each of the 30 images; got 29"),
        (bad(labels=np.arange(30) % 3 / 1.0), r"labels must be whole numbers 0\.\.K-1; got float64"),
        (bad(labels=np.array(["a", "b", "c"] * 10)), r"labels must be whole numbers.*Number the classes"),
        (bad(labels=np.arange(30) % 3 - 1), r"labels must lie in 0\.\.K-1; got -1"),
        (bad(labels=np.arange(30) % 3 * 2), r"every number in 0\.\.4; no image has the label 1"),
        (bad(labels=np.zeros(30, int)), r"at least 2 classes; got 1"),
        (bad(labels=np.arange(30) + 10**9), r"0\.\.K-1 without gaps; got 10000000\d\d"),
        (bad(classes=["a", "b"]), r"classes must be 3 different names.*got 2"),
        (bad(classes=["a", "b", "b"]), r"3 different names"),
        (bad(classes=["a", "b", "c", "d"]), r"no image has the label 3"),
        (bad(classes=np.array([1, None, 3])), r"classes must be an array of plain values; got Python"),
        (bad(test_images=noise(0, 5, 10, 12)), r"test_images and test_labels come together"),
        (
            bad(test_images=noise(0, 5, 10, 11), test_labels=np.zeros(5, int)),
            r"test_images must be of the same form as images, 1 × 10 × 12 .*got 1 × 10 × 11",
        ),
        (
            bad(test_images=noise(0, 5, 10, 12), test_labels=np.full(5, 3)),
            r"test_labels must lie in 0\.\.2, the classes of labels; got 3",
        ),
        (bad(labels=np.array([0] * 15 + [1] * 14 + [2])), r"at least 2 images.*class '2' has 1"),
    ],
)
def test_arrays_that_cannot_be_taken_are_refused_with_the_rule(
    place: Path, own: dict[str, Any], text: str
) -> None:
    choice = saved(place, **own)
    with pytest.raises(DataError, match=text):
        load(choice)
    with pytest.raises(DataError, match=text):
        upload((place / "own.npz").read_bytes(), "own.npz")
    uploads = place.parent / "cache" / "uploads"
    assert list(uploads.iterdir()) == []


def test_a_header_that_declares_more_than_there_is_asks_for_no_memory(place: Path) -> None:
    whole = packed(**arrays())
    liar = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(liar, "w") as target:
        for name in source.namelist():
            content = source.read(name).replace(b"(30, 10, 12)", b"(30, 10, 12000000000)"[:20] + b")")
            target.writestr(name, content)
    (place / "own.npz").write_bytes(liar.getvalue())
    with pytest.raises(DataError, match=r"images (must hold the bytes|is no array)"):
        load(Choice(str(place / "own.npz")))


def class_folders(size: tuple[int, int] = (12, 10)) -> dict[str, bytes]:
    """Classes red and blue of 10 images; one is larger than the others."""
    files = {}
    for name, colour in (("red", (200, 0, 0)), ("blue", (0, 0, 200))):
        for i in range(10):
            shape = size if i else (40, 50)
            files[f"{name}/{i}.png"] = picture(plain_colour(*colour, *shape))
    return {**files, "red/notes.txt": b"", ".hidden/1.png": b"", "Thumbs.db": b""}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("top", ["", "pictures/of/"])
def test_class_folders_are_taken_in_the_commonest_size(
    place: Path, packed: bool, top: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In several portions, the last of them not full.
    monkeypatch.setattr("lossviz.data.pictures._AT_ONCE", 7)
    files = {top + name: content for name, content in class_folders().items()}
    write_files(place, {"own.zip": zipped(files)} if packed else {f"own/{n}": c for n, c in files.items()})
    name = str(place / ("own.zip" if packed else "own"))
    found = find(name)
    assert found is not None
    assert found.text == "16 train and 4 test images"
    data = load(Choice(name))
    assert data.classes == ("blue", "red")
    assert data.train.pixels.shape == (16, 3, 12, 10)
    assert data.test.labels.bincount().tolist() == [2, 2]
    assert (data.train.pixels[data.train.labels == 1][:, 0] == 200).all()
    assert (data.train.pixels[data.train.labels == 0][:, 2] == 200).all()


def test_train_and_test_folders_are_kept_apart(place: Path) -> None:
    train = {f"own/train/{n}": c for n, c in class_folders().items() if n.endswith("png")}
    test = {f"own/test/{k}/x.png": picture(plain_colour(9, 9, 9, 12, 10)) for k in ("red", "blue")}
    write_files(place, {**train, **test})
    data = load(Choice(str(place / "own")))
    assert data.found == "20 train and 2 test images"
    assert (data.test.pixels == 9).all()
    (place / "own" / "test" / "green").mkdir()
    (place / "own" / "test" / "green" / "x.png").write_bytes(picture(plain_colour(9, 9, 9, 12, 10)))
    with pytest.raises(DataError, match=r"must have train images; 'green' has none"):
        load(Choice(str(place / "own")))


def test_grey_pictures_stay_grey_and_large_ones_are_scaled_down(place: Path) -> None:
    sixteen = np.full((256, 128), 40_000, dtype=np.uint16)
    files = {
        f"own/{k}/{i}.png": picture(np.full((256, 128), 50 * k, np.uint8)) for k in (0, 1) for i in range(4)
    }
    files |= {f"own/2/{i}.png": picture(sixteen) for i in range(4)}
    write_files(place, files)
    data = load(Choice(str(place / "own")))
    assert data.train.pixels.shape[1:] == (1, 64, 32)
    # 40,000 of 65,535 is 156 of 255.
    assert [data.train.pixels[data.train.labels == k].unique().tolist() for k in range(3)] == [
        [0],
        [50],
        [156],
    ]


def test_folders_named_by_numbers_come_in_the_order_of_the_numbers(place: Path) -> None:
    write_files(
        place,
        {f"own/{k}/{i}.png": picture(np.full((8, 8), 10 * k, np.uint8)) for k in range(12) for i in range(2)},
    )
    data = load(Choice(str(place / "own")))
    assert data.classes == tuple(map(str, range(12)))
    assert (data.train.pixels[:, 0, 0, 0] == 10 * data.train.labels).all()


def test_the_number_of_a_folder_counts_not_its_spelling(place: Path) -> None:
    write_files(place, {f"own/{k}/{i}.ppm": picture(noise(i, 8, 8), "PPM") for k in (9, 10) for i in (1, 2)})
    assert load(Choice(str(place / "own"))).classes == ("9", "10")


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({"own/readme.txt": b""}, r"own: there must be at least 2 class folders with images.*got 0"),
        ({"own/a/1.png": picture(noise(0, 8, 8))}, r"at least 2 class folders.*got 1"),
        ({"own/a/1.png": b"", "own/b/1.png": b""}, r"a/1\.png is not an image of a kind that is read"),
        (
            {f"own/{k}/{i}.png": picture(noise(0, 30, 30))[:-100] for k in "ab" for i in "12"},
            r"a/1\.png is damaged or cut off",
        ),
        (
            {f"own/{k}/1.png": picture(noise(0, 8, 8)) for k in "ab"},
            r"every class must have at least 2 images.*class 'a' has 1",
        ),
        (
            {f"own/{k}/1.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n" for k in "ab"},
            r"is not an image of a kind that is read",
        ),
        ({"own.txt": b"1"}, r"must be an \.npz, or a folder or a \.zip .* ending in '\.txt'"),
    ],
)
def test_folders_that_cannot_be_taken_are_refused_with_the_rule(
    place: Path, files: dict[str, bytes], text: str
) -> None:
    write_files(place, files)
    with pytest.raises(DataError, match=text):
        load(Choice(str(place / next(iter(files)).split("/")[0])))


def test_an_empty_folder_and_a_missing_path_are_told(place: Path) -> None:
    (place / "own").mkdir()
    with pytest.raises(DataError, match="got 0"):
        load(Choice(str(place / "own")))
    assert find(str(place / "nowhere")) is None
    with pytest.raises(DataError, match=r": there is no such file or folder"):
        load(Choice(str(place / "nowhere")))


def test_a_folder_that_holds_itself_is_read_once(place: Path) -> None:
    write_files(place, {f"own/{n}": c for n, c in class_folders().items()})
    (place / "own" / "red" / "again").symlink_to(place / "own")
    data = load(Choice(str(place / "own")))
    assert data.classes == ("blue", "red")
    assert data.found == "16 train and 4 test images"


def test_validation_images_are_the_test_set_only_without_test_images(place: Path) -> None:
    one = picture(plain_colour(1, 1, 1, 12, 10))
    train = {f"own/Train/{n}": c for n, c in class_folders().items() if n.endswith("png")}
    write_files(place, {**train, **{f"own/Val/{k}/{i}.png": one for k in ("red", "blue") for i in (1, 2, 3)}})
    assert load(Choice(str(place / "own"))).found == "20 train and 6 test images"
    write_files(place, {f"own/Test/{k}/1.png": one for k in ("red", "blue")})
    found = load(Choice(str(place / "own"))).found
    assert found.startswith("20 train and 2 test images; left out: 6 images in val")


def test_a_folder_named_train_among_other_classes_is_a_class(place: Path) -> None:
    one = picture(plain_colour(1, 1, 1, 8, 8))
    write_files(place, {f"own/{k}/old/{i}.png": one for k in ("car", "train", "ship") for i in (1, 2, 3)})
    assert load(Choice(str(place / "own"))).classes == ("car", "ship", "train")


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lossviz.data.pictures.MOST_PIXELS", 1000)
    monkeypatch.setattr("lossviz.data.pictures._values", None)
    write_files(place, {f"own/{n}": c for n, c in class_folders().items()})
    with pytest.raises(DataError, match=r"at most 1,000 pixels; blue/0\.png has more"):
        load(Choice(str(place / "own")))


def hostile(kind: str) -> bytes:
    good = {f"{k}/{i}.png": picture(noise(i, 8, 8)) for k in "ab" for i in range(3)}
    if kind == "bomb":
        return zipped({**good, "a/9.png": bytes(70 << 20)})
    if kind == "outside":
        return zipped({**good, "../../evil.png": b"x"})
    if kind == "absolute":
        return zipped({**good, "/etc/evil.png": b"x"})
    if kind == "backslash":
        return zipped({**good, "..\\evil.png": b"x"})
    whole = zipped(good)
    if kind == "cut":
        return whole[:-30]
    if kind == "lie":
        # The directory at the end says 1 byte for a file that unpacks to more.
        at = whole.rindex(b"PK\x01\x02")
        return whole[: at + 24] + (1).to_bytes(4, "little") + whole[at + 28 :]
    if kind == "encrypted":
        at = whole.rindex(b"PK\x01\x02")
        return whole[: at + 8] + (1).to_bytes(2, "little") + whole[at + 10 :]
    raise AssertionError(kind)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("bomb", r"must unpack to at most 67,108,864 bytes; a/9\.png says 73,400,320"),
        ("outside", r"must stay within its folder; got '\.\./\.\./evil\.png'"),
        ("absolute", r"must stay within its folder"),
        ("backslash", r"must stay within its folder"),
        ("cut", r"is no \.zip, or is cut off"),
        ("lie", r"b/2\.png.*damaged"),
        ("encrypted", r"b/2\.png in own\.zip is encrypted\. Pack it without a password"),
    ],
)
def test_a_hostile_zip_is_refused_and_leaves_nothing(place: Path, kind: str, text: str) -> None:
    with pytest.raises(DataError, match=text):
        upload(hostile(kind), "own.zip")
    assert list((place.parent / "cache" / "uploads").iterdir()) == []
    assert not list(place.parent.rglob("evil*"))


def test_a_zip_that_unpacks_to_too_much_altogether_is_refused(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lossviz.data.user_data.LARGEST_ZIP", 500)
    with pytest.raises(DataError, match=r"own\.zip must unpack to at most 500 bytes; it says [\d,]+"):
        upload(zipped(class_folders()), "own.zip")


@pytest.mark.parametrize("kind", ["npz", "zip"])
def test_an_upload_is_kept_under_its_content(place: Path, kind: str) -> None:
    content = packed(**arrays()) if kind == "npz" else zipped(class_folders())
    name = upload(content, f"C:\\Users\\me\\my data (2).{kind}")
    assert name.startswith("upload:")
    assert upload(content, f"other.{kind}") == name
    assert len(list((place.parent / "cache" / "uploads").iterdir())) == 1
    data = load(Choice(name))
    assert data.title == f"my-data-2.{kind}"
    assert len(data.train) + len(data.test) == (30 if kind == "npz" else 20)
    found = find(name)
    assert found is not None
    assert found.text == data.found


@pytest.mark.parametrize("name", ["upload:../../etc/passwd", "upload:", "upload:" + "0" * 24, "upload:*"])
def test_an_upload_that_is_not_kept_is_not_looked_for_elsewhere(place: Path, name: str) -> None:
    upload(packed(**arrays()), "own.npz")
    assert find(name) is None
    with pytest.raises(DataError, match="no such upload is kept here"):
        load(Choice(name))


def test_uploads_of_other_kinds_and_sizes_are_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"must be an \.npz, or a \.zip of class folders; got 'model\.pkl'"):
        upload(b"", "model.pkl")
    monkeypatch.setattr("lossviz.data.uploads.LARGEST_UPLOAD", 10)
    with pytest.raises(DataError, match=r"own\.npz must have at most 10 bytes; got 11\. Put it on"):
        upload(b"x" * 11, "own.npz")


def test_an_upload_for_which_there_is_no_room_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lossviz.data.uploads.os.replace", full)
    with pytest.raises(DataError, match=r"could not be kept in .*No space left.*LOSSVIZ_CACHE"):
        upload(packed(**arrays()), "own.npz")
    assert list((place.parent / "cache" / "uploads").iterdir()) == []
