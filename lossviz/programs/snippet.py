"""A loss with its current numbers as a self-contained PyTorch program.

The program is put together from the source of the loss itself and of the functions that it calls,
so there is no second formula that could differ.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lossviz.core.errors import LossError
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec
from lossviz.programs.collection import Collection
from lossviz.programs.text import imports_of, sections_of


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
    collection = Collection()
    collection.add(ClassState)
    function = collection.add(spec.terms_function)
    name = collection.names[function]
    numbers = [("weights", state.weights)]
    if spec.needs.bias != "none" and state.bias is not None:
        numbers.append(("bias", torch.as_tensor(state.bias, dtype=torch.float64)))
    if spec.needs.centers and state.centers is not None:
        numbers.append(("centers", state.centers))
    adversary = state.adversary if spec.needs.adversary else None
    about = f'"""{spec.title} ({spec.source}), written by lossviz. Needs only PyTorch.'
    formula = f"Formula: {spec.formula}".replace("\\", "\\\\")
    lines = [
        *textwrap.wrap(about, 106),
        "",
        formula,
        '"""',
        "",
        "from __future__ import annotations",
        "",
        *imports_of([*collection.imports.values(), "import torch", "from torch import Tensor"]),
        *sections_of(collection),
        "",
        "",
        *_adversary_lines(adversary),
        "STATE = ClassState(",
        *(f"    {part}={_tensor(value)}," for part, value in numbers),
        *([] if adversary is None else ["    adversary=ADVERSARY,"]),
        ")",
        f"PARAMS = {full!r}",
        "",
        "",
        "def loss(features: Tensor, labels: Tensor, state: ClassState = STATE) -> Tensor:",
        '    """The loss of each sample, [N]: features [N, d], labels [N] in 0..K-1."""',
        f"    return sum({name}(features, labels, state, **PARAMS).values())",
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
