"""What visitors of a shared server can do on the pages, run without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lossviz import data
from lossviz.core.errors import LossvizError
from lossviz.runs import RunStore, launcher, status
from lossviz.sweeps import SweepStore
from lossviz.training.config import RunConfig
from lossviz.ui import server, visit
from tests.pages.opened import labelled, opened, words


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store in which nothing is trained: what is started stays in the queue."""
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("LOSSVIZ_MAX_RUNS", "1")
    monkeypatch.setattr(launcher, "look_after", lambda place: None)
    return RunStore()


@pytest.fixture
def shared(store: RunStore) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOSSVIZ_SHARED", "1")
        patch.setenv("LOSSVIZ_MAX_WAITING_VISITOR", "4")
        # The test's stand-in for a browser has neither cookies nor an address.
        patch.setattr(visit, "name", lambda: "me")
        server.mode.cache_clear()
        yield
    # Afterwards: a thread of a page that was left may ask for the mode at any time.
    server.mode.cache_clear()


def train(at: AppTest) -> AppTest:
    at.button(key="live.train").click().run()
    assert not at.exception
    return at


@pytest.mark.usefixtures("shared")
def test_a_path_of_a_link_is_neither_looked_at_nor_trained_on(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = data.find

    def looked(name: str) -> Any:
        assert "/" not in name
        return find(name)

    monkeypatch.setattr(data, "find", looked)
    (tmp_path / "zyxwa").mkdir()
    told = []
    for name in ("zyxwa", "zyxwb"):
        at = train(opened("train", data=str(tmp_path / name), runs="none"))
        assert "shared" in words(at)
        told.append(words(at).replace(name, ""))
    assert told[0] == told[1]
    assert store.runs() == []


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("page", ["uniform", "embeddings"])
def test_a_file_of_a_link_is_neither_read_nor_told_from_an_absent_one(page: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "zyxwa.npz", labels=np.arange(4) % 2, metrics=np.eye(4, 2))
    told = [words(opened(page, file=str(tmp_path / f"{name}.npz"))) for name in ("zyxwa", "zyxwb")]
    assert "shared" in told[0]
    assert told[0].replace("zyxwa", "") == told[1].replace("zyxwb", "")
    at = opened(page, "Metrics of your own")
    assert not [box for box in at.text_input if box.label == "Or a path"]


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("page", ["train", "angles"])
def test_a_page_of_a_shared_server_starts_nothing_by_being_opened(page: str, store: RunStore) -> None:
    assert "runs" in words(opened(page)) or "run is shown" in words(opened(page))
    assert store.runs() == []


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("train", {"losses": "arcface"}),
        ("train", {"epochs": "100000"}),
        ("train", {"unknown": "x"}),
        ("angles", {"part": "test"}),
        ("uniform", {"at": "3"}),
    ],
)
def test_a_link_with_settings_starts_nothing_on_one_s_own_machine(
    store: RunStore, page: str, query: dict[str, str]
) -> None:
    opened(page, **query)
    assert store.runs() == []


@pytest.mark.usefixtures("shared")
def test_presses_fill_no_more_than_the_visitor_s_share_of_the_queue(store: RunStore) -> None:
    at = opened("train", losses="soft-d,arcface,center")
    for _ in range(5):
        train(at)
    assert len(store.runs()) == 3  # one has a place, two wait; three more would make five that wait
    assert "4 runs" in words(at)


@pytest.mark.usefixtures("shared")
def test_a_run_that_takes_too_much_is_told_before_and_refused_at_the_press(store: RunStore) -> None:
    large = {"net": "resnet-20", "data": "cifar-10", "epochs": "100000", "losses": "soft-d"}
    at = opened("train", **large)
    before = words(at)
    assert "About" in before
    assert "days" in before
    assert "may take 60 min" in before
    train(at)
    assert store.runs() == []
    assert [box for box in at.error if "may take" in box.value]


def test_memory_that_is_not_free_is_warned_of_on_one_s_own_machine(store: RunStore) -> None:
    large = {"net": "resnet-20", "data": "cifar-10", "batch": "1000000", "dimension": "4096"}
    at = opened("train", **large, epochs="100000", losses="soft-d", device="cpu")
    assert [box for box in at.warning if "GB" in box.value and "free" in box.value]
    assert "days" in words(at)
    assert "shared" not in words(at)


@pytest.mark.usefixtures("shared")
def test_only_who_started_a_run_may_stop_and_delete_it(store: RunStore) -> None:
    at = train(opened("train", "Runs", bound="live", losses="soft-d"))
    (own,) = store.runs()
    strange = store.create(RunConfig(loss="arcface"))
    store.start(strange)
    assert own.status.asker != strange.status.asker
    at = stopped(at, own.id)
    assert "Stop" in buttons(at)
    at = stopped(at, strange.id)
    assert "Stop" not in buttons(at)
    for run in (own, strange):
        status.write(run.path / "status.json", run.status.but(state="stopped", queued=0))
    at = stopped(at, own.id)
    assert "Resume" in buttons(at)
    gone = labelled(at.selectbox, "Delete")
    assert len(gone.options) == 1
    assert "ArcFace" not in gone.options[0]
    assert "Resume" not in buttons(stopped(at, strange.id))


def stopped(at: AppTest, run: str) -> AppTest:
    at.query_params.clear()
    at.query_params["runs"] = run
    return at.run()


def buttons(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


@pytest.mark.usefixtures("shared")
def test_a_stranger_s_run_is_not_resumed_whatever_asks(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = store.create(RunConfig())
    status.write(strange.path / "status.json", strange.status.but(state="stopped", asker="another"))
    with pytest.raises(ValueError, match="started"):
        visit.resume(strange)
    assert strange.status.state == "stopped"


@pytest.mark.usefixtures("shared")
def test_a_sweep_of_a_shared_server_keeps_to_its_limits_and_to_whoever_began_it(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeps = SweepStore(store)
    # 2 × 2 × 61 cells are more than the 120 that may wait.
    at = opened("sweep", vary="margin=0,0.2", vary2="scale=4,16", seeds="61")
    at.button(key="sweep.start").click().run()
    assert "120" in words(at)
    assert sweeps.sweeps() == []
    at = opened("sweep", vary="margin=0,0.2", vary2="", seeds="1", data="/etc")
    at.button(key="sweep.start").click().run()
    assert sweeps.sweeps() == []
    at = opened("sweep", vary="margin=0,0.2", vary2="", seeds="1")
    at.button(key="sweep.start").click().run()
    assert not at.exception
    (sweep,) = sweeps.sweeps()
    assert (sweep.wanted, sweep.asker) == (True, "me")
    assert any(button.label == "Pause" for button in at.button)
    monkeypatch.setattr(visit, "name", lambda: "somebody else")
    at.run()
    assert not any(button.label == "Pause" for button in at.button)
    with pytest.raises(LossvizError, match="shared server"):
        visit.resume_sweep(sweep)
