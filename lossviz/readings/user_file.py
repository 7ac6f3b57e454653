"""Metrics or features of one's own, in an .npz, as a Reading."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np

from lossviz.core.errors import DataError, ReadingError
from lossviz.core.paths import cache_folder, resolve
from lossviz.data import npz
from lossviz.data.uploads import LARGEST_UPLOAD, UNLIMITED, Quota, private
from lossviz.readings import cache
from lossviz.readings.reading import Array, Reading

PREFIX = "upload:"
# Bytes of all arrays once unpacked: 50,000 × 1,000 metrics in float64 five times over.
LARGEST = 2 << 30
MOST_CLASSES = 100_000
# The most classes if only the labels tell how many: a larger label is more likely a mistake.
MOST_BY_LABELS = 1_000
LARGEST_COUNT = 2**53
NAMES = ("metrics", "features", "labels", "weights", "bias", "logits", "classes", "train_counts")
_ID = re.compile(r"[0-9a-f]{24}")


def of_file(content: Path | str | bytes, name: str = "") -> Reading:
    """The reading of an .npz, given by its path or its bytes; ReadingError says what is wrong with it.

    labels [N], whole numbers in 0..K-1, and metrics [N, K] or features [N, d]. With features, weights
    [K, d] give the metrics W·z. bias ([1] or [K]) is added to the metrics for logits, unless logits
    [N, K] are there. classes: K names, else the numbers. train_counts [K]: sizes of the classes in
    training. Numbers of any type, all finite; other arrays are not looked at. A class may have no
    sample.
    """
    if isinstance(content, bytes):
        return _read(Path("file.npz"), name or "file", content)
    path = resolve(content, "the file")
    if path.suffix.lower() != ".npz":
        raise ReadingError(f"{path.name[:80]}: must be an .npz, as numpy.savez writes it")
    key = (cache.mark(path), name)
    return cache.recalled(key, lambda: _read(path, name or path.stem, None))


def keep(content: bytes, filename: str, quota: Quota = UNLIMITED) -> str:
    """Checks an .npz that a browser sent and keeps it in the cache: its name, "upload:<id>".

    ReadingError says what is wrong with it, and nothing stays behind. The same content gets the same
    id. quota: what may be kept.
    """
    name = Path(filename.replace("\\", "/")).name
    if len(content) > LARGEST_UPLOAD:
        raise ReadingError(
            f"{name}: must have at most {LARGEST_UPLOAD:,} bytes; got {len(content):,}. "
            "Put it on the machine's disk and give its path."
        )
    if Path(name).suffix.lower() != ".npz":
        raise ReadingError(f"{name}: must be an .npz, as numpy.savez writes it")
    identity = hashlib.sha256(content).hexdigest()[:24]
    if _folder(identity) is None:
        try:
            quota.check(name, len(content))
        except DataError as error:
            raise ReadingError(str(error)) from None
        _read(Path(name), name, content)
        short = re.sub(r"[^\w.-]+", "-", Path(name).stem).strip("-.")[:60] or "metrics"
        _place(content, identity, f"{short}.npz")
    return PREFIX + identity


def _place(content: bytes, identity: str, name: str) -> None:
    """A folder of its own, since what is computed of the file is kept beside it."""
    place = cache_folder() / "readings"
    try:
        private(place)
        with tempfile.TemporaryDirectory(dir=place, prefix=".arriving-") as arriving:
            arrived = Path(arriving) / "file"
            arrived.mkdir()
            (arrived / name).write_bytes(content)
            try:
                os.rename(arrived, place / identity)
            except OSError:
                # Another process may have kept the same content meanwhile.
                if _folder(identity) is None:
                    raise
    except OSError as error:
        raise ReadingError(
            f"{name}: it could not be kept in {place} ({error.strerror}). Free space there, or name another "
            "folder in LOSSVIZ_CACHE."
        ) from error


def upload_path(file: str) -> Path:
    """The path of a file sent before, by its name; ReadingError if it is not kept here."""
    identity = file.removeprefix(PREFIX)
    folder = _folder(identity)
    found = None if folder is None else next(folder.glob("*.npz"), None)
    if found is None:
        raise ReadingError(f"{file[:80]}: no such file is kept here; send it again")
    return found


def settled(path: Path) -> Path:
    """The copy of a file in the cache, beside which results can be kept; made if it is not there."""
    if path.parent.parent == cache_folder() / "readings":
        return path
    return upload_path(_settled(cache.mark(path)))


@lru_cache(maxsize=16)
def _settled(mark: tuple[str, int, int]) -> str:
    path = Path(mark[0])
    try:
        return keep(path.read_bytes(), path.name)
    except OSError as error:
        raise ReadingError(f"{path.name[:80]}: it cannot be read ({error.strerror or error})") from error


def title(file: str) -> str:
    """The name of a file for a reader: that of its path, or under which it was sent."""
    try:
        return upload_path(file).stem if file.startswith(PREFIX) else Path(file).stem
    except ReadingError:
        return file[:40]


def file_name(file: str) -> str:
    """The name of a file that was sent, with its ending, or of a path; as much as is known."""
    try:
        return upload_path(file).name if file.startswith(PREFIX) else Path(file).name
    except ReadingError:
        return "a file that is not kept here any more"


def _folder(identity: str) -> Path | None:
    folder = cache_folder() / "readings" / identity
    return folder if _ID.fullmatch(identity) and folder.is_dir() else None


def _read(path: Path, name: str, content: bytes | None) -> Reading:
    try:
        if content is None and not path.is_file():
            what = "a folder" if path.is_dir() else "a device or a pipe"
            wrong = f"must be a file; got {what}" if path.exists() else "there is no such file"
            raise ReadingError(f"{path.name[:80]}: {wrong}; give the path of an .npz")
        with npz.opened(path, path.name, content) as archive:
            arrays = _arrays(archive, path.name)
    except DataError as error:
        raise ReadingError(str(error)) from error
    except OSError as error:
        raise ReadingError(f"{path.name[:80]}: it cannot be read ({error.strerror or error})") from error
    return _reading(arrays, name, path.name)


def _arrays(archive: zipfile.ZipFile, what: str) -> dict[str, Array]:
    """The arrays of known names, read once their headers have been checked."""
    held = {entry.removesuffix(".npy") for entry in archive.namelist() if entry.endswith(".npy")}
    if "labels" not in held or not held & {"metrics", "features"}:
        raise ReadingError(
            f"{what}: must hold labels [N], and metrics [N, K] or features [N, d]; "
            f"it holds {', '.join(repr(name[:40])[1:-1] for name in sorted(held)[:8]) or 'nothing'}"
        )
    wanted = [name for name in NAMES if name in held]
    sizes = {}
    for name in wanted:
        shape, dtype = npz.header(archive, name, what)
        sizes[name] = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
    if sum(sizes.values()) > LARGEST:
        raise ReadingError(
            f"{what}: its arrays must have at most {LARGEST:,} bytes together; they have "
            f"{sum(sizes.values()):,}. Save them as float32, or fewer samples."
        )
    return {name: npz.array(archive, name) for name in wanted}


def _reading(arrays: dict[str, Array], name: str, what: str) -> Reading:
    """The reading of these arrays: checked, in the types of a Reading, and completed."""
    labels = _labels(arrays["labels"], what)
    count = len(labels)
    metrics = _floats(arrays, "metrics", (count, None), what)
    features = _floats(arrays, "features", (count, None), what)
    given = metrics if metrics is not None else arrays.get("logits")
    classes = _class_count(given, arrays, labels, what)
    top = int(labels.max())
    if not classes:
        raise ReadingError(f"{what}: there must be a class; metrics, logits, weights or classes has none")
    if top >= classes:
        raise ReadingError(f"{what}: labels must lie in 0..{classes - 1} for {classes} classes; got {top}")
    width = None if features is None else features.shape[1]
    weights = _floats(arrays, "weights", (classes, width), what)
    if metrics is None and features is not None and weights is not None:
        with np.errstate(over="ignore", invalid="ignore"):
            metrics = _finite(features @ weights.T, "features times weights", what)
    bias = _bias(arrays, classes, what)
    logits = _floats(arrays, "logits", (count, classes), what)
    if logits is None:
        logits = np.full((count, classes), np.nan, np.float32) if metrics is None else metrics
        if bias is not None and metrics is not None:
            with np.errstate(over="ignore"):
                logits = _finite(logits + bias, "metrics with bias", what)
    elif metrics is None:
        # Without weights the bias cannot be told apart.
        metrics, bias = logits, None
    return Reading(
        name=name,
        run_id="",
        features=features,
        labels=labels,
        metrics=metrics,
        logits=logits,
        weights=weights,
        bias=bias,
        thresholds=None if bias is None else np.float32(0) - bias,
        loss_values=None,
        classes=_names(arrays.get("classes"), classes, what),
        epoch=0.0,
        indices=None,
        part="file",
        of=f"{count:,} samples of {what}",
        train_counts=_counts(arrays.get("train_counts"), classes, what),
        loss_key="",
    )


def _class_count(scores: Array | None, arrays: dict[str, Array], labels: Array, what: str) -> int:
    if scores is not None and scores.ndim == 2:
        return int(scores.shape[1])
    if "weights" in arrays and arrays["weights"].ndim == 2:
        return len(arrays["weights"])
    if "classes" in arrays:
        return int(arrays["classes"].size)
    top = int(labels.max())
    if top >= max(MOST_BY_LABELS, len(labels)):
        raise ReadingError(
            f"{what}: labels go up to {top:,} in {len(labels):,} samples, and nothing else tells how many "
            "classes there are; number them from 0, or add classes, weights or metrics"
        )
    return top + 1


def _labels(array: Array, what: str) -> Array:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise ReadingError(
            f"{what}: labels must be whole numbers 0..K-1, one a sample [N]; "
            f"got {array.dtype} of shape {_by(array.shape)}"
        )
    if not len(array):
        raise ReadingError(f"{what}: there must be a sample; labels is empty")
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= MOST_CLASSES:
        raise ReadingError(
            f"{what}: labels must lie in 0..K-1, with K at most {MOST_CLASSES:,}; "
            f"got {low if low < 0 else high}"
        )
    return array.astype(np.int64)


def _floats(
    arrays: dict[str, Array], name: str, shape: tuple[int | None, int | None], what: str
) -> Array | None:
    """float32 of the shape (None: any length of at least 1), all finite; None where it is not there."""
    if name not in arrays:
        return None
    array = arrays[name]
    fits = array.ndim == 2 and array.shape[1] >= 1
    if not fits or any(want not in (None, has) for want, has in zip(shape, array.shape, strict=True)):
        letters = {"metrics": "[N, K]", "logits": "[N, K]", "features": "[N, d]", "weights": "[K, d]"}[name]
        rule = " × ".join("any" if want is None else str(want) for want in shape)
        raise ReadingError(f"{what}: {name} must be {letters}, here {rule}; got {_by(array.shape)}")
    return _finite(array, name, what)


def _finite(array: Array, name: str, what: str) -> Array:
    if array.dtype.kind not in "fiu":
        raise ReadingError(f"{what}: {name} must be numbers; got {array.dtype}")
    with np.errstate(over="ignore"):
        made = np.ascontiguousarray(array, dtype=np.float32)
    bad = made.size - int(np.count_nonzero(np.isfinite(made)))
    if bad:
        raise ReadingError(
            f"{what}: {name} must be finite numbers within ±3·10³⁸; got {bad:,} that are NaN, infinite "
            "or larger"
        )
    return made


def _bias(arrays: dict[str, Array], classes: int, what: str) -> Array | None:
    if "bias" not in arrays:
        return None
    made = _finite(np.atleast_1d(arrays["bias"]), "bias", what)
    if made.shape not in ((1,), (classes,)):
        raise ReadingError(f"{what}: bias must be [1] or [K], here [{classes}]; got {_by(made.shape)}")
    return made


def _counts(array: Array | None, classes: int, what: str) -> Array | None:
    if array is None:
        return None
    if array.dtype.kind not in "iu" or array.shape != (classes,) or int(array.min()) < 0:
        raise ReadingError(
            f"{what}: train_counts must be {classes} whole numbers of at least 0, one a class; "
            f"got {array.dtype} of shape {_by(array.shape)}"
        )
    if sum(map(int, array)) > LARGEST_COUNT:
        raise ReadingError(f"{what}: train_counts must have a sum of at most {LARGEST_COUNT:,}")
    return array.astype(np.int64)


def _names(array: Array | None, classes: int, what: str) -> tuple[str, ...]:
    if array is None:
        return tuple(str(k) for k in range(classes))
    try:
        names = tuple(str(name) for name in array.reshape(-1).tolist())
        "".join(names).encode()
    except (SystemError, ValueError):
        raise ReadingError(f"{what}: classes must be names in Unicode; some are not") from None
    if array.dtype.kind not in "UiuT" or len(names) != classes or len({*names}) != len(names):
        raise ReadingError(
            f"{what}: classes must be {classes} different names, one a class; "
            f"got {len(names)} of type {array.dtype}: {', '.join(names[:5])[:80]}"
        )
    return names


def _by(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{side:,}" for side in shape) or "a single value"
