"""The page of uniform classification, run without a browser: every section, files, hand-edited links."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lossviz.readings import extract, source, store
from lossviz.readings.reading import Reading
from lossviz.runs import Run
from tests.conftest import Copied, Trained
from tests.pages import opened as pages
from tests.pages.opened import labelled, link, words

FOLDS = (
    "The best threshold of each class",
    "All classes (Fig. 3 of paper 002)",
    "What the learned threshold and t* split",
)


@pytest.fixture
def runs(trained: Trained, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The ids of three runs, as a link has them."""
    made = [trained(loss, dimension=8) for loss in ("soft-d", "bce-nu", "bce-u")]
    monkeypatch.setenv("LOSSVIZ_RUNS", str(made[0].path.parent))
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    return ",".join(run.id for run in made)


def opened(*folds: str, **query: str) -> AppTest:
    return pages.opened("uniform", *folds, **query)


def test_the_page_opens_on_the_threshold_and_says_what_one_threshold_loses(runs: str) -> None:
    at = opened(runs=runs)
    assert at.title[0].value == "Does one threshold tell right from wrong for all classes?"
    assert "One threshold for all samples in place of one for each costs" in words(at)
    assert at.dataframe[0].value.shape == (3, 8)


def test_a_threshold_in_the_link_stays_there_until_the_metrics_change(runs: str) -> None:
    at = opened(runs=runs, t="0.5")
    assert link(at)["t"] == "0.5"
    labelled(at.toggle, "Softmax of the metrics").set_value(True).run()
    assert not at.exception
    assert "t" not in link(at)
    assert link(at)["softmax"] == "yes"


def test_the_corollary_answers_what_is_typed(runs: str) -> None:
    at = opened(runs=runs, section="corollary")
    labelled(at.number_input, "Scale γ").set_value(1.0).run()
    assert "it does not separate" in words(at)
    labelled(at.number_input, "Classes N").set_value(3).run()
    assert "which lies between and separates" in words(at)
    labelled(at.number_input, "Dimension d").set_value(2).run()
    asked = {"gamma": "1", "n": "3", "dimension": "2"}
    assert {name: link(at)[name] for name in asked} == asked


def test_the_corollary_is_a_sentence_for_runs_that_it_is_not_about(runs: str) -> None:
    others = ",".join(run for run in runs.split(",") if "bce-nu" not in run)
    at = opened(runs=others, section="corollary")
    assert "Corollary 1 is about bce-nu alone" in words(at)
    assert not at.number_input
    assert not at.get("plotly_chart")
    asked = opened(runs=others, section="corollary", gamma="3")
    assert "γ must exceed" in words(asked)


def test_the_open_set_is_compared_at_a_rate_that_can_be_moved(
    copied: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied("bce-nu", dimension=8, held_out=(8, 9))
    extract.extract(run, None, store.HELD_OUT)
    monkeypatch.setenv("LOSSVIZ_RUNS", str(run.path.parent))
    at = opened(runs=run.id, section="open")
    assert not at.warning
    assert "AUROC" in words(at)
    assert labelled(at.selectbox, "Unknown images").value == store.HELD_OUT
    assert "accepts 95 % of the known images" in words(at)
    labelled(at.slider, "Known images accepted, %").set_value(80.0).run()
    assert "accepts 80 % of the known images" in words(at)
    labelled(at.selectbox, "Response").select("energy").run()
    assert not at.exception
    assert link(at)["response"] == "energy"
    assert "made from known images alone" not in words(at)


@pytest.mark.parametrize("section", ["threshold", "ranges", "negatives", "matrix", "bias"])
def test_every_section_says_which_images_it_judges(runs: str, section: str) -> None:
    at = opened(runs=runs, section=section)
    assert "100 of 360 test images, epoch 2" in words(at)


def test_one_threshold_for_all_runs_is_a_switch(runs: str) -> None:
    at = opened(runs=runs)
    switch = labelled(at.toggle, "One t for all runs")
    assert switch.value is False
    switch.set_value(True).run()
    assert link(at)["common"] == "yes"
    set_by_hand = opened(runs=runs, t="0.5")
    switch = labelled(set_by_hand.toggle, "One t for all runs")
    assert switch.value is True
    switch.set_value(False).run()
    assert "t" not in link(set_by_hand)
    assert not [each for each in opened(runs=runs.split(",")[0]).toggle if "One t" in each.label]


@pytest.mark.parametrize("section", ["ranges", "negatives"])
def test_an_axis_for_each_run_is_as_the_runs_need_it_until_it_is_chosen(runs: str, section: str) -> None:
    at = opened(runs=runs, section=section)
    by_data = labelled(at.toggle, "An axis for each run").value
    assert "own_axes" not in link(at)
    assert ("Each run has an axis of its own" in words(at)) is by_data
    labelled(at.toggle, "An axis for each run").set_value(not by_data).run()
    assert not at.exception
    assert link(at)["own_axes"] == ("no" if by_data else "yes")
    assert ("Each run has an axis of its own" in words(at)) is not by_data


def test_random_samples_are_drawn_again(runs: str) -> None:
    at = opened(runs=runs, section="matrix")
    labelled(at.button, "Draw again").click().run()
    assert not at.exception
    assert link(at)["seed"] == "1"


def test_the_class_whose_negatives_are_shown_is_chosen_by_name(runs: str) -> None:
    at = opened(runs=runs, section="negatives")
    labelled(at.selectbox, "Class").select(7).run()
    assert not at.exception
    assert link(at)["of_class"] == "7"
    assert "of the negatives of class 7" in words(at)


def test_runs_that_no_unknown_images_fit_are_told_what_gives_them(runs: str) -> None:
    """No other data set has the 8 × 8 images of the digits."""
    said = words(opened(runs=runs, section="open"))
    assert "Train with held-out classes" in said


def test_unknown_images_some_epochs_behind_stand_beside_known_ones_of_that_epoch(
    copied: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those of a run that still trains."""
    run, real = copied("bce-nu", dimension=8, held_out=(8, 9)), source.of_run
    extract.extract(run, 1, store.HELD_OUT)

    def behind(run: Run, at: float | None = None, part: str = "shown", name: str = "") -> Reading:
        return real(run, 1 if part == store.HELD_OUT else at, part, name)

    monkeypatch.setattr(source, "available", lambda run, at, part: True)
    monkeypatch.setattr(source, "of_run", behind)
    monkeypatch.setenv("LOSSVIZ_RUNS", str(run.path.parent))
    said = words(opened(runs=run.id, section="open"))
    assert re.search(r"Known: .*, epoch 1; unknown: .*, epoch 1", said)


@pytest.mark.parametrize("section", ["threshold", "ranges", "negatives", "matrix"])
def test_a_file_without_a_bias_is_not_said_to_have_one(runs: str, tmp_path: Path, section: str) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, metrics=np.eye(3)[[0, 1, 2, 0]] + 0.1, labels=np.array([0, 1, 2, 1]))
    at = opened(*FOLDS, "What t* splits", file=str(path), section=section)
    assert not [toggle for toggle in at.toggle if toggle.label == "With the learned bias"]
    drawn = " ".join(repr(chart.proto.spec) for chart in at.get("plotly_chart"))
    tables = " ".join(heading for table in at.dataframe for heading in table.value.columns)
    everything = " ".join((words(at), drawn, tables)).replace("there is no learned bias", "")
    assert "with bias" not in everything
    assert "learned bias" not in everything
    if section == "threshold":
        assert "Metrics; there is no learned bias; 4 samples of" in words(at)


def test_a_file_with_a_bias_is_said_to_have_it(runs: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, metrics=np.eye(3), labels=np.arange(3), bias=np.array([-0.5]))
    assert "Metrics with the learned bias; 3 samples of" in words(opened(file=str(path)))
    at = opened(file=str(path), section="ranges")
    assert [toggle.label for toggle in at.toggle if "bias" in toggle.label] == ["With the learned bias"]
