"""The pages of important classes and of imbalance, run without a browser: sections, files, odd links."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossviz.core.errors import ReadingError
from lossviz.pages import imbalance, important
from lossviz.readings import selection, studies, user_file
from lossviz.runs import Run, RunStore
from tests.conftest import Copied, Trained
from tests.pages.opened import opened
from tests.readings.folders import age

PAGES = [
    *(("important", section) for section in important.SECTIONS),
    *(("imbalance", section) for section in imbalance.SECTIONS),
]


@pytest.fixture
def runs(trained: Trained, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The ids of two runs on a long tail, as a link has them."""
    tail = {"imbalance": "long-tailed", "imbalance_ratio": 5.0}
    made = [trained(loss, **tail) for loss in ("soft-d", "cce")]
    monkeypatch.setenv("LOSSVIZ_RUNS", str(made[0].path.parent))
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    return ",".join(run.id for run in made)


@pytest.mark.parametrize(("page", "section"), PAGES)
def test_every_section_shows_two_runs(runs: str, page: str, section: str) -> None:
    at = opened(page, runs=runs, section=section)
    assert not at.warning
    assert len(at.dataframe) == 1
    assert list(at.dataframe[0].value["run"]) == ["Cross-entropy", "Complement cross-entropy"]
    # A plotly chart has no class of its own here; the maps are no chart.
    assert len(at.get("plotly_chart")) == (section != "maps")


def test_metrics_of_one_s_own_are_read(runs: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    metrics = np.eye(3)[[0, 1, 2, 0]] + 0.1
    np.savez(path, metrics=metrics, labels=np.array([0, 1, 2, 1]), train_counts=np.array([50, 20, 5]))
    at = opened("important", file=str(path))
    assert list(at.dataframe[0].value["accuracy (%)"]) == pytest.approx([75.0])
    at = opened("imbalance", file=str(path))
    assert "mine" in at.dataframe[0].value["run"][0]


@pytest.mark.parametrize(
    ("page", "held", "lacks"),
    [
        ("important", "features", "no predictions"),
        ("uniform", "features", "put metrics"),
        ("angles", "metrics", "put features [N, d]"),
        ("embeddings", "metrics", "put an array features"),
    ],
)
def test_a_file_is_told_what_it_lacks(runs: str, tmp_path: Path, page: str, held: str, lacks: str) -> None:
    path = tmp_path / "half.npz"
    np.savez(path, **{held: np.ones((4, 2)), "labels": np.arange(4) % 2})
    at = opened(page, file=str(path))
    assert any(lacks in warning.value.replace("\\", "") for warning in at.warning)
    assert not at.dataframe
    assert not at.get("plotly_chart")


def test_balanced_runs_are_told_first_and_a_long_tail_is_offered(
    trained: Trained, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def created(store: RunStore, configs: Any, limits: Any) -> tuple[str, ...]:
        return tuple(store.create(config).id for config in configs)

    run = trained("soft-d")
    shutil.copytree(run.path, tmp_path / run.id)
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path))
    monkeypatch.setattr(selection, "start_all", created)
    at = opened("imbalance", runs=run.id)
    assert [info.value.partition(",")[0] for info in at.info] == [
        "The classes were trained on 29 to 31 images each"
    ]
    assert not [toggle for toggle in at.toggle if toggle.label == "Logarithmic sizes"]
    next(button for button in at.button if button.label == "Train “A long tail, digits”").click().run()
    assert not at.exception
    link = at.query_params["runs"]
    shown = (link[0] if isinstance(link, list) else link).split(",")
    configs = [Run(tmp_path / name).config for name in shown]
    assert [config.loss for config in configs] == ["soft-d", "focal", "cot", "cce"]
    assert {config.imbalance for config in configs} == {"long-tailed"}


def test_the_tail_that_is_offered_is_of_the_images_of_the_runs() -> None:
    assert studies.like("imbalance", "mnist").name == "A long tail, MNIST"
    assert studies.like("imbalance", "svhn").name == "A long tail, digits"


def test_a_run_of_an_earlier_version_is_told_which_choice_gives_its_class_sizes(
    copied: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied("soft-d")
    age(run)
    monkeypatch.setenv("LOSSVIZ_RUNS", str(run.path.parent))
    at = opened("imbalance", runs=run.id)
    assert any("choose all test images" in warning.value for warning in at.warning)


@pytest.mark.parametrize("page", ["angles", "uniform", "embeddings", "important", "imbalance"])
def test_a_file_that_a_link_names_is_opened_on_a_press_only(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_file, "of_file", lambda *_: pytest.fail("opened"))
    at = opened(page, press=False, file=str(tmp_path / "metrics.npz"))
    assert "metrics.npz" in "".join(box.value for box in at.info).replace("\\", "")
    read: list[Path] = []

    def of_file(path: Path, title: str) -> None:
        read.append(path)
        raise ReadingError("seen")

    monkeypatch.setattr(user_file, "of_file", of_file)
    next(button for button in at.button if button.label == "Read it").click().run()
    assert read == [tmp_path / "metrics.npz"]
    assert not [button for button in at.button if button.label == "Read it"]
