"""Results in, figure out; nothing is computed here.

`contours`, `difference` and `save` make print figures (matplotlib); `lines`, `surface` and `Curve`
are the figures for the screen (plotly), and `screen.difference` is the screen's difference map.
`chart` describes any other picture once: `screen_chart` draws it with plotly, `print_chart` with
matplotlib; `table` is what stands beside it.
Importing this package imports neither library: each loads with the first figure that needs it.
"""

from __future__ import annotations

import importlib
from typing import Any

from lossviz.core.paths import place_matplotlib

# Before matplotlib is imported, whichever module does it.
place_matplotlib()

_MODULES = ("levels", "palette", "print", "screen")
_HOME = {
    "contours": "print",
    "difference": "print",
    "save": "print",
    "lines": "screen",
    "surface": "screen",
    "Curve": "screen",
}

__all__ = [*_MODULES, *_HOME]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"lossviz.figures.{name}")
    if name in _HOME:
        return getattr(importlib.import_module(f"lossviz.figures.{_HOME[name]}"), name)
    raise AttributeError(f"module 'lossviz.figures' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
