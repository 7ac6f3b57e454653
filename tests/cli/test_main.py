"""The command line writes the app's pictures and says what is wrong."""

from __future__ import annotations

import errno
import io
import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from lossviz import losses
from lossviz.cli import main
from lossviz.fields import compute
from lossviz.losses import ClassState
from lossviz.pages.contours import panels
from lossviz.pages.contours.view import ContourView

MAGIC = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_field_writes_a_picture(kind: str, tmp_path: Path) -> None:
    out = tmp_path / f"f.{kind}"
    assert main(["field", "arcface", "--margin", "0.4", "--resolution", "60", "--out", str(out)]) == 0
    assert out.read_bytes().startswith(MAGIC[kind])


def test_a_loss_may_stand_after_a_switch(tmp_path: Path) -> None:
    out = tmp_path / "f.csv"
    assert main(["field", "--log", "cce", "--no-opening", "--out", str(out), "--resolution", "9"]) == 0
    assert main(["field", "--no-opening", "cce", "--out", str(out), "--resolution", "9"]) == 0


def test_field_and_app_make_the_same_picture(tmp_path: Path) -> None:
    out = tmp_path / "f.png"
    arguments = ["field", "arcface", "cce", "--margin", "22.5deg", "--scale", "32", "--out", str(out)]
    assert main([*arguments, "--resolution", "60"]) == 0
    view = ContourView(losses=("arcface", "cce"), params={"scale": 32.0})
    assert out.read_bytes() == panels.write(view, "png", 60)


def test_the_command_of_a_view_writes_that_view(tmp_path: Path) -> None:
    view = ContourView(losses=("camri",), label=2, params={"margin": math.radians(30)}, start=(1.0, -1.0))
    command = panels.command(view)
    query = command.split("'")[1]
    out = tmp_path / "f.csv"
    assert main(["field", "--view", query, "--resolution", "20", "--out", str(out)]) == 0
    assert out.read_bytes() == panels.write(view, "csv", 20)


def test_arrays_are_the_loss_in_full_precision(tmp_path: Path) -> None:
    out = tmp_path / "f.npz"
    assert main(["field", "cot", "--label", "1", "--resolution", "25", "--out", str(out)]) == 0
    arrays = np.load(out, allow_pickle=False)
    x, y = np.meshgrid(arrays["x"], arrays["y"])
    features = torch.from_numpy(np.stack([x.ravel(), y.ravel()], -1))
    weights = torch.tensor(ContourView().weights, dtype=torch.float64)
    state = ClassState(weights)
    value = losses.get("cot").per_sample(features, torch.ones(625, dtype=torch.int64), state)
    np.testing.assert_allclose(arrays["cot"].ravel(), value.numpy(), rtol=1e-12)
    np.testing.assert_allclose(arrays["cot/primary"] + arrays["cot/complement"], arrays["cot"], rtol=1e-12)


def test_csv_reads_back_to_the_last_bit(tmp_path: Path) -> None:
    out = tmp_path / "f.csv"
    assert main(["field", "focal", "--resolution", "11", "--out", str(out)]) == 0
    table = np.genfromtxt(io.StringIO(out.read_text()), delimiter=",", names=True)
    state = ClassState(torch.tensor(ContourView().weights, dtype=torch.float64))
    field = compute("focal", state, extent=ContourView().extent, resolution=11)
    assert table.dtype.names == ("z1", "z2", "focal")
    np.testing.assert_array_equal(table["focal"].reshape(11, 11), field.z_yx)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["arcface", "--margin", "28.6"],
            "arcface: margin must lie in [0, 90] degrees, written as 22.5deg, or in [0, 1.571] radians; "
            "got 28.6 (is that in deg",
        ),
        (["arcface", "--gama", "2"], "--gama"),
        (["arcfase"], "did you mean arcface"),
        (["arcface", "--classes", "99"], "[2, 10]"),
        (["arcface", "--margin"], "needs a value"),
        (["arcface", "--resolution", "1"], "resolution"),
    ],
)
def test_a_wrong_command_is_told_in_one_line(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["field", *arguments, "--out", str(tmp_path / "f.png")]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("key", losses.keys())
def test_every_parameter_of_every_loss_is_an_option(key: str, tmp_path: Path) -> None:
    words = []
    for p in losses.get(key).params:
        known = {"classes": "1", "flag": "yes", "matrix": "0,1,4/1,0,1/1,1,0"}
        value = known.get(p.kind) or f"{p.low:g}"
        words += [f"--{p.name}", value]
    out = tmp_path / "f.npz"
    assert main(["field", *words, key, "--resolution", "5", "--out", str(out)]) == 0
    assert key in np.load(out, allow_pickle=False).files


def test_losses_and_options_stand_in_any_order_and_values_may_be_negative(tmp_path: Path) -> None:
    out = tmp_path / "f.npz"
    words = ["field", "--margin", "0.4", "arcface", "--start", "-1,2", "--out", str(out), "ce"]
    assert main([*words, "--weights", "-1,0;1,0;0,1", "--resolution", "5"]) == 0
    assert {"arcface", "soft-d"} <= set(np.load(out, allow_pickle=False).files)


def test_losses_lists_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["losses"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(losses.keys())
    assert any("uce" in line and "gamma=96" in line for line in lines)


@pytest.mark.parametrize("name", ["f", "f.gif", "f.png.txt", "png"])
def test_a_picture_with_a_wrong_ending_is_refused_before_it_is_drawn(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(panels, "write", lambda *given, **named: pytest.fail("work was done"))
    assert main(["field", "ce", "--out", str(tmp_path / name)]) == 2
    assert "--out must end in .png, .svg, .pdf, .npz, .csv or .py" in capsys.readouterr().err
    assert main(["field", "ce", "--out", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words", [["losses", "x" * 5000], ["losses", *["--y=1"] * 900], ["train", "z" * 999]]
)
def test_words_that_are_not_known_are_repeated_in_short(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "unknown argument" in said
    assert len(said) < 300


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_what_the_system_refuses_is_told_in_words(
    number: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OSError(number, os.strerror(number), "/some/where")

    monkeypatch.setattr(losses, "catalogue", refuse)
    assert main(["losses"]) == 2
    said = capsys.readouterr().err
    assert "Errno" not in said
    assert "/some/where" in said
    assert ("free some" in said) == (number == errno.ENOSPC)
