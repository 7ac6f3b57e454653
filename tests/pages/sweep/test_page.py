"""The page Sweep, run without a browser, on results that nobody trained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.core.errors import LossvizError
from lossviz.core.mode import Mode
from lossviz.figures.chart import Line, Rule
from lossviz.pages.sweep import lines
from lossviz.pages.sweep.presets import presets
from lossviz.pages.sweep.shown import Shown
from lossviz.pages.sweep.view import SECTIONS, SweepView
from lossviz.runs import RunStore
from lossviz.sweeps import Plan, Sweep, SweepStore, share
from lossviz.sweeps.aggregate import read
from lossviz.sweeps.atlas.presets import ENTRIES
from lossviz.sweeps.plan import Cell
from lossviz.training.config import RunConfig
from lossviz.ui import visit
from tests.pages import opened as pages
from tests.pages.opened import labelled, link, words
from tests.sweeps.by_hand import sweep_of


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SweepStore:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path))
    return SweepStore(RunStore(tmp_path))


def numbers(cell: Cell) -> dict[str, float] | str | None:
    if cell.at == (2, 0):
        return "diverged"
    value = 0.9 - 0.02 * max(cell.at) + 0.02 * cell.config.seed
    return {"test_accuracy": value, "recall_0": 1 - value / 2, "smallest_gap": 0.5}


def of(store: SweepStore, waits: bool = False, **base: str) -> Sweep:
    plan = Plan.read(
        {"data": "digits", **base}, ["arcface", "soft-d"], ["margin=0,30deg,40deg", "scale=4,16"], "2"
    )
    return sweep_of(store, plan, lambda cell: None if waits and cell.config.seed else numbers(cell))


def opened(*folds: str, **query: str) -> AppTest:
    return pages.opened("sweep", *folds, **query)


def test_an_empty_store_opens_on_the_sliders_of_the_atlas_and_starts_nothing(store: SweepStore) -> None:
    at = opened()
    assert "what becomes of a larger margin" in words(at)
    assert "small network on 8×8 digits" in words(at)
    assert "made on" in words(opened("This sweep"))
    assert link(at)["section"] == "cells"
    assert not at.exception
    assert store.sweeps() == []


def test_a_cell_of_the_atlas_is_trained_again_as_a_run(
    store: SweepStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[RunConfig] = []
    monkeypatch.setattr(visit, "start", lambda configs: asked.extend(configs) or ())
    at = opened(sweep="atlas-gamma", section="map")
    labelled(at.selectbox, "Loss").select("bce-nu").run()
    labelled(at.select_slider, "γ: scale of the cosines").set_value(5).run()
    labelled(at.button, "Train this cell again").click().run()
    assert not at.exception
    (config,) = asked
    # 1 to 512 in ten equal ratios.
    assert (config.loss, config.loss_params()["gamma"], config.data) == ("bce-nu", 32.0, "digits")


@pytest.mark.parametrize("section", SECTIONS)
def test_a_finished_sweep_is_shown_in_every_section(store: SweepStore, section: str) -> None:
    sweep = of(store)
    at = opened(section=section)
    assert link(at)["sweep"] == sweep.id
    assert not at.warning
    assert len(at.get("plotly_chart")) == (section not in ("cells", "table"))
    # The numbers of the chosen cell; its sliders have them beside them.
    assert len(at.table) == (section != "cells")
    assert len(at.dataframe) == (section == "table")


def test_the_map_says_what_is_best_and_what_the_seeds_cannot_tell(store: SweepStore) -> None:
    of(store)
    said = words(opened())
    # m = 0° at s = 4: 0.90 and 0.92; cross-entropy has 0.92 and 0.94. s² = 0.0002, the difference 0.02, so
    # n > 2·0.0002·(1.96 / 0.02)² = 3.84: 4 seeds, of which 2 are there.
    assert "Best: Cross-entropy" in said
    assert "93.0 %" in said
    assert re.search(r"Hatched: .* 2 (to \d+ )?more seeds would decide", said)
    assert "diverged" in said
    assert "Beyond the line" in said


def test_a_chosen_cell_follows_its_controls_and_leads_to_the_live_view(store: SweepStore) -> None:
    sweep = of(store)
    at = opened()
    labelled(at.selectbox, "Loss").select("arcface").run()
    labelled(at.select_slider, "m: angular margin").set_value(1).run()
    labelled(at.selectbox, "Seed").select((1, 1)).run()
    assert not at.exception
    cell = next(c for c in sweep.plan.cells if c.id == link(at)["cell"])
    assert (cell.config.loss, cell.at, cell.config.seed) == ("arcface", (1, 0), 1)
    # 0.9 − 0.02·1 + 0.02·1
    assert "90.0 %" in at.table[0].value.to_string().replace("\u00a0", " ")


def test_a_sweep_that_waits_can_be_resumed_and_is_deleted_after_a_question(store: SweepStore) -> None:
    of(store, waits=True)
    at = opened("This sweep")
    assert "7 of 14 cells" in words(at)
    assert labelled(at.button, "Resume")
    labelled(at.button, "Delete the sweep, keep its cells").click().run()
    assert not at.exception
    assert store.sweeps() == []
    assert "Atlas: ArcFace" in str(labelled(at.selectbox, f"Sweep, of {len(ENTRIES)}").options)


def test_a_bad_link_is_told_and_the_newest_sweep_is_shown(store: SweepStore) -> None:
    sweep = of(store)
    at = opened(sweep="s-nothing", measure="beauty", columns="weight", cell="c-1", epochs="0")
    said = words(at).lower()
    for word in ("s-nothing", "beauty", "weight", "c-1", "“epochs”"):
        assert word in said
    assert link(at)["sweep"] == sweep.id


def test_a_wrong_value_in_the_form_is_told_and_changes_nothing(store: SweepStore) -> None:
    of(store)
    at = opened("New sweep", "What all cells share")
    before = link(at)
    labelled(at.text_input, "Values 1").input("0:400:5").run()
    assert any("margin" in error.value for error in at.error)
    labelled(at.text_input, "Other settings").input("speed=3").run()
    assert any("speed" in error.value for error in at.error)
    assert link(at) == before
    labelled(at.text_input, "Values 1").input("0,0.5").run()
    assert not at.error
    assert any(button.label == "Train 18 cells" for button in at.button)
    assert any("--vary margin=0,0.5" in code.value for code in at.code)


def test_the_form_offers_the_values_of_another_setting(store: SweepStore) -> None:
    at = opened("New sweep")
    labelled(at.selectbox, "Vary").select("epochs").run()
    assert not at.exception
    assert labelled(at.text_input, "Values 1").value
    assert not any(field.label == "Epochs" for field in at.number_input)


def test_a_shared_sweep_is_opened_by_a_visitor_of_a_shared_server_within_its_limits(
    store: SweepStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    content = share.page(of(SweepStore(RunStore(tmp_path / "other")))).encode()
    folder = share.page(of(SweepStore(RunStore(tmp_path / "third")), data=str(tmp_path))).encode()
    monkeypatch.setattr(visit, "mode", lambda: Mode.read({"LOSSVIZ_MAX_STORE": "0.000001"}, "0.0.0.0"))
    monkeypatch.setattr(visit, "name", lambda: "me")
    with pytest.raises(LossvizError, match="LOSSVIZ_MAX_STORE"):
        visit.open_sweep(content)
    monkeypatch.setattr(visit, "mode", lambda: Mode.read({}, "0.0.0.0"))
    with pytest.raises(LossvizError, match="shared server"):
        visit.open_sweep(folder)
    assert store.sweeps() == []
    sweep = visit.open_sweep(content)
    assert (sweep.asker, sweep.standing().word) == ("me", "finished")
    at = opened(section="map", sweep=sweep.id)
    assert "Best: Cross-entropy" in words(at)


def test_lines_have_a_second_measure_and_a_panel_for_each_loss_with_an_axis_of_its_own(
    store: SweepStore,
) -> None:
    plan = Plan.read({"data": "digits"}, ["weighted-ce", "camri"], ["weight=1,4", "margin=0,15deg"], "2")
    sweep = sweep_of(store, plan, lambda cell: {"test_accuracy": 0.9, "recall_0": 0.8})
    shown = Shown(read(sweep), SweepView(section="lines", measure="recall_0", beside="test_accuracy"))
    made = lines.chart(shown)
    assert [panel.x.title for panel in made.panels] == ["w: class weight", "m: angular margin"]
    for panel, loss in zip(made.panels, map(shown.loss_title, plan.losses), strict=True):
        drawn = [mark for mark in panel.marks if isinstance(mark, Line)]
        assert [mark.dash for mark in drawn] == ["solid", "dotted"]
        assert [mark.y.tolist() for mark in drawn] == [pytest.approx([80, 80]), pytest.approx([90, 90])]
        assert all(mark.name.startswith(loss) for mark in drawn)


def test_the_figures_of_the_papers_are_examples_that_show_as_they_do(store: SweepStore) -> None:
    gamma, penalty = list(presets().values())[-2:]
    plan = gamma.view.plan()
    assert len(plan.cells) == 25 * 2 * 3
    sweep = sweep_of(store, plan, lambda cell: {"test_accuracy": 0.9, "uniform_accuracy": 0.8})
    made = lines.chart(Shown(read(sweep), gamma.view))
    assert made.panels[0].x.spacing == "log"
    assert any(isinstance(mark, Rule) and "least γ 2.55" in mark.name for mark in made.panels[0].marks)
    # WCE at eleven weights, CAMRI at nine margins, ten trials.
    assert len(penalty.view.plan().cells) == (11 + 9) * 10
