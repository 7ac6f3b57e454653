"""Reasons why runs are not running, in sentences: each once, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from lossviz.core.text import listed
from lossviz.runs.names import legend
from lossviz.runs.run import Run


def troubles(runs: Sequence[Run]) -> list[str]:
    """A sentence for each reason for which runs ended before their time, naming these runs.

    Resume is offered only where there is a checkpoint to go on from; else the reason says what to do.
    """
    readable = [run for run in runs if not run.problem]
    names = legend(readable)
    found: dict[tuple[str, bool], list[str]] = {}
    for run in readable:
        now = run.status
        able = run.has_checkpoint and (now.resumable or bool(now.silent))
        if now.state in ("failed", "lost", "diverged") and now.reason:
            told = f"{now.state}. {_sentence(now.reason)}"
        elif now.silent:
            told = f"{now.word}. {_sentence(now.silent)} End ends the process."
        else:
            continue
        found.setdefault((told, able), []).append(names[run.id])
    return [f"{listed(who)}: {told}{_goes_on(who) if able else ''}" for (told, able), who in found.items()]


def _sentence(text: str) -> str:
    """With a capital, unless it begins with a name as in "mnist: ..."; with a full stop."""
    named = text.split(maxsplit=1)[0].endswith(":")
    return f"{text if named else text[:1].upper() + text[1:]}".rstrip(".") + "."


def _goes_on(names: Sequence[str]) -> str:
    return f" Resume goes on from {'its last checkpoint' if len(names) == 1 else 'their last checkpoints'}."
