"""See what a classification loss does: losses, fields, training and pictures of them.

>>> import lossviz
>>> field = lossviz.fields.compute("arcface", margin=0.4)
>>> figure = lossviz.figures.contours([field])

Submodules load when first used; importing lossviz imports neither streamlit, umap nor matplotlib.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_SUBMODULES = ("fields", "figures", "losses", "pictures", "presets", "probe", "profiles", "spec", "views")

__all__ = ["__version__", *_SUBMODULES]


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f"lossviz.{name}")
    raise AttributeError(f"module 'lossviz' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
