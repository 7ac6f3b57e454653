"""Matrices of numbers with a row and a column for each class, as text and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from lossviz.core.points import exact_text
from lossviz.core.text import number_text

Matrix = tuple[tuple[float, ...], ...]
# In words, so many entries are named one by one.
MOST_NAMED = 3


def parse_matrix(text: str) -> Matrix:
    """'0,1,4/1,0,1/1,1,0': rows parted by "/", numbers by ","; ValueError for anything else."""
    return tuple(tuple(float(number) for number in row.split(",")) for row in text.split("/"))


def matrix_text(matrix: Sequence[Sequence[float]]) -> str:
    """A matrix as `parse_matrix` reads it."""
    return "/".join(",".join(map(exact_text, row)) for row in matrix)


def tuples(value: Any) -> Any:
    """Lists within lists, as JSON has them, as tuples."""
    return tuple(map(tuples, value)) if isinstance(value, (list, tuple)) else value


def between(matrix: Sequence[Sequence[float]]) -> dict[tuple[int, int], float]:
    """The entries between two classes, by (row, column)."""
    return {(i, j): v for i, row in enumerate(matrix) for j, v in enumerate(row) if i != j}


def matrix_words(matrix: Sequence[Sequence[float]]) -> str:
    """The entries that differ from the most frequent one: "3 taken for 8: 4; else 1"."""
    entries = between(matrix)
    usual = Counter(entries.values()).most_common(1)[0][0]
    others = [(place, value) for place, value in entries.items() if value != usual]
    said = [f"{i} taken for {j}: {number_text(v)}" for (i, j), v in others[:MOST_NAMED]]
    if more := len(others) - len(said):
        said.append(f"{more} more")
    return "; ".join([*said, f"{'else' if said else 'all'} {number_text(usual)}"])
