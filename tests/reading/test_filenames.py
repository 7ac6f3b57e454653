"""The name of a file says which page, which view and which runs it shows, and is safe on every disk."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from lossviz.reading.filenames import file_name
from tests.reading.made import reading

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
