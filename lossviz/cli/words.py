"""Words of a command line: options in any order, values that may start with a minus."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from lossviz.core.errors import ConfigError, LossError

Made = TypeVar("Made")
# Options without a value.
SWITCHES = (
    "--help --headless --log --shared --arrows --no-opening --background --yes --force --progress --dry "
    "--again --cells"
)
NAMED, LONG = 5, 60
# Exit statuses of what trains.
INTERRUPTED, WENT_WRONG = 130, 1


def join_values(words: Sequence[str]) -> list[str]:
    """The words with '--name value' as '--name=value', so that a value may start with a minus and
    losses may stand anywhere."""
    made: list[str] = []
    for word in words:
        last = made[-1] if made else ""
        waits = last.startswith("--") and "=" not in last and last not in SWITCHES.split()
        if waits and not word.startswith("--"):
            made[-1] = f"{last}={word}"
        else:
            made.append(word)
    return made


def pairs(rest: Sequence[str]) -> list[tuple[str, str]]:
    """['--margin', '0.4', '--gamma=2'] as pairs of a name and its text; LossError for other words."""
    found: list[tuple[str, str]] = []
    words = iter(rest)
    for word in words:
        if not word.startswith("--"):
            raise LossError(f"unknown argument {brief([word])!r}; parameters are given as --name value")
        name, sign, text = word[2:].partition("=")
        if not sign:
            text = next(words, "")
            if not text:
                raise LossError(f"--{name} needs a value")
        found.append((name.replace("-", "_"), text))
    return found


def settings(rest: Sequence[str]) -> dict[str, str]:
    """The settings of runs that words give, as text by name; ConfigError for one that is given twice."""
    query: dict[str, str] = {}
    for name, text in pairs(rest):
        if name in query:
            raise ConfigError(f"--{name} is given twice; for several values use --vary {name}=...")
        query[name] = text
    return query


def refuse(rest: Sequence[str]) -> None:
    """LossError if words are left over."""
    if rest:
        raise LossError(f"unknown arguments: {brief(rest)}")


def brief(words: Sequence[str]) -> str:
    """The first words, each cut, and how many more there are."""
    named = " ".join(word if len(word) <= LONG else f"{word[:LONG]}…" for word in words[:NAMED])
    return f"{named} and {len(words) - NAMED} more" if len(words) > NAMED else named


def call_with_warnings(make: Callable[..., Made], *given: Any, **named: Any) -> Made:
    """The value of make(*given, **named); each of its warnings goes to the error stream once."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", UserWarning)
        made = make(*given, **named)
    for said in dict.fromkeys(str(warning.message) for warning in heard):
        print(f"lossviz: {said}", file=sys.stderr)
    return made


class MovingLine:
    """A line that is written over on a terminal, and a line each time elsewhere."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.moves = bool(getattr(stream, "isatty", bool)())

    def put(self, text: str) -> None:
        """Show a text in place of the one before."""
        self.write(f"\r\x1b[K{text}" if self.moves else f"{text}\n")

    def write(self, text: str) -> None:
        """Write to the stream at once; a stream of None takes nothing."""
        if self.stream is not None:
            print(text, end="", file=self.stream, flush=True)

    def end(self) -> None:
        """Take the moving line away."""
        if self.moves:
            self.write("\r\x1b[K")


class ShareLine(MovingLine):
    """The share of something that is done: on a terminal, and elsewhere if asked for.

    Elsewhere a line is the share and what is being done, "0.2500 frame 30 of 120", for whoever reads it.
    """

    def __init__(self, stream: Any, asked: bool = False) -> None:
        super().__init__(stream)
        self.asked = asked

    def show(self, what: str, share: float) -> None:
        """Tell the share that is done, and what it is."""
        if self.moves:
            self.put(f"{share:4.0%}  {what}")
        elif self.asked:
            self.put(f"{share:.4f} {what}")
