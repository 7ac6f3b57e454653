"""What went wrong with a run is told with buttons that train it again, or change the form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.core.errors import RunError
from lossviz.pages.train.ui import remedies as buttons
from lossviz.pages.train.ui.remedies import beside, in_form
from lossviz.pages.train.view import LiveView
from lossviz.readings.advice.remedies import remedies
from lossviz.readings.advice.verdicts import before
from lossviz.runs import Run, RunStore
from lossviz.training import RunConfig
from tests.pages.opened import labelled
from tests.pages.train.test_form import link, opened
from tests.readings import folders

MERGED = "Classes a and b have merged: at the end of epoch 8 their weight vectors are 2.0° apart."
SPREAD = "Train again with class weights spread on the circle"
ILL = RunConfig(
    loss="arcface",
    params={"margin": 0.5, "scale": 64.0},
    anneal="off",
    weight_init="random",
    seed=4,
    train_images=300,
)


@pytest.fixture
def store(still_store: RunStore) -> RunStore:
    return still_store


def trained(store: RunStore, config: RunConfig = ILL, **status: Any) -> Run:
    shots = [folders.shot(10, [[0.0, 1.0]] * 3, [[0.0, 1.0]] * 3, params=config.loss_params())]
    return folders.written(store, config, shots, **status)


def page(*runs: Run) -> AppTest:
    return opened(runs=",".join(run.id for run in runs))


def offers(at: AppTest) -> list[str]:
    return [button.label for button in at.button if button.label.startswith("Train again")]


def told(at: AppTest) -> list[str]:
    said = [warning.value.replace("\\", "") for warning in at.warning]
    return [text for text in said if not text.startswith("There is no run none")]


def shown(at: AppTest) -> list[str]:
    runs = at.query_params["runs"]
    return (runs if isinstance(runs, str) else runs[0]).split(",")


def test_a_merger_is_told_with_a_button_for_each_remedy(store: RunStore) -> None:
    at = page(trained(store, verdicts=(MERGED,)))
    assert told(at) == [f"**ArcFace**: {MERGED}"]
    assert offers(at) == [remedy.label for remedy in remedies(ILL, 3, "merged")]
    assert offers(at)[0] == SPREAD


def test_a_run_of_which_nothing_is_told_has_no_buttons(store: RunStore) -> None:
    at = page(trained(store))
    assert (told(at), offers(at)) == ([], [])


def test_pressing_makes_a_run_with_that_change_beside_the_ill_one(store: RunStore) -> None:
    ill, other = trained(store, verdicts=(MERGED,)), trained(store, RunConfig())
    at = page(ill, other)
    labelled(at.button, SPREAD).click().run()
    assert not at.exception
    kept, made, last = shown(at)
    assert (kept, last) == (ill.id, other.id)
    assert RunStore().get(made).config == ILL.but(weight_init="spread")
    assert RunStore().get(made).status.queued > 0
    assert ill.status.state == "finished"
    assert SPREAD not in offers(at)  # it is shown
    assert offers(at)


def test_what_cannot_be_started_is_told_and_changes_nothing(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill = trained(store, verdicts=(MERGED,))
    at = page(ill)

    def refused(*_: Any) -> Any:
        raise RunError("no run can be made here")

    monkeypatch.setattr(RunStore, "create", refused)
    labelled(at.button, SPREAD).click().run()
    assert "no run can be made here" in at.error[0].value
    assert shown(at) == [ill.id]


def test_the_second_of_two_quick_presses_starts_nothing(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are on their way before the page without the button is there."""
    ill, start = trained(store, verdicts=(MERGED,)), buttons.start_again
    monkeypatch.setattr(buttons, "start_again", lambda *args: (start(*args), start(*args)))
    at = page(ill)
    labelled(at.button, SPREAD).click().run()
    assert not at.exception
    assert len(store.runs()) == len(shown(at)) == 2


def test_a_run_that_trains_can_be_stopped_beside_its_remedies(store: RunStore) -> None:
    ill = trained(store, state="queued", queued=5, verdicts=(MERGED,))
    at = page(ill)
    assert any("It goes on training" in caption.value for caption in at.caption)
    labelled(at.button, "Stop this run").click().run()
    assert ill.status.state == "stopped"
    assert "Stop this run" not in [button.label for button in at.button]
    assert offers(at)


def test_where_nothing_has_merged_only_what_makes_it_fit_is_offered(store: RunStore) -> None:
    """Of three classes cosine margins below 1 − cos 120° = 1.5 fit, every γ of at least 1 does too."""
    config = RunConfig(loss="cosface", weight_init="random", params={"margin": 1.0})
    assert not before(config, 3)
    wide = trained(store, config.but(loss="arcface"), verdicts=("The margin", "Classes 0 and 1 have merged"))
    assert "Train again with class weights spread on the circle" in offers(page(wide))


def test_runs_beside_each_other_are_at_most_six_and_the_ill_one_stays() -> None:
    assert beside(["a", "b"], "a", "new") == ("a", "new", "b")
    assert beside(list("abcdef"), "a", "new") == ("a", "new", "b", "c", "d", "e")
    assert beside(list("abcdef"), "f", "new") == ("a", "b", "c", "d", "f", "new")


def test_a_run_that_is_not_shown_any_more_has_its_new_one_last() -> None:
    """Other runs were chosen a moment before the press."""
    assert beside(["b", "c"], "a", "new") == ("b", "c", "new")
    assert beside(list("bcdefg"), "a", "new") == ("b", "c", "d", "e", "f", "new")


# ------------------------------------------------------------------ the form


def test_the_form_tells_a_margin_that_cannot_fit_and_its_buttons_change_the_form(store: RunStore) -> None:
    at = opened(losses="arcface", margin="0.7", seed="2")
    assert len(told(at)) == 1
    assert "The margin 40.11° does not fit: 10 classes in 2-D can have margins below 36°" in told(at)[0]
    labelled(at.button, "Lower the margin to 18°").click().run()
    assert (link(at)["margin"], link(at)["seed"], told(at)) == ("18deg", "2", [])
    at = opened(losses="arcface", margin="0.7")
    labelled(at.button, "Embed in 3 dimensions").click().run()
    assert (link(at)["dimension"], told(at)) == ("3", [])
    assert RunStore().runs() == []


def test_the_form_tells_a_gamma_below_the_bound(store: RunStore) -> None:
    at = opened(losses="bce-nu", gamma="1")
    assert "γ must lie above 1.42" in told(at)[0]
    labelled(at.button, "Raise γ to 4").click().run()
    assert (link(at)["gamma"], told(at)) == ("4", [])


def test_a_form_with_which_all_can_go_right_says_nothing(store: RunStore) -> None:
    assert told(opened(losses="soft-d,arcface")) == []
    assert told(opened(losses="arcface", margin="0.7", dimension="3")) == []
    assert told(opened(losses="arcface", margin="0.7", data="/my/images")) == []  # K is not known yet


def test_what_the_view_varies_is_not_changed_by_a_remedy() -> None:
    view = replace(LiveView(losses=("arcface",)), vary=("margin", (0.2, 0.7)))
    config = view.configs()[1]
    higher, lower = remedies(config, 10)
    assert in_form(view, config, lower) == view
    assert in_form(view, config, higher).setting("dimension") == 3
