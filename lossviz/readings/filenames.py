"""Names of the files that a page gives away: the page, what it shows, and of which runs."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from lossviz.readings.reading import Reading
from lossviz.runs.run import Run

MOST_LETTERS = 80
MOST_LOSSES = 4


def file_name(page: str, what: str, readings: Sequence[Reading]) -> str:
    """A name without an ending, at most 80 letters, digits and dashes: "lossviz-angles-gaps-arcface-camri".

    Runs go by the keys of their losses, several of one loss as "arcface-x3", a file by its name.
    """
    runs = _counted([reading.loss_key or reading.name for reading in readings])
    return _joined("lossviz", slug(page), slug(what), *runs)


def run_file(runs: Sequence[Run], what: str) -> str:
    """A name from the losses and data of runs and what the file shows: "arcface-camri-mnist-training"."""
    configs = [run.config for run in runs if not run.problem]
    data = dict.fromkeys(slug(config.data) for config in configs)
    # If the name is too long, its start is cut, never the word for what the file shows.
    end = f"-{slug(what)}"
    start = _joined(*_counted([config.loss for config in configs]), *data)
    return (start[: MOST_LETTERS - len(end)].rstrip("-") + end).strip("-")


def contours_file(losses: Sequence[str]) -> str:
    """A name for losses over the plane: "contours-soft-d-arcface"; more than four are only counted."""
    many = len(losses) > MOST_LOSSES
    return _joined("contours", *([f"{len(losses)}-losses"] if many else map(slug, losses)))


def _counted(losses: Sequence[str]) -> list[str]:
    found = Counter(map(slug, losses))
    return [key if count == 1 else f"{key}-x{count}" for key, count in found.items() if key]


def _joined(*parts: str) -> str:
    return "-".join(filter(None, parts))[:MOST_LETTERS].rstrip("-")


def slug(text: str) -> str:
    """The text in small letters without accents, digits, and single dashes for all else."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", bare.lower()).strip("-")
