"""What a run is told: margins that do not fit, classes that have merged."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from lossviz.metrics.merging import Merged
from lossviz.readings.advice.verdicts import after, before, merge_state, of_rows
from lossviz.training import RunConfig
from lossviz.training.measures import merged_metrics


def test_a_margin_that_does_not_fit_is_told_before_training() -> None:
    def said(dimension: int = 2, **params: object) -> tuple[str, ...]:
        return before(RunConfig(loss="arcface", params=params, dimension=dimension), 10)

    (told,) = said(margin=0.7)
    assert "40.11°" in told
    assert "10 classes in 2-D can have margins below 36°; with room up to 18°" in told
    assert not said(margin=0.6)
    assert not said(dimension=3, margin=0.7)
    (told,) = before(RunConfig(loss="cosface", params={"margin": 0.5}), 10)
    assert "below 0.191" in told
    assert not before(RunConfig(loss="camri", params={"margin": 0.7, "important": 3}), 10)
    assert before(RunConfig(loss="camri", params={"margin": 0.7, "important": tuple(range(10))}), 10)
    assert "Corollary 1" in before(RunConfig(loss="bce-nu", params={"gamma": 1.0}), 10)[0]
    assert not before(RunConfig(loss="bce-nu", params={"gamma": 2.0}), 10)  # (e⁴ + 3)/2 = 28.8 > 10
    assert "teaches nothing" in before(RunConfig(loss="gce"), 2)[0]


RAD = math.pi / 180
PAIR = Merged(0, 1, 2 * RAD, 6.25 * RAD, 0.3)
NAMES = ("cat", "dog", "ship")


def test_a_merger_is_told_with_its_date_what_was_measured_and_the_remedies_that_are_left() -> None:
    told = after(RunConfig(loss="arcface", epochs=8, weight_init="random"), PAIR, 1, 8, False, NAMES)
    assert told.startswith(
        "Classes cat and dog have merged: at the end of epoch 8 their weight vectors are 2° apart, their "
        "images 6.25°, and 30 % of these are taken for the other. The loss no longer falls. "
    )
    assert merge_state([told]) == "merged"
    assert "rain for" not in told
    told = after(RunConfig(loss="soft-d", epochs=8), PAIR, 3, 8, False, NAMES)
    assert "merged (and 2 more pairs): " in told
    assert "annealing" not in told


def test_while_the_loss_falls_they_have_not_parted_yet_and_more_epochs_come_first() -> None:
    told = after(RunConfig(loss="arcface", epochs=2), PAIR, 1, 2, True, NAMES)
    assert told.startswith("Classes cat and dog have not parted yet: at the end of epoch 2 ")
    assert "The loss still falls. Train for 8 epochs, or " in told
    assert merge_state([told]) == "not parted"
    assert merge_state(["The margin 40° does not fit"]) == ""


@pytest.mark.parametrize(("anneal", "until"), [("off", 10), ("on", 12)])  # half of 20; 60 % of 20
def test_before_half_of_the_run_or_the_end_of_annealing_it_is_early(anneal: str, until: int) -> None:
    config = RunConfig(loss="arcface", anneal=anneal, epochs=20)
    told = [after(config, PAIR, 1, epoch, False, NAMES) for epoch in (until - 1, until)]
    assert ["It is early" in text for text in told] == [True, False]
    assert [merge_state([text]) for text in told] == ["not parted", "merged"]
    assert "rain for" not in told[0]  # it goes on by itself


def rows(merged: str, losses: Sequence[float] = (), start: int = 1) -> list[dict[str, float]]:
    """The rows of epochs from `start` that end with classes merged (x) or not."""
    return [
        {"epoch": epoch, "train_loss": loss, **merged_metrics([PAIR] if mark == "x" else [])}
        for epoch, (mark, loss) in enumerate(zip(merged, losses or [1.0] * len(merged), strict=True), start)
    ]


def test_a_loss_that_rises_with_its_margin_does_not_tell_that_a_run_has_settled() -> None:
    config = RunConfig(loss="arcface", anneal="on", epochs=5)  # grown after three epochs
    told = [of_rows(config, NAMES, rows("x" * n, [5.0, 5.5, 6.0, 5.0, 4.9][:n]))[0] for n in (3, 4, 5)]
    assert [merge_state([text]) for text in told] == ["not parted", "not parted", "merged"]
    (short,) = of_rows(config.but(epochs=4), NAMES, rows("xxxx", [5.0, 5.5, 6.0, 5.0]))
    assert "The run is too short to say whether they can. Train for 16 epochs, or " in short
    constant = config.but(anneal="off", epochs=2)
    assert "The loss still falls." in of_rows(constant, NAMES, rows("xx", [5.0, 4.0]))[0]


@pytest.mark.parametrize(
    ("merged", "told"),
    [
        ("xxxxxxxxx", "..xxxxxxx"),  # not in the first third, where healthy runs have merged classes too
        ("xxxxx....", "..xxxx..."),  # taken back when two epochs agree that they have parted
        ("...x.....", "........."),  # once is chance
        ("...xx.xx.", "....xxxx."),  # nor does it flicker
        ("xxxx.xx..", "..xxxxxx."),
        ("........x", "........x"),  # the last epoch decides alone
        ("xxxxxxxx.", "..xxxxxx."),
        ("x", "x"),
        (".", "."),
    ],
)
def test_a_merger_is_told_once_two_epochs_agree_and_taken_back_likewise(merged: str, told: str) -> None:
    config, all_rows = RunConfig(epochs=len(merged)), rows(merged)
    said = [of_rows(config, NAMES, all_rows[: n + 1]) for n in range(len(merged))]
    assert "".join("x" if sentences else "." for sentences in said) == told


def test_what_is_told_is_of_the_last_epoch_that_had_merged_classes() -> None:
    for count, epoch in ((4, 0), (5, 5), (6, 5), (7, 7)):
        said = of_rows(RunConfig(epochs=10), NAMES, rows("...xx.x"[:count]))
        assert (f"at the end of epoch {epoch} " in "".join(said)) == bool(epoch)
        assert len(said) == bool(epoch)


def test_the_epochs_of_before_a_fork_do_not_count() -> None:
    fork = RunConfig(epochs=9, fork_run="origin", fork_epoch=4)
    assert of_rows(fork, NAMES, rows("xxxx") + rows("x", start=5)) == []
    assert of_rows(fork.but(fork_run="", fork_epoch=0), NAMES, rows("xxxxx")) != []


def test_rows_of_earlier_versions_and_damaged_ones_tell_of_no_merger() -> None:
    last = RunConfig(epochs=1)
    assert of_rows(last, NAMES, [{"epoch": 1, "merged_pairs": 2}]) == []
    assert of_rows(last, ("cat",), rows("x")) == []
    assert of_rows(last, NAMES, [{"merged_pairs": 2}]) == []
