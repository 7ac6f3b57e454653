"""The settings of a reading page in its URL."""

from __future__ import annotations

import pytest

from lossviz.pages.uniform import UniformView
from lossviz.readings import studies
from lossviz.readings.view import MOST_RUNS
from lossviz.runs import RunStore


def test_of_seven_runs_the_first_six_are_read() -> None:
    view, problems = UniformView.from_query({"runs": ",".join("abcdefg")})
    assert view == UniformView(runs=tuple("abcdef"))
    assert len(problems) == 1
    assert "got 7" in problems[0]


def test_a_file_that_no_system_can_name_is_told() -> None:
    view, (problem,) = UniformView.from_query({"file": "\0"})
    assert view == UniformView()
    assert "must be the path of an .npz" in problem


def test_sources_go_from_page_to_page_without_the_page_s_own_settings() -> None:
    here = UniformView(runs=("a",), at=3.0, part="test", of_class=7)
    there = UniformView(of_class=1).with_sources_of(here)
    assert there == UniformView(runs=("a",), at=3.0, part="test", of_class=1)


@pytest.mark.parametrize("page", ["angles", "uniform", "embeddings", "important", "imbalance"])
def test_every_page_opens_on_digits_and_its_studies_can_be_made(page: str, tmp_path: object) -> None:
    first, *rest = studies.of(page)
    assert {config.data for config in first.configs} == {"digits"}
    assert rest
    store = RunStore(str(tmp_path))
    for study in studies.of(page):
        assert 1 <= len([store.create(config) for config in study.configs]) <= MOST_RUNS
