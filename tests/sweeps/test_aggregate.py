"""Groups over seeds: means, fronts and where a margin stops to fit, of results written by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from lossviz.runs import RunStore
from lossviz.sweeps import Plan, SweepStore
from lossviz.sweeps.aggregate import Groups, read
from lossviz.sweeps.bounds import bounds
from lossviz.sweeps.measures import measure
from lossviz.sweeps.plan import Cell
from lossviz.sweeps.table import csv_text
from lossviz.training.config import RunConfig
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
    fits = {at: fit(g.config, "margin") for (loss, at), g in found.of.items() if loss == "arcface"}
    # Ten directions have 360° / 10 = 36° between them.
    assert {at: at[0] != 2 for at in fits} == fits
    assert not any(bounds(g.config, 10) for (loss, _), g in found.of.items() if loss == "soft-d")


def fit(config: RunConfig, name: str) -> bool:
    (found,) = [bound for bound in bounds(config, 10) if bound.name == name]
    return found.fits


def test_a_gamma_short_of_the_corollary_s_bound_does_not_fit() -> None:
    # As the proof of 002 Eq. 42, with all pairs at the mean cosine −1/9 where that lets them be at −1:
    # log(2·10 − 3) = γ (1 + 1/9).
    least = 0.9 * math.log(17)
    for gamma, fits in ((least * 0.99, False), (least * 1.01, True)):
        for loss in ("bce-nu", "bce-nd"):
            assert fit(RunConfig(loss=loss, params={"gamma": gamma}), "gamma") == fits
    (bound,) = bounds(RunConfig(loss="bce-nu", dimension=16), 10)
    assert (bound.at, bound.title) == (pytest.approx(least), "least γ 2.55")
    # A BCE without a bias learns no threshold.
    assert bounds(RunConfig(loss="bce-n0"), 10) == []


@pytest.mark.parametrize(
    ("loss", "name"), [("arcface", "scale"), ("l2-softmax", "scale"), ("soft-nu", "gamma")]
)
def test_a_scale_that_allows_no_probability_of_90_per_cent_does_not_fit(loss: str, name: str) -> None:
    # Features on ten class weights spread over the circle: the probability is 1 / Σ exp(s (cos 36°j − 1)).
    def probability(s: float) -> float:
        return 1 / sum(math.exp(s * (math.cos(math.radians(36 * j)) - 1)) for j in range(10))

    (found,) = [bound for bound in bounds(RunConfig(loss=loss), 10) if bound.name == name]
    assert probability(found.at) == pytest.approx(0.9, abs=1e-5)
    assert not fit(RunConfig(loss=loss, params={name: found.at * 0.99}), name)
    assert fit(RunConfig(loss=loss, params={name: found.at * 1.01}), name)


def test_the_csv_has_a_row_a_cell(tmp_path: Path) -> None:
    groups(tmp_path)
    (sweep,) = SweepStore(RunStore(tmp_path)).sweeps()
    lines = csv_text(sweep).splitlines()
    assert len(lines) == 1 + 7 * 3
    assert lines[0].startswith("cell,loss,margin,scale,seed,")
    assert sum(",diverged," in line for line in lines) == 1


def test_the_recall_of_important_classes_is_their_mean_under_every_loss(tmp_path: Path) -> None:
    recalls = {"recall_3": 0.5, "recall_5": 0.7, "recall_8": 1.0}
    base = {"data": "digits", "important": "3,8"}
    plan = Plan.read(base, ["soft-d", "weighted-ce"], ["weight=4,8"], "1")
    found = read(sweep_of(SweepStore(RunStore(tmp_path)), plan, lambda cell: recalls))
    assert measure("important_recall") in found.measures
    for group in found.of.values():
        assert group.sample(measure("important_recall")).mean == pytest.approx(0.75)
    varied = Plan.read({"data": "digits"}, ["soft-d", "camri"], ["important=5;3,5,8;2"], "1")
    found = read(sweep_of(SweepStore(RunStore(tmp_path)), varied, lambda cell: recalls))
    means = [g.sample(measure("important_recall")).mean for g in found.along("camri", 0, (0,)) if g]
    assert means[:2] == pytest.approx([0.7, 2.2 / 3])
    # Class 2 has no image; cross-entropy has no important class of its own.
    assert math.isnan(means[2])
    assert math.isnan(found.of["soft-d", (-1,)].sample(measure("important_recall")).mean)
