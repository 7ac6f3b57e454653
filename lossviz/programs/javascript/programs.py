"""Losses as programs for the browser: the text of a function, what it wants to be given, and a name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lossviz.core.cache import Cache
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec
from lossviz.programs.javascript import javascript
from lossviz.programs.javascript.trace import NotTraceableError, Traced, entries, trace


@dataclass(frozen=True)
class Program:
    """`source` is `(a, xs, ys, out, scores) => …` (javascript.grid_function); a holds `inputs`.

    id: the same for the same source.
    """

    id: str
    source: str
    inputs: tuple[str, ...]


# With the adversary of each: another one must not get the same identity.
_known: Cache[tuple[Program | None, Any]] = Cache(256)


def program(
    spec: LossSpec, state: ClassState, label: int, params: Mapping[str, Any], term: str = ""
) -> Program | None:
    """The program of a loss, or of one of its terms, over the plane; None where it cannot be traced.

    It depends on the shapes in `state`, the label, the parameters that are not real numbers, and whether
    there is a matrix; real numbers, the entries of a matrix, and all class weights, biases and centres, are
    its inputs. An adversary is part of it.
    """
    fixed = tuple(
        (p.name, params.get(p.name) is not None if p.kind == "matrix" else params.get(p.name))
        for p in spec.params
        if p.kind != "real"
    )
    kind = "none" if state.bias is None else str(tuple(getattr(state.bias, "shape", ())))
    key = (
        spec.key,
        spec.terms_function,
        tuple(state.weights.shape),
        kind,
        state.centers is None,
        id(state.adversary) if spec.needs.adversary else 0,
        label,
        fixed,
        term,
    )
    adversary = state.adversary if spec.needs.adversary else None
    return _known.get(key, lambda: (_made(spec, state, label, params, term), adversary))[0]


def _made(
    spec: LossSpec, state: ClassState, label: int, params: Mapping[str, Any], term: str
) -> Program | None:
    try:
        return program_of(trace(spec, state, label, params), term)
    except NotTraceableError:
        return None


def program_of(traced: Traced, term: str = "") -> Program:
    """The program of a traced loss, or of one of its terms, over the plane."""
    height = traced.terms[term] if term else traced.loss
    source = javascript.grid_function(traced.inputs, height, traced.logits)
    return Program(hashlib.sha256(source.encode()).hexdigest()[:16], source, traced.inputs)


def values(made: Program, state: ClassState, params: Mapping[str, Any]) -> list[float]:
    """The present values of the inputs of a program; 0 for z1 and z2, which the plane gives."""
    held: dict[str, float] = {"z1": 0.0, "z2": 0.0}
    for letter, rows in (("W", state.weights), ("C", state.centers)):
        if rows is not None:
            held |= {
                f"{letter}{k}_{j}": value
                for k, row in enumerate(rows.tolist())
                for j, value in enumerate(row, 1)
            }
    if state.bias is not None:
        bias = state.bias.tolist() if hasattr(state.bias, "tolist") else state.bias
        held |= {f"b{k}": value for k, value in enumerate(bias)} if isinstance(bias, list) else {"b": bias}
    for name, value in params.items():
        if isinstance(value, tuple) and value and isinstance(value[0], tuple):
            held |= entries(name, value)
    return [float(held[name] if name in held else params[name]) for name in made.inputs]
