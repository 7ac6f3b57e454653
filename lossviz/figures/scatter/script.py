"""The JavaScript and the style sheet of the scatter: files of one subject each, joined.

Plain scripts that share one scope: none imports or exports. Who draws with them adds an entry of
its own at the end: lossviz/ui/components/scatter/main.js for Streamlit, replay.js for animated pages.
"""

from __future__ import annotations

from pathlib import Path

from lossviz.figures import canvas

PARTS = (
    "packet",
    "layout",
    "page",
    "planes",
    "ground",
    "inks",
    "markers",
    "points",
    "weights",
    "names",
    "axes",
    "legend",
    "seen",
    "events",
    "pointing",
    "keys",
    "peek",
    "card",
    "timeline",
    "painting",
)
_HERE = Path(__file__).parent


def drawing() -> str:
    """Everything that draws and listens, without an entry."""
    return (
        canvas.joined()
        + "\n"
        + "\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in PARTS)
    )


def replay() -> str:
    """The entry for pages that hold all their frames."""
    return (_HERE / "replay.js").read_text(encoding="utf-8")


def style() -> str:
    """The text of the style sheet."""
    return (_HERE / "scatter.css").read_text(encoding="utf-8")


def page_style() -> str:
    """The text of the style sheet of the page around a replay."""
    return (_HERE / "replay.css").read_text(encoding="utf-8")
