"""Following by routes: JavaScript that asks a route of the server while its page is seen."""

from __future__ import annotations

from pathlib import Path


def source() -> str:
    """The text of the script that components join to their own."""
    return (Path(__file__).parent / "poll.js").read_text(encoding="utf-8")
