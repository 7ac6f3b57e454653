"""Embeddings as the bytes that the scatter draws, in the app and in animated pages.

The drawing itself is JavaScript, in the files beside this one (README.md). Nothing is computed
here: what a panel shows is given as arrays and texts, checked for its shape, and packed.
"""

from pathlib import Path

from lossviz.figures.scatter.packing import encode
from lossviz.figures.scatter.panel import Options, Panel, Picked, Timeline, Values

__all__ = ["STYLE", "Options", "Panel", "Picked", "Timeline", "Values", "encode"]

STYLE = Path(__file__).parent / "scatter.css"
