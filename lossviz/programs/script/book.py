"""The parts of a program as they are collected: functions, classes, constants, imports."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import json
import re
import sys
import textwrap
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lossviz.core.errors import LossvizError, RunError
from lossviz.programs.script.known import ROOTS, Known
from lossviz.programs.script.specialize import Specialized
from lossviz.training.config import SETTINGS

# Names that are plainer in a program of their own, or would be given twice.
PLAINER = {
    ("models._layers", "norm"): "bn",
    ("models._layers", "flat_norm"): "flat_bn",
    ("models.small", "build"): "build_network",
    ("models.lenet", "build"): "build_network",
    ("models.camri", "build"): "build_network",
    ("models.wide_resnet", "build"): "build_network",
    ("models.adversary", "build"): "build_adversary",
    ("lossviz.training.objectives", "adversarial"): "adversarial_values",
    ("lossviz.training.objectives", "complement"): "complement_step",
    ("lossviz.training.images", "CHUNK"): "TEST_BATCH",
    ("lossviz.data.dataset", "_CHUNK"): "PIXELS_AT_ONCE",
    ("lossviz.losses.state", "ClassState"): "ClassState",
    ("lossviz.training.optimizers", "tensors"): "memory_of",
    ("lossviz.training.optimizers", "restore"): "remember",
}
# Constants that come from a run, by the last name of how the library asks for them.
HOISTED = {
    "loss_params": ("PARAMS", "the parameters of the loss"),
    "anneals": ("ANNEALED", "what moves in training, from where to where"),
    "class_count": ("CLASSES", "number of classes"),
    "shape": ("SHAPE", "channels, height and width of an image"),
    "steps": ("STEPS", "that the run took: a check of the images"),
    "device": ("DEVICE", "where the run was computed; change it as you like"),
    "final": ("FINAL", "the fingerprint of the run's weights at its end"),
    "until": ("UNTIL", "the epoch at whose end the fork begins"),
}
# What a fork calls for the run that it was made from.
HANDED_ON = ("lossviz.programs.script.program", "handed_on")


# The trainer's optimizers are torch's own, made to start sooner: same numbers, and a program needs
# no such haste.
_TORCH_ITSELF = re.compile(r"\blean\(([^()]*)\)")


class Book:
    """All parts by their names in the program; only what is reached from a root is written.

    roots: the values of config, facts and spec. Parts are in the order in which they were begun.
    Where a program holds several runs, each has a book. renamed: the names of parts and constants
    that are not alike in all of them. before: what the run before this one is called.
    """

    def __init__(
        self, roots: Mapping[str, Any], renamed: Mapping[str, str] | None = None, before: str = ""
    ) -> None:
        self.roots, self.renamed = roots, renamed or {}
        self.plain: dict[tuple[str, str], str] = {}
        self.names: dict[tuple[str, str], str] = {HANDED_ON: before} if before else {}
        self.parts: dict[str, str] = {}
        self.constants: dict[str, tuple[str, str]] = {}
        self.imports: dict[str, str] = {}
        self.always: dict[str, Known | None] = {before: None}

    # What specialised functions ask.

    def written(self, value: Any, node: ast.expr) -> str | None:
        """A known value as the program writes it: a number of its own name, a function, a literal."""
        if isinstance(value, types.FunctionType):
            return self.resolved(sys.modules[value.__module__], value.__name__)
        if isinstance(value, functools.partial):
            self.imports["partial"] = "from functools import partial"
            function = self.written(value.func, node)
            return f"partial({', '.join([str(function), *map(literal, value.args)])})"
        last = node.func if isinstance(node, ast.Call) else node
        name = last.attr if isinstance(last, ast.Attribute) else ""
        if name in HOISTED and isinstance(last, ast.Attribute):
            return self._hoisted(name, value)
        if name in SETTINGS and SETTINGS[name].kind in ("whole", "real", "numbers"):
            setting = SETTINGS[name]
            meaning = f"{setting.title}: {setting.meaning}" if name not in ("seed",) else setting.meaning
            return self._constant(name.upper(), literal(value), meaning)
        if isinstance(value, (bool, int, float, str, type(None))):
            return literal(value)
        return None

    def _hoisted(self, name: str, value: Any) -> str:
        constant, meaning = HOISTED[name]
        if isinstance(value, tuple) and value and hasattr(value[0], "__dataclass_fields__"):
            kind = type(value[0])
            self.resolved(sys.modules[kind.__module__], kind.__name__)
        made = self._constant(constant, literal(value), meaning)
        return f"dict({made})" if isinstance(value, dict) else made

    def _constant(self, name: str, text: str, meaning: str) -> str:
        name = self.renamed.get(name, name)
        if self.constants.setdefault(name, (text, meaning))[0] != text:
            raise RunError(f"script: two constants are called {name}")
        return name

    def constant_of(self, function: Callable[..., Any]) -> Known | None:
        """What a function of the config always returns."""
        assert isinstance(function, types.FunctionType)
        return self.always[self.resolved(sys.modules[function.__module__], function.__name__)]

    def resolved(self, module: types.ModuleType, name: str) -> str:
        """The program's name for a module's `name`; its source is taken in when first asked for."""
        if name.startswith("__"):
            return name
        value = vars(module).get(name)
        if isinstance(value, type) and issubclass(value, LossvizError):
            return "ValueError"
        home = getattr(value, "__module__", None)
        if _has_source(value) and home is not None and _ours(home):
            module, name = sys.modules[home], getattr(value, "__name__", name)
        else:
            imported = _import_of(module, name)
            if imported is not None:
                origin, original, line = imported
                if origin is None or not _ours(origin):
                    self.imports[name] = line
                    return name
                return self.resolved(importlib.import_module(origin), original)
        key = (module.__name__, name)
        if key not in self.names:
            plain = PLAINER.get(key, name)
            if plain in self.plain.values():
                plain = f"{plain}_of_{module.__name__.rpartition('.')[2]}"
            self.plain[key], self.names[key] = plain, self.renamed.get(plain, plain)
            self._take_in(module, name, self.names[key])
        return self.names[key]

    def _take_in(self, module: types.ModuleType, name: str, new: str) -> None:
        value: Any = vars(module).get(name)
        self.always[new] = None
        if not _has_source(value):
            self._assignment(module, name, new)
            return
        self.parts[new] = ""
        source = _TORCH_ITSELF.sub(r"\1", textwrap.dedent(inspect.getsource(value)))
        made = Specialized(source, module, self._roots_in(value), self, new)
        self.parts[new], self.always[new] = made.text, made.returned

    def _roots_in(self, value: Any) -> dict[str, Any]:
        return {name: self.roots[name] for name in ROOTS}

    def _assignment(self, module: types.ModuleType, name: str, new: str) -> None:
        """A constant of a module: a number as such, anything else as its file writes it."""
        value = vars(module).get(name)
        if isinstance(value, (int, float)):
            self.parts[new] = f"{new} = {value!r}"
            return
        for node in ast.parse(inspect.getsource(module)).body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                assert isinstance(node, (ast.Assign, ast.AnnAssign))
                assert node.value is not None
                text = ast.unparse(node.value)
                for used in {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}:
                    if used not in vars(__import__("builtins")):
                        text = re.sub(rf"\b{used}\b", self.resolved(module, used), text)
                self.parts[new] = f"{new} = {text}"
                return
        raise RunError(f"script: {module.__name__}.{name} has no source that could be written")


def reached(books: Sequence[Book], root: str) -> tuple[list[str], list[str], list[str]]:
    """Parts (those that others need first), constants and import lines, as far as root needs them."""
    parts = {name: text for book in books for name, text in book.parts.items()}
    numbers = {name: text for book in books for name, (text, _) in book.constants.items()}
    imports = {name: line for book in books for name, line in book.imports.items()}
    order: list[str] = []
    constants: list[str] = []
    lines: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        text = parts.get(name, numbers.get(name, ""))
        if name in imports:
            lines.append(imports[name])
        for used in _names_in(text):
            visit(used)
        if name in parts:
            order.append(name)
        elif name in numbers:
            constants.append(name)

    visit(root)
    return order, constants, lines


def literal(value: Any) -> str:
    """A value as Python source; a dict or a tuple of records takes a line an entry."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{" + "".join(f"\n    {literal(k)}: {literal(v)}," for k, v in value.items()) + "\n}"
    if isinstance(value, tuple) and any(hasattr(v, "__dataclass_fields__") for v in value):
        return "(" + "".join(f"\n    {literal(v)}," for v in value) + "\n)"
    if hasattr(value, "__dataclass_fields__"):
        inside = ", ".join(f"{name}={literal(v)}" for name, v in vars(value).items())
        return f"{type(value).__name__}({inside})"
    text = repr(value)
    if len(text) <= 60 or not isinstance(value, tuple):
        return text
    return "\n".join(
        [
            "(",
            *textwrap.wrap(
                ", ".join(map(literal, value)) + ",", 96, initial_indent="    ", subsequent_indent="    "
            ),
            ")",
        ]
    )


def _names_in(text: str) -> list[str]:
    """The names in a piece of source, in their order."""
    names = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)] if text else []
    return list(dict.fromkeys(n.id for n in sorted(names, key=lambda n: (n.lineno, n.col_offset))))


def _has_source(value: Any) -> bool:
    return isinstance(value, (types.FunctionType, type)) or hasattr(value, "__wrapped__")


def _ours(module: str) -> bool:
    return module.split(".")[0] in ("lossviz", "models")


@functools.cache
def _imports_of(module: types.ModuleType) -> dict[str, tuple[str | None, str, str]]:
    """Of each imported name: the module it comes from, its name there, the line that imports it."""
    found: dict[str, tuple[str | None, str, str]] = {}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                line = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
                found[alias.asname or alias.name.split(".")[0]] = (None, alias.name, line)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                line = f"from {node.module} import {alias.name}"
                line += f" as {alias.asname}" if alias.asname else ""
                found[alias.asname or alias.name] = (node.module, alias.name, line)
    return found


def _import_of(module: types.ModuleType, name: str) -> tuple[str | None, str, str] | None:
    return _imports_of(module).get(name)
