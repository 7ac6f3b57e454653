"""The definitions that some functions need, taken from their modules as they stand there.

Functions, classes and constants come whole, with their comments; of a class only the methods that
something asks for. Nothing is evaluated and nothing decided: the text is the library's own, but for names
that would clash and for the prefixes of modules, which a single file has not.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from lossviz.core.errors import ProgramError
from lossviz.programs.draft import Draft
from lossviz.programs.modules import Imported, Key, Module, key_of, module
from lossviz.programs.scopes import Reference, Uses, uses

Function = Callable[..., object]


@dataclass(frozen=True)
class Definition:
    """A top-level statement of a module of ours.

    names: those that it binds. own: what it uses, of a class without its methods. members: the methods of a
    class by name, with what they use.
    """

    home: Module
    node: ast.stmt
    names: tuple[str, ...]
    own: Uses
    members: dict[str, tuple[ast.FunctionDef, Uses]]


class Collection:
    """Definitions by module and name, with all that they need.

    instead: functions that stand in place of others. texts: those that stand in place of definitions.
    records: classes of which only data is needed (values.Values); their definitions are not taken.
    attributes, read, called: names of attributes that the definitions use, as in scopes.Uses.
    """

    def __init__(self, instead: Mapping[Function, Function] | None = None) -> None:
        self.instead = {key_of(old): key_of(new) for old, new in (instead or {}).items()}
        self.texts: dict[Key, str] = {}
        self.definitions: dict[Key, Definition] = {}
        self.full: set[Key] = set()  # those that more than annotations need
        self.imports: dict[str, str] = {}
        self.records: set[Key] = set()
        self.attributes: set[str] = set()
        self.read: set[str] = set()
        self.called: set[str] = set()
        self._strings: dict[str, set[str]] = {}
        self._by_name: set[str] = set()
        self.references: list[tuple[Key, Reference]] = []
        self._methods: set[tuple[Key, str]] = set()
        self._all_methods: set[Key] = set()

    def add(self, value: Function) -> Key:
        """Take a function or a class, and all that it needs."""
        key = key_of(value)
        self._want(key, typed=False)
        self._settle()
        return key

    def set_text(self, function: Function, text: str, *imports: str) -> None:
        """Take a text in place of a function's own; imports: lines that the text needs."""
        self.texts[key_of(function)] = text
        for line in imports:
            self.require(line)

    def _want(self, key: Key, typed: bool) -> None:
        if not key[1]:
            raise ProgramError(f"{key[0]}: is used as a value, and a single file has no modules")
        definition = _definition(module(key[0]), key[1])
        key = (key[0], definition.names[0])
        self.definitions[key] = definition
        if not typed and key not in self.full:
            self.full.add(key)
            if key not in self.texts:
                self._use(key, definition.own)
                if _is_framework_class(key):
                    self._keep_whole(key)

    def _keep_whole(self, key: Key) -> None:
        """Take all methods of a class and of its bases: the framework may call them."""
        self._all_methods.add(key)
        for base in _bases(key):
            if isinstance(base, tuple):
                self._keep_whole(base)

    def _use(self, key: Key, used: Uses) -> None:
        self.attributes |= used.attributes
        self.read |= used.read
        self.called |= used.called
        self._strings.setdefault(key[0], set()).update(used.strings)
        self._by_name |= {key[0]} if used.by_name else set()
        for reference in used.references:
            self.references.append((key, reference))
            to = self._target(reference)
            if isinstance(to, Imported):
                self.require(to.line)
            else:
                # What an annotation names is a type: an alias is needed whole, a class by its name alone.
                self._want(to, reference.typed and _is_class(to))

    def _target(self, reference: Reference) -> Key | Imported:
        to = reference.to
        return self.instead.get(to, to) if isinstance(to, tuple) else to

    def require(self, line: str) -> None:
        """Take an import line; ProgramError where its name stands for something else already."""
        name = line.rpartition(" ")[2]
        if self.imports.setdefault(name, line) != line:
            raise ProgramError(f"{name} is imported as two things: {line!r}, {self.imports[name]!r}")

    def _settle(self) -> None:
        """Take the methods that something asks for, until no more are."""
        while True:
            new = [
                (key, name)
                for key in sorted(self.full - set(self.texts))
                for name in self.definitions[key].members
                if (key, name) not in self._methods
                and (name in self.attributes or _is_special(name) or key in self._all_methods)
            ]
            if not new:
                return
            for key, name in new:
                self._methods.add((key, name))
                self._use(key, self.definitions[key].members[name][1])

    @property
    def strings(self) -> set[str]:
        """The texts in modules that ask for attributes by name."""
        return set().union(*(self._strings[name] for name in self._by_name))

    # Names.

    @cached_property
    def names(self) -> dict[Key, str]:
        """The name of each definition in the program: its own, unless two would be called the same, or a
        function that needs it has a variable of that name."""
        every = {(key[0], name): name for key, d in self.definitions.items() for name in d.names}
        shared: dict[str, list[Key]] = {}
        for key, name in every.items():
            shared.setdefault(name, []).append(key)
        clash = {key for keys in shared.values() if len(keys) > 1 for key in keys}
        clash |= {key for key, name in every.items() if name in self.imports}
        for _, reference in self.references:
            to = self._target(reference)
            if isinstance(to, tuple) and to[1] in reference.bound:
                clash.add(to)
        return {key: _qualified(key) if key in clash else name for key, name in every.items()}

    # Text.

    def sections(self, first: Iterable[Function] = ()) -> list[tuple[Module, list[str]]]:
        """The definitions as text by module, those that others need first.

        first: functions whose modules come as early as may be, in this order.
        """
        order: list[str] = []

        def visit(name: str) -> None:
            if name in order or name in waiting:
                return
            waiting.add(name)
            for key, reference in self.references:
                to = self._target(reference)
                if key[0] == name and isinstance(to, tuple):
                    visit(to[0])
            order.append(name)

        waiting: set[str] = set()
        for key in (*map(key_of, first), *self.definitions):
            visit(key[0])
        made = []
        for name in order:
            own = [key for key in self.definitions if key[0] == name and key not in self.records]
            own.sort(key=lambda key: self.definitions[key].node.lineno)
            made.append((module(name), [self._text(key) for key in own]))
        return [(home, texts) for home, texts in made if texts]

    def _text(self, key: Key) -> str:
        definition, new = self.definitions[key], self.names[key]
        if key in self.texts:
            return self.texts[key]
        if key not in self.full:
            return _stub(definition.node, new)
        draft = Draft(definition.home.source, definition.node)
        for name in definition.names:
            if name != self.names[(key[0], name)]:
                draft.rename(name, self.names[(key[0], name)])
        self._rewrite(draft, definition.own)
        for name, (member, used) in definition.members.items():
            if (key, name) in self._methods:
                self._rewrite(draft, used)
            else:
                draft.drop(member)
        return draft.text()

    def _rewrite(self, draft: Draft, used: Uses) -> None:
        """Replace references by their names in the program."""
        for reference in used.references:
            to = self._target(reference)
            if isinstance(to, tuple) and ast.unparse(reference.node) != self.names[to]:
                draft.replace(reference.node, self.names[to])
        for statement in used.imports:
            draft.drop(statement)


@cache
def _definition(home: Module, name: str) -> Definition:
    node = home.definitions[name]
    names = tuple(name for name, other in home.definitions.items() if other is node)
    if not isinstance(node, ast.ClassDef):
        return Definition(home, node, names, uses(home.name, [node]), {})
    methods = {m.name: (m, uses(home.name, [m])) for m in node.body if isinstance(m, ast.FunctionDef)}
    head = ast.ClassDef(
        name=node.name,
        bases=node.bases,
        keywords=node.keywords,
        decorator_list=node.decorator_list,
        body=[statement for statement in node.body if not isinstance(statement, ast.FunctionDef)],
    )
    return Definition(home, node, names, uses(home.name, [head]), methods)


def _is_class(key: Key) -> bool:
    return isinstance(module(key[0]).definitions.get(key[1]), ast.ClassDef)


def _bases(key: Key) -> list[Key | Imported]:
    """The bases of a class, without builtins."""
    node = module(key[0]).definitions[key[1]]
    bases = uses(key[0], node.bases if isinstance(node, ast.ClassDef) else ()).references
    return [reference.to for reference in bases]


def _is_framework_class(key: Key) -> bool:
    """A class that derives from one that is not ours."""
    return any(isinstance(base, Imported) or _is_framework_class(base) for base in _bases(key))


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _qualified(key: Key) -> str:
    """A name with that of its module before it: adversary_build, Small_Net, DATASET_CHUNK."""
    stem, name = key[0].rpartition(".")[2].strip("_"), key[1].strip("_")
    if name.isupper():
        return f"{stem.upper()}_{name}"
    return stem.title().replace("_", "") + name if name[0].isupper() else f"{stem}_{name}"


def _stub(node: ast.stmt, name: str) -> str:
    """A class that only annotations name."""
    assert isinstance(node, ast.ClassDef)
    title = (ast.get_docstring(node) or "").partition("\n")[0]
    return f'class {name}:\n    """{title}"""' if title else f"class {name}: ..."
