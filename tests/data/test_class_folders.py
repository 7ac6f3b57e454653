"""Which images belong to which class and split, by the names of their folders alone."""

from __future__ import annotations

import pytest

from lossviz.core.errors import DataError
from lossviz.data.class_folders import Splits, arrange, split_of


def names(text: str, each: int = 3) -> list[str]:
    """Three images in every folder named: "train/ant train/bee"; a name with an ending is itself."""
    made: list[str] = []
    for folder in text.split():
        made += [folder] if "." in folder else [f"{folder}/{i}.png" for i in range(each)]
    return made


def classes(found: Splits) -> tuple[set[str], set[str]]:
    return {name for name, _ in found.train}, {name for name, _ in found.test}


def told(found: Splits) -> str:
    return "; ".join(found.notes)


@pytest.mark.parametrize("train", ["train", "Training", "TRAIN", "seg_train", "train_images", "TrainingSet"])
@pytest.mark.parametrize("test", ["test", "testing", "val", "Valid", "validation", "dev", "EVAL", "seg_test"])
def test_splits_of_any_name_and_case_are_no_classes(train: str, test: str) -> None:
    found = arrange(names(f"{train}/ant {train}/bee {test}/ant {test}/bee"), "own")
    assert classes(found) == ({"ant", "bee"}, {"ant", "bee"})
    assert (len(found.train), len(found.test)) == (6, 6)
    assert all(file.startswith(f"{test}/") for _, file in found.test)
    assert found.notes == ()


@pytest.mark.parametrize(
    ("text", "train", "test", "note"),
    [
        # A flat or unlabelled test/ is left out, and what is left is split as without one.
        ("train/ant train/bee test", 6, 0, "3 images in test, which has no class folders"),
        ("train/ant train/bee test/images", 6, 0, "3 images in test"),
        ("train/ant train/bee test/unknown", 6, 0, "3 images in test"),
        ("train/ant train/bee test1", 6, 0, "3 images in test"),
        # With a test set that has no labels the labelled validation images are tested on.
        ("train/ant train/bee val/ant val/bee test", 6, 6, "3 images in test"),
        ("train/ant train/bee test/ant test/bee val/ant val/bee", 6, 6, "6 images in val: the"),
        ("train/ant train/bee test/ant valid/bee valid/ant", 6, 3, "6 images in val"),
        # Of no split, of no class.
        ("train/ant train/bee cover.png", 6, 0, "1 image beside the folders (cover.png)"),
        ("ant bee readme.png", 6, 0, "1 image beside the folders (readme.png)"),
        ("pets/train/ant pets/train/bee pets/test/ant pets/a.png b.png", 6, 3, "(b.png)"),
        ("train/ant train/bee train/x.png", 6, 0, "x.png"),
        ("train/ant train/bee test/ant test/x.png", 6, 3, "1 image in test beside its class folders"),
        ("train/ant train/bee test/ant samples", 6, 3, "3 images in samples, which is no split"),
        ("train/ant train/bee samples", 6, 0, "3 images in samples"),
        ("ant bee ant/1.heic", 6, 0, "1 files ending in .heic"),
    ],
)
def test_what_is_of_no_class_is_left_out_and_told(text: str, train: int, test: int, note: str) -> None:
    found = arrange(names(text), "own")
    assert classes(found)[0] == {"ant", "bee"}
    assert (len(found.train), len(found.test)) == (train, test)
    assert note in told(found)


@pytest.mark.parametrize(
    "text",
    [
        "seg_train/seg_train/ant seg_train/seg_train/bee seg_test/seg_test/ant seg_pred/seg_pred",
        "train/images/ant train/images/bee test/images/ant",
        "data/my/train/ant data/my/train/bee data/my/test/ant",
        "birds_train/ant birds_train/bee birds_test/ant",
        "ant/train bee/train ant/test bee/val bee/test",
        "ant bee test/ant",
        "train/Ant train/Bee test/ANT",
    ],
)
def test_splits_are_found_above_within_and_beside_the_classes(text: str) -> None:
    found = arrange(names(text), "own")
    assert {name.lower() for name in classes(found)[0]} == {"ant", "bee"}
    assert {name.lower() for name in classes(found)[1]} <= {"ant", "bee"}
    assert found.test
    assert all("test" in file.split("/", 1)[0] + file for _, file in found.test)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("car train ship", {"car", "train", "ship"}),
        ("car/old train/old ship/old", {"car", "train", "ship"}),
        ("car/old car/new train/steam train/electric", {"car", "train"}),
        ("valid invalid", {"valid", "invalid"}),
        ("quiz/a quiz/b test/c test/d", {"quiz", "test"}),
        ("test_positive test_negative", {"test_positive", "test_negative"}),
        ("bus_station train_station", {"bus_station", "train_station"}),
        ("latest contest protest", {"latest", "contest", "protest"}),
    ],
)
def test_a_class_may_be_named_as_a_split(text: str, right: set[str]) -> None:
    assert classes(arrange(names(text), "own"))[0] == right


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("train test", r"test, train must hold a folder for each class"),
        ("train", r"train must hold a folder for each class"),
        ("train/ant train/bee car ship", r"'train' stands among car, ship: as a split .* or as a class"),
        ("quiz exam test", r"'test' stands among exam, quiz"),
        ("train/ant train/bee test/ant test/cat", r"must have train images; 'cat' has none"),
        ("a.png b.png", r"at least 2 class folders .* got 0"),
        ("inner.zip", r"It holds inner\.zip: unpack that"),
        ("ant/1.heic bee/2.heic", r"2 files ending in \.heic, a kind that is not read"),
    ],
)
def test_what_can_be_meant_in_two_ways_is_refused_with_what_to_do(text: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        arrange(names(text), "own")


def test_two_forms_of_a_letter_are_one_class_and_shown_composed() -> None:
    composed, parted = "caf\u00e9", "cafe\u0301"
    found = arrange(names(f"train/{composed} train/tea test/{parted} test/tea"), "own")
    assert classes(found) == ({composed, "tea"}, {composed, "tea"})
    assert found.notes == ()
    merged = arrange(names(f"{composed} {parted} tea"), "own")
    assert [name for name, _ in merged.train].count(composed) == 6
    assert "2 folders are named 'caf\u00e9'" in told(merged)


def test_words_within_other_words_are_no_splits() -> None:
    assert [split_of(name) for name in ("training_data", "testSet", "my-val", "strain", "evaluate", "x")] == [
        "train",
        "test",
        "",
        "",
        "",
        "",
    ]
    assert split_of("my-val", ["my-train", "my-val"]) == "val"
