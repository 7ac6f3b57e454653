"""The atlas: sweeps that were trained once, by `make atlas`, and come with the project.

>>> from lossviz.sweeps import atlas
>>> atlas.sweeps()[0].plan.title
'arcface: angular margin × scale, 5 seeds'
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lossviz.core.errors import LossvizError, RunError
from lossviz.runs.store import RunStore
from lossviz.sweeps import bundle, unpacking
from lossviz.sweeps.atlas.presets import ENTRIES, Entry
from lossviz.sweeps.plan import Cell, Plan
from lossviz.sweeps.results import Result
from lossviz.sweeps.store import FOLDER, Sweep
from lossviz.training.images import Points

FILES = Path(__file__).parent
# Ids of its sweeps begin so; those of a store begin with "s-".
PREFIX = "atlas-"


class AtlasSweep(Sweep):
    """A sweep of the atlas: like one of a store, all of whose cells have ended; nothing of it can be changed.

    Its cells have no folders. `path` is where it would lie in the store of this program.
    """

    def __init__(self, name: str) -> None:
        super().__init__(RunStore().path / FOLDER / f"{PREFIX}{name}")
        self.name = name

    @property
    def entry(self) -> Entry:
        """What it is about."""
        return ENTRIES[self.name]

    @property
    def plan(self) -> Plan:
        """The plan with which it was trained."""
        return _contents(self.name).plan

    @property
    def problem(self) -> str:
        """Why it cannot be read, as a sentence; "" when it can."""
        try:
            _contents(self.name)
        except LossvizError as error:
            return str(error)
        return ""

    def state(self, cell: Cell) -> str:
        """The state in which a cell ended."""
        result = self.result(cell)
        return "waiting" if result is None else result.state

    def result(self, cell: Cell) -> Result | None:
        """The result of a cell."""
        return _contents(self.name).results.get(cell.id)

    def points(self, cell: Cell) -> Points | None:
        """The test images that a cell shows."""
        return _contents(self.name).images.get(cell.id)


@dataclass(frozen=True)
class Making:
    """How the atlas was made: the command, the versions of what trained it, the machine, the day, and the
    seconds that all cells took together."""

    command: str
    versions: dict[str, str]
    machine: str
    day: str
    cells: int
    seconds: float

    @property
    def words(self) -> str:
        """How it was made: "made on 2026-12-01 by make atlas with torch 2.13.0"."""
        with_what = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return f"made on {self.day} by {self.command} with {with_what}"


def making() -> Making:
    """How the atlas was made. RunError if that file is damaged or missing."""
    try:
        return Making(**json.loads((FILES / "made.json").read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise RunError(f"atlas: made.json cannot be read ({error!s:.80}); `make atlas` makes it") from None


def sweeps() -> list[AtlasSweep]:
    """The sweeps of the atlas whose files are there, in the order of its plans."""
    return [AtlasSweep(name) for name in ENTRIES if _file(name).is_file()]


def get(id: str) -> AtlasSweep | None:
    """The sweep of an id; None for an id that is not of the atlas."""
    return next((sweep for sweep in sweeps() if sweep.id == id), None)


def write(name: str, sweep: Sweep) -> Path:
    """Write the file of an entry from a sweep that has trained its plan; gives its path."""
    path = _file(name)
    # A fixed time: the same cells give the same file.
    path.write_bytes(gzip.compress(bundle.encode(sweep), 9, mtime=0))
    return path


def _file(name: str) -> Path:
    return FILES / f"{name}.sweep.gz"


@lru_cache(maxsize=len(ENTRIES))
def _contents(name: str) -> unpacking.Contents:
    try:
        message = gzip.decompress(_file(name).read_bytes())
    except (OSError, EOFError, ValueError) as error:
        raise RunError(f"atlas: {name} cannot be read ({error!s:.80}); `make atlas` makes it") from None
    return unpacking.read(message)
