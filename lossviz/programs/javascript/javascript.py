"""Scalar arithmetic as JavaScript: straight-line code, with what does not change taken out of loops."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence

from lossviz.programs.javascript.scalars import Scalar, topological_order

_SIGNS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "lt": "<",
    "le": "<=",
    "eq": "===",
    "ne": "!==",
    "and": "&&",
    "or": "||",
}
# JavaScript rounds halves up, torch to the even neighbour.
_ROUND = "const even = (v) => { const r = Math.round(v); return r - v === 0.5 && r % 2 !== 0 ? r - 1 : r; };"


def module(functions: Mapping[str, str]) -> str:
    """An ES module whose default export holds functions by name: `{ "name": (a, ...) => {…}, … }`.

    functions: their sources, as `point_function` and `grid_function` give them. A page that forbids
    `new Function` imports such a module; everywhere else it does the same.
    """
    entries = (f"{json.dumps(name)}: {source},\n" for name, source in functions.items())
    return f"export default {{\n{''.join(entries)}}};\n"


def point_function(inputs: Sequence[str], outputs: Sequence[Scalar]) -> str:
    """`(a, out) => {…}`: a holds the inputs in order, out takes the outputs."""
    names = {name: f"a[{i}]" for i, name in enumerate(inputs)}
    nodes = topological_order(outputs)
    results = [f"out[{i}] = {_number(node, names)};" for i, node in enumerate(outputs)]
    return _function("a, out", [*_helpers(nodes), *_assignments(nodes, names), *results])


def grid_function(inputs: Sequence[str], height: Scalar, logits: Sequence[Scalar] = ()) -> str:
    """`(a, xs, ys, out, scores) => {…}`: a scalar over the plane, out[row * xs.length + column].

    a: the inputs in order (the places of z1 and z2 are not read). xs, ys: z₁ of the columns, z₂ of the
    rows. scores: an array for each of the logits, filled like `out`, or null.
    """
    heights, others = topological_order([height]), topological_order(logits)
    every = list(dict.fromkeys([*heights, *others]))
    moving = _reach(every)
    names = {name: f"a[{i}]" for i, name in enumerate(inputs)} | {"z1": "x", "z2": "y"}
    own = set(heights)
    lines = [
        *_helpers(every),
        *_assignments([n for n in every if not moving[n]], names),
        "for (let j = 0, i = 0; j < ys.length; j += 1) {",
        "  const y = ys[j];",
        *(f"  {line}" for line in _assignments([n for n in every if moving[n] == {"z2"}], names)),
        "  for (let k = 0; k < xs.length; k += 1, i += 1) {",
        "    const x = xs[k];",
        *(f"    {line}" for line in _assignments([n for n in heights if "z1" in moving[n]], names)),
        f"    out[i] = {_number(height, names)};",
        "    if (scores !== null) {",
        *(
            f"      {line}"
            for line in _assignments([n for n in others if "z1" in moving[n] and n not in own], names)
        ),
        *(f"      scores[{k}][i] = {_number(node, names)};" for k, node in enumerate(logits)),
        "    }",
        "  }",
        "}",
    ]
    return _function("a, xs, ys, out, scores", lines)


def _function(arguments: str, lines: Iterable[str]) -> str:
    body = "\n".join(f"  {line}" for line in lines)
    return f"({arguments}) => {{\n{body}\n}}"


def _reach(nodes: Sequence[Scalar]) -> dict[Scalar, set[str]]:
    """Of z1 and z2, those that each scalar depends on."""
    found: dict[Scalar, set[str]] = {}
    for node in nodes:
        own = {node.value} & {"z1", "z2"} if node.op == "input" else set()
        found[node] = own.union(*(found[arg] for arg in node.args))
    return found


def _assignments(nodes: Sequence[Scalar], names: Mapping[str, str]) -> list[str]:
    return [f"const {_text(n, names)} = {_made(n, names)};" for n in nodes if n.args]


def _text(node: Scalar, names: Mapping[str, str]) -> str:
    if node.op == "input":
        return names[node.value]
    if node.op == "constant":
        return _literal(node.value)
    return f"v{node.number}"


def _number(node: Scalar, names: Mapping[str, str]) -> str:
    return f"+{_text(node, names)}" if node.logical else _text(node, names)


def _literal(value: float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "(-Infinity)"
    text = repr(value)
    return f"({text})" if text.startswith("-") else text


def _made(node: Scalar, names: Mapping[str, str]) -> str:
    args = [_text(arg, names) for arg in node.args]
    if node.op == "where":
        return f"{args[0]} ? {args[1]} : {args[2]}"
    if node.op in _SIGNS:
        return f"{args[0]} {_SIGNS[node.op]} {args[1]}"
    if node.op == "neg":
        return f"-{args[0]}"
    if node.op == "not":
        return f"!{args[0]}"
    if node.op == "isnan":
        return f"Number.isNaN({args[0]})"
    if node.op == "isinf":
        return f"Math.abs({args[0]}) === Infinity"
    if node.op == "round":
        return f"even({args[0]})"
    return f"Math.{node.op}({', '.join(args)})"


def _helpers(nodes: Iterable[Scalar]) -> list[str]:
    return [_ROUND] if any(node.op == "round" for node in nodes) else []
