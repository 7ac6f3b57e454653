"""What reading pages say of themselves: messages, a file that was sent, runs that started unasked."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lossviz.readings import selection, studies, user_file
from lossviz.runs import RunStore, status
from lossviz.ui.binding import sentence
from lossviz.ui.page_files import SCRIPT, page_file
from tests.conftest import Trained
from tests.pages.opened import opened


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at most 6 can be shown", "At most 6 can be shown"),
        ("metrics.npz: must be a file", "metrics.npz: must be a file"),
        ("file: must be the path", "file: must be the path"),
        ("bce-nu does not learn", "bce-nu does not learn"),
        ("γ must be positive", "γ must be positive"),
        ("20261121-144947-soft-d: no checkpoint", "20261121-144947-soft-d: no checkpoint"),
        ("", ""),
    ],
)
def test_a_message_begins_with_a_capital_unless_it_begins_with_a_name(text: str, shown: str) -> None:
    assert sentence(text) == shown


def test_a_file_that_is_not_there_keeps_its_name_in_the_message(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(trained("soft-d").path.parent))
    at = opened("uniform", file="/nowhere/metrics.npz")
    assert [w.value.startswith("metrics\\.npz") for w in at.warning] == [True]


def test_a_file_that_was_sent_is_named_and_leaves_the_path_empty(
    trained: Trained, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(trained("soft-d").path.parent))
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    content = io.BytesIO()
    np.savez(content, metrics=np.eye(3), labels=np.arange(3))
    at = AppTest.from_file(SCRIPT, default_timeout=600)
    at.switch_page(page_file("uniform"))
    at.query_params["file"] = user_file.keep(content.getvalue(), "my metrics.npz")
    at.session_state["uniform.fold Metrics of your own"] = True
    at.run()
    assert not at.exception
    assert [box.value for box in at.text_input if box.label == "Or a path"] == [""]
    assert any("my\\-metrics\\.npz" in caption.value for caption in at.caption)


@pytest.mark.parametrize("page", ["angles", "train"])
def test_runs_that_started_unasked_are_told_with_their_place_and_their_end(
    page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def created(store: RunStore, configs: Any, limits: Any) -> tuple[str, ...]:
        return tuple(store.create(config).id for config in configs)

    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "kept"))
    monkeypatch.setattr(selection, "start_all", created)
    at = opened(page)
    (said,) = [info.value.replace("\\", "") for info in at.info if "started" in info.value]
    assert "3 were started" in said
    assert "ArcFace" in said
    assert "(Digits 8×8, " in said
    assert str(tmp_path / "kept") in said
    assert "Stop" in said
    # Once they have ended there is no Stop any more.
    for run in RunStore().runs():
        status.write(run.path / "status.json", replace(run.status, state="finished"))
    (said,) = [info.value for info in at.run().info if "started" in info.value]
    assert "Stop" not in said
    # Whoever comes later, by the link, finds runs and has started nothing.
    later = opened(page)
    assert not [info for info in later.info if "started" in info.value]


def test_a_study_is_told_by_its_losses_and_epochs(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    runs = [store.create(config) for config in studies.of("angles")[0].configs]
    said = selection.opened(runs, store, "Stop ends them.")
    assert "L2-softmax, ArcFace, CAMRI (Digits 8×8, 60 epochs), kept in " in said
    assert said.endswith("Stop ends them.")


@pytest.mark.parametrize("page", ["angles", "uniform"])
def test_a_place_of_runs_that_cannot_be_listed_is_told(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "file"))
    at = opened(page)
    assert not at.exception
    assert any("cannot be listed" in caption.value for caption in at.caption)


def test_a_table_shows_a_dash_where_there_is_no_number(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained("soft-d")
    monkeypatch.setenv("LOSSVIZ_RUNS", str(run.path.parent))
    at = opened("embeddings", runs=run.id)
    assert at.dataframe
    assert {table.proto.placeholder for table in at.dataframe} == {"–"}
