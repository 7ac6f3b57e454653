"""JavaScript that every picture on a canvas shares; plain scripts, joined in the order of PARTS."""

from __future__ import annotations

from pathlib import Path

PARTS = ("elements", "speech", "room", "theme", "fill", "isolines", "ticks")


def part(name: str) -> str:
    """The text of one file."""
    return (Path(__file__).parent / f"{name}.js").read_text(encoding="utf-8")


def joined() -> str:
    """The text of all files."""
    return "\n".join(map(part, PARTS))
