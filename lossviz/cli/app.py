"""The command `app`: the pages, in the browser."""

from __future__ import annotations

import argparse
import importlib.util
import runpy
import sys
from typing import Any

from lossviz.core.errors import ConfigError
from lossviz.ui.page_files import APP


def add(commands: Any) -> None:
    """Add the command and its options."""
    command = commands.add_parser("app", help="open the app in the browser")
    command.add_argument("--port", type=int, default=8501, help="of the server (default 8501)")
    command.add_argument(
        "--address",
        default="127.0.0.1",
        help="of the server (default 127.0.0.1, one's own machine); any other shares it, with limits",
    )
    command.add_argument("--headless", action="store_true", help="without opening a browser")
    command.set_defaults(run=_app)


def _app(known: argparse.Namespace) -> int:
    if importlib.util.find_spec("streamlit") is None:
        raise ConfigError("the app needs Streamlit, which is not installed: pip install 'lossviz[app]'")
    flags = [f"--server.port={known.port}", f"--server.address={known.address}"]
    if known.headless:  # else Streamlit decides: on a server without a screen there is no browser to open
        flags.append("--server.headless=true")
    # In this process, so that what ends the command ends the server.
    sys.argv = ["streamlit", "run", APP, *flags]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return 0
