"""Class folders: the class and the split of each image file of a tree, by the names of its folders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from lossviz.core.errors import DataError
from lossviz.data import pictures
from lossviz.data.names import class_name

_WORDS = {
    word: split
    for split, words in {
        "train": "train training trn",
        "test": "test testing tst",
        "val": "val valid validation validate dev devel development eval evaluation holdout",
    }.items()
    for word in words.split()
}
# Words that may stand beside that of a split: seg_train, train_images, TrainingSet.
_BESIDE = """
set sets image images img imgs picture pictures photos data dataset datasets digits folder seg split final out
"""
# Kinds of image that are not read: worth telling, unlike tables and texts.
_OTHER_IMAGES = "heic heif avif jp2 j2k jxl svg psd raw dng cr2 nef arw tga dcm nii exr hdr"
_PACKED = (".zip", ".tar", ".gz", ".7z", ".rar")
_KEPT_APART = "train, test and val"


@dataclass
class Splits:
    """The files by class: (class, file) of each split. notes: sentences on the files that are left out."""

    train: list[tuple[str, str]]
    test: list[tuple[str, str]] = field(default_factory=list)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _File:
    """An image: its name, and the folders in which it lies below the one that is looked at."""

    name: str
    folders: tuple[str, ...]

    def below(self) -> _File:
        """The image as seen from one folder further down."""
        return _File(self.name, self.folders[1:])


def split_of(name: str, others: Collection[str] = ()) -> str:
    """The split that a folder is named for, "train", "test" or "val", or "".

    The word may stand in any case beside words such as "images" ("seg_train", "TrainingSet"), or beside
    any that stand as well in the name of another split among `others` ("birds_train", "birds_test").
    """
    split, rest = _split_and_rest(name)
    if not split or rest <= {*_BESIDE.split()}:
        return split
    found = {_split_and_rest(other) for other in others}
    return split if any(of and of != split and left == rest for of, left in found) else ""


def _split_and_rest(name: str) -> tuple[str, frozenset[str]]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)", " ", name)
    words = [word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word and not word.isdigit()]
    splits = {_WORDS[word] for word in words if word in _WORDS}
    if len(splits) != 1:
        return "", frozenset()
    return splits.pop(), frozenset(word for word in words if word not in _WORDS)


def arrange(names: Sequence[str], what: str) -> Splits:
    """The images by split and class, whatever single folders stand above them.

    Of several splits one is trained on, and the first labelled one of test and val is tested on. A
    folder of a split is never a class; images that are in no class are left out, and told.
    DataError where the folders can be meant in two ways, or there are fewer than two classes.
    """
    left: list[str] = []
    files = [_File(name, tuple(name.split("/")[:-1])) for name in names if pictures.is_picture(name)]
    files = _at_classes(files, left, "beside the folders ({}), of no class")
    splits = _splits(files, list(dict.fromkeys(file.folders[0] for file in files)), what)
    if splits:
        found = _by_split(files, splits, what, left)
    else:
        found = _within_classes(_named(files, what, left))
    _two_classes(found, names, what)
    found.notes = (*left, *found.notes, *_unread(names))
    return found


def _at_classes(files: list[_File], left: list[str], where: str) -> list[_File]:
    """The images as seen from the folders that tell them apart, below whatever single folders stand above.

    Images beside these folders are left out; where: a sentence's words for that, {} being the first of them.
    """
    while True:
        stray = [file for file in files if not file.folders]
        if stray and len(stray) < len(files):
            left.append(f"{_images(len(stray))} {where.format(min(file.name for file in stray))}")
        files = [file for file in files if file.folders]
        if len({file.folders[0] for file in files}) != 1 or all(len(file.folders) == 1 for file in files):
            return files
        files = [file.below() for file in files]


def _splits(files: list[_File], tops: list[str], what: str) -> dict[str, str]:
    """The folders that are splits and which they are; none where all are classes. "train" for classes
    beside a labelled split."""
    kinds = {top: split for top in tops if (split := split_of(top, tops))}
    others = [top for top in tops if top not in kinds]
    if not kinds:
        return {}
    inner = {top: _classes_in(files, top) for top in tops}
    trains = [top for top, kind in kinds.items() if kind == "train"]
    held = [top for top in kinds if top not in trains]
    if any(len(inner[top]) > 1 for top in trains):
        if held or (len(others) < 2 and not any(inner[top] for top in others)):
            return kinds
        if any(inner[top] for top in others):
            return {}  # railway pictures: train/steam, train/electric beside car/old, car/new
        raise _unclear(trains, others, what)
    if not others:
        raise DataError(
            f"{what}: {_listed(tops)} must hold a folder for each class; their images are in none. {_HOW}"
        )
    if trains and not held:
        return {}  # "train" as a class
    labelled = [top for top in held if len(inner[top] & {*others}) > 0]
    if labelled and not trains:
        return kinds | dict.fromkeys(others, "classes")
    if len(others) == 1 or all(inner[top] for top in (*held, *others)):
        return {}  # valid beside invalid; test/old beside car/old
    raise _unclear(held or trains, others, what)


_HOW = (
    "Put the images into a folder for each class, these into folders train and test if the split is given, "
    "and nothing else beside them."
)


def _unclear(splits: Sequence[str], others: Sequence[str], what: str) -> DataError:
    one = splits[0]
    return DataError(
        f"{what}: {one!r} stands among {_listed(others)}: as a split ({_KEPT_APART}) or as a class? "
        f"As a split, take it away, or put the class folders into train/ and into {one}/; as a class, "
        f"rename it, say to {one + '_class'!r}."
    )


def _classes_in(files: list[_File], top: str) -> set[str]:
    within = [file.below() for file in files if file.folders[0] == top]
    return {file.folders[0] for file in _at_classes(within, [], "")}


def _by_split(files: list[_File], splits: dict[str, str], what: str, left: list[str]) -> Splits:
    by_kind: dict[str, list[_File]] = {}
    for file in files:
        top = file.folders[0]
        kind = splits.get(top, "")
        if kind:
            by_kind.setdefault(kind, []).append(file if kind == "classes" else file.below())
    for top in sorted({file.folders[0] for file in files} - splits.keys()):
        count = sum(file.folders[0] == top for file in files)
        left.append(f"{_images(count)} in {top}, which is no split")
    train = by_kind.get("classes") or _at_classes(
        by_kind["train"], left, "in train beside its class folders ({})"
    )
    learnt = _named(train, what, left)
    # A folder of another split may be spelt with other capitals, where that leaves no doubt.
    folded = Counter(name.casefold() for name in learnt)
    known = {name.casefold(): name for name in learnt if folded[name.casefold()] == 1}
    known |= {name: name for name in learnt}
    test: list[tuple[str, str]] = []
    for kind in ("test", "val"):
        held = _labelled(by_kind.get(kind, []), kind, known, what, left)
        if held and test:
            left.append(f"{_images(len(held))} in {kind}: the test set is test")
        test = test or held
    return Splits(_pairs(learnt), test)


def _labelled(
    files: list[_File], kind: str, known: dict[str, str], what: str, left: list[str]
) -> list[tuple[str, str]]:
    """The images of a held-out split by class; none where its folders are not those of the train images."""
    count = len(files)
    while files:
        inside = [file for file in files if file.folders]
        found = {file.folders[0] for file in inside}
        read = {folder: class_name(folder, what) for folder in found}
        keys = {folder: name if name in known else name.casefold() for folder, name in read.items()}
        strange = sorted(folder for folder in found if keys[folder] not in known)
        if found and len(strange) < len(found):
            if strange:
                raise DataError(
                    f"{what}: every class of the test images must have train images; {strange[0]!r} has none"
                )
            if len(inside) < len(files):
                left.append(f"{_images(len(files) - len(inside))} in {kind} beside its class folders")
            return [(known[keys[file.folders[0]]], file.name) for file in inside]
        if len(found) != 1 or len(inside) < len(files):
            break
        files = [file.below() for file in files]
    if count:
        left.append(f"{_images(count)} in {kind}, which has no class folders")
    return []


def _named(files: list[_File], what: str, left: list[str]) -> dict[str, list[_File]]:
    """The images by class; folders whose names are the same text are one class, and that is told."""
    named = {folder: class_name(folder, what) for folder in sorted({file.folders[0] for file in files})}
    for name, count in Counter(named.values()).items():
        if count > 1:
            left.append(
                f"{count} folders are named {name!r}, in two forms of Unicode or with spaces: one class"
            )
    found: dict[str, list[_File]] = {}
    for file in files:
        found.setdefault(named[file.folders[0]], []).append(file.below())
    return found


def _pairs(classes: dict[str, list[_File]]) -> list[tuple[str, str]]:
    return [(name, file.name) for name, files in classes.items() for file in files]


def _within_classes(classes: dict[str, list[_File]]) -> Splits:
    """Splits within each class (ant/train, ant/test), where every class has nothing else; else no split."""
    folders = [{file.folders[0] if file.folders else "" for file in files} for files in classes.values()]
    kinds = {folder: split_of(folder) for inner in folders for folder in inner}
    within = [{kinds[folder] for folder in inner} for inner in folders]
    if not all("train" in found and len(found) > 1 and "" not in found for found in within):
        return Splits(_pairs(classes))
    train, test, val = (
        _pairs({name: [f for f in files if kinds[f.folders[0]] == kind] for name, files in classes.items()})
        for kind in ("train", "test", "val")
    )
    over = f"{_images(len(val))} in the folders of val: the test set is test"
    return Splits(train, test or val, (over,) if test and val else ())


def _two_classes(found: Splits, names: Sequence[str], what: str) -> None:
    classes = sorted({name for name, _ in found.train})
    if len(classes) > 1:
        return
    packed = [name for name in names if name.lower().endswith(_PACKED)]
    most = 2 * len(packed) > len(names)
    inside = f" It holds {packed[0]}: unpack that, and give it instead." if most else ""
    unread = "".join(f" {note}." for note in _unread(names))
    raise DataError(
        f"{what}: there must be at least 2 class folders with images in them "
        f"({', '.join(sorted(pictures.ENDINGS))}); got {len(classes)}"
        f"{f', {classes[0]!r}' if classes else ''}.{inside}{unread}"
    )


def _unread(names: Sequence[str]) -> list[str]:
    """Files that are images of a kind that is not read."""
    endings = Counter(PurePosixPath(name).suffix.lower() for name in names)
    return [
        f"{count:,} files ending in {ending}, a kind that is not read"
        for ending, count in sorted(endings.items())
        if ending[1:] in _OTHER_IMAGES.split()
    ]


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"


def _listed(names: Sequence[str]) -> str:
    shown = sorted(names)
    return ", ".join(shown[:4]) + (f" and {len(shown) - 4} more" if len(shown) > 4 else "")
