"""Run: one run folder, read. Every read is fresh; nothing here holds a file open."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from lossviz.core.cache import Cache
from lossviz.core.errors import LossvizError, RunError
from lossviz.runs import files, rows, status, words
from lossviz.runs import shown_samples as points
from lossviz.runs.status import RunStatus
from lossviz.training.config import RunConfig
from lossviz.training.images import Points
from lossviz.training.snapshot import Snapshot

FORMAT = 1
# What points.safetensors holds besides arrays; folders of earlier versions hold the first two.
POINT_FACTS = ("classes", "data_found", "train_counts", "test_count", "mean", "std")
# All checkpoints of a run's epochs together; of more, evenly spaced ones are kept.
EPOCHS_BYTES = 256 * 2**20
ASKS = ("run", "pause", "step", "stop")

# Points read before, by path: several tabs look at the same runs several times a second.
_points: Cache[Points] = Cache(16)


class Run:
    """A run folder. What is wrong with it is told by `problem`; other reads raise RunError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name
        self._config: RunConfig | None = None

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def config(self) -> RunConfig:
        """What determines the run; RunError for a damaged folder or one of a newer version."""
        if self._config is None:
            self._config = _configs(self.path / "config.json")
        return self._config

    @property
    def recognised(self) -> bool:
        """Whether the folder is a run, whole or damaged: its config or its status can be read."""
        with contextlib.suppress(RunError):
            return bool(self.config)
        with contextlib.suppress(RunError):
            values = files.read_json(self.path / "status.json")
            return values.keys() >= {"state", "step", "steps", "epochs", "pid"} and bool(self._written())
        return False

    @property
    def problem(self) -> str:
        """Why the folder cannot be used, as a sentence; "" when it can."""
        try:
            _ = self.config
            self._written()
            for name in ("metrics.jsonl", "steps.jsonl"):
                files.check_readable(self.path / name, files.MOST_LINES)
            for name in ("snapshots", "epochs"):
                files.openable(self.path / name)
        except RunError as error:
            return str(error)
        return ""

    def _written(self) -> RunStatus:
        return status.read(self.path / "status.json")

    @property
    def status(self) -> RunStatus:
        """How the run stands now. A run whose process has vanished is "lost"; a folder that cannot
        be read is "failed" with the reason."""
        try:
            written = self._written()
        except RunError as error:
            return RunStatus(state="failed", reason=str(error))
        if written.state not in status.LIVING:
            return written
        if not self._lives(written):
            # It may have ended between the reading and the look at its process.
            written = self._reread(written)
            if written.state not in status.LIVING:
                return written
            if not self._lives(written):
                return written.but(state="lost", reason=words.lost(self.path, written), images_per_second=0.0)
        return written.but(silent=words.silence(written))

    def _reread(self, before: RunStatus) -> RunStatus:
        try:
            return self._written()
        except RunError:
            return before

    def _lives(self, written: RunStatus) -> bool:
        # A copy of the folder has the status of the original.
        return written.living and written.folder in ("", status.folder_name(self.path))

    @property
    def alive(self) -> bool:
        """Whether a process trains it or holds it paused."""
        try:
            return self._lives(self._written())
        except RunError:
            return False

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
            return sorted(files.numbered(self.path / "snapshots"))
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
            made = points.made(arrays, facts)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise RunError(f"{self.id}: points.safetensors is damaged ({error!r:.120})") from None
        for array in arrays.values():
            array.flags.writeable = False
        return made

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is a checkpoint to go on from."""
        return (self.path / "checkpoint.safetensors").is_file()

    def epochs(self) -> list[int]:
        """The epochs that a fork can start from, ascending."""
        return sorted(files.numbered(self.path / "epochs"))

    def checkpoint(self, epoch: int | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Tensors and facts of the last good checkpoint, or of the one at an epoch's end."""
        if epoch is None:
            return files.read_tensors(self.path / "checkpoint.safetensors")
        path = epoch_path(self.path, epoch)
        if not path.is_file():
            has = ", ".join(map(str, self.epochs()))
            rule = f"(of many, the first, the last and evenly spaced ones, {EPOCHS_BYTES >> 20} MB in all)"
            told = f"there are of epochs: {has} {rule}" if has else "a large network keeps only its last"
            raise RunError(f"{self.id}: no checkpoint of epoch {epoch}; {told}")
        return files.read_tensors(path)

    def ask(self, what: str) -> None:
        """Ask the process that trains it to "run", "pause", "step" (to the next snapshot) or "stop".

        One that is still queued is taken from the queue by "stop". Of one that has ended, "pause" and
        "stop" ask nothing; "run" and "step" are a RunError, since it must be resumed first.
        """
        if what not in ASKS:
            raise RunError(f"{self.id}: a run can be asked to {', '.join(ASKS)}; got {what!r:.40}")
        now = self.status
        if now.ended:
            if what in ("run", "step"):
                raise RunError(f"{self.id}: the run is {now.state}; resume it first")
            return
        try:
            files.write_json(self.path / "control.json", {"want": what})
            if now.state == "queued" and what == "stop":
                self._leave_queue()
        except OSError as error:
            raise RunError(f"{self.id}: control.json cannot be written ({error.strerror})") from None

    def _leave_queue(self) -> None:
        from lossviz.runs.lock import held

        with held(self.path.parent / ".lock"):
            now = self._written()
            if now.state == "queued":
                left = now.but(state="stopped", queued=0, reason="stopped before it began")
                status.write(self.path / "status.json", left)


def snapshot_path(folder: Path, step: int) -> Path:
    """Where a run folder keeps the snapshot of a step."""
    return folder / "snapshots" / f"{step:08d}.safetensors"


def epoch_path(folder: Path, epoch: int) -> Path:
    """Where a run folder keeps the checkpoint at an epoch's end."""
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
        return RunConfig.from_values(values)
    except LossvizError as error:
        # All settings that there are would fill the page.
        wrong = str(error).partition("; there are ")[0]
        raise RunError(f"{id}: config.json is not a run of this version: {wrong}") from None


_configs = files.Parsed(_config)
