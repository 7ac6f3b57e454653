"""One's own data: an .npz of arrays, or a folder or .zip of class folders."""

from __future__ import annotations

import hashlib
import os
from functools import partial
from pathlib import Path

from lossviz.core.errors import DataError
from lossviz.data import npz, pictures
from lossviz.data.class_folders import arrange
from lossviz.data.dataset import Raw
from lossviz.data.names import printable
from lossviz.data.pictures import Picture
from lossviz.data.places import reading
from lossviz.data.spec import Found, Progress
from lossviz.data.split import fifth, split_own
from lossviz.data.suspicions import suspicions, vanished
from lossviz.data.trees import PATIENCE_S, FolderTree, Tree, ZipTree

# Larger images are scaled down: everything is held in memory, and the networks are for small images.
LARGEST_SIDE = 64
# A .zip of images may unpack to this much: a small hostile file must not keep the machine busy.
LARGEST_ZIP = 4 << 30


def is_path(name: str) -> bool:
    """True for a name that means a file or folder, not a key of the catalogue."""
    written = any(mark in name for mark in ("/", "\\")) or name.startswith((".", "~"))
    return written or Path(name).suffix.lower() in (".npz", ".zip")


def look(
    path: Path, title: str = "", progress: Progress | None = None, seconds: float = PATIENCE_S
) -> Found | None:
    """The data set at a path, counted by headers and names alone; None if nothing is there.

    progress and seconds: of the walk through a folder, as FolderTree takes them.
    """
    title = title or printable(path.name, 100) or str(path)
    with reading(path, title):
        if path.is_dir():
            folder = FolderTree(path, title, progress, seconds)
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
    found = arrange(tree.names, title)
    names = {name for name, _ in found.train}
    numeric = all(name.isdecimal() for name in names)
    classes = tuple(sorted(names, key=lambda name: (int(name) if numeric else 0, name)))
    number = {name: k for k, name in enumerate(classes)}
    train, test = (
        [Picture(tree, file, number[name]) for name, file in sorted(split, key=lambda pair: pair[1])]
        for split in (found.train, found.test)
    )
    taken = 0 if test else fifth(len(train), len(classes))
    return Found(
        key=_key(path),
        title=title,
        folder=path if path.is_dir() else path.parent,
        files=files,
        train=len(train) - taken,
        test=len(test) or taken,
        expected=None,
        read=partial(read, title, train, test, classes),
        slow=True,
        preparation=f"commonest size, sides at most {LARGEST_SIDE}, bilinear",
        stamp=stamp,
        folders=tree.folders,
        notes=(*([f"left out: {', and '.join(found.notes)}"] if found.notes else []), *tree.notes),
    )


def read(
    title: str, train: list[Picture], test: list[Picture], classes: tuple[str, ...], progress: Progress
) -> Raw:
    """The pictures of class folders as they are made for one's own data."""
    progress(f"looking through {title}", 0.0)
    form = pictures.common_form(train, test, title, LARGEST_SIDE, progress, 0.2)
    unseen: list[str] = []
    learnt, asked = pictures.read_splits(train, test, title, form, progress, 0.2, unseen)
    if not test:
        learnt, asked = split_own(learnt, classes, title)
    return Raw(
        classes,
        learnt,
        asked,
        notes=tuple(form.extent.notes(len(train) + len(test))),
        warnings=(*vanished(unseen), *suspicions(classes, learnt, asked)),
    )
