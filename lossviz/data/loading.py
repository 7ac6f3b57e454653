"""Loading: a Choice becomes a DataSet; the files are searched for, parsed once and cut."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lossviz.core.cache import Cache
from lossviz.core.errors import DataError, PathError
from lossviz.core.names import path_of
from lossviz.core.paths import cache_folder, resolve
from lossviz.data import image_cache, looks, uploads, user_data
from lossviz.data.choice import Choice
from lossviz.data.cut import cut
from lossviz.data.dataset import DataSet, Images, Raw, moments
from lossviz.data.fetch import download
from lossviz.data.places import in_cache, places, reading, searched
from lossviz.data.sets import catalogue, spec_of
from lossviz.data.spec import DataSpec, Found, Progress, silent
from lossviz.data.trees import PATIENCE_S

_raws: Cache[Raw] = Cache(2)
_sets: Cache[DataSet] = Cache(4)


def _copies(spec: DataSpec) -> Iterator[Found | DataError]:
    """The copies of a data set in the order of the places; an error for a damaged one."""
    for folder in places(spec):
        try:
            with reading(folder, spec.key):
                found = spec.look(spec, folder)
        except DataError as error:
            yield error
            continue
        if found is not None:
            yield found


def _found_of(spec: DataSpec) -> Found | None:
    """The first complete copy in the order of the places; else the one with the most train images.

    What is damaged is told only where nothing else was found.
    """
    best: Found | None = None
    damage: DataError | None = None
    for found in _copies(spec):
        if isinstance(found, DataError):
            damage = damage or found
        elif found.complete:
            return found
        elif best is None or (found.train, found.test) > (best.train, best.test):
            best = found
    if best is None and damage is not None:
        raise damage
    return best


def _is_path(name: str) -> bool:
    """True for a name that is meant as a path, or that a folder has."""
    if user_data.is_path(name):
        return True
    try:
        # The empty name would be the working folder.
        return bool(name) and name not in catalogue() and Path(name).exists()
    except OSError:
        return False  # longer than the name of any file


def _path(name: str) -> Path:
    return resolve(path_of(name), "data")


def find(name: str, progress: Progress | None = None, seconds: float = PATIENCE_S) -> Found | None:
    """The files of a data set and the number of its images, by sizes and headers alone; None if nowhere.

    A folder of many images takes as long as its listing, at most `seconds`; everything else,
    milliseconds. progress is told of the listing and may end it by raising. DataError if the name means
    nothing, the files are damaged, or the listing took too long. `recall` gives the outcome again.
    """
    try:
        found = _find(name, progress, seconds)
    except DataError as error:
        looks.remember(name, _seen_for(name), None, str(error))
        raise
    looks.remember(name, _seen_for(name), found)
    return found


def _find(name: str, progress: Progress | None, seconds: float) -> Found | None:
    if name.startswith(uploads.PREFIX):
        kept = uploads.stored(name.removeprefix(uploads.PREFIX))
        return None if kept is None else user_data.look(kept, uploads.title(kept), progress, seconds)
    if name not in catalogue() and _is_path(name):
        return user_data.look(_path(name), progress=progress, seconds=seconds)
    return _found_of(spec_of(name))


def _seen_for(name: str) -> tuple[Path, ...]:
    """The files and folders at which a `find` of this name looks first."""
    try:
        if name.startswith(uploads.PREFIX):
            return (cache_folder() / "uploads",)
        if name in catalogue():
            return tuple(places(catalogue()[name]))
        return (_path(name),)
    except PathError:
        return ()


def _read(found: Found, progress: Progress) -> Raw:
    stamp = image_cache.stamp_of(found)
    if found.slow:
        return _raws.get(stamp, lambda: image_cache.read(found, stamp, progress))
    return _raws.get(stamp, lambda: found.read(progress))


_NO_UPLOAD = "no such upload is kept here; upload the file again"
_NO_PATH = "there is no such file or folder; give the path of an .npz, a .zip or a folder"


def _at_hand(name: str, progress: Progress, needs_train: bool = True) -> Found:
    """The copy on this machine, or else a downloaded one; DataError if neither has the images asked for."""
    found = find(name, progress)
    if name not in catalogue():
        if found is None:
            raise DataError(f"{name[:80]}: {_NO_UPLOAD if name.startswith(uploads.PREFIX) else _NO_PATH}")
        return found
    if found is not None and found.test and (found.train or not needs_train):
        return found
    try:
        download(name, progress)
    except DataError as error:
        raise DataError(f"{error} {_partly(found, name)}") from error
    found = find(name, progress)
    if found is None or not found.train:
        raise DataError(f"{name}: what was downloaded holds no such data set. {_partly(None, name)}")
    return found


def _partly(found: Found | None, name: str) -> str:
    if found is None:
        return f"It was not found here: {searched(catalogue()[name])}."
    return f"Found was {found.text} in {found.folder}, which is not enough."


def load(choice: Choice, progress: Progress | None = None) -> DataSet:
    """The images of a choice, as uint8 in memory; downloads the data set if it is nowhere found.

    Repeated calls share the tensors: do not write into them. DataError tells what is missing,
    damaged or cannot be cut as asked.
    """
    report = progress or silent
    found = _at_hand(choice.name, report)
    data = _sets.get((choice, image_cache.stamp_of(found)), lambda: _cut(*_readable(found, report), choice))
    report(f"{found.title}: ready", 1.0)
    return data


def _readable(found: Found, progress: Progress) -> tuple[Found, Raw]:
    """A copy and its images; where it is damaged, another copy, or one downloaded again to the cache."""
    try:
        return found, _read(found, progress)
    except DataError as error:
        if found.folder is None or found.key not in catalogue():
            raise
        for other in _copies(catalogue()[found.key]):
            if isinstance(other, DataError) or (other.files == found.files and other.folder == found.folder):
                continue
            if other.test and (other.train or not found.train):
                with contextlib.suppress(DataError):
                    raw = _read(other, progress)
                    note = f"read from {other.folder}, as the copy in {found.folder} is damaged ({error})"
                    return replace(other, notes=(*other.notes, note)), raw
        return _mended(found, progress)


def _mended(found: Found, progress: Progress) -> tuple[Found, Raw]:
    """Files of the cache that turn out to be damaged are downloaded again, once."""
    if found.folder is not None and in_cache(found.folder):
        before = image_cache.stamp_of(found)
        download(found.key, progress)
        again = _found_of(catalogue()[found.key])
        if again is not None and image_cache.stamp_of(again) != before:
            return again, _read(again, progress)
    return found, _read(found, progress)


def load_test(name: str, progress: Progress | None = None) -> Images:
    """All test images of a data set, as input from elsewhere (open set); the train files may be missing."""
    report = progress or silent
    return _readable(_at_hand(name, report, needs_train=False), report)[1].test


def _cut(found: Found, raw: Raw, choice: Choice) -> DataSet:
    train, test, held_out, kept, held = cut(raw, choice)
    if not len(test):
        raise DataError(f"{choice.name}: no test image is left of the chosen classes")
    mean, std = moments(train.pixels)
    # Sizes and headers may say more than could be read.
    found = replace(found, train=len(raw.train), test=len(raw.test))
    told = "; ".join((found.text, *found.notes, *raw.notes))
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
        found=told,
        complete=found.complete,
        warnings=raw.warnings,
    )
