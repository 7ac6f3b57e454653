"""Names of the files that a page gives away: the page, what it shows, and of which runs."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from lossviz.reading.reading import Reading

MOST_LETTERS = 80


def file_name(page: str, what: str, readings: Sequence[Reading]) -> str:
    """A name without an ending, at most 80 letters, digits and dashes: "lossviz-angles-gaps-arcface-camri".

    Runs go by the keys of their losses, several of one loss as "arcface-x3", a file by its name.
    """
    losses = Counter(slug(reading.loss_key or reading.name) for reading in readings)
    runs = [key if count == 1 else f"{key}-x{count}" for key, count in losses.items() if key]
    whole = "-".join(filter(None, ("lossviz", slug(page), slug(what), *runs)))
    return whole[:MOST_LETTERS].rstrip("-")


def slug(text: str) -> str:
    """The text in small letters without accents, digits, and single dashes for all else."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", bare.lower()).strip("-")
