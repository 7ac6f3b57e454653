"""What is shown on one page is read on the next one, unless something else was chosen there."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.runs import Run
from lossviz.ui.page_files import SCRIPT, page_file
from tests.conftest import Trained

READING = ("angles", "uniform", "embeddings", "important", "imbalance")


@pytest.fixture
def runs(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """Runs of which the last one is the newest batch; it shows when nothing is carried."""
    made = [trained("soft-u"), trained("bce-nu"), trained("cce")]
    monkeypatch.setenv("LOSSVIZ_RUNS", str(made[0].path.parent))
    monkeypatch.setattr("lossviz.readings.selection.newest", lambda store: (made[2].id,))
    return made


def ids(runs: Sequence[Run]) -> str:
    return ",".join(run.id for run in runs)


def visitor() -> AppTest:
    return AppTest.from_file(SCRIPT, default_timeout=600)


def visit(at: AppTest, page: str, /, **link: str) -> AppTest:
    """To a page by the tab bar, or by a link."""
    at.switch_page(page_file(page))
    at.query_params.clear()
    for name, value in link.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def shown(at: AppTest) -> str:
    """The runs that the page's link names."""
    return "".join(at.query_params["runs"])


def test_the_tab_of_a_reading_page_opens_on_the_runs_of_train(runs: list[Run]) -> None:
    at = visit(visitor(), "train", runs=ids(runs[:2]))
    for page in READING:
        assert shown(visit(at, page)) == ids(runs[:2])


def test_a_reading_page_seen_before_follows_train_to_other_runs(runs: list[Run]) -> None:
    at = visit(visitor(), "train", runs=ids(runs[:2]))
    visit(at, "angles")
    visit(at, "train", runs=ids(runs))
    assert shown(visit(at, "angles")) == ids(runs)


def test_a_reading_page_that_opened_on_the_newest_runs_follows_train(runs: list[Run]) -> None:
    at = visit(visitor(), "angles")
    assert shown(at) == ids(runs[2:])
    visit(at, "train", runs=ids(runs[:2]))
    assert shown(visit(at, "angles")) == ids(runs[:2])


def test_runs_chosen_on_a_reading_page_stay_there(runs: list[Run]) -> None:
    at = visit(visitor(), "train", runs=ids(runs[:2]))
    visit(at, "angles")
    box = next(box for box in at.multiselect if box.label.startswith("Runs"))
    box.set_value([runs[1].id]).run()
    assert shown(at) == runs[1].id
    visit(at, "train", runs=ids(runs))
    assert shown(visit(at, "angles")) == runs[1].id


def test_a_link_with_runs_wins_over_the_runs_of_train(runs: list[Run]) -> None:
    at = visit(visitor(), "train", runs=ids(runs[:2]))
    visit(at, "angles")
    visit(at, "train", runs=ids(runs))
    # Also one that names what the page has shown before, as the browser's back button does.
    assert shown(visit(at, "angles", runs=ids(runs[:2]))) == ids(runs[:2])
    assert shown(visit(at, "uniform", runs=runs[1].id)) == runs[1].id


def test_epoch_and_images_stay_for_the_same_runs_and_are_anew_for_others(runs: list[Run]) -> None:
    at = visit(visitor(), "angles", runs=ids(runs[:2]), at="1")
    visit(at, "train", runs=ids(runs[:2]))
    visit(at, "uniform")
    assert (shown(at), "".join(at.query_params["at"])) == (ids(runs[:2]), "1")
    visit(at, "train", runs=ids(runs))
    visit(at, "uniform")
    assert shown(at) == ids(runs)
    assert "at" not in at.query_params


def test_train_opens_on_the_runs_that_were_read(runs: list[Run]) -> None:
    at = visit(visitor(), "angles", runs=ids(runs[:2]))
    assert shown(visit(at, "train")) == ids(runs[:2])


def test_runs_deleted_meanwhile_are_not_carried(runs: list[Run]) -> None:
    at = visit(visitor(), "train", runs=f"gone,{runs[0].id}")
    assert shown(visit(at, "angles")) == runs[0].id
    at = visit(visitor(), "train", runs="gone")
    assert shown(visit(at, "angles")) == ids(runs[2:])
