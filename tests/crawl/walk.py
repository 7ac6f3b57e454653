"""The walk through a page: every section, preset and control; what may change with what is declared here."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lossviz.pages.sweep.view import SHARED
from lossviz.pages.sweep.view import VARIED as VARY
from lossviz.ui.page_files import page_file
from tests.crawl.visitor import Seen, Visitor, other_values

# What belongs to a control beside the setting of its own name, in the link or among the controls.
CELL = {"cell", "cell loss", "cell margin", "cell scale", "cell dimension", "cell seed"}
FOLLOWS: dict[str, dict[str, set[str]]] = {
    "contours": {
        **{f"bias {k}": {"biases"} for k in range(10)},
        "classes": {"weights", "centers", "biases", "label", "important", "level"},
        "reach": {"radius"},
        "losses": {"program"},
    },
    # A loss has its own parameters, and a link names them once another loss is chosen.
    "doctor": {"loss": {"margin", "param margin", "scale", "gamma", "section"}},
    "flow": {"loss": {"margin", "scale", "gamma", "rate", "weight_rate", "decay", "weight_decay"}},
    "train": {
        "data": {"classes", "held_out"},
        "runs": {"save run", "fork run", "at"},
        "vary": {"values"},
        "values": {"vary"},
    },
    "imbalance": {"of_class": {"image"}},
    # The chosen cell is one of the sweep shown, at first the best by its measure.
    "sweep": {
        "sweep": {*CELL, "columns", "rows", "measure", "against"},
        "measure": CELL,
        "columns": {"rows"},
        "rows": {"columns"},
        **dict.fromkeys(CELL, CELL),
        "losses": {*VARY, "vary name", "vary2 name", "vary3 name"},
        **{f"{slot} name": {*VARY, "vary name", "vary2 name", "vary3 name", *SHARED} for slot in VARY},
    },
}
# What is read: a file stands for runs, and runs for a file.
SOURCES: dict[str, set[str]] = {"runs": {"file", "at"}, "file": {"runs", "at"}, "part": set(), "at": set()}
# What stands for a whole view.
WHOLE = ("preset", "race")
# Buttons that start a process: pressed where the machine has time.
STARTS = (
    "train",
    "fork",
    "make ",
    "remedy ",
    "again ",
    "offered",
    "do ",
    "start",
    "offer ",
    "resume",
    "cap",
    "delete",
)


def pages() -> list[str]:
    """The pages by name, as many as there are."""
    return sorted(path.stem for path in Path(page_file("contours")).parent.glob("*.py"))


def allowed(visitor: Visitor, name: str) -> set[str]:
    """The names in the link and of controls that may follow a control."""
    plain = name.removeprefix("param ")
    follows = SOURCES | FOLLOWS.get(visitor.page, {})
    return {name, plain, *WHOLE} | follows.get(name, set()) | follows.get(plain, set())


def strays(before: Seen, after: Seen) -> set[str]:
    """The names of settings and controls that differ."""
    links = {n for n in before.link | after.link if before.link.get(n) != after.link.get(n)}
    both = before.values.keys() & after.values.keys()
    return links | {n for n in both if before.values[n] != after.values[n]}


def step(visitor: Visitor, before: Seen, name: str, value: Any) -> None:
    """Give one control another value, and note what else changes and what fails."""
    control = visitor.controls()[name]
    typed, button = control.type in ("text_input", "text_area"), control.type == "button"
    after = visitor.answer(name, value)
    what = f"{visitor.page} {before.link}: {name} = {value!r}"
    said = set(after.errors) - set(before.errors)
    if said and not typed:
        visitor.problems.append(f"{what} says {said}")
    may = allowed(visitor, name)
    changed = strays(before, after)
    if name in SOURCES:
        # What nobody has said follows what is shown.
        changed &= before.link.keys() | after.link.keys()
    if not button and name not in WHOLE and not changed <= may:
        visitor.problems.append(f"{what} changes {changed - may}")
    if said and before.link != after.link:
        visitor.problems.append(f"{what} is refused, and the link is {after.link}")


def sections(visitor: Visitor) -> list[str]:
    """Go through the sections of a page with all their folds. What failed, in words."""
    section = visitor.controls().get("section")
    for value in other_values(section) if section is not None else ():
        step(visitor, visitor.seen(), "section", value)
    return visitor.problems


def walk(visitor: Visitor, done: set[str], every: Iterable[str] = (), starts: bool = False) -> None:
    """Use each control once that is not done; of those named in `every`, each value. starts: the buttons
    that start something too."""
    start, view = visitor.seen(), visitor.view
    for name in list(start.values):
        if name in done or name not in visitor.controls():
            continue
        done.add(name)
        values = list(other_values(visitor.controls()[name]))
        for value in values if name in every else values[:1]:
            step(visitor, start, name, value)
            link, start = start.link, visitor.back_to(view)
            assert start.link == link
    for name in [name for name in visitor.controls() if name not in start.values]:
        button = visitor.controls().get(name)
        able = button is not None and not button.proto.disabled
        if able and name not in done and (starts or not name.startswith(STARTS)):
            done.add(name)
            step(visitor, start, name, True)
            start = visitor.back_to(view)


def crawl(visitor: Visitor, wide: bool = False) -> list[str]:
    """Every section of a page, and each control once where it is first; wide: in every section, with the
    buttons that start something. What failed, in words."""
    done: set[str] = set()
    view = visitor.view
    section = visitor.controls().get("section")
    for value in [None, *(other_values(section) if section is not None else ())]:
        if value is not None:
            step(visitor, visitor.back_to(view), "section", value)
        walk(visitor, {"section"} if wide else done | {"section"}, WHOLE, starts=wide)
        done |= set(visitor.controls())
    visitor.back_to(view)
    return visitor.problems
