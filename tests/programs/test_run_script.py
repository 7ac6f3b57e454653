"""The script of a run ends in the run's own bits, without lossviz."""

from __future__ import annotations

import ast
import gzip
import os
import shlex
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

import models
from lossviz import data, losses
from lossviz.cli import main
from lossviz.core.errors import ProgramError, RunError
from lossviz.data.sets import cifar, mnist_family
from lossviz.data.spec import Found
from lossviz.programs.run_script import files_of, script_of
from lossviz.programs.standalone import Facts
from lossviz.runs import Run, RunStore, export
from lossviz.runs.store import word
from lossviz.runs.worker import Worker
from lossviz.training import RunConfig
from lossviz.training.trainer import Trainer

# Runs scripts one after the other in their folders; torch is imported once for all.
DRIVER = """
import os, pathlib, runpy, sys
sys.modules["lossviz"] = sys.modules["models"] = None
for folder in sys.argv[1:]:
    os.chdir(folder)
    sys.argv = ["script.py", *pathlib.Path("argument").read_text().split()]
    runpy.run_path("script.py", run_name="__main__")
"""

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


def images(folder: Path) -> dict[str, str]:
    """Tiny sets of three classes as .npz: grey, colour, and wide with a constant channel."""
    draw = np.random.default_rng(0)
    paths = {}
    for name, shape in {"grey": (1, 8, 8), "colour": (3, 8, 8), "wide": (3, 8, 11)}.items():
        arrays: dict[str, Any] = {"classes": np.array(["a", "b", "c"])}
        for split, each in (("", 14), ("test_", 5)):
            labels = np.arange(3).repeat(each)
            pixels = draw.integers(0, 200, (len(labels), *shape), dtype=np.uint8)
            pixels[:, :, :2] += (20 * labels[:, None, None, None]).astype(np.uint8)
            if name == "wide":
                pixels[:, 1] = 7
            arrays |= {f"{split}images": pixels, f"{split}labels": labels}
        paths[name] = str(folder / f"{name}.npz")
        np.savez(paths[name], **arrays)
    return paths


def run_scripts(folders: list[Path]) -> str:
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    words = [sys.executable, "-I", "-W", "error", "-c", DRIVER, *map(str, folders)]
    done = subprocess.run(words, cwd=folders[0], env=outside, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


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


@pytest.mark.parametrize(
    "setting", [*(("loss", k) for k in losses.catalogue()), *(("net", k) for k in models.catalogue())]
)
def test_every_loss_and_network_has_a_script(setting: tuple[str, str]) -> None:
    text = script_of([RunConfig(**dict([setting]))], Facts((1, 8, 8), 10, 9))
    words = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=E,F", "--ignore=E501", "-"]
    found = subprocess.run(words, input=text, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout
    assert "import lossviz" not in text
    assert "from lossviz" not in text


def exported(tmp_path: Path, *words: str) -> tuple[str, Path]:
    """A run trained with these words, its script in a folder of its own and, if needed, its images."""
    quick = [
        *([] if "--epochs" in words else ["--epochs", "2"]),
        "--points",
        "20",
        "--frame-points",
        "10",
        "--threads",
        "1",
        "--device",
        "cpu",
    ]
    assert main(["train", *quick, *words]) == 0
    (run,) = RunStore().runs()
    folder = tmp_path / "alone"
    folder.mkdir()
    for what, file in (("script", "script.py"), ("images", "images.npz")):
        assert main(["runs", "export", run.id, "--what", what, "--out", str(folder / file)]) == 0
    return run.id, folder


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "runs"))
    return RunStore()


def test_an_exported_script_of_digits_reproduces_the_run(store: RunStore, tmp_path: Path) -> None:
    id, folder = exported(tmp_path, "--loss", "focal")
    (folder / "argument").write_text("")
    (folder / "images.npz").unlink()
    said = run_scripts([folder]).splitlines()
    assert said[-1] == "the weights of the run, bit by bit"
    tensors, _ = store.get(id).checkpoint()
    got = torch.load(folder / "final.pt", weights_only=True)
    assert all(torch.equal(value, tensors[f"model.{name}"]) for name, value in got.items())
    rows = store.get(id).metrics()
    for line, row in zip(said, rows, strict=False):
        words = line.replace(",", "").split()
        assert float(words[4]) == pytest.approx(row["train_loss"], abs=2e-5)
        assert float(words[7]) == pytest.approx(row["test_accuracy"], abs=1e-4)


def test_a_cut_data_set_comes_through_the_exported_images(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = ["--classes", "4,9,1", "--imbalance", "step", "--imbalance-ratio", "4", "--seed", "5"]
    id, folder = exported(tmp_path, *cut)
    (folder / "argument").write_text("images.npz")
    assert f"runs export {id} --what images" in (folder / "script.py").read_text()
    assert run_scripts([folder]).splitlines()[-1] == "the weights of the run, bit by bit"
    with np.load(folder / "images.npz") as arrays:
        assert arrays["classes"].tolist() == ["4", "9", "1"]
        sizes = np.bincount(arrays["labels"])
        assert sizes[0] == sizes[1] == pytest.approx(4 * sizes[2], abs=3)

    # Other images than those of the run are refused with what is wrong with them.
    program: dict[str, Any] = {"__name__": "script"}
    sys.modules["script"] = sys.modules[__name__]  # dataclasses look their module up
    exec(compile((folder / "script.py").read_text(), "script.py", "exec"), program)
    del sys.modules["script"]
    monkeypatch.setattr(sys, "argv", ["script.py", str(folder / "images.npz")])
    whole, facts = program["load"](program["RUN"]), program["FACTS"]
    pixels, labels = torch.zeros(4, 1, 8, 8, dtype=torch.uint8), torch.tensor([0, 1, 2, 2])
    images = program["Images"]
    program["check"](replace(whole, test=images(pixels, labels)), facts)
    for bad, rule in (
        (images(pixels[..., :6], labels), r"shape \(1, 8, 8\); got torch.uint8, \(1, 8, 6\)"),
        (images(pixels.float(), labels), "uint8"),
        (images(pixels, labels[:3]), "got 3 for 4 images"),
        (images(pixels, labels + 1), "below 3; got 3"),
    ):
        with pytest.raises(SystemExit, match=rule):
            program["check"](replace(whole, test=bad), facts)
    with pytest.raises(SystemExit, match=r"they make \d+ steps, it took"):
        program["finish"](SimpleNamespace(steps=1), facts)
    with pytest.raises(SystemExit, match="no such file"):
        program["read_npz"](tmp_path / "none.npz")
    np.savez(tmp_path / "half.npz", images=pixels.numpy())
    with pytest.raises(SystemExit, match="lacks labels, test_images"):
        program["read_npz"](tmp_path / "half.npz")


def test_a_run_that_has_not_begun_and_a_fork_of_a_run_that_is_gone_have_no_script(store: RunStore) -> None:
    config = RunConfig(fork_run="other", fork_epoch=1)
    with pytest.raises(ProgramError, match="goes on from epoch 1 of other"):
        script_of([config], Facts((1, 8, 8), 10, 9))
    with pytest.raises(RunError, match="has not begun"):
        export.script(store.create(RunConfig()))


def test_the_script_of_a_fork_of_a_fork_reproduces_it(store: RunStore, tmp_path: Path) -> None:
    id, folder = exported(tmp_path, "--loss", "focal", "--train-images", "300", "--epochs", "3")
    first = store.get(id)
    second = store.fork(first, 1, {"loss": "center", "rate": 0.005})
    with pytest.raises(RunError, match="has not begun"):
        export.script(second)
    assert Worker(second).work() == "finished"
    third = store.fork(second, 2, {"loss": "arcface", "epochs": 4})
    assert Worker(third).work() == "finished"
    assert [run.id for run in export.lineage(third)] == [first.id, second.id, third.id]
    text = export.script(third)
    assert "a fork: first Focal" in " ".join(text.split())
    (folder / "script.py").write_text(text)
    (folder / "argument").write_text("images.npz")
    said = run_scripts([folder]).splitlines()
    assert said[-1] == "the weights of the run, bit by bit"
    assert [line.split(":")[0] for line in said[:-2]] == [
        "epoch 1", "the fork goes on from here", "epoch 2", "the fork goes on from here", "epoch 3",
        "epoch 4",
    ]  # fmt: skip
    rows = third.metrics()
    accuracies = [float(line.rpartition(" ")[2]) for line in said if line.startswith("epoch")]
    assert accuracies == pytest.approx([row["test_accuracy"] for row in rows], abs=1e-4)
    store.delete(first)
    with pytest.raises(RunError, match=f"goes on from epoch 1 of {first.id}.*not among the runs here"):
        export.script(third)


def test_official_files_are_read_only_for_the_whole_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Found("kmnist", "KMNIST", tmp_path, (), 60_000, 10_000, (60_000, 10_000), print)
    monkeypatch.setattr(data, "recall", lambda name: data.Look(whole, ""))
    assert files_of(RunConfig(data="kmnist")) is whole
    assert files_of(RunConfig(data="kmnist"), complete=False) is None
    assert files_of(RunConfig(data="kmnist", held_out=(3,))) is None
    assert files_of(RunConfig(data="kmnist", train_images=100)) is None
    assert files_of(RunConfig(data="./own")) is None
    for less in (replace(whole, train=9), replace(whole, slow=True), None):
        monkeypatch.setattr(data, "recall", lambda name, less=less: data.Look(less, ""))
        assert files_of(RunConfig(data="kmnist")) is None


def write_mnist(folder: Path) -> None:
    """Small files in the format of MNIST, one of them packed."""
    folder.mkdir()
    draw = np.random.default_rng(1)
    for part, count in (("train", 40), ("t10k", 20)):
        head = np.array([0x803, count, 28, 28], dtype=">u4").tobytes()
        (folder / f"{part}-images-idx3-ubyte").write_bytes(head + draw.bytes(count * 784))
        head = np.array([0x801, count], dtype=">u4").tobytes()
        labels = gzip.compress(head + bytes(i % 10 for i in range(count)))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(labels)


def write_cifar(folder: Path, packed: bool) -> None:
    """Small files in the format of CIFAR-100, in an archive or loose."""
    plain = folder / "cifar-100-binary"
    plain.mkdir(parents=True)
    draw = np.random.default_rng(2)
    for name, count in (("train.bin", 200), ("test.bin", 100)):
        (plain / name).write_bytes(b"".join(bytes([0, i % 100]) + draw.bytes(3072) for i in range(count)))
    if packed:
        with tarfile.open(folder / "cifar-100-binary.tar.gz", "w:gz") as archive:
            archive.add(plain, plain.name)
        for file in plain.iterdir():
            file.unlink()
        plain.rmdir()


@pytest.mark.parametrize("kind", ["mnist", "cifar loose", "cifar packed"])
def test_a_script_reads_official_files_as_the_library_does(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "MNIST"
    if kind == "mnist":
        spec, where = mnist_family.MNIST, folder
        write_mnist(folder)
    else:
        spec, where = cifar.CIFAR_100, folder / ("" if "packed" in kind else "cifar-100-binary")
        write_cifar(folder, "packed" in kind)
    found = spec.look(spec, where)
    assert found is not None
    want = found.read(lambda *_: None)
    text = script_of([RunConfig(data=spec.key)], Facts((1, 1, 1), 10, 1), found)
    assert str(tmp_path) not in text
    moved = tmp_path / "elsewhere"
    assert found.folder is not None
    found.folder.rename(moved)
    program: dict[str, Any] = {"__name__": "script", "__doc__": "how to use it"}
    sys.modules["script"] = sys.modules[__name__]
    exec(compile(text, "script.py", "exec"), program)
    del sys.modules["script"]
    monkeypatch.setattr(sys, "argv", ["script.py", str(moved)])
    got = program["load"](None)
    assert got.classes == want.classes
    same_images((got.train, got.test), want)
    monkeypatch.setattr(sys, "argv", ["script.py"])
    with pytest.raises(SystemExit):
        program["load"](None)
    monkeypatch.setattr(sys, "argv", ["script.py", str(tmp_path / "nowhere")])
    with pytest.raises(ValueError, match="nowhere"):
        program["load"](None)


def same_images(splits: Any, raw: Any) -> None:
    for got, want in zip(splits, (raw.train, raw.test), strict=True):
        assert torch.equal(got.pixels, want.pixels)
        assert torch.equal(got.labels, want.labels)
        assert got.labels.dtype == torch.int64


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


@pytest.mark.parametrize(
    "name", ['it\'s "here"', "a\\nb \\", '"""; import os; """', "$x `y`\n~", "é 漢", "-x"]
)
def test_the_command_in_a_script_survives_any_path(name: str, store: RunStore, tmp_path: Path) -> None:
    run = Run(tmp_path / name)
    program = script_of([RunConfig(data="./own")], Facts((1, 8, 8), 10, 9), run=word(run))
    told = ast.get_docstring(ast.parse(program), clean=False)
    assert told is not None
    command, end, _ = told.partition("\n    python THIS_FILE")
    assert end
    words = shlex.split(command[command.index("python -m lossviz runs export") :])
    assert words[5:7] == [str(tmp_path / name), "--what"]
    assert word(Run(store.path / "20260101-ce")) == "20260101-ce"
