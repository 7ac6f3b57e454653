"""What follows from the config of a run alone, among the expressions of a function."""

from __future__ import annotations

import ast
import builtins
import functools
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

# Functions of the config that are asked while the program is written.
ASKED = (
    "anneals", "bias_mode", "bias_rate", "bias_start", "drops_out", "objective", "spreads", "weight_rate",
)  # fmt: skip
PURE = ("all", "any", "float", "int", "isinstance", "len", "max", "min", "sum", "tuple")
# Parameters that stand for what is known of a run; they vanish from signatures and calls.
ROOTS = ("config", "facts", "spec")
_PLAIN = (bool, int, float, str, tuple, type(None))
LASTING = (*_PLAIN, types.FunctionType, functools.partial)


@dataclass(frozen=True)
class Known:
    """A value that follows from the config alone; text: how a program writes it, None if it cannot."""

    value: Any
    text: str | None


Environment = dict[str, Known]


class Names(Protocol):
    """What a specialised function asks of the program that it becomes a part of."""

    def written(self, value: Any, node: ast.expr) -> str | None:
        """A known value as text, or None if a program cannot hold it."""

    def resolved(self, module: types.ModuleType, name: str) -> str:
        """The name under which the program has a module's `name`."""

    def constant_of(self, function: Callable[..., Any]) -> Known | None:
        """What a function always returns in this run, if that is known."""


class Knowing:
    """A function or class of a module of the library, and what is known in it.

    roots: values by the names in ROOTS. attributes: known ones of `self`, filled by `__init__`.
    """

    def __init__(self, source: str, module: types.ModuleType, roots: Mapping[str, Any], names: Names) -> None:
        self.source = source.encode()
        self.starts = [0]
        for line in self.source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.module, self.names = module, names
        self.roots = {key: Known(value, None) for key, value in roots.items()}
        self.attributes: Environment = {}
        self.local: set[str] = set()

    def known(self, node: ast.expr, env: Environment) -> Known | None:
        """The value of an expression, if it follows from the config alone."""
        if isinstance(node, ast.BoolOp):
            stops = isinstance(node.op, ast.Or)
            for part in node.values:
                found = self.known(part, env)
                if found is None:
                    return None
                if bool(found.value) is stops:
                    return found
            return found
        if isinstance(node, ast.IfExp):
            test = self.known(node.test, env)
            return None if test is None else self.known(node.body if test.value else node.orelse, env)
        if isinstance(node, ast.Name) and node.id in env:
            return env[node.id]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            return self.roots.get(node.attr) or self.attributes.get(node.attr)
        if isinstance(node, ast.Call):
            always = self._constant_call(node)
            if always is not None:
                return always
        return self._evaluated(node, env)

    def _constant_call(self, node: ast.Call) -> Known | None:
        function = self.global_value(node.func)
        if not isinstance(function, types.FunctionType) or function.__name__ in ASKED:
            return None
        if is_ours(function) and _takes_roots(function):
            return self.names.constant_of(function)
        return None

    def _evaluated(self, node: ast.expr, env: Environment) -> Known | None:
        if any(
            isinstance(part, (ast.JoinedStr, ast.Lambda, ast.Slice, ast.Starred)) for part in ast.walk(node)
        ):
            return None
        drawn = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if {n.id for n in loaded_names(node)} & self.local - set(env) - drawn - {"self"}:
            return None
        closed: ast.expr = ast.fix_missing_locations(_Closed(self.attributes, self.roots).visit(_copy(node)))
        values: dict[str, Any] = {}
        bound = {n.id for n in ast.walk(closed) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for name in {n.id for n in loaded_names(closed)} - bound:
            if name in env:
                values[name] = env[name].value
            elif name.startswith("self__"):
                values[name] = {**self.roots, **self.attributes}[name.removeprefix("self__")].value
            elif name in self.local:
                return None
            elif name in PURE:
                values[name] = getattr(builtins, name)
            else:
                value = vars(self.module).get(name)
                asked = isinstance(value, types.FunctionType) and value.__name__ in ASKED
                if not (is_ours(value) and (asked or isinstance(value, types.ModuleType))):
                    return None
                values[name] = value
        # Functions of the library alone do not make a known value of literals.
        if isinstance(node, ast.Name) and node.id not in env:
            return None
        if isinstance(node, ast.Attribute) and not (set(values) & (set(env) | {"self__config"})):
            return None
        try:
            value = eval(compile(ast.Expression(closed), "<known>", "eval"), {"__builtins__": {}, **values})
        except Exception:
            return None
        if not values and not isinstance(value, _PLAIN):
            return None
        text = self._segment(node) if not values else self.names.written(value, node)
        return Known(value, text)

    def global_value(self, node: ast.expr) -> Any:
        """What a name or a chain of attributes stands for in the module; None for what is local."""
        if isinstance(node, ast.Name):
            return None if node.id in self.local else vars(self.module).get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.global_value(node.value)
            return getattr(owner, node.attr, None) if isinstance(owner, types.ModuleType) else None
        return None

    def place(self, line: int, column: int) -> int:
        """The byte of the source at a line (from 1) and a column (in bytes), as ast counts them."""
        return self.starts[line - 1] + column

    def span(self, node: Any) -> tuple[int, int]:
        """The bytes from which and to which a node stands in the source."""
        return self.place(node.lineno, node.col_offset), self.place(node.end_lineno, node.end_col_offset)

    def _segment(self, node: ast.AST) -> str:
        start, stop = self.span(node)
        return self.source[start:stop].decode()


class _Closed(ast.NodeTransformer):
    """Known attributes of `self` as plain names, for evaluation."""

    def __init__(self, *known: Environment) -> None:
        self.known = {name for environment in known for name in environment}

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr in self.known:
            return ast.Name(f"self__{node.attr}", ast.Load())
        return self.generic_visit(node)


def loaded_names(tree: ast.AST) -> list[ast.Name]:
    """The names that a piece of source reads."""
    return [n for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]


def is_ours(value: Any) -> bool:
    """Whether a function, a class or a module belongs to the library."""
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", "")
    return str(name).split(".")[0] in ("lossviz", "models")


def _takes_roots(function: types.FunctionType) -> bool:
    code = function.__code__
    return any(name in ROOTS for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])


def _copy(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body
