"""The command `read`: a run's network on all of its images, and projections."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from lossviz.cli.words import MovingLine, pairs, refuse
from lossviz.core.errors import ConfigError
from lossviz.core.paths import resolve

if TYPE_CHECKING:
    from lossviz.readings.jobs import ReadingJob
    from lossviz.runs import Run
    from lossviz.runs.status import RunStatus

INTERRUPTED, WENT_WRONG = 130, 1
LOOK_S = 0.5


def add(commands: Any) -> None:
    """The commands and their options."""
    command = commands.add_parser(
        "read",
        help="put all images of a part through a run's network, or project its features",
        description="What is made is kept in the run's folder, under readings. E.g.: read RUN --what test; "
        "read RUN --what umap --part test --neighbours 30; read RUN --what layers",
    )
    command.add_argument("run_id", metavar="RUN", help="a run's id, or its folder; to project: an .npz too")
    command.add_argument(
        "--what",
        required=True,
        help="shown, test, train, unknown:held-out, unknown:DATA (e.g. unknown:kmnist): images of that "
        "part; umap, tsne: a projection; layers: a list",
    )
    command.add_argument("--part", default="shown", help="of a projection: which images (default shown)")
    command.add_argument("--layer", default="", help="its outputs in place of the embedding")
    command.add_argument("--epoch", help="an epoch's number (default: the newest)")
    command.add_argument("--background", action="store_true", help="in the queue of jobs, not here")
    command.set_defaults(run=_read, more_options=True)


def _read(known: argparse.Namespace, rest: list[str]) -> int:
    if known.what == "layers":
        refuse(rest)
        return _layers(known)
    job = _wanted(known, rest)
    if known.background:
        job.start(again=True)
        print(job.id)
        return 0
    return _follow(job) if not job.now.ended else _here(job)


def _layers(known: argparse.Namespace) -> int:
    from lossviz.readings import layers

    for layer in layers.layers(_run(known.run_id)):
        print(f"{layer.name:16} {layer.title.partition(', ')[2]}")
    return 0


def _run(id: str) -> Run:
    from lossviz.core.errors import RunError
    from lossviz.runs import RunStore

    _, run = RunStore.locate(id)
    if run.problem:
        raise RunError(run.problem)
    return run


def _wanted(known: argparse.Namespace, rest: list[str]) -> ReadingJob:
    """The job that the words describe, not started."""
    from lossviz.readings import store
    from lossviz.readings.jobs import ReadingJob
    from lossviz.readings.projection.settings import METHODS

    epoch = None if known.epoch is None else _epoch(known.epoch)
    if known.what not in METHODS:
        refuse(rest)
        store.check_part(known.what)
        return ReadingJob("extract", _run(known.run_id).path, epoch, known.what, known.layer)
    return _projection(known, rest, epoch)


def _projection(known: argparse.Namespace, rest: list[str], epoch: float | None) -> ReadingJob:
    from lossviz.readings import source, store, user_file
    from lossviz.readings.jobs import ReadingJob
    from lossviz.readings.projection.settings import Recipe

    values: dict[str, Any] = {"method": known.what}
    declared = Recipe.declarations()
    for name, text in pairs(rest):
        if name not in declared or name == "method":
            has = ", ".join(f"--{n.replace('_', '-')}" for n in declared if n != "method")
            raise ConfigError(f"unknown option --{name}; a projection has {has}")
        values[name] = declared[name].read(text)
    recipe = Recipe(**values)
    path = resolve(known.run_id, "RUN")
    if path.suffix.lower() == ".npz":
        return ReadingJob(
            "project", user_file.settled(path), user_file.of_file(path).epoch, "file", "", recipe
        )
    run = _run(known.run_id)
    store.check_part(known.part)
    if epoch is None:
        # A projection is kept under the epoch of what is projected, not under "the newest".
        kept = source.available(run, None, known.part)
        part = known.part if kept else "shown"
        epoch = source.of_run(run, None, part).epoch
    return ReadingJob("project", run.path, epoch, known.part, known.layer, recipe)


def _epoch(text: str) -> float:
    from lossviz.core.settings import Setting

    return float(Setting("epoch", low=0, high=1e6).read(text))


def _here(job: ReadingJob) -> int:
    """Do it in this process."""
    line = _Line()
    try:
        now = job.work(line.show)
    except KeyboardInterrupt:
        line.end()
        print("lossviz: interrupted; what was kept before stays", file=sys.stderr)
        return INTERRUPTED
    line.end()
    return _said(job, now)


def _follow(job: ReadingJob) -> int:
    """Another process does it: tell how it gets on."""
    line = _Line()
    while not (now := job.now).ended:
        line.show(now)
        time.sleep(LOOK_S)
    line.end()
    return _said(job, now)


def _said(job: ReadingJob, now: RunStatus) -> int:
    if now.state == "finished":
        print(now.result)
        return 0
    print(f"lossviz: {job.id}: {now.state}: {now.reason}", file=sys.stderr)
    return WENT_WRONG


class _Line(MovingLine):
    """The progress of a job: one line that moves on a terminal; elsewhere one line a stage."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self._stage = ""

    def show(self, now: RunStatus) -> None:
        left = "" if now.seconds_left is None else f", {now.seconds_left:,.0f} s left"
        stage = now.words.partition(":")[0]
        if self.moves:
            self.put(f"{now.progress:4.0%}  {now.words}{left}")
        elif stage != self._stage:
            self._stage = stage
            self.put(now.words)
