"""A definition as text that is edited by its syntax: names replaced, statements dropped, all else kept."""

from __future__ import annotations

import ast
import re
from functools import cache

# What tells tools, not readers.
_PRAGMA = re.compile(rb"  # (?:type: ignore|noqa|fmt: skip)[^\n]*")
# The title of a part of a class of which nothing is left.
_TITLE = re.compile(rb"\n\n    # [^\n]*(?=\n\n    # |\n*\Z)")


class Draft:
    """A top-level statement in the source of a module, with its decorators and the comments right above."""

    def __init__(self, source: bytes, node: ast.stmt) -> None:
        self.source, self.node = source, node
        self._edits: set[tuple[int, int, bytes]] = set()

    def rename(self, old: str, new: str) -> None:
        """Give what the statement defines another name."""
        if isinstance(self.node, (ast.FunctionDef, ast.ClassDef)):
            line = _starts(self.source)[self.node.lineno - 1]
            start = self.source.index(old.encode(), line + len("def "))
            self._edits.add((start, start + len(old.encode()), new.encode()))
            return
        for name in ast.walk(self.node):
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store) and name.id == old:
                self.replace(name, new)

    def replace(self, node: ast.expr, new: str) -> None:
        """Write something else in place of an expression."""
        starts = _starts(self.source)
        start = starts[node.lineno - 1] + node.col_offset
        stop = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        self._edits.add((start, stop, new.encode()))

    def drop(self, statement: ast.stmt) -> None:
        """Leave a statement within out, with the comments right above it."""
        self._edits.add((*self._lines(statement), b""))

    def text(self) -> str:
        start, stop = self._lines(self.node)
        parts, place = [], start
        for begin, end, text in sorted(self._edits):
            parts += [self.source[place:begin], text]
            place = max(place, end)
        whole = b"".join([*parts, self.source[place:stop]])
        whole = re.sub(rb"\n{3,}", b"\n\n", whole.strip(b"\n"))
        if isinstance(self.node, ast.ClassDef):
            whole = _TITLE.sub(b"", whole)
            whole += b"" if _is_whole(whole) else b"\n    pass"
        return _PRAGMA.sub(b"", whole).decode()

    def _lines(self, node: ast.stmt) -> tuple[int, int]:
        """The bytes of whole lines from which and to which a statement stands."""
        starts = _starts(self.source)
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
        while first and self.source[starts[first - 1] : starts[first]].strip().startswith(b"#"):
            first -= 1
        return starts[first], starts[node.end_lineno or node.lineno]


@cache
def _starts(source: bytes) -> list[int]:
    """The places at which the lines begin, and the end."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _is_whole(text: bytes) -> bool:
    try:
        return bool(ast.parse(text))
    except SyntaxError:
        return False
