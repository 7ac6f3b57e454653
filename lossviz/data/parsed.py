"""Parsed images kept in the cache, for data sets whose files take long to read."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Hashable
from pathlib import Path

from lossviz.data.dataset import Images, Raw
from lossviz.data.spec import Found, Progress
from lossviz.errors import PathError
from lossviz.paths import cache_folder

# Written into the name: files of an older layout are not taken for this one.
_LAYOUT = 1


def read(found: Found, stamp: Hashable, progress: Progress) -> Raw:
    """The images from the cache, or parsed from the files and then kept; a damaged copy is made anew.

    The copy is known by the names, sizes and times of the files and by how the images are
    prepared: changed files are parsed again. A full or read-only cache, or none, costs only time.
    """
    text = repr((_LAYOUT, stamp, found.preparation))
    digest = hashlib.sha256(text.encode()).hexdigest()[:24]
    try:
        path = cache_folder() / "parsed" / f"{found.key}-{digest}.safetensors"
    except PathError as error:
        progress(f"{found.title}: not kept for the next time ({error})", 0.0)
        return found.read(progress)
    kept = _kept(path)
    if kept is not None:
        return kept
    raw = found.read(progress)
    try:
        _keep(path, raw)
    except OSError as error:
        progress(f"{found.title}: read, but not kept for the next time ({error})", 1.0)
    else:
        for older in path.parent.glob(f"{found.key}-{'?' * 24}.safetensors"):
            if older != path:
                older.unlink(missing_ok=True)
    return raw


def _kept(path: Path) -> Raw | None:
    if not path.is_file():
        return None
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            classes = tuple(json.loads(file.metadata()["classes"]))
        train = Images(tensors["train_pixels"], tensors["train_labels"])
        return Raw(classes, train, Images(tensors["test_pixels"], tensors["test_labels"]))
    except (SafetensorError, OSError, KeyError, ValueError, TypeError):
        return None


def _keep(path: Path, raw: Raw) -> None:
    """Writes beside the place and moves: whoever reads sees a whole file or none."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    os.close(handle)
    try:
        tensors = {
            "train_pixels": raw.train.pixels,
            "train_labels": raw.train.labels,
            "test_pixels": raw.test.pixels,
            "test_labels": raw.test.labels,
        }
        save_file(tensors, temporary, metadata={"classes": json.dumps(raw.classes)})
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
