"""Scalar expressions: the arithmetic of one number, as a graph in which equal parts are one node.

A `Scalar` is an input, a constant or an operation on scalars; `Graph` makes them and simplifies only
where the result is the same number in every case, NaN and infinities included. Booleans are scalars
too; `Scalar.logical` tells which.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# The operations that give booleans; the others are arithmetic and functions of one number.
COMPARISONS = ("lt", "le", "eq", "ne")
LOGIC = ("and", "or", "not", "isnan", "isinf")


@dataclass(frozen=True, eq=False)
class Scalar:
    """One node: `op` is "input", "constant", "where" or an operation; value: of a constant, or the
    name of an input."""

    op: str
    args: tuple[Scalar, ...] = ()
    value: Any = None
    number: int = 0
    logical: bool = field(default=False)

    def __repr__(self) -> str:
        return f"{self.op}({self.value if self.value is not None else ', '.join(map(repr, self.args))})"


class Graph:
    """Makes scalars; the same operation on the same scalars is the same node."""

    def __init__(self) -> None:
        self._known: dict[Any, Scalar] = {}

    def _node(
        self, op: str, args: tuple[Scalar, ...] = (), value: Any = None, logical: bool = False
    ) -> Scalar:
        key = (op, tuple(a.number for a in args), repr(value), logical)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Scalar(op, args, value, len(self._known), logical)
        return found

    def input(self, name: str) -> Scalar:
        """A number that is given when the expression is evaluated."""
        return self._node("input", value=name)

    def constant(self, value: Any) -> Scalar:
        """A number, or a boolean."""
        if isinstance(value, bool):
            return self._node("constant", value=value, logical=True)
        return self._node("constant", value=float(value))

    def apply(self, op: str, *args: Scalar) -> Scalar:
        """An operation on scalars, computed at once where all of them are constants."""
        logical = op in COMPARISONS or op in LOGIC
        args = tuple(a if op in LOGIC or not a.logical else self.number(a) for a in args)
        if all(a.op == "constant" for a in args):
            return self.constant(_computed(op, [a.value for a in args]))
        same = self._simpler(op, args)
        return same if same is not None else self._node(op, args, logical=logical)

    def where(self, test: Scalar, yes: Scalar, no: Scalar) -> Scalar:
        """`yes` where the test holds, else `no`."""
        if test.op == "constant":
            return yes if test.value else no
        if yes is no:
            return yes
        if yes.logical != no.logical:
            yes, no = self.number(yes), self.number(no)
        return self._node("where", (test, yes, no), logical=yes.logical)

    def number(self, scalar: Scalar) -> Scalar:
        """1 for true and 0 for false; a number as it is."""
        if not scalar.logical:
            return scalar
        return self.where(scalar, self.constant(1.0), self.constant(0.0))

    def truth(self, scalar: Scalar) -> Scalar:
        """True for a number that is not 0; a boolean as it is."""
        return scalar if scalar.logical else self.apply("ne", scalar, self.constant(0.0))

    def _simpler(self, op: str, args: tuple[Scalar, ...]) -> Scalar | None:
        """The operand that is the result, where one always is."""
        if op in ("add", "mul", "max", "min", "and", "or") and args[0].op == "constant":
            args = args[::-1]
        first, last = args[0], args[-1].value if args[-1].op == "constant" else None
        if (op in ("add", "sub") and last == 0) or (op in ("mul", "div", "pow") and last == 1):
            return first
        if op == "pow" and last == 2:
            return self.apply("mul", first, first)
        if op == "pow" and last == 0.5:
            return self.apply("sqrt", first)
        if (op == "max" and last == -math.inf) or (op == "min" and last == math.inf):
            return first
        if (op == "and" and last is True) or (op == "or" and last is False):
            return first
        if op == "and" and last is False:
            return self.constant(False)
        if op == "or" and last is True:
            return self.constant(True)
        if op == "neg" and first.op == "neg":
            return first.args[0]
        if op == "not" and first.op == "not":
            return first.args[0]
        return None


# numpy's functions, where they are called otherwise.
_NUMPY = {
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "neg": "negative",
    "pow": "power",
    "min": "minimum",
    "max": "maximum",
    "acos": "arccos",
    "asin": "arcsin",
    "atan": "arctan",
    "round": "rint",
    "lt": "less",
    "le": "less_equal",
    "eq": "equal",
    "ne": "not_equal",
    "and": "logical_and",
    "or": "logical_or",
    "not": "logical_not",
}


def _computed(op: str, values: list[Any]) -> Any:
    """An operation on numbers, as IEEE arithmetic does it (no exceptions)."""
    numbers = [v if isinstance(v, bool) else np.float64(v) for v in values]
    with np.errstate(all="ignore"):
        made = getattr(np, _NUMPY.get(op, op))(*numbers)
    return bool(made) if op in COMPARISONS or op in LOGIC else float(made)


def topological_order(roots: Iterable[Scalar]) -> list[Scalar]:
    """All scalars that the roots are made of, operands before what is made of them."""
    found: dict[Scalar, None] = {}
    stack = [(root, False) for root in roots][::-1]
    while stack:
        node, ready = stack.pop()
        if node in found:
            continue
        if ready:
            found[node] = None
            continue
        stack.append((node, True))
        stack += [(arg, False) for arg in node.args if arg not in found]
    return list(found)
