"""The script of a run ends in the run's own bits, without lossviz."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import models
from lossviz import losses
from lossviz.programs.run_script import script_of
from lossviz.programs.standalone import Facts
from lossviz.training import RunConfig
from lossviz.training.trainer import Trainer
from tests.programs.scripts import images, run_scripts

CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "arcface annealed": {"loss": "arcface", "anneal_share": 0.5},
    "sphereface": {"loss": "sphereface"},
    "cot": {"loss": "cot"},
    "cot of another loss": {"loss": "cosface", "objective": "complement", "anneal": "off"},
    "centres averaged": {"loss": "center", "center_update": "average"},
    "centres by sgd with drops": {"loss": "center", "rate_schedule": "step", "drops": (1,)},
    "pc under a cosine head": {"loss": "pc", "head": "cosine"},
    "adversarial": {"loss": "adversarial"},
    "cce, batch chosen": {"loss": "cce", "batch": 0, "normalize": True},
    "camri with dropout in 3-D": {"loss": "camri", "net": "camri-cnn", "dimension": 3, "epochs": 1},
    "augmented": {"augment": True, "data": "colour"},
    "sgd with steps and warm-up": {"optimizer": "sgd", "rate_schedule": "step", "drops": (1,), "warmup": 0.5},
    "mixed precision": {"precision": "mixed", "rate_schedule": "cosine"},
    "bias none": {"bias": "none", "optimizer": "adam", "rate_schedule": "constant"},
    "bias unified": {"loss": "bce-nu", "bias_init": 2},
    "bias unified beside centres": {"loss": "center", "bias": "unified"},
    "bias diverse": {"loss": "bce-nd", "bias_init": 7, "seed": 3},
    "weights spread in 3-D": {"loss": "weighted-ce", "params": {"important": (0, 2)}, "dimension": 3}
    | {"weight_init": "spread"},
    "a residual network": {"net": "resnet-20", "epochs": 1},
    "images not square, one channel constant": {"data": "wide"},
}

# Runs that go on from one another: the settings of each, and the epoch at which the next one begins.
FORKS: dict[str, list[tuple[dict[str, Any], int]]] = {
    "another loss": [({}, 1), ({"loss": "arcface", "rate": 0.01}, 0)],
    "centres that go, other threads": [({"loss": "center", "threads": 2}, 1), ({"loss": "focal"}, 0)],
    "centres that come": [({}, 1), ({"loss": "center", "center_update": "average"}, 0)],
    "another optimizer": [({"optimizer": "sgd"}, 1), ({"optimizer": "adam"}, 0)],
    "a bias of another shape": [({"loss": "bce-nd"}, 1), ({"loss": "bce-nu", "augment": True}, 0)],
    "a second step": [({"loss": "cot"}, 1), ({"loss": "cot", "complement_rate": 0.003}, 0)],
    "an adversary that comes and stays": [
        ({}, 1),
        ({"loss": "adversarial", "epochs": 3}, 2),
        ({"loss": "adversarial", "adversary_rate": 0.01, "epochs": 3}, 0),
    ],
    "four, the first two alike but for their ends": [
        ({"epochs": 5}, 1),
        ({"epochs": 5}, 2),
        ({"loss": "cosface", "epochs": 5, "precision": "mixed"}, 3),
        ({"loss": "cosface", "epochs": 4}, 0),
    ],
}


Done = dict[str, tuple[dict[str, torch.Tensor], Path]]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """For each case: the weights of the Trainer, and the folder in which the script was run."""
    root = tmp_path_factory.mktemp("scripts")
    paths, made = images(root), {}
    for number, (name, settings) in enumerate(CASES.items()):
        path = paths[settings.get("data", "grey")]
        config = RunConfig(**{"epochs": 2, "batch": 16, **settings, "data": path})
        trainer = Trainer(config)
        while not trainer.done:
            trainer.advance()
        weights = dict(trainer.model.state_dict())
        if trainer.adversary is not None:
            weights |= {f"adversary.{n}": value for n, value in trainer.adversary.state_dict().items()}
        shape = tuple(np.load(path)["images"].shape[1:])
        folder = root / str(number)
        folder.mkdir()
        (folder / "script.py").write_text(script_of([config], Facts(shape, 3, trainer.steps)))
        (folder / "argument").write_text(path)
        made[name] = (weights, folder)
    for number, (name, chain) in enumerate(FORKS.items()):
        configs, facts, weights = forked(chain, paths["grey"])
        folder = root / f"fork {number}"
        folder.mkdir()
        (folder / "script.py").write_text(script_of(configs, facts))
        (folder / "argument").write_text(paths["grey"])
        made[name] = (weights, folder)
    run_scripts([folder for _, folder in made.values()])
    return made


def forked(
    chain: list[tuple[dict[str, Any], int]], path: str
) -> tuple[list[RunConfig], Facts, dict[str, torch.Tensor]]:
    """Train runs that go on from one another; their configs, the last one's facts and weights."""
    configs: list[RunConfig] = []
    checkpoint, until = None, 0
    for settings, end in chain:
        config = RunConfig(**{"epochs": 2, "batch": 16, **settings, "data": path})
        if configs:
            config = config.but(fork_run="its origin", fork_epoch=until)
        trainer = Trainer(config)
        if checkpoint is not None:
            trainer.begin_from(checkpoint)
        while not trainer.done and (not end or trainer.step < end * trainer.steps_per_epoch):
            trainer.advance()
        checkpoint, until = trainer.checkpoint(), end
        configs.append(config)
    tensors = checkpoint[0]
    own = {n.removeprefix("model."): v for n, v in tensors.items() if n.startswith(("model.", "adversary."))}
    return configs, Facts((1, 8, 8), 3, trainer.steps), own


@pytest.mark.parametrize("name", [*CASES, *FORKS])
def test_the_script_ends_in_the_bits_of_the_run(done: Done, name: str) -> None:
    weights, folder = done[name]
    got = torch.load(folder / "final.pt", weights_only=True)
    assert sorted(got) == sorted(weights)
    assert all(torch.equal(got[n], value) for n, value in weights.items())


def test_the_scripts_are_clean(done: Done) -> None:
    words = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=E,F", "--line-length=130"]
    scripts = [folder / "script.py" for _, folder in done.values()]
    found = subprocess.run([*words, *map(str, scripts)], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


def test_a_script_holds_what_its_run_needs_and_no_other_loss_or_network(done: Done) -> None:
    _, folder = done["plain"]
    plain = (folder / "script.py").read_text()
    # Nor where the images lie on this machine.
    assert str(folder.parent) not in plain
    for text in ("def softmax_linear", "def train_step", "class Trainer", "def check_shape", "lr=rate"):
        assert text in plain
    for text in (
        "def additive_angle",
        "WideResNet",
        "class _Block",
        "sinkhorn",
        "def snapshot",
        "verdicts.py",
    ):
        assert text not in plain
    residual = (done["a residual network"][1] / "script.py").read_text()
    assert "lossviz/losses/angular.py" not in residual
    assert "models/small.py" not in residual
    # What the runs of a fork share is there once.
    fork = (done["four, the first two alike but for their ends"][1] / "script.py").read_text()
    assert fork.count("class Trainer") == fork.count("def cross_entropy(") == 1


def test_every_loss_and_network_has_a_script(tmp_path: Path) -> None:
    for setting in [*(("loss", k) for k in losses.catalogue()), *(("net", k) for k in models.catalogue())]:
        text = script_of([RunConfig(**dict([setting]))], Facts((1, 8, 8), 10, 9))
        assert "import lossviz" not in text
        assert "from lossviz" not in text
        (tmp_path / f"{'-'.join(setting)}.py").write_text(text)
    words = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--select=E,F",
        "--ignore=E501",
    ]
    found = subprocess.run([*words, str(tmp_path)], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


NETWORK = '''"""A made-up network."""

from torch import nn

from lossviz.losses.spec import NetSpec
from models import _layers

WIDTH, DEPTH = 12, 2


def norm(width: int) -> nn.Module:
    """Not that of _layers, which is called the same."""
    return nn.Sequential(nn.Identity(), _layers.flat_norm(width))


class _Head(nn.Sequential):
    """Layers that say how many they are."""

    def __init__(self, width: int, dimension: int) -> None:
        layers = [nn.Flatten()]
        for flat_norm in range(DEPTH):
            layers += [nn.LazyLinear(width), norm(width), nn.Tanh()]
        super().__init__(*layers, nn.Linear(width, dimension))

    def extra_repr(self) -> str:
        return f"{len(self)} layers of {WIDTH}"


def build(channels: int, size: int, dimension: int) -> nn.Module:
    from models._layers import EmbeddingNet

    net = EmbeddingNet(nn.Conv2d(channels, 4, 3), _Head(WIDTH, dimension))
    import torch

    net(torch.zeros(2, channels, size, size))
    return net


NETS = (NetSpec(key="made-up", title="Made up", source="nobody", build=build),)
'''


def test_a_network_of_a_new_file_exports_with_no_further_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "made_up.py").write_text(NETWORK)
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    models._found.cache_clear()
    try:
        config = RunConfig(net="made-up", loss="adversarial", data=images(tmp_path)["grey"], epochs=1)
        trainer = Trainer(config)
        while not trainer.done:
            trainer.advance()
        (tmp_path / "script.py").write_text(script_of([config], Facts((1, 8, 8), 3, trainer.steps)))
    finally:
        monkeypatch.undo()
        models._found.cache_clear()
        sys.modules.pop("models.made_up", None)
    (tmp_path / "argument").write_text("grey.npz")
    run_scripts([tmp_path])
    got = torch.load(tmp_path / "final.pt", weights_only=True)
    assert all(torch.equal(got[name], value) for name, value in trainer.model.state_dict().items())
