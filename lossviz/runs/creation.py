"""A new run folder: its name, and the files that it holds before its run begins."""

from __future__ import annotations

import contextlib
import json
import re
import time
from pathlib import Path

from lossviz.runs import files, status
from lossviz.runs.run import FORMAT, Run, epoch_path, snapshot_path
from lossviz.runs.status import RunStatus
from lossviz.training.config import RunConfig


def begin(folder: Path, config: RunConfig) -> None:
    """Write the files that a run folder holds before its run begins."""
    values = {"format": FORMAT, **json.loads(config.to_json())}
    files.write_json(folder / "config.json", values)
    status.write(folder / "status.json", RunStatus(epochs=config.epochs))


def copy_start(run: Run, epoch: int, folder: Path) -> None:
    """Copy the files that a fork starts with: the checkpoint of the epoch, and what was shown up to it."""
    _, facts = run.checkpoint(epoch)
    step = int(facts["step"])
    files.copy_file(epoch_path(run.path, epoch), folder / "start.safetensors")
    files.copy_file(run.path / "points.safetensors", folder)
    (folder / "snapshots").mkdir()
    for frame in run.frames():
        if frame <= step:
            files.copy_file(snapshot_path(run.path, frame), folder / "snapshots")
    for name in ("metrics.jsonl", "steps.jsonl"):
        with contextlib.suppress(FileNotFoundError):
            files.copy_file(run.path / name, folder)
            files.keep_lines(folder / name, lambda row: row.get("step", step + 1) <= step)
    path = folder / "status.json"
    status.write(path, status.read(path).but(step=step, epoch=float(epoch)))


def new_id(config: RunConfig) -> str:
    """Give a new id, which sorts by time, describes the run, and is very unlikely to be given twice."""
    now = time.time()
    when = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    data = re.sub(r"[^a-z0-9]+", "-", Path(config.data).stem.lower()).strip("-")[:20] or "data"
    return f"{when}-{config.loss}-{data}-{int(now % 1 * 65536):04x}"
