"""From a Choice to a DataSet: look for the files, parse them once, cut."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

from lossviz.data import own, parsed, uploads
from lossviz.data.choice import Choice
from lossviz.data.cut import cut
from lossviz.data.dataset import DataSet, Images, Raw, moments
from lossviz.data.fetch import download
from lossviz.data.places import in_cache, places, reading, searched
from lossviz.data.sets import catalogue, spec_of
from lossviz.data.spec import DataSpec, Found, Progress
from lossviz.errors import DataError
from lossviz.paths import resolve

Value = TypeVar("Value")


class _Recent(Generic[Value]):
    """The last few values made; two threads that want the same one make it once, others do not wait."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.kept: OrderedDict[Hashable, Value] = OrderedDict()
        self.making: dict[Hashable, threading.Lock] = {}
        self.lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The kept value of a key, or a new one."""
        with self.lock:
            turn = self.making.setdefault(key, threading.Lock())
        try:
            with turn:
                with self.lock:
                    if key in self.kept:
                        self.kept.move_to_end(key)
                        return self.kept[key]
                value = make()
                with self.lock:
                    self.kept[key] = value
                    while len(self.kept) > self.size:
                        self.kept.popitem(last=False)
                return value
        finally:
            with self.lock:
                self.making.pop(key, None)


_raws: _Recent[Raw] = _Recent(2)
_sets: _Recent[DataSet] = _Recent(4)


def _silent(what: str, share: float) -> None:
    pass


def _found_of(spec: DataSpec) -> Found | None:
    """The first complete copy in the order of the places; else the one with the most train images."""
    best: Found | None = None
    for folder in places(spec):
        with reading(folder, spec.key):
            found = spec.look(spec, folder)
        if found is None:
            continue
        if found.complete:
            return found
        if best is None or (found.train, found.test) > (best.train, best.test):
            best = found
    return best


def _is_path(name: str) -> bool:
    if own.is_path(name):
        return True
    try:
        # The empty name would be the folder one stands in.
        return bool(name) and name not in catalogue() and Path(name).exists()
    except OSError:
        return False  # longer than the name of any file


def find(name: str) -> Found | None:
    """Where the data set is and how many images it has, by sizes and headers alone; None if nowhere.

    A folder of many images takes as long as its listing; everything else, milliseconds. DataError if
    the name means nothing, or what lies there is damaged.
    """
    if name.startswith(uploads.PREFIX):
        kept = uploads.stored(name.removeprefix(uploads.PREFIX))
        return None if kept is None else own.look(kept, uploads.title(kept))
    if _is_path(name):
        return own.look(resolve(name, "data"))
    return _found_of(spec_of(name))


def _stamp(found: Found) -> tuple[Hashable, ...]:
    """Changes when one of the files does."""
    stats = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in found.files]
    return (found.key, str(found.folder), found.stamp, *stats)


def _read(found: Found, progress: Progress) -> Raw:
    def make() -> Raw:
        return parsed.read(found, stamp, progress) if found.slow else found.read(progress)

    stamp = _stamp(found)
    return _raws.get(stamp, make)


_NO_UPLOAD = "no such upload is kept here; upload the file again"
_NO_PATH = "there is no such file or folder; give the path of an .npz, a .zip or a folder"


def _at_hand(name: str, progress: Progress, needs_train: bool = True) -> Found:
    """What is there, or else what can be downloaded; DataError if neither has the images asked for."""
    found = find(name)
    if name.startswith(uploads.PREFIX) or _is_path(name):
        if found is None:
            raise DataError(f"{name[:80]}: {_NO_UPLOAD if name.startswith(uploads.PREFIX) else _NO_PATH}")
        return found
    if found is not None and found.test and (found.train or not needs_train):
        return found
    try:
        download(name, progress)
    except DataError as error:
        raise DataError(f"{error} Looked in {searched()}: {_partly(found)}") from error
    found = find(name)
    if found is None or not found.train:
        raise DataError(f"{name}: what was downloaded holds no such data set; looked in {searched()}")
    return found


def _partly(found: Found | None) -> str:
    return "not found." if found is None else f"found {found.text} in {found.folder}, which is not enough."


def load(choice: Choice, progress: Progress | None = None) -> DataSet:
    """The images of a choice, as uint8 in memory; downloads the data set if it is nowhere found.

    Repeated calls share the tensors: do not write into them. DataError tells what is missing,
    damaged or cannot be cut as asked.
    """
    report = progress or _silent
    found = _at_hand(choice.name, report)

    def make() -> DataSet:
        return _cut(found, _mended(found, report), choice)

    data = _sets.get((choice, _stamp(found)), make)
    report(f"{found.title}: ready", 1.0)
    return data


def _mended(found: Found, progress: Progress) -> Raw:
    """What was found, read; files of the cache that turn out to be damaged are downloaded again, once."""
    try:
        return _read(found, progress)
    except DataError:
        if found.folder is None or not in_cache(found.folder) or found.key not in catalogue():
            raise
        before = _stamp(found)
        download(found.key, progress)
        again = find(found.key)
        if again is None or _stamp(again) == before:
            raise
        return _read(again, progress)


def load_test(name: str, progress: Progress | None = None) -> Images:
    """All test images of a data set, as input from elsewhere (open set); the train files may be missing."""
    report = progress or _silent
    return _mended(_at_hand(name, report, needs_train=False), report).test


def _cut(found: Found, raw: Raw, choice: Choice) -> DataSet:
    train, test, held_out, kept, held = cut(raw, choice)
    if not len(test):
        raise DataError(f"{choice.name}: no test image is left of the chosen classes")
    mean, std = moments(train.pixels)
    # Sizes and headers may say more than could be read.
    found = replace(found, train=len(raw.train), test=len(raw.test))
    return DataSet(
        key=found.key,
        title=found.title,
        classes=tuple(raw.classes[k] for k in kept),
        train=train,
        test=test,
        held_out=held_out,
        held_out_classes=tuple(raw.classes[k] for k in held),
        mean=mean,
        std=std,
        found=found.text,
        complete=found.complete,
    )
