"""One's own data: an .npz of arrays, or a folder or .zip of class folders."""

from __future__ import annotations

import hashlib
import os
from functools import partial
from pathlib import Path

from lossviz.data import npz, pictures
from lossviz.data.dataset import Raw
from lossviz.data.places import reading
from lossviz.data.spec import Found, Progress
from lossviz.data.split import fifth, split_own
from lossviz.data.trees import FolderTree, Tree, ZipTree
from lossviz.errors import DataError
from lossviz.written import shown

# Larger images are scaled down: everything is held in memory, and the networks are for small images.
LARGEST_SIDE = 64
# A .zip of images may unpack to this much: a small hostile file must not keep the machine busy.
LARGEST_ZIP = 4 << 30
_SPLITS = {"train": "train", "training": "train", "test": "test", "val": "test", "validation": "test"}


def is_path(name: str) -> bool:
    """Whether a name means a file or folder, not a key of the catalogue."""
    written = any(mark in name for mark in ("/", "\\")) or name.startswith((".", "~"))
    return written or Path(name).suffix.lower() in (".npz", ".zip")


def look(path: Path, title: str = "") -> Found | None:
    """What lies at the path, counted by headers and names alone; None if nothing is there."""
    title = title or shown(path.name)
    with reading(path, title):
        if path.is_dir():
            folder = FolderTree(path, title)
            return _of_folders(path, title, folder, (), folder.stamp)
        if not path.exists():
            return None
        if path.suffix.lower() == ".npz":
            train, test = npz.counts(path, title)
            return Found(
                _key(path), title, path.parent, (path,), train, test, None, partial(npz.read, path, title)
            )
        if path.suffix.lower() == ".zip":
            return _of_folders(path, title, ZipTree(path, title, limit=LARGEST_ZIP), (path,), "")
    raise DataError(
        f"{title}: own data must be an .npz, or a folder or a .zip of class folders; "
        f"got a file ending in {path.suffix!r}"
    )


def _key(path: Path) -> str:
    return "own-" + hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def _of_folders(path: Path, title: str, tree: Tree, files: tuple[Path, ...], stamp: str) -> Found:
    train, test, classes = _sorted_out(tree, title)
    taken = 0 if test else fifth(len(train), len(classes))
    return Found(
        key=_key(path),
        title=title,
        folder=path if path.is_dir() else path.parent,
        files=files,
        train=len(train) - taken,
        test=len(test) or taken,
        expected=None,
        read=partial(_read, title, train, test, classes),
        slow=True,
        preparation=f"commonest size, sides at most {LARGEST_SIDE}, bilinear",
        stamp=stamp,
    )


Part = tuple[str, str, str]
"""Split ("train" or "test"), class folder, file."""


def _parts(tree: Tree) -> list[Part]:
    """The images by split and class, whatever single folders stand above them.

    With a folder of test images and one of validation images the latter are left out.
    """
    names = [(name, name.split("/")) for name in tree.names if pictures.is_picture(name)]
    depth = 0
    while names and all(len(parts) > depth + 2 for _, parts in names):
        tops = {parts[depth].lower() for _, parts in names}
        # One folder named train among others may be a class of railway pictures.
        if tops <= _SPLITS.keys() or len(tops & _SPLITS.keys()) > 1:
            return _by_split(names, depth, tops)
        if len(tops) > 1:
            break
        depth += 1
    return [("train", parts[depth], name) for name, parts in names if len(parts) > depth + 1]


def _by_split(names: list[tuple[str, list[str]]], depth: int, tops: set[str]) -> list[Part]:
    left_out = {"val", "validation"} if "test" in tops else set()
    wanted = {top: split for top, split in _SPLITS.items() if top not in left_out}
    placed = [(wanted.get(parts[depth].lower()), parts[depth + 1], name) for name, parts in names]
    return [(split, folder, name) for split, folder, name in placed if split is not None]


def _sorted_out(
    tree: Tree, title: str
) -> tuple[list[pictures.Picture], list[pictures.Picture], tuple[str, ...]]:
    """The train and test pictures and the class names; those that are numbers in the order of the numbers."""
    parts = _parts(tree)
    names = {folder for split, folder, _ in parts if split == "train"}
    if len(names) < 2:
        raise DataError(
            f"{title}: there must be at least 2 class folders with images in them "
            f"({', '.join(sorted(pictures.ENDINGS))}); got {len(names)}"
        )
    numeric = all(name.isdecimal() for name in names)
    classes = tuple(sorted(names, key=lambda name: (int(name) if numeric else 0, name)))
    number = {name: k for k, name in enumerate(classes)}
    train: list[pictures.Picture] = []
    test: list[pictures.Picture] = []
    for split, folder, name in parts:
        if folder not in number:
            raise DataError(
                f"{title}: every class of the test images must have train images; {folder!r} has none"
            )
        (train if split == "train" else test).append(pictures.Picture(tree, name, number[folder]))
    return train, test, classes


def _read(
    title: str,
    train: list[pictures.Picture],
    test: list[pictures.Picture],
    classes: tuple[str, ...],
    progress: Progress,
) -> Raw:
    progress(f"looking through {title}", 0.0)
    channels, size = pictures.common_form(train, title, LARGEST_SIDE)
    share = 0.1 + 0.9 * len(train) / (len(train) + len(test))
    learnt = pictures.read(train, title, channels, size, progress, (0.1, share))
    if not test:
        return Raw(classes, *split_own(learnt, classes, title))
    return Raw(classes, learnt, pictures.read(test, title, channels, size, progress, (share, 1.0)))
