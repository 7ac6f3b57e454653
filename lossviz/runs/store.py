"""RunStore: a folder of run folders. Creates, lists, queues, starts, resumes, forks and deletes runs."""

from __future__ import annotations

import contextlib
import difflib
import os
import secrets
import shlex
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lossviz.core.errors import LossvizError, RunError
from lossviz.core.paths import resolve, variable
from lossviz.runs import creation, deletion, jobs, queue, sizes, status
from lossviz.runs.jobs import CELL, CELLS, KINDS, TRAIN
from lossviz.runs.limits import Limits
from lossviz.runs.queue import UNLIMITED, Queue
from lossviz.runs.run import Run
from lossviz.runs.sizes import Size
from lossviz.runs.status import RunStatus
from lossviz.training.config import SETTINGS, RunConfig

# Settings that a fork shares with its origin: the images, their order, and the shape of the network.
FIXED_IN_A_FORK = (
    "data",
    "classes",
    "held_out",
    "train_images",
    "test_images",
    "imbalance",
    "imbalance_ratio",
    "net",
    "dimension",
    "batch",
    "seed",
    "subset_seed",
    "frame_points",
    "points",
)


class RunStore:
    """The runs of one folder: `path`, else LOSSVIZ_RUNS, else ./runs. Made on the first write.
    PathError where LOSSVIZ_RUNS cannot be resolved.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        self.path = (
            Path(path).absolute() if path else resolve(variable("LOSSVIZ_RUNS") or "runs", "LOSSVIZ_RUNS")
        )
        self.queue = Queue(self.path)

    @classmethod
    def locate(cls, name: str) -> tuple[RunStore, Run]:
        """A run by its id, or by the path of its folder, and the store in which it lies.

        RunError where there is none: a folder is one only if this program reads it as a run.
        """
        store = cls()
        asked = resolve(name, "the run") if name else store.path
        path = Path(os.path.abspath(asked))
        alone = not any(sign and sign in name for sign in (os.sep, os.altsep))
        # A name without a folder is first looked for among the runs of the store.
        if not name or not path.is_dir() or (alone and name in store.names()):
            return store, store._check_is_run(store.get(name))
        with contextlib.suppress(OSError):
            if os.path.samefile(path, asked):
                store = cls(path.parent)
                return store, store._check_is_run(Run(path))
        raise RunError(f"{name}: leads over a link to another folder than {path}; give its own path")

    def _check_is_run(self, run: Run) -> Run:
        if not run.is_run:
            raise RunError(f"{run.path} is not a run: {run.problem.partition(': ')[2]}")
        return run

    def path_of(self, id: str) -> Path:
        """The folder of a run by its id: that of a cell of a sweep, if it is one, else among the runs."""
        cell = self.path / CELLS / id
        return cell if id.startswith(CELL) and cell.name == id and cell.is_dir() else self.path / id

    def names(self) -> list[str]:
        """The names of the folders, newest first. RunError where they cannot be listed."""
        return self.queue.names()

    def runs(self) -> list[Run]:
        """All runs, newest first; folders that cannot be read are among them, with their `problem`."""
        return [Run(self.path / name) for name in self.names()]

    def get(self, id: str) -> Run:
        """The run of this id, a cell of a sweep too; RunError names the nearest ones."""
        run = Run(self.path_of(id))
        if run.is_cell:
            return run
        known = self.names()
        if id in known:
            return Run(self.path / id)
        near = [k for k in known if id and id in k][:3] or difflib.get_close_matches(id, known, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else f"there are {len(known)} runs in {self.path}"
        raise RunError(f"no run is called {id[:80]!r}; {hint}")

    def create(self, config: RunConfig) -> Run:
        """A new run folder, not started.

        A config with `fork_run` goes on from the end of an epoch of that run, with copies of its
        points, snapshots and metrics up to there; see `fork`.
        """
        if not config.fork_run:
            return self._create_folder(config, lambda folder: None)
        run = self.get(config.fork_run)
        origin, epoch = run.config, config.fork_epoch
        wrong = [n for n in FIXED_IN_A_FORK if getattr(config, n) != getattr(origin, n)]
        if wrong:
            raise RunError(
                f"{run.id}: a fork keeps {', '.join(wrong)} of its run; start a new run to change that"
            )
        if config.epochs <= epoch:
            raise RunError(
                f"{run.id}: a fork from epoch {epoch} needs more than {epoch} epochs; got {config.epochs}"
            )
        run.checkpoint(epoch)
        return self._create_folder(config, lambda folder: creation.copy_start(run, epoch, folder))

    def cell(self, id: str, config: RunConfig, fill: Callable[[Path], None] = lambda folder: None) -> Run:
        """The cell of this id; its folder is made if there is none, with what `fill` puts into it. RunError
        as of `create`."""
        final = self.path / CELLS / id
        if not final.is_dir():
            self._create_folder(config, fill, final)
        return Run(final)

    def create_all(self, configs: Sequence[RunConfig]) -> list[Run]:
        """New run folders, as `create` makes each; if one is not allowed, none is left behind."""
        runs: list[Run] = []
        try:
            for config in configs:
                runs.append(self.create(config))
        except BaseException:
            self.discard(runs)
            raise
        return runs

    def discard(self, runs: Sequence[Run]) -> None:
        """Delete runs that were made for nothing; what cannot be deleted stays."""
        for run in runs:
            with contextlib.suppress(LossvizError, OSError):
                self.delete(run)

    def fork(self, run: Run, epoch: int, changes: dict[str, Any] | None = None) -> Run:
        """A new run that goes on from the end of an epoch of another, with some settings changed.

        The images, their order and the network must stay; RunError or ConfigError say which
        change is not possible. RunError too where no checkpoint of that epoch was kept.
        """
        for name in changes or {}:
            if name != "params" and name not in SETTINGS:
                raise RunError(
                    f"{run.id}: a run has no setting {name[:40]!r}; there are {', '.join(SETTINGS)}"
                )
        ours = {"fork_run": run.id, "fork_epoch": epoch}
        return self.create(run.config.but(**{**(changes or {}), **ours}))

    def _create_folder(
        self, config: RunConfig, fill: Callable[[Path], None], final: Path | None = None
    ) -> Run:
        """A run folder that appears as a whole, under a name that no other has; where `final` is given and is
        there by now, that one."""
        try:
            home = self.path if final is None else final.parent
            home.mkdir(parents=True, exist_ok=True)
            rough = home / f".new-{secrets.token_hex(8)}"
            rough.mkdir()
            try:
                creation.begin(rough, config)
                fill(rough)
                while True:
                    path = final or self.path / creation.new_id(config)
                    try:
                        # Onto an existing folder with files in it, this fails.
                        os.rename(rough, path)
                        return Run(path)
                    except OSError:
                        if not path.exists():
                            raise
                        if final is not None:
                            shutil.rmtree(rough, ignore_errors=True)
                            return Run(final)
            except BaseException:
                shutil.rmtree(rough, ignore_errors=True)
                raise
        except OSError as error:
            raise RunError(f"no run can be made in {self.path} ({queue.why(error)}") from None

    @property
    def cap(self) -> int:
        """Give the number of runs that may train at once."""
        return jobs.cap(KINDS[TRAIN].makes)

    def waiting(self) -> list[Run]:
        """The runs in the queue, the next one first."""
        return [Run(job.path) for job in self.queue.waiting() if job.kind == TRAIN]

    def training(self) -> int:
        """Count the runs that train now, paused ones left out."""
        return queue.busy(self.queue.going(), KINDS[TRAIN].makes)

    def start_waiting(self) -> None:
        """Have the waiting runs started, as `Queue.start_waiting` does."""
        self.queue.start_waiting()

    def start(self, runs: Run | Sequence[Run], limits: Limits = UNLIMITED) -> None:
        """Queue new runs, and have as many started as `cap` allows.

        RunError if one cannot be started, or if more would wait than the limits allow; then none is
        queued.
        """
        several = [runs] if isinstance(runs, Run) else list(runs)
        self._enqueue(several, ("queued",), "start", limits)

    def resume(self, run: Run, limits: Limits = UNLIMITED) -> None:
        """Go on with a run that was stopped, failed or lost; a paused one runs on. RunError as of
        `start`."""
        if run.status.state == "paused":
            run.ask("run")
            return
        if run.is_cell:
            raise RunError(f"{run.id}: is a cell of a sweep, which trains it; go on with the sweep")
        self.check_resumable(run)
        self._enqueue([run], status.RESUMABLE, "resume", limits)

    def check_resumable(self, run: Run) -> None:
        """Raise RunError for a run that has come to its end: only a fork goes on from there."""
        now = run.status
        if now.state in status.COMPLETE:
            say = "more epochs" if now.state == "finished" else "other settings"
            raise RunError(f"{run.id}: the run is {now.state}; make a fork with {say} instead")

    def _enqueue(self, runs: Sequence[Run], allowed: Sequence[str], what: str, limits: Limits) -> None:
        for run in runs:
            if run.problem:
                raise RunError(run.problem)
        with self.queue.lock():
            mark = time.time_ns()
            new: list[tuple[Run, RunStatus]] = []
            for place, run in enumerate(runs):
                now = run.status
                if now.state in status.LIVING or (now.state == "queued" and now.queued):
                    continue
                if now.state not in allowed:
                    hint = "resume it" if now.resumable else "make a fork of it"
                    raise RunError(f"{run.id}: cannot {what} a run that is {now.state}; {hint} instead")
                new.append(
                    (run, now.but(state="queued", queued=mark + place, reason="", pid=0, pid_started=""))
                )
            self.queue.enqueue(new, limits)
        self.start_waiting()

    def delete(self, run: Run) -> None:
        """Remove a run folder for good; where it is a link, only the link. RunError if its process lives, if
        it is not a run of this store, or if it holds other files than a run's."""
        if run.path.parent not in (self.path, self.path / CELLS) or run.id.startswith("."):
            raise RunError(f"{run.id}: is not a run in {self.path}; only those can be deleted here")
        if not os.path.lexists(run.path):
            raise RunError(f"{run.id}: is deleted already")
        self._check_is_run(run)
        with self.queue.lock():
            now = run.status
            if run.alive:
                raise RunError(f"{run.id}: the run is {now.word}; stop it first{_held(now)}")
            try:
                deletion.delete(run)
            except OSError as error:
                raise RunError(f"{run.path}: cannot be deleted ({error.strerror})") from None

    @property
    def is_store(self) -> bool:
        """True if this folder is a store: the one that this program uses, or one that was written as a store
        before. A run folder made elsewhere belongs to no store."""
        with contextlib.suppress(OSError):
            return (self.path / ".lock").is_file() or os.path.samefile(self.path, type(self)().path)
        return False

    def end(self, run: Run) -> None:
        """End by force the process that trains a run, for one that does not answer. The run can be resumed
        from its last checkpoint. RunError if that cannot be done."""
        self.queue.end(run, "its process was ended by force")

    def size(self, within_s: float = 1.0) -> Size:
        """Give the bytes on the disk that the store takes. Counting ends after `within_s` seconds; folders
        that have not changed since an earlier call are not counted again."""
        return sizes.of_store(self.path, within_s)


def word(run: Run) -> str:
    """Give the name of a run for a command line: its id, or its path if it is not in the store used here."""
    here = run.path.parent.absolute() == RunStore().path.absolute()
    return shlex.quote(run.id if here else str(run.path.absolute()))


def _held(now: RunStatus) -> str:
    return f". It does not answer: {now.silent}" if now.silent else ""
