"""The page of angles, run without a browser: every section in and outside the plane, files, odd links."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lossviz.pages.angles import SECTIONS
from lossviz.pages.angles.sections import PLANE
from tests.conftest import Trained
from tests.pages import opened as pages


@pytest.fixture(autouse=True)
def store(trained: Trained, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(trained("soft-d").path.parent))
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def plane(trained: Trained) -> str:
    """The ids of two runs in the plane, one with an important class, as a link has them."""
    return f"{trained('l2-softmax').id},{trained('camri', params={'important': 5}).id}"


def opened(**query: str) -> AppTest:
    return pages.opened("angles", **query)


def choices(at: AppTest) -> list[str]:
    return list(next(box for box in at.selectbox if box.label == "Show").options)


def charts(at: AppTest) -> int:
    # A plotly chart has no class of its own here.
    return len(at.get("plotly_chart"))


@pytest.mark.parametrize("section", list(SECTIONS))
def test_every_section_shows_two_runs_of_the_plane(plane: str, section: str) -> None:
    at = opened(runs=plane, section=section)
    assert not at.warning
    assert charts(at) or at.dataframe
    assert at.dataframe
    assert choices(at) == [section.title for section in SECTIONS.values()]
    # The important class is the one that the second run cares for.
    assert next(box for box in at.multiselect if box.label == "Important classes").value == [5]


@pytest.mark.parametrize("section", [name for name in SECTIONS if name not in PLANE])
def test_every_other_section_shows_a_run_of_more_dimensions(trained: Trained, section: str) -> None:
    at = opened(runs=trained("soft-d", dimension=8).id, section=section)
    assert not at.warning
    assert charts(at) or at.dataframe
    assert not set(choices(at)) & {SECTIONS[name].title for name in PLANE}


def test_outside_the_plane_the_page_opens_on_own_and_nearest(trained: Trained) -> None:
    at = opened(runs=trained("soft-d", dimension=8).id)
    assert not at.warning
    assert next(box for box in at.selectbox if box.label == "Show").value == "nearest"


def test_gaps_outside_the_plane_are_told_which_setting_gives_them(trained: Trained) -> None:
    at = opened(runs=trained("soft-d", dimension=8).id, section="gaps")
    assert "dimension 2" in at.warning[0].value
    assert charts(at) == 1


def test_of_runs_in_and_outside_the_plane_the_circle_shows_the_former(trained: Trained) -> None:
    at = opened(runs=f"{trained('soft-d').id},{trained('soft-d', dimension=8).id}")
    assert "8 dimensions" in at.warning[0].value
    assert charts(at) == 1


def test_runs_of_the_same_settings_are_told_apart(
    trained: Trained, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run, twin = trained("soft-d"), "20200101-000000-soft-d-digits-twin"
    for name in (run.id, twin):
        shutil.copytree(run.path, tmp_path / "runs" / name)
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "runs"))
    at = opened(runs=f"{run.id},{twin}")
    assert {"Cross-entropy · twin (°)", f"Cross-entropy · {run.id[-4:]} (°)"} < set(at.dataframe[0].value)


def test_features_without_weights_are_held_against_class_means(tmp_path: Path) -> None:
    path = tmp_path / "bare.npz"
    np.savez(path, features=np.random.default_rng(1).normal(size=(40, 2)), labels=np.arange(40) % 4)
    at = opened(file=str(path))
    assert charts(at) == 1
    assert any("Class means stand in" in caption.value for caption in at.caption)
    assert not any("Recognised" in toggle.label for toggle in at.toggle)


def test_where_nothing_is_recognised_the_choice_can_be_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "wrong.npz"
    np.savez(
        path, features=np.ones((4, 2)), labels=np.zeros(4, int), weights=np.eye(2), logits=np.eye(2)[[1] * 4]
    )
    at = opened(file=str(path), right="yes")
    assert "no image is recognised" in at.warning[0].value
    toggle = next(toggle for toggle in at.toggle if toggle.label.startswith("Recognised"))
    toggle.set_value(False).run()
    assert charts(at) == 1
    assert not at.warning
