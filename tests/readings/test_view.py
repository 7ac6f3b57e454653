"""The settings of a reading page in its URL."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lossviz.readings import studies
from lossviz.readings.view import MOST_RUNS, ReadView, setting
from lossviz.runs import RunStore


@dataclass(frozen=True)
class SampleView(ReadView):
    of_class: int = setting(2, "whole", "class", "whose negatives", low=0, high=9)
    important: tuple[int, ...] = setting((3,), "numbers", "important classes", "in focus", low=0, high=99)
    shown: str = setting("flat", "choice", "histograms", "how they are laid", choices=("flat", "polar"))
    softmax: bool = setting(False, "flag", "softmax", "of the metrics")
    threshold: float = setting(0.5, "real", "threshold", "to try", low=-1e3, high=1e3)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"at": "soon"}, "“After epoch” (at in the link) must lie in [0, 1e+06]; got 'soon'"),
        ({"at": "-1"}, "“After epoch” (at in the link) must lie in [0, 1e+06]; got -1"),
        ({"part": "half"}, "“Images” (part in the link) must be one of shown, test, train; got 'half'"),
        ({"of_class": "10"}, "(of_class in the link) must be a whole number in [0, 9]; got 10"),
        ({"important": "3,3"}, "(each once)"),
        ({"shown": "round"}, "(shown in the link) must be one of flat, polar"),
        ({"file": "\0"}, "a file must be the path of an .npz"),
        ({"colour": "red"}, "unknown setting 'colour'"),
    ],
)
def test_a_wrong_setting_is_told_and_keeps_its_default(query: dict[str, str], says: str) -> None:
    view, problems = SampleView.from_query(query)
    assert view == SampleView()
    assert len(problems) == 1
    assert says in problems[0]


def test_of_seven_runs_the_first_six_are_read() -> None:
    view, problems = SampleView.from_query({"runs": ",".join("abcdefg")})
    assert view == SampleView(runs=tuple("abcdef"))
    assert len(problems) == 1
    assert "got 7" in problems[0]


def test_sources_go_from_page_to_page_without_the_page_s_own_settings() -> None:
    here = SampleView(runs=("a",), at=3.0, part="test", of_class=7)
    there = SampleView(of_class=1).with_sources_of(here)
    assert there == SampleView(runs=("a",), at=3.0, part="test", of_class=1)


@pytest.mark.parametrize("page", ["angles", "uniform", "embeddings", "important", "imbalance"])
def test_every_page_opens_on_digits_and_its_studies_can_be_made(page: str, tmp_path: object) -> None:
    first, *rest = studies.of(page)
    assert {config.data for config in first.configs} == {"digits"}
    assert rest
    store = RunStore(str(tmp_path))
    for study in studies.of(page):
        assert 1 <= len([store.create(config) for config in study.configs]) <= MOST_RUNS
