"""Groups over seeds: means, fronts and where a margin stops to fit, of results written by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from lossviz.runs import RunStore
from lossviz.sweeps import Plan, SweepStore
from lossviz.sweeps.aggregate import Groups, does_not_fit, read
from lossviz.sweeps.measures import measure
from lossviz.sweeps.plan import Cell
from lossviz.sweeps.table import csv_text
from tests.sweeps.by_hand import sweep_of

ACCURACY = measure("test_accuracy")


def groups(tmp_path: Path) -> Groups:
    plan = Plan.read({"data": "digits"}, ["arcface", "soft-d"], ["margin=0,30deg,40deg", "scale=4,16"], "3")

    def numbers(cell: Cell) -> dict[str, float] | str | None:
        if cell.config.loss == "arcface" and cell.at == (2, 1):
            return "diverged" if cell.config.seed == 0 else None
        return {"test_accuracy": 0.5 + 0.1 * max(cell.at) + 0.01 * cell.config.seed}

    return read(sweep_of(SweepStore(RunStore(tmp_path)), plan, numbers))


def test_a_group_has_the_cells_of_one_setting_and_their_mean(tmp_path: Path) -> None:
    found = groups(tmp_path)
    # 3 × 2 settings of ArcFace, one of cross-entropy, which has neither margin nor scale.
    assert len(found.of) == 7
    one = found.group("arcface", (1, 0))
    assert one is not None
    sample = one.sample(ACCURACY)
    assert (sample.n, sample.mean, sample.sd) == (3, pytest.approx(0.61), pytest.approx(0.01))
    assert found.lacks("soft-d", 0)
    assert not found.lacks("arcface", 0)
    assert found.group("soft-d", (2, 1)) is found.group("soft-d", (0, 0))
    assert found.along("arcface", 0, (0, 1))[1] is found.group("arcface", (1, 1))


def test_a_cell_that_diverged_is_in_no_mean(tmp_path: Path) -> None:
    broken = groups(tmp_path).group("arcface", (2, 1))
    assert broken is not None
    assert broken.broken == 1
    assert sorted(broken.states) == ["diverged", "waiting", "waiting"]
    assert math.isnan(broken.sample(ACCURACY).mean)


def test_the_best_is_the_highest_accuracy_and_the_lowest_loss(tmp_path: Path) -> None:
    found = groups(tmp_path)
    best = found.best(ACCURACY)
    assert best is not None
    assert best.at == (2, 0)
    assert found.best(measure("silhouette")) is None


def test_a_margin_of_40_degrees_does_not_fit_ten_classes_in_the_plane(tmp_path: Path) -> None:
    found = groups(tmp_path)
    fits = {at: does_not_fit(g, 10) for (loss, at), g in found.of.items() if loss == "arcface"}
    # Ten directions have 360° / 10 = 36° between them.
    assert {at: at[0] == 2 for at in fits} == fits
    assert not any(does_not_fit(g, 10) for (loss, _), g in found.of.items() if loss == "soft-d")


def test_the_csv_has_a_row_a_cell(tmp_path: Path) -> None:
    groups(tmp_path)
    (sweep,) = SweepStore(RunStore(tmp_path)).sweeps()
    lines = csv_text(sweep).splitlines()
    assert len(lines) == 1 + 7 * 3
    assert lines[0].startswith("cell,loss,margin,scale,seed,")
    assert sum(",diverged," in line for line in lines) == 1
