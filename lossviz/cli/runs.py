"""The commands about what is there: runs, data, nets; and the processes that the queue starts."""

from __future__ import annotations

import argparse
import importlib
import math
import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from lossviz.cli.words import ShareLine, call_with_warnings
from lossviz.core.errors import ConfigError, DataError, RunError
from lossviz.core.names import line
from lossviz.core.paths import resolve

if TYPE_CHECKING:
    from lossviz.pages.train.view import LiveView
    from lossviz.runs import Run, RunStore

STOP_WAIT_S = 20.0


def add(commands: Any) -> None:
    """The commands and their options."""
    runs = commands.add_parser("runs", help="list, show, resume, stop, delete and export runs")
    does = runs.add_subparsers(dest="what", required=True, metavar="COMMAND")
    _one(does, "list", _list, "all runs, newest first", of_run=False)
    _one(does, "show", _show, "what differs from the defaults, how it stands, its last numbers")
    resume = _one(does, "resume", _resume, "go on with a run that was stopped, failed or lost")
    resume.add_argument("--background", action="store_true", help="in the queue, not here")
    stop = _one(does, "stop", _stop, "ask a run to stop; it can be resumed")
    stop.add_argument("--force", action="store_true", help="end its process if it does not answer")
    delete = _one(does, "delete", _delete, "remove a run folder for good")
    delete.add_argument("--yes", action="store_true", help="do not ask")
    export = _one(does, "export", _export, "write a part of a run to a file", several=True)
    export.add_argument("--what", required=True, choices=sorted({**PARTS, **PICTURES}), help="which part")
    export.add_argument("--out", required=True, help="the file")
    export.add_argument("--view", default="", help="of pictures: the part of the page's link after '?'")
    export.add_argument("--progress", action="store_true", help="tell how far it is, a line at a time")
    for name, told, run in (
        ("data", "the data sets and what is found of them", _data),
        ("nets", "the networks", _nets),
    ):
        command = commands.add_parser(name, help=told)
        command.add_argument("what", nargs="?", choices=("list",), default="list")
        command.set_defaults(run=run)


def _one(
    does: Any, name: str, run: Callable[..., int], told: str, of_run: bool = True, several: bool = False
) -> Any:
    command = does.add_parser(name, help=told)
    if several:
        command.add_argument(
            "ids", nargs="+", metavar="id", help="a run's id, or its folder; several: pictures"
        )
    elif of_run:
        command.add_argument("id", help="a run's id, or its folder")
    command.set_defaults(run=run)
    return command


def _found(id: str) -> tuple[RunStore, Run]:
    """A run by its id, or by the path of its folder."""
    from lossviz.runs import RunStore

    return RunStore.locate(id)


def _list(known: argparse.Namespace) -> int:
    from lossviz.runs import RunStore

    store = RunStore()
    runs = store.runs()
    if not runs:
        print(f"no runs in {store.path}; make one with: python -m lossviz train")
    for run in runs:
        if run.problem:
            print(f"{run.id:44} unreadable: {run.problem}")
            continue
        now, rows = run.status, run.metrics()
        accuracy = f"{rows[-1].get('test_accuracy', math.nan):.1%}" if rows else ""
        changed = ", ".join(f"{name}={text}" for name, text in run.config.to_query().items())
        silent = f"  does not answer: {now.silent}" if now.silent else ""
        stands = f"{now.state:9} {now.epoch:6.1f}/{now.epochs:<5} {accuracy:>6}"
        print(f"{run.id:44} {stands}  {changed}{silent}".rstrip())
    return 0


def _show(known: argparse.Namespace) -> int:
    from lossviz.readings.advice.runs import verdicts_of

    _, run = _found(known.id)
    config, now, rows = run.config, run.status, run.metrics()
    why = now.silent or now.reason
    print(f"{run.id}: {now.word}{f': {why}' if why else ''}")
    print(f"step {now.step:,} of {now.steps:,}, epoch {now.epoch:.1f} of {now.epochs}, {now.seconds:.1f} s")
    classes, data = _images(run)
    if data:
        print(f"data: {data}")
    print(f"folder: {run.path}")
    for name, text in {
        "data": config.data,
        "net": config.net,
        "loss": config.loss,
        **config.to_query(),
    }.items():
        print(f"  {name} = {text}")
    if rows:
        print("last numbers:")
        for name, value in rows[-1].items():
            text = f"{value:.6g}" if isinstance(value, float) else value
            print(f"  {_measure(name, classes)} = {text}")
    for sentence in verdicts_of(run, now):
        print(line(sentence))
    return 0


def _images(run: Run) -> tuple[tuple[str, ...], str]:
    """The names of the classes, and on how many images the run trains and tests; empty until it begins."""
    try:
        points = run.points()
    except RunError:
        return (), ""
    if points.train_counts is None or points.test_count is None:
        # Folders of earlier versions do not say it.
        return points.classes, f"of what was found: {points.data_found}"
    used = f"{sum(points.train_counts):,} training and {points.test_count:,} test images"
    return points.classes, f"{used} of {len(points.classes)} classes; found: {points.data_found}"


def _measure(name: str, classes: Sequence[str]) -> str:
    """The name of a number, with the class in place of its place among the classes kept: "recall of 4"."""
    what, _, number = name.rpartition("_")
    if what in ("recall", "bias") and number.isdigit() and int(number) < len(classes):
        return f"{what} of {line(classes[int(number)])}"
    return name


def _resume(known: argparse.Namespace) -> int:
    from lossviz.cli.train import ProgressLine, work

    store, run = _found(known.id)
    if run.problem:
        raise RunError(run.problem)
    if run.alive:
        if run.status.state != "paused":
            raise RunError(f"{run.id}: the run is {run.status.state} already{_silent(run)}")
        run.ask("run")
        print(f"{run.id}: runs on")
        return 0
    if known.background:
        store.resume(run)
        print(run.id)
        return 0
    store.check_resumable(run)
    (run.path / "control.json").unlink(missing_ok=True)
    # A folder given by its path stands alone: no queue is kept beside it.
    return work(run, store if store.is_store else None, ProgressLine(sys.stdout))


def _stop(known: argparse.Namespace) -> int:
    store, run = _found(known.id)
    run.ask("stop")
    until = time.monotonic() + STOP_WAIT_S
    while run.alive and not run.status.silent and time.monotonic() < until:
        time.sleep(0.05)
    if run.alive and known.force:
        store.end(run)
    now = run.status
    if now.silent:
        raise RunError(
            f"{run.id}: it was asked to stop and does not answer: {now.silent}. To end the process, which "
            f"loses what came after the last checkpoint: python -m lossviz runs stop {shlex.quote(known.id)} "
            "--force"
        )
    print(f"{run.id}: {now.state}{'' if now.ended else '; it was asked to stop'}")
    return 0


def _silent(run: Run) -> str:
    silent = run.status.silent
    return f", but does not answer: {silent}" if silent else ""


def _delete(known: argparse.Namespace) -> int:
    store, run = _found(known.id)
    if not store.is_store:
        raise RunError(
            f"{run.path}: stands alone, in no store of runs; only runs in a store are deleted. Remove the "
            "folder yourself, or name the store in LOSSVIZ_RUNS"
        )
    what = (
        f"{run.path} (a link to {os.path.realpath(run.path)}, which stays)"
        if run.path.is_symlink()
        else run.path
    )
    if not known.yes:
        if not sys.stdin.isatty():
            raise ConfigError(f"{what}: say --yes to delete it for good")
        if input(f"Delete {what} for good? [y/N] ").strip().lower() not in ("y", "yes"):
            print("kept")
            return 0
    store.delete(run)
    print(f"{what}: deleted")
    return 0


# What can be exported: the module and the function that make it, of one run or of several.
PARTS = {
    "config": ("lossviz.runs.export", "config_json"),
    "command": ("lossviz.runs.export", "command"),
    "weights": ("lossviz.runs.export", "weights"),
    "metrics": ("lossviz.runs.export", "metrics_csv"),
    "script": ("lossviz.runs.export", "script"),
    "images": ("lossviz.runs.export", "images"),
}
PICTURES = {
    "html": ("lossviz.pages.train.replay", "page"),
    "frame": ("lossviz.pages.train.replay", "picture"),
    "frames": ("lossviz.pages.train.replay", "pictures"),
}


def _export(known: argparse.Namespace) -> int:
    from lossviz.core import output
    from lossviz.runs.export import ENDINGS

    out = resolve(known.out, "--out")
    ending = output.checked(out, ENDINGS[known.what])
    runs = [_found(id)[1] for id in known.ids]
    module, function = {**PARTS, **PICTURES}[known.what]
    make = getattr(importlib.import_module(module), function)
    share = ShareLine(sys.stdout, known.progress)
    if known.what in PICTURES:
        how = {"kind": ending} if known.what == "frame" else {}
        made = call_with_warnings(make, runs, _view(known.view), share.show, **how)
    elif len(runs) > 1:
        raise ConfigError(f"--what {known.what} is of one run; got {len(runs)}")
    else:
        made = make(runs[0], share.show) if known.what == "images" else make(runs[0])
    share.end()
    # Half a character, as of a name that is no UTF-8, is written as JSON and Python write it: \udce9.
    content = made if isinstance(made, bytes) else made.encode(errors="backslashreplace")
    output.write(out, content)
    print(f"{known.out}: {known.what} of {', '.join(run.id for run in runs)}; {len(content):,} bytes")
    return 0


def _view(link: str) -> LiveView:
    """The view of runs that pictures are made of."""
    from lossviz.pages.train.view import LiveView

    try:
        return LiveView.from_exact_query(dict(parse_qsl(link.lstrip("?"), keep_blank_values=True)))
    except ConfigError as error:
        raise ConfigError(f"--view: {error}") from error


def _data(known: argparse.Namespace) -> int:
    from lossviz import data

    for key, spec in data.catalogue().items():
        try:
            found = data.find(key)
        except DataError as error:
            print(f"{key:16} {spec.title:20} {error}")
            continue
        if found is None:
            where = f" (looked in: {data.searched(spec)})" if data.data_folders() else ""
            told = f"not here; downloaded when first used{where}"
        else:
            told = f"{found.text}{f' in {found.folder}' if found.folder else ''}"
        print(f"{key:16} {spec.title:20} {told}")
    return 0


def _nets(known: argparse.Namespace) -> int:
    import models

    for key, spec in models.catalogue().items():
        print(f"{key:12} {spec.title:28} {spec.note}".rstrip())
    return 0
