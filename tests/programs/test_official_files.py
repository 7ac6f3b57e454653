"""A script reads the official files of a data set, by the reader of lossviz."""

from __future__ import annotations

import gzip
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lossviz import data
from lossviz.data.sets import cifar, mnist_family
from lossviz.data.spec import Found
from lossviz.programs.run_script import files_of, script_of
from lossviz.programs.standalone import Facts
from lossviz.training import RunConfig


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
