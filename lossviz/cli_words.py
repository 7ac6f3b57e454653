"""Words of a command line: options in any order, values that may start with a minus."""

from __future__ import annotations

from collections.abc import Sequence

from lossviz.errors import LossError

SWITCHES = frozenset(
    {"--log", "--shared", "--arrows", "--help", "--background", "--foreground", "--yes"}
)  # options without a value


def joined(words: Sequence[str]) -> list[str]:
    """The words with '--name value' as '--name=value', so that a value may start with a minus and
    losses may stand anywhere."""
    made: list[str] = []
    for word in words:
        last = made[-1] if made else ""
        waits = last.startswith("--") and "=" not in last and last not in SWITCHES
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
            raise LossError(f"unknown argument {word!r}; parameters are given as --name value")
        name, sign, text = word[2:].partition("=")
        if not sign:
            text = next(words, "")
            if not text:
                raise LossError(f"--{name} needs a value")
        found.append((name.replace("-", "_"), text))
    return found


def refuse(rest: Sequence[str]) -> None:
    """LossError if words are left over."""
    if rest:
        raise LossError(f"unknown arguments: {' '.join(rest)}")
