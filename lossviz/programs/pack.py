"""The program pack: every loss as JavaScript that draws it over the plane, for hosts without lossviz.

One ES module a loss, and `index.json`, which says what is in them. The functions are those that the
contour page and the hand-out page draw with (`lossviz.programs.javascript.programs`).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lossviz import losses
from lossviz.core.settings import Setting
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec
from lossviz.losses.state import zero_bias
from lossviz.programs.javascript import javascript
from lossviz.programs.javascript.programs import program_of
from lossviz.programs.javascript.trace import NotTraceableError, trace

CLASSES = range(2, 11)
INDEX = "index.json"
USE = (
    "import a module; its default export holds functions by id. Call (a, xs, ys, out, scores): a holds the "
    "numbers of `inputs` in order (z1 and z2 are not read), xs and ys z1 of the columns and z2 of the rows, "
    "out takes the loss (or the term) at row * xs.length + column, scores is null or an array a class."
)

AdversaryOf = Callable[[int], Callable[[Tensor], Tensor]]


def write(folder: Path, adversary_of: AdversaryOf, counts: Iterable[int] = CLASSES) -> list[Path]:
    """Write all modules and the index into a folder, which is made if need be; the paths of the files.

    adversary_of: K -> the adversary (z -> 2K logits) that is part of a loss which has one. counts: the
    numbers of classes, K.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files, index = [], {}
    for spec in losses.catalogue().values():
        functions, entry = module_of(spec, adversary_of, counts)
        files.append(folder / entry["module"])
        files[-1].write_text(javascript.module(functions), encoding="utf-8")
        index[spec.key] = entry
    files.append(folder / INDEX)
    text = json.dumps({"use": USE, "losses": index}, ensure_ascii=False, separators=(",", ":"))
    files[-1].write_text(text + "\n", encoding="utf-8")
    return files


def module_of(
    spec: LossSpec, adversary_of: AdversaryOf, counts: Iterable[int] = CLASSES
) -> tuple[dict[str, str], dict[str, Any]]:
    """The functions of a loss by id, and its entry in the index.

    A program for every K, label and term ("" is the whole loss), and every value of the flags and whole
    numbers; class numbers stand at their default. What the browser cannot compute is left out.
    """
    functions: dict[str, str] = {}
    inputs: dict[int, tuple[str, ...]] = {}
    found: list[dict[str, Any]] = []
    for classes in counts:
        state = state_of(spec, classes, adversary_of)
        for label, (fixed, params) in itertools.product(range(classes), _variants(spec, classes)):
            try:
                traced = trace(spec, state, label, params)
            except NotTraceableError:
                continue
            for term in ("", *(traced.terms if spec.composite else ())):
                made = program_of(traced, term)
                functions[made.id], inputs[classes] = made.source, made.inputs
                found.append({"classes": classes, "label": label, "term": term, **fixed, "id": made.id})
    entry = {
        "title": spec.title,
        "formula": spec.formula,
        "source": spec.source,
        "module": f"{spec.key}.js",
        "params": [_declared(param) for param in spec.params],
        "inputs": inputs,
        "programs": found,
    }
    return functions, entry


def state_of(spec: LossSpec, classes: int, adversary_of: AdversaryOf) -> ClassState:
    """A class state of the shapes that programs are made for; its numbers do not matter."""
    rows = torch.eye(classes, 2, dtype=torch.float64) + 0.5
    return ClassState(
        rows,
        zero_bias(spec.needs.bias, classes),
        rows + 1,
        adversary_of(classes) if spec.needs.adversary else None,
    )


def _variants(spec: LossSpec, classes: int) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The values of what is not a number to be moved, and all parameters with them."""
    ranges = {
        p.name: (False, True) if p.kind == "flag" else range(int(p.low or 0), int(p.high or 0) + 1)
        for p in spec.params
        if p.kind in ("flag", "whole")
    }
    for values in itertools.product(*ranges.values()):
        fixed = dict(zip(ranges, values, strict=True))
        yield {"fixed": fixed} if fixed else {}, spec.complete(fixed, classes)


def _declared(param: Setting) -> dict[str, Any]:
    names = ("name", "symbol", "default", "low", "high", "unit", "kind", "spacing", "title", "meaning")
    return {name: getattr(param, name) for name in names}
