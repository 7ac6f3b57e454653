"""Run: one run folder, read. Every read is fresh; nothing here holds a file open."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from lossviz.core.cache import Cache
from lossviz.core.errors import LossvizError, RunError
from lossviz.runs import files, rows
from lossviz.runs import shown_samples as points
from lossviz.runs.jobs import Job
from lossviz.training.config import RunConfig
from lossviz.training.images import Points
from lossviz.training.snapshot import Snapshot

FORMAT = 1
# Facts that points.safetensors holds besides arrays; folders of earlier versions hold the first two.
POINT_FACTS = ("classes", "data_found", "train_counts", "test_count", "mean", "std")
# The most bytes of all epoch checkpoints of a run; beyond it, only evenly spaced ones are kept.
EPOCHS_BYTES = 256 * 2**20

# Points read before, by path: several tabs look at the same runs several times a second.
_points: Cache[Points] = Cache(16)


class Run(Job):
    """A run folder. `problem` says what is wrong with it; other reads raise RunError."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._config: RunConfig | None = None

    @property
    def config(self) -> RunConfig:
        """Give all settings of the run; RunError for a damaged folder or one of a newer version."""
        if self._config is None:
            self._config = _configs(self.path / "config.json")
        return self._config

    @property
    def is_run(self) -> bool:
        """True if the folder is a run, whole or damaged: its config or its status can be read."""
        with contextlib.suppress(RunError):
            return bool(self.config)
        with contextlib.suppress(RunError):
            values = files.read_json(self.path / "status.json")
            return values.keys() >= {"state", "step", "steps", "epochs", "pid"} and bool(self.read_status())
        return False

    @property
    def problem(self) -> str:
        """Why the folder cannot be used, as a sentence; "" when it can."""
        try:
            _ = self.config
            self.read_status()
            for name in ("metrics.jsonl", "steps.jsonl"):
                files.check_readable(self.path / name, files.MOST_LINES)
            for name in ("snapshots", "epochs"):
                files.openable(self.path / name)
        except RunError as error:
            return str(error)
        return ""

    def metrics(self) -> list[dict[str, Any]]:
        """One row an epoch: step, epoch, seconds, train_loss, train_accuracy, test_accuracy and more."""
        return self._rows("metrics.jsonl")

    def steps(self) -> list[dict[str, Any]]:
        """One row a snapshot within the epochs: step, epoch, seconds, train_loss and more."""
        return self._rows("steps.jsonl")

    def _rows(self, name: str) -> list[dict[str, Any]]:
        try:
            return rows.read(self.path / name)
        except OSError as error:
            raise RunError(f"{self.id}: {name} cannot be read ({error.strerror})") from None

    def frames(self) -> list[int]:
        """The steps of the snapshots, ascending; none where they cannot be read, as `problem` tells."""
        try:
            return sorted(files.file_numbers(self.path / "snapshots"))
        except RunError:
            return []

    def snapshot(self, step: int) -> Snapshot:
        """The snapshot of one of `frames`; RunError if it is not there or damaged."""
        arrays, facts = files.read_arrays(snapshot_path(self.path, step))
        try:
            values = {name: float("nan") if v is None else v for name, v in facts["metrics"].items()}
            known = self.points()
            shot = Snapshot.from_parts({**facts, "metrics": values}, arrays, known.labels)
            points.agree(shot, known)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            if isinstance(error, RunError):
                raise
            raise RunError(f"{self.id}: the snapshot of step {step} is damaged ({error!r:.80})") from None
        return shot

    def points(self) -> Points:
        """The test images that the snapshots show; RunError until the run has begun."""
        path = self.path / "points.safetensors"
        try:
            found = path.stat()
        except OSError:
            raise RunError(f"{self.id}: points.safetensors is missing; the run has not begun") from None
        key = (path, found.st_ino, found.st_mtime_ns)
        return _points.get(key, lambda: self._read_points(path))

    def _read_points(self, path: Path) -> Points:
        arrays, facts = files.read_arrays(path)
        try:
            made = points.from_arrays(arrays, facts)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise RunError(f"{self.id}: points.safetensors is damaged ({error!r:.120})") from None
        for array in arrays.values():
            array.flags.writeable = False
        return made

    @property
    def has_checkpoint(self) -> bool:
        """True if there is a checkpoint to go on from."""
        return (self.path / "checkpoint.safetensors").is_file()

    def epochs(self) -> list[int]:
        """The epochs that a fork can start from, ascending."""
        return sorted(files.file_numbers(self.path / "epochs"))

    def checkpoint(self, epoch: int | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Tensors and facts of the last good checkpoint, or of the one at an epoch's end."""
        if epoch is None:
            return files.read_tensors(self.path / "checkpoint.safetensors")
        path = epoch_path(self.path, epoch)
        if not path.is_file():
            has = ", ".join(map(str, self.epochs()))
            rule = f"(of many, the first, the last and evenly spaced ones, {EPOCHS_BYTES >> 20} MB in all)"
            alone = "a cell of a sweep keeps" if self.is_cell else "a large network keeps"
            told = f"there are of epochs: {has} {rule}" if has else f"{alone} only its last"
            raise RunError(f"{self.id}: no checkpoint of epoch {epoch}; {told}")
        return files.read_tensors(path)


def snapshot_path(folder: Path, step: int) -> Path:
    """Give the path of the snapshot of a step in a run folder."""
    return folder / "snapshots" / f"{step:08d}.safetensors"


def epoch_path(folder: Path, epoch: int) -> Path:
    """Give the path of the checkpoint at an epoch's end in a run folder."""
    return folder / "epochs" / f"{epoch:04d}.safetensors"


def _config(path: Path) -> RunConfig:
    values, id = files.read_json(path), path.parent.name
    if "format" not in values:
        raise RunError(f"{id}: config.json is not that of a run: it has no format")
    newest = values.pop("format")
    if type(newest) is not int or newest != FORMAT:
        raise RunError(
            f"{id}: written by a newer version (format {newest!r:.20}, "
            f"this one reads {FORMAT}); update lossviz to open it"
        )
    try:
        return RunConfig.from_saved(values)
    except LossvizError as error:
        # Cut off the list of all settings, which would fill the page.
        wrong = str(error).partition("; there are ")[0]
        raise RunError(f"{id}: config.json is not a run of this version: {wrong}") from None


_configs = files.Parsed(_config)
