"""Imports that another thread has begun: a page that needs them whole waits."""

from __future__ import annotations

import importlib
import sys


def finish(name: str = "pandas") -> None:
    """Wait until a module is whole, if a thread is importing it; one that nobody has asked for stays away.

    plotly uses pandas as soon as it is among the modules, and Streamlit imports it for the first table: the
    picture of one thread fails while the import of another goes on.
    """
    if name in sys.modules:
        importlib.import_module(name)
