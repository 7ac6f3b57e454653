"""The doctor's page, run without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.pages.doctor.presets import presets
from lossviz.readings.advice.question import ASKS, DoctorView
from lossviz.runs import RunStore, status
from lossviz.training import RunConfig
from tests.pages import opened as pages
from tests.pages.opened import labelled, link


@pytest.fixture(autouse=True)
def _own_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path))


def opened(**query: str) -> AppTest:
    return pages.opened("doctor", **query)


def test_the_page_opens_on_a_margin_that_does_not_fit_and_a_press_makes_it_fit() -> None:
    at = opened()
    assert not at.exception
    assert at.title[0].value == "Can every class have its margin?"
    assert at.warning[0].value.startswith("**It does not fit.**")
    labelled(at.button, "Fewest dimensions: 3 (tight)").click().run()
    assert at.info[0].value.startswith("**It is tight.**")
    labelled(at.button, "Practical margin: 33°").click().run()
    assert not at.warning
    assert at.success[0].value.startswith("**It fits with room.**")
    assert link(at) == {"margin": "33deg", "dimension": "3"}
    labelled(at.button, "Reset all").click().run()
    assert link(at) == {}


@pytest.mark.parametrize("name", list(presets())[1:3])
def test_every_preset_opens_and_says_what_to_notice(name: str) -> None:
    at = opened()
    labelled(at.selectbox, "Preset").select(name).run()
    assert not at.exception
    assert link(at) == presets()[name].view.to_query()
    start = presets()[name].notice.split()[0]
    assert any(m.value.startswith(f"**{start}") for m in at.markdown)


@pytest.mark.parametrize("key", ["camri", "l2-softmax", "bce-nu"])
def test_controls_are_those_of_the_loss(key: str) -> None:
    at = opened(loss=key)
    assert not at.exception
    labels = [s.label for s in [*at.slider, *at.select_slider, *at.number_input]]
    own = {f"{p.letter}:" for p in DoctorView(loss=key).used_params()}
    assert {label.split()[0] for label in labels if ":" in label} == {"K:", "d:"} | own
    assert ("Important classes" in labels) == (key == "camri")
    assert ("Probability wanted" in labels) == (ASKS[key] == "probability")


def test_a_bad_link_is_told_and_the_numbers_unfold() -> None:
    at = opened(dimension="0", classes="ten")
    assert not at.exception
    assert len(at.warning) == 3  # two of the link, and the verdict
    assert "default" in at.warning[0].value
    at.session_state["doctor.fold The numbers of this picture"] = True
    at.run()
    assert len(at.dataframe) == 1


def test_runs_are_judged_and_lend_their_setting(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    store.create(RunConfig(loss="arcface", params={"margin": 0.7}))
    store.create(RunConfig(loss="soft-d"))
    at = opened(section="runs")
    assert not at.exception
    text = " ".join(m.value for m in at.markdown).replace("\\", "")
    assert "does not fit: 10 classes in 2-D can have margins below 36°" in text
    assert any(c.value.startswith("Nothing limits these") and "Cross" in c.value for c in at.caption)
    labelled(at.button, "Use its setting").click().run()
    assert link(at)["margin"] == "0.7"


@pytest.mark.parametrize("others", [0, 1])
def test_a_damaged_run_is_told_with_its_reason(tmp_path: Path, others: int) -> None:
    store = RunStore(tmp_path)
    damaged = store.create(RunConfig(loss="arcface"))
    (damaged.path / "config.json").write_text("{")
    for _ in range(others):
        store.create(RunConfig(loss="arcface", params={"margin": 0.7}))
    at = opened(section="runs")
    assert not at.exception
    (told,) = (w.value.replace("\\", "") for w in at.warning if "could not be read" in w.value)
    assert told.startswith(
        f"1 of {1 + others} runs kept here could not be read. {damaged.id}: config.json is"
    )
    assert not [i for i in at.info if "No runs yet" in i.value]
    assert len([b for b in at.button if b.label == "Use its setting"]) == others


def test_a_margin_that_fits_is_not_praised_above_classes_that_have_merged(tmp_path: Path) -> None:
    run = RunStore(tmp_path).create(RunConfig(loss="arcface", params={"margin": 0.3}))
    status.write(run.path / "status.json", run.status.but(verdicts=("Classes 5 and 7 have merged: so.",)))
    at = opened(section="runs")
    told = [m.value.replace("\\", "") for m in at.markdown if m.value.startswith("- ")]
    assert told[0] == "- Classes 5 and 7 have merged: so."
    assert told[1].startswith("- The margin is not why they merged. The margin 17.19° fits with room")
    assert not any("It fits" in m.value for m in at.markdown)
