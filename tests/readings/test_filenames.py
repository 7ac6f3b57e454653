"""The name of a file says which page, which view and which runs it shows, and is safe on every disk."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from lossviz.readings.filenames import contours_file, file_name, run_file
from lossviz.runs import RunStore
from lossviz.training.config import RunConfig
from tests.readings.made import reading

ARCFACE = replace(reading([0], [0]), loss_key="arcface")
CAMRI = replace(reading([0], [0]), loss_key="camri")


def test_page_view_and_losses_are_named_in_order() -> None:
    assert file_name("angles", "gaps", [ARCFACE, CAMRI]) == "lossviz-angles-gaps-arcface-camri"
    assert file_name("imbalance", "", [CAMRI]) == "lossviz-imbalance-camri"


def test_several_runs_of_one_loss_are_counted() -> None:
    assert file_name("angles", "gaps", [ARCFACE, CAMRI, ARCFACE]) == "lossviz-angles-gaps-arcface-x2-camri"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "Größe: α/β", "x" * 300, "", "con.npz", "a" * 79 + "-b"]
)
def test_a_file_of_one_s_own_gives_safe_letters(name: str) -> None:
    made = file_name("uniform", "threshold", [replace(reading([0], [0]), name=name)])
    assert re.fullmatch(r"lossviz-uniform-threshold(-[a-z0-9]+)*", made)
    assert len(made) <= 80


def test_files_of_runs_are_called_by_their_losses_and_data_and_what_they_hold(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    arcface, other, camri = (
        store.create(RunConfig(loss=loss, data=data))
        for loss, data in (("arcface", "mnist"), ("arcface", "mnist"), ("camri", "digits"))
    )
    assert run_file([arcface], "script") == "arcface-mnist-script"
    assert run_file([arcface, other], "training") == "arcface-x2-mnist-training"
    assert run_file([arcface, camri], "frames") == "arcface-camri-mnist-digits-frames"


def test_what_a_file_of_many_runs_holds_is_said_in_spite_of_its_length(tmp_path: Path) -> None:
    store, losses = (
        RunStore(tmp_path),
        ("soft-nu", "bce-nu", "weighted-ce", "center", "wasserstein", "crwwce", "hinge"),
    )
    runs = [
        store.create(RunConfig(loss=loss, data="fashion-mnist")) for loss in (*losses, "modified-softmax")
    ]
    name = run_file(runs, "training")
    assert len(name) <= 80
    assert name.startswith("soft-nu-bce-nu-")
    assert name.endswith("-training")


def test_a_frame_is_told_from_another_in_the_name(tmp_path: Path) -> None:
    run = RunStore(tmp_path).create(RunConfig(loss="arcface", data="digits"))
    assert run_file([run], "epoch-1.25") != run_file([run], "epoch-12.5")


def test_contours_are_called_by_their_losses_as_long_as_they_are_few() -> None:
    assert contours_file(["soft-d", "arcface"]) == "contours-soft-d-arcface"
    assert contours_file(["a", "b", "c", "d", "e"]) == "contours-5-losses"
