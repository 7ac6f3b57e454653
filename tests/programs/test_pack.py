"""The program pack, imported by node, computes the losses of torch in float64."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lossviz import losses
from lossviz.cli import main
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec
from lossviz.pages.contours.panels import panels
from lossviz.pages.contours.view import ContourView
from lossviz.programs import pack
from lossviz.programs.javascript import programs
from lossviz.ui.components.contours import frames

EVALUATE = Path(__file__).parent / "evaluate.mjs"
COUNTS = (2, 3, 6)


def adversary_of(classes: int) -> torch.nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(classes)
        return torch.nn.Sequential(torch.nn.Linear(2, 2 * classes), torch.nn.Tanh()).double()


ADVERSARIES = {classes: adversary_of(classes) for classes in COUNTS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pack")
    pack.write(made, ADVERSARIES.__getitem__, COUNTS)
    return made


@pytest.fixture(scope="module")
def index(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / pack.INDEX).read_text(encoding="utf-8"))["losses"]
    return found


def state_for(spec: LossSpec, classes: int) -> ClassState:
    draw = torch.Generator().manual_seed(classes)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=draw, dtype=torch.float64)

    bias = {"none": None, "unified": normal(), "diverse": normal(classes)}[spec.needs.bias]
    adversary = ADVERSARIES[classes] if spec.needs.adversary else None
    return ClassState(normal(classes, 2), bias, normal(classes, 2), adversary)


def inputs_of(names: list[str], state: ClassState, params: dict[str, Any]) -> list[float]:
    held = {"z1": 0.0, "z2": 0.0}
    for letter, rows in (("W", state.weights), ("C", state.centers)):
        assert rows is not None
        held |= {f"{letter}{k}_{j}": float(rows[k, j - 1]) for k in range(len(rows)) for j in (1, 2)}
    if isinstance(state.bias, torch.Tensor):
        several = [("b", state.bias)] if state.bias.dim() == 0 else enumerate(state.bias)
        held |= {name if name == "b" else f"b{name}": float(value) for name, value in several}
    return [held[name] if name in held else float(params[name]) for name in names]


def features(state: ClassState, corners: bool) -> torch.Tensor:
    """Random features; of all lengths where corners are meant, with the origin and along weights."""
    draw = torch.Generator().manual_seed(11)
    points = 3 * torch.randn(40, 2, generator=draw, dtype=torch.float64)
    if not corners:
        return points
    points *= 10 ** (4 * torch.rand(40, 1, generator=draw, dtype=torch.float64) - 2)
    w = state.weights
    return torch.cat([torch.zeros(1, 2, dtype=torch.float64), w, -w, 1e3 * w, 1e-12 * w, points])


def params_for(spec: LossSpec, fixed: dict[str, Any], classes: int, corners: bool) -> dict[str, Any]:
    """Numbers within their ranges, or at the end: scale 64, γ 512, the top of the others."""
    numbers = {p.name: p for p in spec.params if p.kind == "real"}
    values = {name: 0.3 * p.low + 0.7 * p.high for name, p in numbers.items()}
    if corners:
        ends = {"scale": 64.0, "gamma": 512.0}
        values = {name: min(ends.get(name, p.high), p.high) for name, p in numbers.items()}
        if spec.key == "cce":
            values["gamma"] = numbers["gamma"].low
    return spec.complete({**values, **fixed}, classes)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not here")
@pytest.mark.parametrize("corners", [False, True])
def test_node_computes_every_program_of_the_pack(folder: Path, index: dict[str, Any], corners: bool) -> None:
    cases, expected, names = [], [], []
    assert sorted(index) == sorted(losses.keys())
    for key, entry in index.items():
        spec = losses.get(key)
        for program in entry["programs"]:
            classes, label, term = program["classes"], program["label"], program["term"]
            state = state_for(spec, classes)
            params = params_for(spec, program.get("fixed", {}), classes, corners)
            points = features(state, corners)
            values = inputs_of(entry["inputs"][str(classes)], state, params)
            case = {"loss": key, "id": program["id"], "inputs": values, "classes": classes}
            cases.append({**case, "points": points.tolist()})
            terms = spec.terms(points, torch.full((len(points),), label), state, **params)
            height = (
                terms[term]
                if term
                else spec.per_sample(points, torch.full((len(points),), label), state, **params)
            )
            expected.append((height.detach(), spec.logits(points, state, **params).detach().mT))
            names.append(f"{key} {program}")
    words = ["node", str(EVALUATE), str(folder)]
    done = subprocess.run(words, input=json.dumps(cases), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # In a corner a small loss is the rest of a subtraction; relative to what was subtracted it is nothing.
    near = {"rtol": 1e-5, "atol": 1e-13} if corners else {"rtol": 1e-9, "atol": 1e-11}
    for name, answer, (height, logits) in zip(names, json.loads(done.stdout), expected, strict=True):
        np.testing.assert_allclose(answer["heights"], height, err_msg=name, **near)
        np.testing.assert_allclose(answer["scores"], logits, err_msg=name, **near)


@pytest.mark.parametrize("key", losses.keys())
def test_the_pack_holds_every_label_and_term(key: str, index: dict[str, Any]) -> None:
    spec = losses.get(key)
    flags = [p.name for p in spec.params if p.kind == "flag"]
    for classes in COUNTS:
        state = state_for(spec, classes)
        terms = set(spec.terms(state.weights[:1], torch.tensor([0]), state)) if spec.composite else set()
        there = [p for p in index[key]["programs"] if p["classes"] == classes]
        assert {p["label"] for p in there} == set(range(classes))
        assert {p["term"] for p in there} == {"", *terms}
        for name in flags:
            assert {p["fixed"][name] for p in there} == {False, True}


def test_a_contour_page_draws_with_the_programs_of_the_pack(index: dict[str, Any]) -> None:
    keys = tuple(key for key in losses.catalogue() if not losses.get(key).needs.adversary)
    for label in (0, 2):
        made = panels(ContourView(losses=keys, label=label), 8)
        assert len(made) == len(keys)
        for panel in made:
            drawn = frames.program(panel)
            assert drawn is not None
            assert drawn.id in {p["id"] for p in index[panel.key]["programs"] if p["label"] == label}


def test_the_command_writes_the_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "made"
    assert main(["programs", "--classes", "2", "--out", str(made)]) == 0
    assert {path.name for path in made.iterdir()} == {
        pack.INDEX,
        *(f"{key}.js" for key in losses.catalogue()),
    }
    entry = json.loads((made / pack.INDEX).read_text(encoding="utf-8"))["losses"]["cot"]
    assert {program["classes"] for program in entry["programs"]} == {2}
    assert main(["programs", "--classes", "2,11", "--out", str(made)]) == 2
    assert "2..10" in capsys.readouterr().err


def test_a_loss_that_is_not_arithmetic_has_no_program() -> None:
    def sorted_logits(z: Any, y: Any, state: Any) -> Any:
        return {"all": torch.sort(z @ state.weights.T).values[:, 0]}

    spec = replace(losses.get("soft-0"), key="odd", terms_function=sorted_logits)
    assert programs.program(spec, state_for(spec, 3), 0, {}) is None
    functions, entry = pack.module_of(spec, ADVERSARIES.__getitem__, (3,))
    assert functions == {}
    assert entry["programs"] == []
