"""See what a classification loss does: losses, fields, training and pictures of them.

>>> import lossviz
>>> field = lossviz.fields.compute("arcface", margin=0.4)
>>> figure = lossviz.figures.contours([field])

Submodules load when first used; importing lossviz imports neither streamlit, umap nor matplotlib.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from lossviz.core import errors

__version__ = "0.1.0"

# As short a name as the errors of a library should have: `from lossviz.errors import LossvizError`.
sys.modules[f"{__name__}.errors"] = errors

_SUBMODULES = ("data", "fields", "figures", "losses", "metrics", "readings", "runs", "training")

__all__ = ["__version__", "errors", *_SUBMODULES]


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return importlib.import_module(f"lossviz.{name}")
    raise AttributeError(f"module 'lossviz' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
