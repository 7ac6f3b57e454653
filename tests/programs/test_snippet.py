"""The exported program is the loss."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest
import torch

from lossviz import losses
from lossviz.fields import default_state
from lossviz.losses import ClassState
from lossviz.pages.contours import panels
from lossviz.pages.contours.view import ContourView
from lossviz.programs import snippet


def run(text: str) -> types.ModuleType:
    module = types.ModuleType("exported")
    sys.modules["exported"] = module  # dataclasses look their module up
    exec(compile(text, "exported.py", "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("key", losses.keys())
def test_the_program_gives_the_same_values_with_changed_parameters(key: str) -> None:
    spec = losses.get(key)
    start = default_state(spec)
    biases = {"none": None, "unified": torch.tensor(0.7), "diverse": torch.tensor([0.3, -1.0, 2.0])}
    bias = biases[spec.needs.bias]
    state = ClassState(
        start.weights * torch.tensor([[0.5], [1.0], [2.0]], dtype=torch.float64),
        None if bias is None else bias.double(),
        start.centers,
        start.adversary,
    )
    params = {}
    for p in spec.params:
        if p.kind == "flag":
            params[p.name] = not p.default
        elif p.kind == "classes":
            params[p.name] = (0, 2)
        elif p.kind == "whole":
            params[p.name] = int(p.high) - 1
        elif p.kind == "matrix":
            params[p.name] = ((0, 2, 5), (3, 0, 0.1), (7, 1, 0))
        else:
            params[p.name] = p.low + 0.4 * (p.high - p.low)
    exported = run(snippet.write(spec, state, params))
    features = torch.randn(200, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 2
    labels = torch.arange(200) % 3
    assert torch.equal(exported.loss(features, labels), spec.per_sample(features, labels, state, **params))


def test_the_program_runs_without_lossviz(tmp_path) -> None:
    view = ContourView(losses=("adversarial",), start=(0.5, -1.0))
    file = tmp_path / "loss.py"
    file.write_text(panels.program(view, "adversarial"))
    assert "lossviz" not in "".join(line for line in file.read_text().splitlines() if "import" in line)
    out = subprocess.run(
        [sys.executable, "-I", str(file)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    spec = losses.get("adversarial")
    value = spec.per_sample(
        torch.tensor([[0.5, -1.0]], dtype=torch.float64), torch.tensor([0]), view.state(spec)
    )
    assert float(out.stdout.split()[-1]) == pytest.approx(value.item(), rel=1e-11)
