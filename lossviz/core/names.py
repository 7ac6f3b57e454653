"""Names and paths as text: for a link, a page, a terminal, a shell."""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from pathlib import Path
from urllib.parse import unquote_to_bytes

from lossviz.core.errors import LossError

_HALVES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029]")
_FILE = "file://"
_JOINED = "\u200d\ufe0e\ufe0f"


def path_text(name: str) -> str:
    """A name or path in letters that a link, a page and a file can hold.

    A path whose bytes are no UTF-8 becomes a file URI, which `path_of` takes; all else stays as it is.
    LossError for what no file can be called.
    """
    try:
        return Path(os.path.expanduser(name)).absolute().as_uri() if _HALVES.search(name) else name
    except UnicodeEncodeError:
        raise LossError(f"no file is called {display_text(name)[:80]!r}: it holds half a character") from None


def path_of(text: str) -> Path:
    """The path that a text stands for; a file URI is one too."""
    return Path(os.fsdecode(unquote_to_bytes(text[len(_FILE) :])) if text.startswith(_FILE + "/") else text)


def nameable(text: str) -> bool:
    """True for a text that a link or a page can hold; a name whose bytes are no UTF-8 is none."""
    return not _HALVES.search(text)


def display_text(text: str) -> str:
    """A text for a reader, with a byte that is no UTF-8 as \\xe9."""
    return _HALVES.sub(lambda half: f"\\x{ord(half[0]) & 0xFF:02x}", text)


def line(text: str) -> str:
    """A text on one line of a terminal: what would break or colour it is written as \\n or \\x1b."""
    return _CONTROLS.sub(lambda sign: repr(sign[0])[1:-1], text)


def shortened(name: str, letters: int) -> str:
    """A name on one line, of at most so many letters: "very long na…"."""
    line = " ".join(name.split())
    end = len(line) if len(line) <= letters else letters - 1
    while 0 < end < len(line) and (unicodedata.combining(line[end]) or line[end] in _JOINED):
        end -= 1  # an accent goes with its letter
    return line if end == len(line) else f"{line[:end].rstrip()}…"


def option(name: str, text: str) -> str:
    """An option of a command as a shell takes it, whatever its value holds: --data 'my images'."""
    sign = "=" if text.startswith("-") else " "
    return f"--{name.replace('_', '-')}{sign}{shlex.quote(text)}"
