"""The form of the live page, run without a browser: words for 0, and no control without an effect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.pages.train.view import LiveView
from lossviz.runs import RunStore
from lossviz.training.config import RunConfig
from lossviz.ui.page_files import SCRIPT, page_file
from tests.pages import opened as pages
from tests.pages.opened import labelled
from tests.readings import folders


@pytest.fixture(autouse=True)
def _no_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "runs"))


def opened(*folds: str, **query: str) -> AppTest:
    """The live page without runs, with these parts unfolded."""
    return pages.opened("train", *folds, bound="live", **{"runs": "none", **query})


def link(at: AppTest) -> dict[str, str]:
    return {name: text for name, text in pages.link(at).items() if name != "runs"}


def type_in(at: AppTest, label: str, text: str) -> None:
    """Choose or type an entry of a list; the test's stand-in for the browser knows only what is offered."""
    box = labelled(at.selectbox, label)
    box.options.append(text)
    box.set_value(text).run()


def labels(at: AppTest) -> list[str]:
    kinds = (at.slider, at.select_slider, at.selectbox, at.number_input, at.toggle, at.text_input)
    return [widget.label for kind in kinds for widget in kind]


def test_all_and_auto_are_words_and_leave_no_trace_in_the_link() -> None:
    at = opened("Images", "Optimizer", "Machine and frames")
    shown = {name: labelled(at.selectbox, name) for name in ("Training images", "Test images")}
    shown |= {name: labelled(at.selectbox, name) for name in ("Batch", "Steps between frames")}
    assert [box.value for box in shown.values()] == ["all", "all", "auto", "auto"]
    assert shown["Training images"].options == ["all", "100", "300", "1,000"]  # of the 1,437 digits
    assert "0" not in "".join(box.value for box in shown.values())
    assert link(at) == {}


def test_a_number_is_chosen_or_typed_and_all_takes_it_back() -> None:
    at = opened("Images")
    for typed, told in (
        ("300", "300"),
        ("1234", "1234"),
        ("1,2 34", "1234"),
        ("all", ""),
        ("7", "7"),
        ("All", ""),
    ):
        type_in(at, "Training images", typed)
        assert link(at).get("train_images", "") == told
    assert labelled(at.selectbox, "Training images").value == "all"


def test_a_link_s_number_is_shown_among_those_offered() -> None:
    at = opened("Images", "Optimizer", train_images="1200", batch="77")
    assert labelled(at.selectbox, "Training images").value == "1,200"
    assert labelled(at.selectbox, "Batch").options == ["auto", "16", "32", "64", "77", "128", "256", "512"]


@pytest.mark.parametrize("typed", ["-3", "999999999999"])
def test_what_is_no_number_is_said_and_changes_nothing(typed: str) -> None:
    at = opened("Images", train_images="300")
    type_in(at, "Training images", typed)
    assert "Training images must be all or a whole number from 1 to 100,000,000" in at.error[0].value.replace(
        "\\", ""
    )
    assert link(at) == {"train_images": "300"}
    assert labelled(at.selectbox, "Training images").value == "300"
    type_in(at, "Training images", "100")
    assert not at.error


def test_a_parameter_that_is_varied_has_no_slider() -> None:
    at = opened("More", losses="arcface", vary="margin:0,0.2")
    assert not any(label.startswith("m:") for label in labels(at))
    assert any(label.startswith("s:") for label in labels(at))
    told = " ".join(caption.value.replace("\\", "") for caption in at.caption)
    assert "m: angular margin is varied (see More): 0°, 11.46°." in told
    labelled(at.selectbox, "Also vary").set_value("").run()
    assert any(label.startswith("m:") for label in labels(at))


def test_a_setting_that_is_varied_has_no_control_but_what_hangs_on_it_has() -> None:
    at = opened("Optimizer", vary="optimizer:adamw,sgd")
    assert "Optimizer" not in labels(at)
    assert "Momentum" in labels(at)
    at = opened("Network and head", vary="net:small,lenet++")
    assert "Network" not in labels(at)
    assert "Epochs" in labels(at)


def test_what_varies_nothing_of_the_losses_chosen_can_be_taken_back() -> None:
    at = opened("More", losses="soft-d", vary="margin:0,0.2")
    labelled(at.selectbox, "Also vary").set_value("").run()
    assert link(at) == {"losses": "soft-d"}


@pytest.mark.parametrize(
    ("vary", "name", "acts"),
    [
        (("normalize", (False, True)), "head_scale", True),
        (("normalize", (False,)), "head_scale", False),
        (("anneal", ("on", "off")), "anneal_share", True),
        (("anneal", ("off",)), "anneal_share", False),
        (("optimizer", ("adam", "adamw")), "momentum", False),
        (("seed", (0, 1)), "seed", False),
        (("seed", (0, 1)), "rate", True),
    ],
)
def test_a_setting_acts_where_it_does_in_one_of_the_runs(vary: Any, name: str, acts: bool) -> None:
    assert LiveView(losses=("arcface",), vary=vary).acts(name) is acts


def test_without_a_link_the_form_says_how_the_newest_runs_were_made(tmp_path: Path) -> None:
    folders.written(
        RunStore(tmp_path / "runs"),
        RunConfig(data="mnist", loss="bce-u", epochs=3),
        [folders.shot(10, [[0.0, 1.0]] * 3, [[0.0, 1.0]] * 3)],
    )
    at = AppTest.from_file(SCRIPT, default_timeout=600)
    at.switch_page(page_file("train")).run()
    assert not at.exception
    assert labelled(at.selectbox, "Data set").value == "mnist"
    assert labelled(at.multiselect, "Losses").value == ["bce-u"]
    assert "MNIST" in at.title[0].value
