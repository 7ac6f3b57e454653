"""Deletion: tells a run folder, and the files in it that belong to the run; only these are deleted."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from lossviz.core.errors import RunError
from lossviz.runs import files
from lossviz.runs.lock import FolderLock
from lossviz.runs.run import Run

_FILES = frozenset(
    {
        "config.json",
        "status.json",
        "control.json",
        "metrics.jsonl",
        "steps.jsonl",
        "points.safetensors",
        "start.safetensors",
        "checkpoint.safetensors",
        "checkpoint.next",
        "result.safetensors",
        "worker.log",
        "worker.lock",
    }
)
_FOLDERS = {
    "snapshots": re.compile(r"\d+\.safetensors"),
    "epochs": re.compile(r"\d+\.safetensors"),
    "readings": re.compile(r"\.lock|[\w.-]+\.safetensors"),
}
# Files that a killed process left half written, and those that systems put into any folder.
_ROUGH = re.compile(rf"{files.ROUGH.pattern}|\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.nfs[0-9a-f]+")
_NAMED = 3
# A worker that has told its end holds the folder for a moment more.
END_S = 5.0


def delete(run: Run) -> None:
    """Remove a run folder for good; where it is a link, only the link. The caller holds the store's lock.

    RunError where the folder is not known to be a run, holds other files than a run's, or is being trained.
    """
    path = run.path
    if path.is_symlink():
        path.unlink()
        return
    if strange := strangers(path):
        more = f" and {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
        raise RunError(
            f"{path}: holds what no run has written: {', '.join(strange[:_NAMED])}{more}; nothing was "
            "deleted. Move that elsewhere first"
        )
    lock = FolderLock(path, END_S if run.status.ended else 0.0)
    try:
        files.remove_folder(path)
    finally:
        lock.release()


def strangers(folder: Path) -> list[str]:
    """Give the files in a run folder that do not belong to the run, as paths within it, sorted. Links to
    folders are not followed: they are removed as links."""
    return sorted(_strangers(folder))


def _strangers(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            inside = entry.is_dir(follow_symlinks=False)
            if entry.name in _FOLDERS and inside:
                yield from _inside(Path(entry.path), _FOLDERS[entry.name])
            elif not (entry.name in {*_FILES, *_FOLDERS} or _ROUGH.fullmatch(entry.name)) or (
                inside and os.listdir(entry.path)
            ):
                yield entry.name


def _inside(folder: Path, names: re.Pattern[str]) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            own = names.fullmatch(entry.name) or _ROUGH.fullmatch(entry.name)
            if not own or entry.is_dir(follow_symlinks=False):
                yield f"{folder.name}/{entry.name}"
