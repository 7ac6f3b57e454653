"""Modules as text: what each defines at its top level, what it imports, and where a name leads."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from lossviz.core.errors import ProgramError

# Whose definitions are taken along; everything else is imported.
OURS = ("lossviz", "models")

Key = tuple[str, str]  # module, name


@dataclass(frozen=True)
class Imported:
    """An import: of `origin.name`, or of the module `origin` itself; line: the statement."""

    origin: str
    name: str
    line: str


@dataclass(frozen=True, eq=False)
class Module:
    """The source of a module; definitions: top-level statements by the names that they bind."""

    name: str
    source: bytes
    tree: ast.Module
    definitions: dict[str, ast.stmt]
    imports: dict[str, Imported]

    @property
    def title(self) -> str:
        """The first line of its docstring."""
        return (ast.get_docstring(self.tree) or "").partition("\n")[0]

    @property
    def file(self) -> str:
        """Its file, as a reader finds it: lossviz/losses/angular.py."""
        return self.name.replace(".", "/") + ".py"


@cache
def module(name: str) -> Module:
    """A module of ours by its name."""
    text = inspect.getsource(sys.modules.get(name) or import_module(name))
    tree = ast.parse(text)
    definitions: dict[str, ast.stmt] = {}
    for statement in tree.body:
        for bound in names_bound(statement):
            definitions[bound] = statement
    imports: dict[str, Imported] = {}
    for node in _outside_functions(tree):
        imports |= imported(node)
    return Module(name, text.encode(), tree, definitions, imports)


def names_bound(statement: ast.stmt) -> list[str]:
    """The names that a definition binds: of a function, a class, or constants."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, ast.AnnAssign):
        targets: list[ast.expr] = [statement.target]
    else:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
    names = (n for target in targets for n in ast.walk(target) if isinstance(n, ast.Name))
    return [name.id for name in names if isinstance(name.ctx, ast.Store)]


def _outside_functions(node: ast.AST) -> list[ast.AST]:
    """The statements of a module that run when it is imported, and those under `if TYPE_CHECKING`."""
    found: list[ast.AST] = []
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.ClassDef, ast.expr)):
            found += [child, *_outside_functions(child)]
    return found


def imported(node: ast.AST) -> dict[str, Imported]:
    """The names that an import statement binds; none for other nodes."""
    found: dict[str, Imported] = {}
    if isinstance(node, ast.Import):
        for alias in node.names:
            line = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
            whole = alias.name if alias.asname else alias.name.split(".")[0]
            found[alias.asname or whole] = Imported(whole, "", line)
    if isinstance(node, ast.ImportFrom) and node.module:
        for alias in node.names:
            line = f"from {node.module} import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
            found[alias.asname or alias.name] = Imported(node.module, alias.name, line)
    return found


def is_ours(name: str) -> bool:
    """A module of this name is of the library or of the networks."""
    return name.split(".")[0] in OURS


def origin(module_name: str, name: str) -> Key | Imported | None:
    """Where a name of a module of ours leads: to a definition, to an import, or nowhere (a builtin).

    A module of ours is (its name, "").
    """
    home = module(module_name)
    if name in home.definitions:
        return module_name, name
    found = home.imports.get(name)
    if found is None:
        return _submodule(module_name, name)
    return origin_of(found)


def origin_of(found: Imported) -> Key | Imported | None:
    """Where something imported leads."""
    if not is_ours(found.origin):
        return found
    if not found.name:
        return found.origin, ""
    return _submodule(found.origin, found.name) or origin(found.origin, found.name)


def _submodule(package: str, name: str) -> Key | None:
    home = module(package)
    if name in home.definitions or not hasattr(sys.modules[package], "__path__"):
        return None
    whole = f"{package}.{name}"
    return (whole, "") if whole in sys.modules or importlib.util.find_spec(whole) else None


def key_of(value: object) -> Key:
    """Where a function or a class is defined; ProgramError where it has no source of its own."""
    home, name = getattr(value, "__module__", ""), getattr(value, "__qualname__", "")
    if not is_ours(home or "") or name not in module(home).definitions:
        raise ProgramError(
            f"{name or value!r}: must be a function or class at the top level of a module of lossviz or "
            "models, so that its source can be taken along"
        )
    return home, name
