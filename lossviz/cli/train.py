"""The command `train`: a run or several, in this process or in the queue."""

from __future__ import annotations

import argparse
import itertools
import math
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lossviz.cli.words import INTERRUPTED, WENT_WRONG, MovingLine, settings
from lossviz.core import names
from lossviz.core.errors import ConfigError, RunError
from lossviz.core.paths import resolve

if TYPE_CHECKING:
    from lossviz.runs import Run, RunStore
    from lossviz.runs.worker import Worker
    from lossviz.training.config import RunConfig
    from lossviz.training.trainer import Trainer


def add(commands: Any, words: Sequence[str]) -> None:
    """The command and its options; the settings are listed only where help is asked for."""
    asked = "train" in words and bool({"--help", "-h"} & set(words))
    command = commands.add_parser(
        "train",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        help="train a network, here or in the queue",
        usage="python -m lossviz train [--SETTING VALUE ...] [--PARAMETER VALUE ...] [--vary NAME=V,V,...] "
        "[--out FOLDER | --background]",
        description="Trains a run, e.g.: train --data mnist --loss arcface --margin 0.3 --epochs 8",
        epilog=_settings() if asked else None,
    )
    command.add_argument("--out", help="the run folder itself; else a new one among the runs")
    command.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="NAME=V,V,...",
        help="several values of a setting or parameter (lists of numbers are parted by ';'); given twice: "
        "every combination; each is a run of its own",
    )
    command.add_argument("--background", action="store_true", help="put it into the queue, print its id")
    command.set_defaults(run=train, more_options=True)


def _settings() -> str:
    from lossviz.training.config import SETTINGS, RunConfig

    start = RunConfig()
    lines = ["settings (and every parameter of the loss by its name):"]
    for name, declared in SETTINGS.items():
        choices = f" ({', '.join(declared.choices)})" if declared.choices else ""
        value = declared.write(getattr(start, name))
        lines.append(f"  --{name.replace('_', '-'):18} {declared.meaning_with('0')}{choices} [{value}]")
    return "\n".join(lines)


def train(known: argparse.Namespace, rest: list[str]) -> int:
    """Train what the words say; gives the exit status."""
    from lossviz.runs import RunStore
    from lossviz.runs.worker import make_trainer

    query = settings(rest)
    configs = _configs(query, known.vary)
    out = None if known.out is None else resolve(known.out, "--out")
    if out is not None:
        _check_out(out, configs, known.background)
    store = RunStore()
    if known.background:
        _ = store.cap  # a limit that is wrong is told before any run is made
        runs = store.create_all(configs)
        store.start(runs)
        for run in runs:
            print(run.id)
        return 0
    line, worst = ProgressLine(sys.stdout), 0
    varied = [text.partition("=")[0].strip().replace("-", "_") for text in known.vary]
    try:
        # Before any folder is made: a data set that is not there leaves none behind.
        trainer: Trainer | None = make_trainer(configs[0], line.loading)
    except KeyboardInterrupt:
        print("\nlossviz: interrupted before the run began; nothing was written", file=sys.stderr)
        return INTERRUPTED
    runs = store.create_all(configs) if out is None else [_placed(out, configs[0])]
    for number, run in enumerate(runs, 1):
        status = work(run, store if out is None else None, line, trainer, varied)
        worst, trainer = max(worst, status), None
        if status == INTERRUPTED:
            store.discard(runs[number:])
            break
    return worst


def _configs(query: dict[str, str], vary: Sequence[str]) -> list[RunConfig]:
    """The config that the options describe, for every combination of the varied values."""
    from lossviz import losses
    from lossviz.training.config import RunConfig

    matrices = {p.name for p in losses.all_parameters(None).values() if p.kind == "matrix"}
    names: list[str] = []
    values: list[list[str]] = []
    for text in vary:
        name, sign, several = text.partition("=")
        name = name.strip().replace("-", "_")
        between = ";" if ";" in several or name in matrices else ","
        parts = [part.strip() for part in several.split(between) if part.strip()]
        if not sign or not parts:
            raise ConfigError(f"--vary takes NAME=VALUE,VALUE,...; got {text[:60]!r}")
        if name in query or name in names:
            raise ConfigError(f"{name} is given twice; give its values once, with --vary")
        names.append(name)
        values.append(parts)
    several_queries = (query | dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*values))
    return [RunConfig.from_query(made) for made in several_queries]


def _check_out(out: Path, configs: Sequence[RunConfig], background: bool) -> None:
    if len(configs) > 1 or background or configs[0].fork_run:
        raise ConfigError(
            "--out is the folder of one new run trained here; "
            "leave it out for several runs, a fork or the queue"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"--out: {out} must be a new or an empty folder")


def _placed(out: Path, config: RunConfig) -> Run:
    from lossviz.runs import Run
    from lossviz.runs.creation import begin

    try:
        out.mkdir(parents=True, exist_ok=True)
        # Of two processes that saw the folder empty only one makes this file.
        (out / "config.json").open("x").close()
        begin(out, config)
    except FileExistsError:
        raise RunError(f"--out: another run has just begun in {out}; name a new folder") from None
    except OSError as error:
        raise RunError(f"--out: no run can be made in {out} ({error.strerror})") from None
    return Run(out.absolute())


def work(
    run: Run,
    store: RunStore | None,
    line: ProgressLine,
    trainer: Trainer | None = None,
    varied: Sequence[str] = (),
) -> int:
    """Train a run in this process, telling how it goes; gives the exit status.

    varied: settings and parameters in which it differs from others, told at its end.
    """
    from lossviz.readings.advice.runs import verdicts_of
    from lossviz.runs.worker import Worker, make_trainer

    make = make_trainer if trainer is None else (lambda config, progress: trainer)
    worker = Worker(run, store, make, line.show)
    state = worker.work()
    line.end()
    # What a full disk refused to hold is told all the same.
    now, status = worker.writer.now, 0
    name = run.id if store is not None else str(run.path)
    own = ", ".join(f"{setting}={_value(run.config, setting)}" for setting in varied)
    who = f"{name} ({own})" if own else name
    if state == "finished":
        print(f"{who}: finished{_reached(run)}")
    elif state == "stopped":
        print(
            f"{who}: {now.reason} at step {now.step:,} of {now.steps:,}; "
            f"go on with: python -m lossviz runs resume {shlex.quote(name)}"
        )
        status = INTERRUPTED if worker.requests.why else 0
    else:
        print(f"lossviz: {who}: {state}: {now.reason}", file=sys.stderr)
        status = WENT_WRONG if state == "diverged" else 2
    if ";" in now.data_found:  # not only how many, but by what rules and without which
        print(f"  images: {now.data_found}")
    for sentence in verdicts_of(run, now):
        print(f"  {names.line(sentence)}")
    return status


def _value(config: RunConfig, name: str) -> str:
    """A setting or a parameter of a run, as the command line has it."""
    from lossviz.training.config import SETTINGS

    if name in SETTINGS:
        return SETTINGS[name].write(getattr(config, name))
    return config.spec.param(name).write(config.loss_params()[name])


def _reached(run: Run) -> str:
    """The last test accuracy, for the end of a sentence."""
    accuracy = (run.metrics() or [{}])[-1].get("test_accuracy")
    return f", test {accuracy:.1%}" if isinstance(accuracy, float) and math.isfinite(accuracy) else ""


class ProgressLine(MovingLine):
    """The progress of a run: one line that moves on a terminal; elsewhere one line an epoch.

    Training goes on when nobody reads any more: stream may be closed, full or None (there is none).
    """

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._row: dict[str, Any] = {}
        self._open = False

    def loading(self, what: str, share: float) -> None:
        """Data are being read or downloaded."""
        if self.moves:
            self.put(f"{what} ({share:.0%})")

    def show(self, worker: Worker, row: dict[str, Any]) -> None:
        """Show the run; row: the numbers of an epoch that just ended, else empty."""
        self._row = row or self._row
        if self.moves or row:
            self.put(progress_text(worker.trainer, self._row, worker.writer.now.seconds_left or 0.0))

    def put(self, text: str) -> None:
        super().put(text)
        self._open = self.moves

    def write(self, text: str) -> None:
        try:
            super().write(text)
        except (OSError, ValueError):
            self.stream = None

    def end(self) -> None:
        """Leave the line as it stands."""
        if self._open:
            self.write("\n")
            self._open = False


def progress_text(trainer: Trainer, row: Mapping[str, Any], left: float) -> str:
    """epoch, loss and accuracies, images a second, time left, device."""
    parts = [f"epoch {trainer.epoch:.1f}/{trainer.config.epochs}"]
    for name, title, shape in (
        ("train_loss", "loss", "{:.3f}"),
        ("train_accuracy", "train", "{:.1%}"),
        ("test_accuracy", "test", "{:.1%}"),
    ):
        if name in row:
            parts.append(f"{title} {shape.format(row[name])}")
    parts.append(f"{trainer.images_per_second:,.0f} images/s")
    if trainer.step < trainer.steps:
        parts.append(f"{left:,.0f} s left")
    parts.append(trainer.device_name)
    return "  ".join(parts)
