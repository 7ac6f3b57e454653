"""Parsed images kept in the cache, for data sets whose files take long to read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable
from pathlib import Path

from lossviz.core.errors import PathError
from lossviz.core.files import replacing
from lossviz.core.paths import cache_folder
from lossviz.data.dataset import Images, Raw
from lossviz.data.spec import Found, Progress

# Written into the name: files of an older layout, or made by older rules, are not taken for this one.
# 2: upright, on white, one range for more than 8 bits.
_LAYOUT = 2

_WORDS = ("classes", "notes", "warnings")


def read(found: Found, stamp: Hashable, progress: Progress) -> Raw:
    """The images from the cache, or parsed from the files and then kept; a damaged copy is made anew.

    The copy is known by the names, sizes and times of the files and by how the images are
    prepared: changed files are parsed again. A full or read-only cache, or none, costs only time.
    """
    from safetensors import SafetensorError

    try:
        path = _path(found, stamp)
    except PathError as error:
        progress(f"{found.title}: not kept for the next time ({error})", 0.0)
        return found.read(progress)
    kept = _kept(path)
    if kept is not None:
        return kept
    raw = found.read(progress)
    try:
        keep(found, stamp, raw)
    except (OSError, SafetensorError) as error:
        progress(
            f"{found.title}: read, but not kept in {path.parent} for the next time ({error}); LOSSVIZ_CACHE "
            "names another folder",
            1.0,
        )
    return raw


def stamp_of(found: Found) -> tuple[Hashable, ...]:
    """A value that changes when one of the files does; OSError where one is gone."""
    stats = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in found.files]
    return (found.key, str(found.folder), found.stamp, *stats)


def keep(found: Found, stamp: Hashable, raw: Raw) -> None:
    """Keep parsed images in place of older copies of the same data; OSError where they cannot be kept."""
    from safetensors.torch import save_file

    path = _path(found, stamp)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        "train_pixels": raw.train.pixels,
        "train_labels": raw.train.labels,
        "test_pixels": raw.test.pixels,
        "test_labels": raw.test.labels,
    }
    with replacing(path) as part:
        save_file(tensors, part, metadata={name: json.dumps(getattr(raw, name)) for name in _WORDS})
    for older in path.parent.glob(f"{found.key}-{'?' * 24}.safetensors"):
        if older != path:
            older.unlink(missing_ok=True)


def words(found: Found, stamp: Hashable) -> tuple[str, ...]:
    """The notes and warnings of the images that are kept; nothing else is read. () where none are."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(_path(found, stamp), framework="pt") as file:
            told = file.metadata()
        return tuple(text for name in ("notes", "warnings") for text in json.loads(told[name]))
    except (SafetensorError, OSError, KeyError, ValueError, TypeError):
        return ()


def _path(found: Found, stamp: Hashable) -> Path:
    text = repr((_LAYOUT, stamp, found.preparation))
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:24]
    return cache_folder() / "parsed" / f"{found.key}-{digest}.safetensors"


def _kept(path: Path) -> Raw | None:
    if not path.is_file():
        return None
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            words = {name: tuple(json.loads(file.metadata()[name])) for name in _WORDS}
        train = Images(tensors["train_pixels"], tensors["train_labels"])
        test = Images(tensors["test_pixels"], tensors["test_labels"])
        return Raw(train=train, test=test, **words)
    except (SafetensorError, OSError, KeyError, ValueError, TypeError):
        return None
