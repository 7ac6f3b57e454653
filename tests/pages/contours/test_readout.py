"""The read-out says where a probability is without the margin that the loss beside it has."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from lossviz.pages.contours.ui.readout import reading
from lossviz.pages.contours.view import ContourView

POINT = (1.0, 0.3)


def notes(*losses: str, label: int = 0, **params: Any) -> dict[str, str]:
    view = replace(ContourView(losses=losses), label=label)
    for link, value in params.items():
        view = view.with_param(link, value)
    return {row["key"]: row["note"] for row in reading(view, POINT)["rows"]}


def test_losses_with_a_margin_have_the_note_and_those_without_have_none() -> None:
    found = notes("soft-d", "l2-softmax", "arcface", "cosface", "sphereface", "hinge", "focal", "bce-u")
    assert {key for key, said in found.items() if said} == {"arcface", "cosface", "sphereface"}
    assert found["arcface"] == "p without the margin, loss with it"


def test_a_margin_of_nothing_has_no_note() -> None:
    assert notes("arcface", margin=0.0) == {"arcface": ""}


@pytest.mark.parametrize(("label", "noted"), [(0, True), (1, False)])
def test_camri_has_the_note_for_the_classes_it_cares_for(label: int, noted: bool) -> None:
    assert bool(notes("camri", label=label)["camri"]) == noted


def test_the_margin_is_what_parts_loss_and_probability() -> None:
    (row,) = reading(ContourView(losses=("arcface",)), POINT)["rows"]
    own = float(row["probabilities"][0].removesuffix(" %")) / 100
    assert float(row["loss"]) > -math.log(own) + 0.01
