"""Tiny ImageNet: 200 classes of colour images of 64×64; the validation images serve as the test set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lossviz.core.errors import DataError
from lossviz.data import pictures
from lossviz.data.dataset import Raw
from lossviz.data.spec import DataSpec, Found, Progress, Source
from lossviz.data.trees import FolderTree, Tree, ZipTree

_NAME = "tiny-imagenet-200"
_TRAIN = re.compile(r"^train/(n\d+)/(?:images/)?[^/]+\.jpe?g$", re.IGNORECASE)
_TEST = re.compile(r"^val/images/([^/]+\.jpe?g)$", re.IGNORECASE)
_ANNOTATIONS = "val/val_annotations.txt"
_SIZE = (64, 64)
_FORM = pictures.Form(3, _SIZE)


def _look(spec: DataSpec, folder: Path) -> Found | None:
    """The unpacked folder (itself or within), else the archive."""
    tops = (folder, folder / _NAME)
    top = next((t for t in tops if (t / _ANNOTATIONS).is_file() and (t / "train").is_dir()), None)
    if top is not None:
        tree = FolderTree(top, spec.key)
        return _found(spec, top, (), lambda: tree, _count(tree), tree.stamp)
    archive = folder / f"{_NAME}.zip"
    if not archive.is_file():
        return None

    def packed() -> Tree:
        return ZipTree(archive, spec.key, f"{_NAME}/")

    # Listing 120,000 names takes a second; the official archive is known by its size.
    official = archive.stat().st_size == spec.sources[0].size
    counts = (spec.train, spec.test) if official else _count(packed())
    return _found(spec, folder, (archive,), packed, counts, "")


def _count(tree: Tree) -> tuple[int, int]:
    return sum(bool(_TRAIN.match(n)) for n in tree.names), sum(bool(_TEST.match(n)) for n in tree.names)


def _found(
    spec: DataSpec,
    folder: Path,
    files: tuple[Path, ...],
    opened: Callable[[], Tree],
    counts: tuple[int, int],
    stamp: str,
) -> Found:
    read = partial(_read, opened)
    return spec.found(folder, files, counts, read, slow=True, preparation=f"{_SIZE} RGB", stamp=stamp)


def _read(opened: Callable[[], Tree], progress: Progress) -> Raw:
    tree = opened()
    matches = [(name, match[1]) for name in tree.names if (match := _TRAIN.match(name))]
    ids = sorted({wnid for _, wnid in matches})
    number = {wnid: k for k, wnid in enumerate(ids)}
    train = [pictures.Picture(tree, name, number[wnid]) for name, wnid in matches]
    truth = _lines(tree, _ANNOTATIONS)
    test = []
    for name in tree.names:
        if match := _TEST.match(name):
            wnid = truth.get(match[1])
            if wnid not in number:
                raise DataError(
                    f"tiny-imagenet: {_ANNOTATIONS} must name for each image a class of the train images; "
                    f"got {wnid!r} for {match[1]}"
                )
            test.append(pictures.Picture(tree, name, number[wnid]))
    splits = pictures.read_splits(train, test, "tiny-imagenet", _FORM, progress)
    return Raw(_class_names(tree, ids), *splits)


def _lines(tree: Tree, name: str) -> dict[str, str]:
    """The second column by the first of a file with tabs; empty if the file is missing."""
    if name not in tree.names:
        return {}
    rows = (line.split("\t") for line in tree.read(name).decode("utf-8", "replace").splitlines())
    return {row[0]: row[1] for row in rows if len(row) > 1}


def _class_names(tree: Tree, ids: list[str]) -> tuple[str, ...]:
    """The first word of each class; with its WordNet number where two classes share one."""
    words = _lines(tree, "words.txt")
    names = [words.get(wnid, wnid).split(",")[0] for wnid in ids]
    counts = Counter(names)
    return tuple(n if counts[n] == 1 else f"{n} ({wnid})" for n, wnid in zip(names, ids, strict=True))


TINY_IMAGENET = DataSpec(
    key="tiny-imagenet",
    title="Tiny ImageNet",
    classes=(),
    class_count=200,
    shape=(3, *_SIZE),
    train=100_000,
    test=10_000,
    licence="for non-commercial research and teaching, as ImageNet",
    reference="Y. Le, X. Yang: Tiny ImageNet Visual Recognition Challenge, CS 231N, Stanford, 2015",
    look=_look,
    folders=(_NAME,),
    sources=(
        Source(
            f"{_NAME}.zip",
            (f"http://cs231n.stanford.edu/{_NAME}.zip",),
            "md5:90528d7ca1a48142e341f4ef8d21d0de",
            248_100_043,
        ),
    ),
    note="The classes in the order of their WordNet numbers; the labels of the test images are not public, "
    "so the validation images are the test set.",
)
DATA = (TINY_IMAGENET,)
