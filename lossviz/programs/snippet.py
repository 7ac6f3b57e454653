"""A loss with its current numbers as a self-contained PyTorch program.

The program is put together from the source of the loss itself and of the functions that it calls,
so there is no second formula that could differ.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lossviz.core.errors import LossError
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec

_STATE = '''
@dataclass(frozen=True)
class ClassState:
    """Class weights [K, d], bias (none, one number or [K]), centres [K, d], adversary (z -> 2K logits)."""

    weights: Tensor
    bias: Tensor | None = None
    centers: Tensor | None = None
    adversary: Callable[[Tensor], Tensor] | None = None
'''


def write(
    spec: LossSpec,
    state: ClassState,
    params: Mapping[str, Any],
    points: Sequence[Sequence[float]] = ((1.0, 0.5), (-0.5, 2.0)),
    label: int = 0,
) -> str:
    """The program as text. Run, it prints the loss of `points` as features of class `label`.

    Imported, it offers `loss(features, labels, state=STATE)` -> [N]. Needs only torch.
    """
    full = spec.complete(params, state.weights.shape[0])
    function = spec.terms_function
    pieces = _with_dependencies(function)
    lines = [
        f'"""{spec.title} ({spec.source}), written by lossviz. Needs only PyTorch.',
        "",
        f"Formula: {spec.formula}".replace("\\", "\\\\"),
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "import math",
        "from collections.abc import Callable, Iterable",
        "from dataclasses import dataclass",
        "",
        "import torch",
        "import torch.nn.functional as F",
        "from torch import Tensor",
        "",
        _STATE,
        "",
        "\n\n\n".join(pieces),
        "",
        "",
        *_adversary_lines(state.adversary if spec.needs.adversary else None),
        "STATE = ClassState(",
        f"    weights={_tensor(state.weights)},",
    ]
    if spec.needs.bias != "none" and state.bias is not None:
        lines.append(f"    bias={_tensor(torch.as_tensor(state.bias, dtype=torch.float64))},")
    if spec.needs.centers and state.centers is not None:
        lines.append(f"    centers={_tensor(state.centers)},")
    if spec.needs.adversary and state.adversary is not None:
        lines.append("    adversary=ADVERSARY,")
    lines += [
        ")",
        f"PARAMS = {full!r}",
        "",
        "",
        "def loss(features: Tensor, labels: Tensor, state: ClassState = STATE) -> Tensor:",
        '    """The loss of each sample, [N]: features [N, d], labels [N] in 0..K-1."""',
        f"    return sum({function.__name__}(features, labels, state, **PARAMS).values())",
        "",
        "",
        'if __name__ == "__main__":',
        f"    points = torch.tensor({[list(map(float, p)) for p in points]!r}, dtype=torch.float64)",
        f"    labels = torch.full((len(points),), {label})",
        "    for point, value in zip(points.tolist(), loss(points, labels).tolist()):",
        '        print(point, f"{value:.12g}")',
        "",
    ]
    return "\n".join(lines)


def _with_dependencies(function: Callable[..., Any]) -> list[str]:
    """The source of a function and of all it uses from the catalogue, dependencies first."""
    done: dict[str, str] = {}

    def visit(part: types.FunctionType) -> None:
        name = part.__name__
        if name in done:
            return
        source = textwrap.dedent(inspect.getsource(part))
        done[name] = ""  # marks the visit, so that a cycle ends
        module = vars(sys.modules[part.__module__])
        for used in _names(source):
            value = module.get(used)
            if isinstance(value, types.FunctionType) and value.__module__.startswith("lossviz."):
                visit(value)
            elif value is LossError:
                done.setdefault(used, f"{used} = ValueError")
            elif isinstance(value, (int, float)) and used not in done:
                done[used] = f"{used} = {value!r}"
        del done[name]
        done[name] = source.rstrip()

    if not isinstance(function, types.FunctionType):
        raise LossError(f"snippet: {function!r} is not a plain function, its source cannot be shown")
    visit(function)
    return list(done.values())


def _names(source: str) -> list[str]:
    found = [n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)]
    return list(dict.fromkeys(found))


def _tensor(value: Tensor) -> str:
    return f"torch.tensor({value.detach().double().tolist()!r}, dtype=torch.float64)"


def _adversary_lines(adversary: Any) -> list[str]:
    if adversary is None:
        return []
    if not isinstance(adversary, nn.Sequential):
        raise LossError("snippet: only an adversary made of nn.Linear and nn.Tanh can be written out")
    layers, numbers = [], []
    for index, layer in enumerate(adversary):
        if isinstance(layer, nn.Linear):
            layers.append(f"    torch.nn.Linear({layer.in_features}, {layer.out_features}),")
            numbers.append(f'    "{index}.weight": {_tensor(layer.weight)},')
            numbers.append(f'    "{index}.bias": {_tensor(layer.bias)},')
        else:
            layers.append(f"    torch.nn.{type(layer).__name__}(),")
    return [
        "ADVERSARY = torch.nn.Sequential(",
        *layers,
        ").double()",
        "ADVERSARY.load_state_dict({",
        *numbers,
        "})",
        "ADVERSARY.requires_grad_(False)",
        "",
    ]
