"""Definitions are taken with all that they need, and nothing else, and do what they did."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import models
from lossviz.core.errors import ProgramError
from lossviz.programs import modules
from lossviz.programs.collection import Collection
from lossviz.programs.text import imports_of, sections_of

Made = Callable[..., list[ModuleType]]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """Makes modules of `models` from their texts by name."""
    names: list[str] = []

    def make(**texts: str) -> list[ModuleType]:
        for name, text in texts.items():
            (tmp_path / f"{name}.py").write_text("from __future__ import annotations\n" + text)
        monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
        importlib.invalidate_caches()
        names.extend(f"models.{name}" for name in texts)
        return [importlib.import_module(f"models.{name}") for name in texts]

    yield make
    for name in names:
        sys.modules.pop(name, None)
        vars(models).pop(name.partition(".")[2], None)
    modules.module.cache_clear()


def program_of(*functions: Any, **changes: Any) -> tuple[str, dict[str, Any], Collection]:
    """The text of what these functions need, what it defines, and the collection."""
    collection = Collection(**changes)
    for function in functions:
        collection.add(function)
    sections = sections_of(collection)
    lines = ["from __future__ import annotations", *imports_of(collection.imports.values()), *sections]
    text = "\n".join(lines)
    words = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=E,F", "-"]
    checked = subprocess.run(words, input=text, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    program = ModuleType("made_up_program")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, program.__name__, program)  # dataclasses look their module up
        exec(compile(text, "made.py", "exec"), vars(program))
    return text, vars(program), collection


def test_what_is_needed_comes_with_its_comments_and_the_rest_stays(made: Made) -> None:
    (one,) = made(
        one='''
import math
import os

# Why so many.
MOST, LEAST = 3, 1  # of them
UNUSED = os.sep


def root(x: float) -> float:
    """The root."""
    # A comment within.
    return math.sqrt(x) * MOST


def other() -> float:
    return root(2)
'''
    )
    text, names, _ = program_of(one.root)
    assert names["root"](4.0) == one.root(4.0) == 6.0
    assert "# Why so many.\nMOST, LEAST = 3, 1  # of them\n" in text
    assert "    # A comment within.\n" in text
    assert "other" not in text
    assert "UNUSED" not in text
    assert "import os" not in text


def test_names_that_would_clash_are_told_apart(made: Made) -> None:
    one, two, three = made(
        one="def build() -> str:\n    return 'one'\n\n\nCHUNK = 1\n",
        two="from models import one\n\nCHUNK = 2\n\n\ndef build() -> str:\n"
        "    return (\n        'two, '\n        f'{one.build()}, {CHUNK:d} '\n"
        "        f'''{one.CHUNK!r}\n{one.build()}'''\n    )\n",
        three="from models import two\nfrom models.one import build as first\n\n\ndef all_of_them() -> str:\n"
        "    return first() + two.build()\n",
    )
    text, names, collection = program_of(three.all_of_them)
    assert names["all_of_them"]() == three.all_of_them() == "onetwo, one, 2 1\none"
    assert collection.names[("models.one", "build")] != collection.names[("models.two", "build")]
    assert "two.build" not in text
    assert one is not two


def test_a_variable_of_the_name_of_a_definition_stays_a_variable(made: Made) -> None:
    _, two = made(
        one="def moved(x: int) -> int:\n    return x + 1\n",
        two="""
from models import one


LABELS = [one for one in range(3)]


def shift(x: int) -> int:
    assert len(LABELS) == 3
    moved = one.moved(x)
    return sum(one.moved(moved) for moved in [moved, *[moved for moved in range(3)]])


def outer(one: int) -> int:
    def inner(moved: int) -> int:
        return moved + one

    return inner(moved=2) + (lambda one: one)(5)
""",
    )
    _, names, _ = program_of(two.shift, two.outer)
    assert [names["shift"](1), names["outer"](3)] == [two.shift(1), two.outer(3)]


def test_of_a_class_only_the_methods_that_are_asked_for_come(made: Made) -> None:
    (one,) = made(
        one="""
from dataclasses import dataclass
from torch import nn


def helper() -> int:
    return 3


def unneeded() -> int:
    return 4


@dataclass
class Thing:
    '''A thing.'''

    size: int = 1

    # First part.

    def used(self) -> int:
        return self._inner() + helper()

    def _inner(self) -> int:
        return self.size

    # Second part.

    @property
    def unused(self) -> int:
        '''Asks for more.'''
        return unneeded()

    @staticmethod
    def neither() -> Thing:
        return Thing()


class Net(nn.Module):
    def forward(self, x: int) -> int:
        return x + helper()


class Named:
    '''Only an annotation names it.'''

    limit = unneeded()

    def method(self) -> int:
        return unneeded()


def of(thing: Thing, named: Named | None = None) -> int:
    return Thing(thing.size).used() + Net()(1)
"""
    )
    text, names, _ = program_of(one.of)
    assert names["of"](names["Thing"](5)) == one.of(one.Thing(5))
    for gone in ("unneeded", "unused", "neither", "Second part", "def method"):
        assert gone not in text
    assert "# First part." in text
    assert "class Named:" in text


def test_imports_within_functions_and_aliases_of_types(made: Made) -> None:
    _, two = made(
        one="class Config:\n    def check(self) -> None: ...\n\n\ndef double(x: int) -> int:\n"
        "    return 2 * x\n",
        two="""
from collections.abc import Callable
from typing import TYPE_CHECKING

from models.one import Config

if TYPE_CHECKING:
    from numpy import ndarray

Rule = Callable[[Config, int], int]


def applied(rule: Rule | None, x: ndarray | int) -> int:
    import math

    from models.one import double

    return double(int(math.floor(x)))
""",
    )
    text, names, _ = program_of(two.applied)
    assert names["applied"](None, 2.5) == 4
    assert "models.one import" not in text
    assert "def check" not in text


def test_a_function_can_stand_in_place_of_another_and_a_text_for_one(made: Made) -> None:
    (one,) = made(
        one="""
def load() -> str:
    return heavy()


def heavy() -> str:
    return "heavy"


def light() -> str:
    return "light"


def constant() -> int:
    return len(heavy())


def main() -> str:
    return load() * constant()
"""
    )
    collection = Collection(instead={one.load: one.light})
    collection.set_text(one.constant, "def constant() -> int:\n    return 2")
    collection.add(one.main)
    text = "\n".join(sections_of(collection))
    names: dict[str, Any] = {}
    exec(text, names)
    assert names["main"]() == "lightlight"
    assert "heavy" not in text


def test_what_has_no_source_at_the_top_of_a_module_is_refused() -> None:
    def inner() -> None: ...

    for value in (inner, len, lambda: 0):
        with pytest.raises(ProgramError, match="top level of a module"):
            Collection().add(value)


def test_a_module_as_a_value_is_refused(made: Made) -> None:
    _, two = made(one="X = 1\n", two="from models import one\n\n\ndef g():\n    return one\n")
    with pytest.raises(ProgramError, match="no modules"):
        Collection().add(two.g)
