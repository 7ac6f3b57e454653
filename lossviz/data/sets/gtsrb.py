"""German Traffic Sign Recognition Benchmark: the official images, or a re-packed subset of 32×32."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lossviz.core.errors import DataError
from lossviz.data import pictures, records
from lossviz.data.dataset import Raw
from lossviz.data.places import file_in, subfolders
from lossviz.data.spec import DataSpec, Found, Progress, Source
from lossviz.data.trees import FolderTree, Tree, ZipTree

_SUBSET = "gtsrb-32x32-subset.tar.gz"
_SUBSET_FILES = frozenset({"train.bin", "test.bin"})
_SUBSET_SHAPE = (3, 32, 32)
# What a subset archive of this size holds, so that it need not be unpacked to be counted.
_KNOWN = {14_941_545: (4_300, 1_674)}

_ZIPS = ("GTSRB_Final_Training_Images.zip", "GTSRB_Final_Test_Images.zip", "GTSRB_Final_Test_GT.zip")
_TRUTH = "GT-final_test.csv"
# As on Kaggle: Train/0..42 and Test/ of .png, Test.csv.
_TRAIN_NAME = re.compile(r"(?:^|/)(\d{1,2}|\d{5})/[^/]+\.(?:ppm|png)$", re.IGNORECASE)
_TEST_NAME = re.compile(r"(?:^|/)(\d{5}\.(?:ppm|png))$", re.IGNORECASE)
_SIZE = (48, 48)
_FORM = pictures.Form(3, _SIZE)
_SIGNS = """
speed limit 20, speed limit 30, speed limit 50, speed limit 60, speed limit 70, speed limit 80,
end of speed limit 80, speed limit 100, speed limit 120, no passing, no passing for trucks, right of way,
priority road, yield, stop, no vehicles, no trucks, no entry, danger, curve left, curve right, double curve,
bumpy road, slippery road, road narrows, road work, traffic signals, pedestrians, children, bicycles,
ice or snow, wild animals, end of all limits, turn right ahead, turn left ahead, ahead only, ahead or right,
ahead or left, keep right, keep left, roundabout, end of no passing, end of no passing for trucks
"""
_BASE = "https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/"


def _look(spec: DataSpec, folder: Path) -> Found | None:
    """The official images, packed or unpacked, else the re-packed subset."""
    return _look_zips(spec, folder) or _look_unpacked(spec, folder) or _look_subset(spec, folder)


def _look_subset(spec: DataSpec, folder: Path) -> Found | None:
    archive = folder / _SUBSET
    if not archive.is_file():
        return None
    counts = _KNOWN.get(archive.stat().st_size)
    if counts is None:
        sizes = records.sizes(archive, spec.key, _SUBSET_FILES)
        counts = sizes.get("train.bin", 0) // 3073, sizes.get("test.bin", 0) // 3073
    return spec.found(folder, (archive,), counts, partial(_read_subset, archive))


def _read_subset(archive: Path, progress: Progress) -> Raw:
    progress("reading GTSRB", 0.0)
    files = records.contents(archive, "gtsrb", _SUBSET_FILES)
    missing = sorted(_SUBSET_FILES - files.keys())
    if missing:
        raise DataError(f"gtsrb: {archive.name} must hold train.bin and test.bin; {missing[0]} is missing")
    train, test = (
        records.parse([(name, files[name])], "gtsrb", _SUBSET_SHAPE, 1, GTSRB.class_count)
        for name in ("train.bin", "test.bin")
    )
    return Raw(GTSRB.classes, train, test)


def _look_zips(spec: DataSpec, folder: Path) -> Found | None:
    zips = tuple(folder / name for name in _ZIPS)
    if not all(file.is_file() for file in zips):
        return None
    train, test, truth = (ZipTree(file, spec.key) for file in zips)
    return _official(spec, folder, zips, train, test, partial(_packed_truth, truth), "")


def _packed_truth(tree: Tree) -> bytes:
    name = next((n for n in tree.names if n.rsplit("/", 1)[-1] == _TRUTH), None)
    if name is None:
        raise DataError(f"gtsrb: {_TRUTH} with the classes of the test images is missing in {tree.path}")
    return tree.read(name)


def _look_unpacked(spec: DataSpec, folder: Path) -> Found | None:
    """The unpacked archives, in the folder or in GTSRB below it; Training is another usual name."""
    for top in (folder, folder / "GTSRB"):
        inner = {path.name.lower(): path for path in subfolders(top)}
        train = next((inner[n] for n in ("final_training", "training", "train") if n in inner), None)
        test = next((inner[n] for n in ("final_test", "test") if n in inner), None)
        if train is None or test is None:
            continue
        truths = [file_in(place, _TRUTH) for place in (top, folder, test / "Images", test)]
        truth = next((file for file in (*truths, file_in(top, "Test.csv")) if file is not None), None)
        if truth is not None:
            trees = FolderTree(train, spec.key), FolderTree(test, spec.key)
            stat = truth.stat()
            stamp = f"{trees[0].stamp}-{trees[1].stamp}-{stat.st_size}-{stat.st_mtime_ns}"
            return _official(spec, top, (), *trees, truth.read_bytes, stamp)
    return None


def _official(
    spec: DataSpec,
    folder: Path,
    files: tuple[Path, ...],
    train: Tree,
    test: Tree,
    truth: Callable[[], bytes],
    stamp: str,
) -> Found:
    kinds = ((train, _TRAIN_NAME), (test, _TEST_NAME))
    counts = [sum(pattern.search(name) is not None for name in tree.names) for tree, pattern in kinds]
    return spec.found(
        folder,
        files,
        counts,
        partial(_read_official, train, test, truth),
        slow=True,
        preparation=f"whole image to {_SIZE}, bilinear",
        stamp=stamp,
    )


def _read_official(train: Tree, test: Tree, truth: Callable[[], bytes], progress: Progress) -> Raw:
    learnt = [
        pictures.Picture(train, name, int(match[1]))
        for name in train.names
        if (match := _TRAIN_NAME.search(name))
    ]
    classes = _classes(truth())
    asked = []
    for name in test.names:
        if match := _TEST_NAME.search(name):
            if match[1] not in classes:
                raise DataError(f"gtsrb: {_TRUTH} must name every test image; {match[1]} is missing")
            asked.append(pictures.Picture(test, name, classes[match[1]]))
    for picture in (*learnt, *asked):
        if not 0 <= picture.label < GTSRB.class_count:
            raise DataError(f"gtsrb: classes must lie in 0..42; got {picture.label} for {picture.name}")
    return Raw(GTSRB.classes, *pictures.read_splits(learnt, asked, "gtsrb", _FORM, progress))


def _classes(content: bytes) -> dict[str, int]:
    """The class of each test image by its name: the archive of test images itself leaves the classes out."""
    text = content.decode("utf-8-sig", "replace")
    semicolons = ";" in text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if semicolons else ",")
    name = "Filename" if semicolons else "Path"
    try:
        return {row[name].rsplit("/", 1)[-1]: int(row["ClassId"]) for row in rows}
    except (KeyError, TypeError, ValueError, AttributeError, csv.Error) as error:
        raise DataError(
            f"gtsrb: {_TRUTH} must have the columns Filename and ClassId, separated by semicolons "
            "(Test.csv: Path and ClassId, by commas); "
            f"failed at {error}"
        ) from error


GTSRB = DataSpec(
    key="gtsrb",
    title="GTSRB",
    classes=tuple(" ".join(_SIGNS.split()).split(", ")),
    shape=(3, *_SIZE),
    train=39_209,
    test=12_630,
    licence="none stated; the authors ask for a citation",
    reference="J. Stallkamp, M. Schlipsing, J. Salmen, C. Igel: The German Traffic Sign Recognition "
    "Benchmark, IJCNN 2011",
    look=_look,
    folders=("GTSRB", "gtsrb-german-traffic-sign", "German Traffic Sign Recognition Benchmark"),
    sources=(
        # No checksum of this archive is published; torchvision's belongs to another, smaller one.
        Source(_ZIPS[0], (_BASE + _ZIPS[0],)),
        Source(_ZIPS[1], (_BASE + _ZIPS[1],), "md5:c7e4e6327067d32654124b0fe9e82185"),
        Source(_ZIPS[2], (_BASE + _ZIPS[2],), "md5:fe31e9c9270bbcd7b84b7f21a9d9d9e5"),
    ),
    note="The whole image, not cropped to the sign, scaled to 48×48 (001). The subset is 32×32.",
)
DATA = (GTSRB,)
