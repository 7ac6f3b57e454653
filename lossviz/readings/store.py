"""The store of extractions, in the folder `readings` of a run: paths, and the steps they are of."""

from __future__ import annotations

import hashlib
import math
import os
import re
from pathlib import Path
from typing import Any

from lossviz.core.cache import Cache
from lossviz.core.errors import ReadingError, RunError
from lossviz.readings import cache
from lossviz.readings.checkpoints import SLACK, moment
from lossviz.runs import files
from lossviz.runs.run import Run

UNKNOWN = "unknown:"
HELD_OUT = "unknown:held-out"
FOLDER = "readings"

# The facts of files read before, by the file's key.
_facts: Cache[dict[str, Any]] = Cache(512)


def check_part(part: str) -> None:
    """ReadingError unless it is shown, test, train, unknown:held-out or unknown:<data set>."""
    if part not in ("shown", "test", "train") and not (part.startswith(UNKNOWN) and part != UNKNOWN):
        raise ReadingError(
            "part must be shown, test, train, unknown:held-out or unknown: with a data set's key; "
            f"got {part[:40]!r}"
        )


def tail(part: str, layer: str = "") -> str:
    """The end of the names of the files of a part: "test", "train-trunk.3"."""
    short = re.sub(r"[^a-z0-9.-]+", "-", part.lower())[:40]
    if part.startswith(UNKNOWN) and short != part.replace(":", "-"):
        # Two paths may be the same once they are shortened, so a hash tells them apart.
        short += "-" + hashlib.sha256(part.encode()).hexdigest()[:8]
    return f"{short}-{layer}" if layer else short


def path_of(run: Run, stem: str, part: str, layer: str = "") -> Path:
    """The path of an extraction; stem: of the moment."""
    return run.path / FOLDER / f"{stem}-{tail(part, layer)}.safetensors"


def pixels_path(run: Run, part: str) -> Path:
    """The path of the images of a part."""
    return run.path / FOLDER / f"pixels-{tail(part)}.safetensors"


def facts_of(path: Path) -> dict[str, Any]:
    """The facts of a kept file; none where it is not there or damaged."""
    try:
        return _facts.get(cache.mark(path), lambda: files.read_facts(path))
    except RunError:
        return {}


def all_of(run: Run, part: str, layer: str = "") -> list[tuple[Path, dict[str, Any]]]:
    """The extractions that are kept of a part, the one of the latest step first."""
    end = f"-{tail(part, layer)}.safetensors"
    found = []
    for name in _names(run.path / FOLDER):
        stem = name.removesuffix(end)
        if stem != name and (stem == "last" or (stem.isascii() and stem.isdigit())):
            path = run.path / FOLDER / name
            facts = facts_of(path)
            if isinstance(facts.get("step"), int) and isinstance(facts.get("epoch"), (int, float)):
                found.append((path, facts))
    return sorted(found, key=lambda entry: -entry[1]["step"])


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def extraction(run: Run, epoch: float | None, part: str, layer: str = "") -> Path | None:
    """The extraction that stands for an epoch, or None if it must be made.

    The one taken at that epoch, or from the newest checkpoint up to it (None: the last). While a run
    trains its last checkpoint moves, and the newest extraction there is stands for it. ReadingError
    where there is no such checkpoint.
    """
    found = all_of(run, part, layer)
    limit = math.inf if epoch is None else epoch + SLACK
    for path, facts in found:
        if epoch is not None and abs(facts["epoch"] - epoch) < SLACK:
            return path
    at = moment(run, epoch)
    if at.kept is None and run.alive:
        return next((path for path, facts in found if facts["epoch"] <= limit), None)
    return next((path for path, facts in found if facts["step"] == at.step), None)


def train_counts(run: Run) -> tuple[int, ...] | None:
    """Images of each class that a run trains on, as its folder or anything kept of it says."""
    counts = run.points().train_counts
    if counts is not None:
        return counts
    for name in sorted(_names(run.path / FOLDER)):
        told = facts_of(run.path / FOLDER / name).get("train_counts") if name[:1] != "." else None
        if told:
            return tuple(told)
    return None
