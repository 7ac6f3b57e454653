"""The command line: `python -m lossviz` or `lossviz`. One file a command."""

from lossviz.cli.main import main

__all__ = ["main"]
