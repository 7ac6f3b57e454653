"""The commands `sweep` (ask for a grid of runs) and `sweeps` (what is there: list, show, save, open …)."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from lossviz.cli.words import INTERRUPTED, WENT_WRONG, MovingLine, settings
from lossviz.core import output
from lossviz.core.errors import ConfigError, RunError
from lossviz.core.paths import resolve

if TYPE_CHECKING:
    from lossviz.sweeps import Sweep
    from lossviz.sweeps.engine import Engine

LOOK_EACH_S = 1.0


def add(commands: Any) -> None:
    """The commands and their options."""
    command = commands.add_parser(
        "sweep",
        help="train a grid of runs: losses × settings × seeds",
        usage="python -m lossviz sweep --loss KEY,KEY [--vary NAME=VALUES ...] [--seeds 5] "
        "[--SETTING VALUE ...]",
        description="Trains every combination, each once: what is there already is not trained again, and a "
        "sweep that was killed goes on. E.g.: sweep --loss arcface,camri --vary margin=0:0.785:9 "
        "--vary scale=1,4,16,64 --seeds 5 --data digits. The settings are those of train.",
    )
    command.add_argument("--loss", required=True, help="keys of losses, parted by commas")
    command.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        help="a setting or parameter: NAME=V,V,..., NAME=LOW:HIGH:COUNT (equal steps) or "
        "NAME=log:LOW:HIGH:COUNT (equal ratios)",
    )
    command.add_argument("--seeds", default="3", help="how many (5), or which (0,7,9)")
    command.add_argument("--subset-seeds", default="", help="of the images drawn; one for all by default")
    command.add_argument("--at-once", help="the most cells trained at once; the cores by default")
    _add_engine(command)
    command.add_argument("--dry", action="store_true", help="say how many cells and how long, train nothing")
    command.add_argument("--background", action="store_true", help="start it, print its id")
    command.set_defaults(run=sweep, more_options=True)
    sweeps = commands.add_parser("sweeps", help="list, show, pause, resume, delete, save and open sweeps")
    does = sweeps.add_subparsers(dest="what", required=True, metavar="COMMAND")
    does.add_parser("list", help="all sweeps, newest first").set_defaults(run=_list)
    for name, told, run in (
        ("show", "the plan, and the cells by state", _show),
        ("pause", "end its processes; begun cells keep their checkpoints", _pause),
        ("resume", "go on with it", _resume),
        ("save", "write its numbers as CSV, or the sweep as one page that opens offline", _save),
        ("delete", "remove it", _delete),
    ):
        action = does.add_parser(name, help=told)
        action.add_argument("id", help="a sweep's id, or how it begins")
        action.set_defaults(run=run)
        if name == "resume":
            action.add_argument("--again", action="store_true", help="try failed cells once more")
            action.add_argument("--at-once", help="the most cells trained at once")
            action.add_argument("--background", action="store_true", help="start it, do not wait")
            _add_engine(action)
        if name == "delete":
            action.add_argument("--cells", action="store_true", help="with the cells that no other sweep has")
        if name == "save":
            action.add_argument("--out", required=True, help="the file, .csv or .html; - for a CSV on screen")
    opening = does.add_parser("open", help="take a sweep that was saved as one page into the store")
    opening.add_argument("file", help="the page, .html")
    opening.set_defaults(run=_open)


def _add_engine(command: argparse.ArgumentParser) -> None:
    command.add_argument("--engine", help="local: processes of this machine; ray: tasks of a Ray cluster")
    command.add_argument(
        "--address", help="of the cluster: auto, HOST:PORT or ray://HOST:PORT; what Ray finds by default"
    )
    command.add_argument("--gpus-each", metavar="SHARE", help="of a GPU, for each cell of a cluster: 0.25")


def _engine(known: argparse.Namespace) -> Engine | None:
    """The engine that is named, ready to be used; None if none is."""
    from lossviz.sweeps.engine import LOCAL, Engine

    if known.engine is None and known.address is None and known.gpus_each is None:
        return None
    engine = Engine.read(known.engine or LOCAL, known.address, known.gpus_each)
    engine.check()
    return engine


def sweep(known: argparse.Namespace, rest: list[str]) -> int:
    """Train what the words say; gives the exit status."""
    from lossviz.runs import RunStore
    from lossviz.sweeps import Plan, SweepStore, cost
    from lossviz.sweeps.engine import LOCAL, Engine

    plan = Plan.read(settings(rest), known.loss.split(","), known.vary, known.seeds, known.subset_seeds)
    engine, at_once, runs = _engine(known), _at_once(known.at_once), RunStore()
    # How many a cluster trains at once shows when it is reached.
    unknown = engine is not None and engine.name != LOCAL and at_once is None
    words = f"{len(plan.cells):,} cells" if unknown else cost.of(plan, runs, at_once).words
    print(f"{plan.title}: {words}")
    if known.dry:
        return 0
    made = SweepStore(runs).create(plan)
    made.start(at_once, engine=engine or Engine())
    if known.background:
        print(made.id)
        return 0
    return _watch(made)


def _at_once(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise ConfigError(f"--at-once must be a whole number of at least 1; got {text[:40]!r}")
    return int(text)


def _watch(made: Sweep) -> int:
    """Tell how a sweep goes until it has ended; Ctrl-C pauses it."""
    line, before = MovingLine(sys.stdout), -1
    try:
        for now in made.watch(LOOK_EACH_S):
            if line.moves or now.ended != before:
                line.put(now.words)
                before = now.ended
    except RunError:
        line.end()
        raise
    except KeyboardInterrupt:
        made.pause()
        line.end()
        print(f"\nlossviz: paused; go on with: python -m lossviz sweeps resume {made.id}", file=sys.stderr)
        return INTERRUPTED
    line.end()
    bad = now.cells["failed"]
    print(f"{made.id}: {now.words}")
    for cell in made.plan.cells:
        result = made.result(cell) if bad else None
        if result is not None and result.state == "failed":
            print(f"lossviz: {cell.id}: {result.reason}", file=sys.stderr)
    return WENT_WRONG if bad else 0


def _of(known: argparse.Namespace) -> Sweep:
    from lossviz.sweeps import SweepStore

    found = SweepStore().get(known.id)
    if found.problem:
        raise RunError(found.problem)
    return found


def _list(known: argparse.Namespace) -> int:
    from lossviz.sweeps import SweepStore

    store = SweepStore()
    found = store.sweeps()
    if not found:
        print(f"no sweeps in {store.runs.path}; make one with: python -m lossviz sweep --loss arcface ...")
    for each in found:
        if each.problem:
            print(f"{each.id}  unreadable: {each.problem}")
            continue
        now = each.standing()
        print(f"{each.id}  {now.word:8} {now.ended:>6,}/{now.total:<6,} {each.plan.title}")
    return 0


def _show(known: argparse.Namespace) -> int:
    found = _of(known)
    now = found.standing()
    print(f"{found.id}: {now.word}: {now.words}" + (f"; {now.problem}" if now.problem else ""))
    print(found.plan.to_command())
    print(f"folder: {found.path}")
    return 0


def _pause(known: argparse.Namespace) -> int:
    found = _of(known)
    found.pause()
    print(f"{found.id}: paused")
    return 0


def _resume(known: argparse.Namespace) -> int:
    found = _of(known)
    found.start(_at_once(known.at_once), again=known.again, engine=_engine(known))
    return 0 if known.background else _watch(found)


def _save(known: argparse.Namespace) -> int:
    from lossviz.sweeps import atlas, share
    from lossviz.sweeps.table import csv_text

    found = atlas.get(known.id) or _of(known)
    if known.out == "-":
        sys.stdout.write(csv_text(found))
        return 0
    path = resolve(known.out, "--out")
    make = {"csv": csv_text, "html": share.page}[output.checked(path, ("csv", "html"))]
    output.write(path, make(found).encode())
    print(f"{path}: {len(found.plan.cells):,} cells")
    return 0


def _open(known: argparse.Namespace) -> int:
    from lossviz.runs import RunStore
    from lossviz.sweeps import share

    made = share.take_in(share.open_page(resolve(known.file, "the file")), RunStore())
    print(f"{made.id}: {made.standing().words}: {made.plan.title}")
    return 0


def _delete(known: argparse.Namespace) -> int:
    from lossviz.sweeps import SweepStore

    store = SweepStore()
    found = store.get(known.id)
    removed = store.delete(found, cells=known.cells)
    print(f"{found.id}: deleted" + (f", with {removed:,} cells" if known.cells else "; its cells stay"))
    return 0
