"""Sets of the catalogue as image files: in class folders, or in one folder with a table of labels."""

from __future__ import annotations

import csv
import io
from functools import partial
from pathlib import Path, PurePosixPath

from lossviz.core.errors import DataError
from lossviz.data import pictures
from lossviz.data.class_folders import arrange, split_of
from lossviz.data.dataset import Raw
from lossviz.data.pictures import Picture
from lossviz.data.places import file_in, names_of, plain, reading, subfolders
from lossviz.data.spec import DataSpec, Found, Progress
from lossviz.data.split import fifth, split_own
from lossviz.data.trees import FolderTree

_TABLE = "trainLabels.csv"
NO_TEST = "test images without labels are left out: a fifth of the train images is the test set"


def look(spec: DataSpec, folder: Path) -> Found | None:
    """A folder named for the set, with train/<class> (and test/<class>), or train/ and trainLabels.csv."""
    if not {plain(folder.name), plain(folder.parent.name)} & names_of(spec):
        return None
    top = next((inner for inner in subfolders(folder) if split_of(inner.name) == "train"), None)
    if top is None:
        return None
    table = file_in(folder, _TABLE)
    if table is not None:
        return _of_table(spec, folder, top, table)
    inner = subfolders(top)
    inner = subfolders(inner[0]) if len(inner) == 1 else inner
    if len(inner) < 2 or any(_number(spec, path.name) is None for path in inner):
        return None
    tree = FolderTree(folder, spec.key)
    found = arrange(tree.names, spec.key)
    train, test = (_numbered(spec, tree, split) for split in (found.train, found.test))
    return _found(spec, folder, (), tree, train, test, found.notes)


def _number(spec: DataSpec, name: str) -> int | None:
    """The class that a folder or a label means: by its name, or by its number."""
    named = {plain(known): k for k, known in enumerate(spec.classes)}
    if plain(name) in named:
        return named[plain(name)]
    return int(name) if name.isdecimal() and len(name) < 6 and int(name) < spec.class_count else None


def _numbered(spec: DataSpec, tree: FolderTree, pairs: list[tuple[str, str]]) -> list[Picture]:
    made = []
    for name, file in pairs:
        number = _number(spec, name)
        if number is None:
            raise DataError(f"{spec.key}: {name!r}, the class of {file}, is none of its classes")
        made.append(Picture(tree, file, number))
    return made


def _of_table(spec: DataSpec, folder: Path, top: Path, table: Path) -> Found | None:
    with reading(table, spec.key):
        rows = csv.DictReader(io.StringIO(table.read_bytes().decode("utf-8-sig", "replace")))
        try:
            labels = {row["id"]: row["label"] for row in rows}
        except KeyError as error:
            raise DataError(
                f"{spec.key}: {table} must have the columns id and label; {error} is missing"
            ) from None
    tree = FolderTree(top, spec.key)
    names = [name for name in tree.names if pictures.is_picture(name)]
    pairs = [(labels[stem], name) for name in names if (stem := PurePosixPath(name).stem) in labels]
    return _found(spec, folder, (table,), tree, _numbered(spec, tree, pairs), [], (NO_TEST,))


def _found(
    spec: DataSpec,
    folder: Path,
    files: tuple[Path, ...],
    tree: FolderTree,
    train: list[Picture],
    test: list[Picture],
    notes: tuple[str, ...],
) -> Found | None:
    if not train:
        return None
    taken = 0 if test else fifth(len(train), spec.class_count)
    return spec.found(
        folder,
        files,
        (len(train) - taken, len(test) or taken),
        partial(_read, spec, train, test),
        slow=True,
        preparation=f"{spec.shape}, bilinear",
        stamp=tree.stamp,
        folders=tree.folders,
        notes=notes,
    )


def _read(spec: DataSpec, train: list[Picture], test: list[Picture], progress: Progress) -> Raw:
    form = pictures.Form(spec.shape[0], spec.shape[1:])
    learnt, asked = pictures.read_splits(train, test, spec.key, form, progress)
    if not test:
        learnt, asked = split_own(learnt, spec.classes, spec.key)
    return Raw(spec.classes, learnt, asked)
