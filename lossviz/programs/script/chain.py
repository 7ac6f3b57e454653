"""The runs that a program trains one after the other: a run, and before it those it was forked from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lossviz.programs.script import program
from lossviz.programs.script.book import Book, reached
from lossviz.programs.script.program import Facts
from lossviz.training.config import RunConfig

Stage = tuple[RunConfig, Facts]


def stages(config: RunConfig, facts: Facts) -> list[Stage]:
    """A run and the runs that it goes back to, the first one first; each knows how far it is trained."""
    found = [(config, facts)]
    while found[0][1].origin is not None:
        until, (config, facts) = found[0][0].fork_epoch, found[0][1].origin
        found.insert(0, (config, replace(facts, until=until)))
    return found


def books(runs: Sequence[Stage]) -> list[Book]:
    """A book for each run, the last one's with `main`. What is alike in several has one name in all.

    Two drafts decide it: parts and numbers with all that they need are alike if their text is.
    """
    renamed = [{}] if len(runs) == 1 else _renamed([_book(run, n) for n, run in enumerate(runs)])
    made: list[Book] = []
    for run, names in zip(runs, renamed, strict=True):
        before = made[-1].names[(program.__name__, "trained")] if made else ""
        made.append(_book(run, len(made), names, before, last=len(made) + 1 == len(runs)))
    return made


def _book(
    run: Stage, number: int, names: dict[str, str] | None = None, before: str = "", last: bool = False
) -> Book:
    config, facts = run
    # In a draft a name that no other has: two forks are never alike.
    before = before or (f"trained_before_{number}" if config.fork_run else "")
    book = Book({"config": config, "facts": facts, "spec": config.spec}, names, before)
    book.resolved(program, "main" if last else "trained")
    return book


def _renamed(drafts: Sequence[Book]) -> list[dict[str, str]]:
    """For each book the names that must change; the last one's stay."""
    known: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    renamed: list[dict[str, str]] = []
    for back, book in enumerate(reversed(drafts)):
        names: dict[str, str] = {}
        for name in (*book.plain.values(), *book.constants):
            alike = (name, _whole(book, name))
            if alike not in known:
                known[alike] = name if name not in taken else _earlier(name, back)
                taken.add(known[alike])
            names[name] = known[alike]
        renamed.insert(0, names)
    return renamed


def _whole(book: Book, name: str) -> str:
    """A part or a number with all that it needs, as text."""
    parts, constants, imports = reached([book], name)
    texts = [*(book.parts[n] for n in parts), *(f"{n} = {book.constants[n][0]}" for n in constants)]
    return "\n".join([*texts, *sorted(imports)])


def _earlier(name: str, back: int) -> str:
    """The name in a run so many forks back."""
    number = "" if back == 1 else str(back)
    if name.isupper():
        return f"{name}_BEFORE{number}"
    return f"{name}Before{number}" if name[0].isupper() else f"{name}_before{number}"
