"""The text of a program: import lines, and the definitions by module."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable

from lossviz.programs.collection import Collection


def imports_of(lines: Iterable[str]) -> list[str]:
    """Import lines, those of the standard library first, names of one module together."""
    plain = sorted({line for line in lines if line.startswith("import")})
    names: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith("from"):
            module, _, name = line.removeprefix("from ").partition(" import ")
            names.setdefault(module, set()).add(name)
    every = [*plain, *(f"from {m} import {', '.join(sorted(n))}" for m, n in sorted(names.items()))]
    standard = [line for line in every if package_of(line) in sys.stdlib_module_names]
    others = [line for line in every if line not in standard]
    return [*standard, *([""] if standard and others else []), *others]


def packages_of(lines: Iterable[str]) -> list[str]:
    """The packages outside of the standard library that import lines name."""
    return sorted({package_of(line) for line in lines} - sys.stdlib_module_names)


def package_of(line: str) -> str:
    """The package that an import line names."""
    return line.split()[1].split(".")[0]


def sections_of(collection: Collection, first: Iterable[Callable[..., object]] = ()) -> list[str]:
    """The lines of all definitions, each module under a heading: its file, and what it is about.

    first: functions whose modules come early.
    """
    lines: list[str] = []
    for home, texts in collection.sections(first):
        lines += ["", "", *_heading(home.file, home.title), ""]
        before = ""
        for text in texts:
            # Constants stand together, functions and classes apart.
            apart = not (before and _is_constant(before) and _is_constant(text))
            lines += [*(["", ""] if before and apart else []), text]
            before = text
    return lines


def _heading(file: str, title: str) -> list[str]:
    return [f"# {'-' * 20} {file}", f"# {title}"]


def _is_constant(text: str) -> bool:
    return isinstance(ast.parse(text).body[0], (ast.Assign, ast.AnnAssign)) and "\n\n" not in text
