"""Values as source: numbers, texts, tuples, functions, and records of what is asked of them."""

from __future__ import annotations

import dataclasses
import inspect
import json
import math
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from types import FunctionType
from typing import Any

from lossviz.core.errors import ProgramError
from lossviz.programs.collection import Collection
from lossviz.programs.modules import Key, is_ours, key_of

WIDTH = 108


class Values:
    """Writes values into a program, and takes what they need into its collection.

    A dataclass of ours becomes a record with those fields, properties and methods without arguments that the
    collected code asks for: plain data, unless the code makes such objects itself. paths: how a path is
    written. notes: what to say of fields, by type and field.
    """

    def __init__(
        self,
        collection: Collection,
        paths: Callable[[Path], str] | None = None,
        notes: Mapping[type, Mapping[str, str]] | None = None,
    ) -> None:
        self.collection, self.paths, self.notes = collection, paths, dict(notes or {})
        self.kinds: dict[Key, type] = {}

    def take(self, *values: Any) -> None:
        """Take what the values need, until the code that comes with them asks for nothing more."""
        before = -1
        while before != (now := self._state()):
            before = now
            for value in values:
                for part in self._parts(value):
                    self.collection.add(part)

    def _state(self) -> int:
        own = self.collection
        return len(own.definitions) + len(own.attributes) + len(own.read) + len(own.strings) + len(own.called)

    def functions(self, *values: Any) -> list[Callable[..., object]]:
        """The functions within values that were taken."""
        return [part for value in values for part in self._parts(value)]

    def _parts(self, value: Any) -> Iterator[Any]:
        """The functions and classes within a value."""
        if isinstance(value, (FunctionType, type)):
            yield value
        elif isinstance(value, partial):
            yield from self._parts([value.func, *value.args, value.keywords])
        elif isinstance(value, Mapping):
            yield from self._parts([*value, *value.values()])
        elif isinstance(value, (list, tuple, set, frozenset)):
            for part in value:
                yield from self._parts(part)
        elif _is_record(value):
            self.kinds[key_of(type(value))] = type(value)
            for _, part, _ in self._members(value):
                yield from self._parts(part)

    def _members(self, value: Any) -> Iterator[tuple[str, Any, bool]]:
        """The fields, properties and methods of a record that are asked for; methods are marked."""
        kind, own = type(value), self.collection
        for field in dataclasses.fields(kind):
            part = getattr(value, field.name)
            by_name = isinstance(part, (str, int, float)) and field.name in own.strings  # getattr
            asked = own.attributes if callable(part) else own.read
            if self._is_constructed(kind) or by_name or field.name in asked:
                yield field.name, part, False
        if self._is_constructed(kind):
            return
        for name, member in inspect.getmembers(kind):
            if isinstance(member, (property, cached_property)) and name in own.read:
                yield name, getattr(value, name), False
            elif name in own.called and _is_without_arguments(member):
                yield name, getattr(value, name)(), True

    def _is_constructed(self, kind: type) -> bool:
        """The collected code makes objects of this class itself."""
        return key_of(kind) in self.collection.full

    def records(self) -> list[str]:
        """The classes of the records that are plain data, as text; to be asked once all values are taken."""
        made = []
        for key, kind in self.kinds.items():
            if not self._is_constructed(kind):
                self.collection.records.add(key)
                title = (inspect.getdoc(kind) or "").partition("\n")[0]
                made.append(f'class {kind.__name__}(SimpleNamespace):\n    """{title}"""')
        return made

    def text(self, value: Any, indent: int = 0) -> str:
        """The source of a value, whose further lines are indented by so many spaces."""
        if isinstance(value, Path) and self.paths is not None:
            return self.paths(value)
        if isinstance(value, str):
            return json.dumps(value, ensure_ascii=False)
        if isinstance(value, float) and not math.isfinite(value):
            return f'float("{value}")'
        if isinstance(value, (bool, int, float, type(None))):
            return repr(value)
        if isinstance(value, (FunctionType, type)):
            return self.collection.names[key_of(value)] if is_ours(value.__module__) else value.__name__
        if isinstance(value, partial):
            self.collection.require("from functools import partial")
            named = [f"{name}={self.text(part)}" for name, part in value.keywords.items()]
            return f"partial({', '.join([*map(self.text, (value.func, *value.args)), *named])})"
        if isinstance(value, Mapping):
            pairs = [f"{self.text(k)}: {self.text(v, indent + 4)}" for k, v in value.items()]
            return _wrapped("{", pairs, "}", indent)
        if isinstance(value, (set, frozenset)):
            items = sorted(self.text(item) for item in value)
            return f"{type(value).__name__}({_wrapped('[', items, ']', indent)})"
        if isinstance(value, (list, tuple)):
            items = [self.text(item, indent + 4) for item in value]
            if isinstance(value, tuple):
                return f"({items[0]},)" if len(items) == 1 else _wrapped("(", items, ")", indent)
            return _wrapped("[", items, "]", indent)
        if _is_record(value):
            return self._record(value, indent)
        raise ProgramError(f"{value!r}: cannot be written as source")

    def _record(self, value: Any, indent: int) -> str:
        kind = type(value)
        notes = self.notes.get(kind, {})
        items, said = [], []
        for name, part, is_method in self._members(value):
            items.append(f"{name}={'lambda: ' if is_method else ''}{self.text(part, indent + 4)}")
            said.append(notes.get(name, ""))
        name = self.collection.names.get(key_of(kind), kind.__name__)
        return _wrapped(f"{name}(", items, ")", indent, said)


def _is_record(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type) and is_ours(type(value).__module__)


def _is_without_arguments(member: Any) -> bool:
    return isinstance(member, FunctionType) and len(inspect.signature(member).parameters) == 1


def _wrapped(start: str, items: list[str], end: str, indent: int, notes: list[str] | None = None) -> str:
    """Items on one line where they fit and have no notes, else on a line each."""
    line = f"{start}{', '.join(items)}{end}"
    if not any(notes or ()) and "\n" not in line and len(line) <= WIDTH - indent - 20:
        return line
    margin = " " * (indent + 4)
    rows = []
    for item, note in zip(items, notes or [""] * len(items), strict=True):
        row = f"{margin}{item},"
        rows.append(f"{row}  # {note}" if note and len(row) + len(note) + 4 <= WIDTH else row)
    return "\n".join([start, *rows, " " * indent + end])
