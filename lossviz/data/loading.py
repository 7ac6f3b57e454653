"""From a Choice to a DataSet: look for the files, parse them once, cut."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from lossviz.data.catalogue import spec_of
from lossviz.data.choice import Choice
from lossviz.data.cut import cut
from lossviz.data.dataset import DataSet, Images, Raw, moments
from lossviz.data.places import places, reading, searched
from lossviz.data.spec import DataSpec, Found, Progress
from lossviz.errors import DataError

Value = TypeVar("Value")


class _Recent(Generic[Value]):
    """The last few values made; two threads that want the same one make it once."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.kept: OrderedDict[Hashable, Value] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        with self.lock:
            if key not in self.kept:
                self.kept[key] = make()
            self.kept.move_to_end(key)
            while len(self.kept) > self.size:
                self.kept.popitem(last=False)
            return self.kept[key]


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


def find(name: str) -> Found | None:
    """Where the data set is and how many images it has, by sizes and headers alone; None if nowhere."""
    return _found_of(spec_of(name))


def _stamp(found: Found) -> tuple[Hashable, ...]:
    """Changes when one of the files does."""
    stats = [file.stat() for file in found.files]
    return (found.key, *((str(f), s.st_size, s.st_mtime_ns) for f, s in zip(found.files, stats, strict=True)))


def _read(found: Found, progress: Progress) -> Raw:
    return _raws.get(_stamp(found), lambda: found.read(progress))


def _at_hand(name: str, progress: Progress) -> Found:
    found = find(name)
    if found is None or not found.train or not found.test:
        raise DataError(f"{name}: not found; looked in {searched()}")
    return found


def load(choice: Choice, progress: Progress | None = None) -> DataSet:
    """The images of a choice, as uint8 in memory; downloads the data set if it is nowhere found.

    Repeated calls share the tensors: do not write into them. DataError tells what is missing,
    damaged or cannot be cut as asked.
    """
    report = progress or _silent
    found = _at_hand(choice.name, report)

    def make() -> DataSet:
        return _cut(found, _read(found, report), choice)

    data = _sets.get((choice, _stamp(found)), make)
    report(f"{found.title}: ready", 1.0)
    return data


def load_test(name: str, progress: Progress | None = None) -> Images:
    """All test images of a data set, as input from elsewhere (open set); the train files may be missing."""
    report = progress or _silent
    found = find(name)
    if found is None or not found.test:
        found = _at_hand(name, report)
    return _read(found, report).test


def _cut(found: Found, raw: Raw, choice: Choice) -> DataSet:
    train, test, held_out, kept, held = cut(raw, choice)
    if not len(test):
        raise DataError(f"{choice.name}: no test image is left of the chosen classes")
    mean, std = moments(train.pixels)
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
