"""The pages, run without a browser: every preset, every loss, hand-edited links."""

from __future__ import annotations

import math

import pytest
from streamlit.testing.v1 import AppTest

from lossviz import losses
from lossviz.pages.contours.presets import presets
from lossviz.pages.contours.view import BESIDE
from lossviz.ui.page_files import SCRIPT, page_file
from tests.pages.opened import labelled, link


def opened(**query: str) -> AppTest:
    at = AppTest.from_file(SCRIPT, default_timeout=600)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def unfolded(at: AppTest, label: str) -> AppTest:
    at.session_state[f"contours.fold {label}"] = True
    return at.run()


def preset(at: AppTest):
    return labelled(at.selectbox, "Preset")


def slider(at: AppTest, start: str):
    return next(s for s in [*at.slider, *at.select_slider] if s.label.startswith(start))


def test_the_app_opens_on_the_paper_s_figure() -> None:
    at = opened()
    assert not at.exception
    assert preset(at).value == "CAMRI Fig. 1"
    assert link(at) == {}


@pytest.mark.parametrize("key", ["soft-d", "l2-softmax"])
def test_one_loss_has_a_heading_of_its_own(key: str) -> None:
    (title,) = opened(losses=key).title
    assert losses.get(key).title in title.value


def test_what_a_preset_shows_is_said_of_its_own_numbers_alone() -> None:
    shows = presets()["CAMRI Fig. 1"].notice
    assert shows in [m.value for m in opened(reach="4", colours="shared").markdown]
    assert shows not in [m.value for m in opened(margin="0deg").markdown]


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in list(presets())[2:]]


@pytest.mark.parametrize("name", [*list(presets())[:2], *SLOW])
def test_every_preset_opens_and_is_named(name: str) -> None:
    at = opened()
    preset(at).select(name).run()
    assert not at.exception
    assert not at.warning
    assert preset(at).value == name
    assert link(at) == presets()[name].view.to_query()


@pytest.mark.parametrize("beside", list(BESIDE))
def test_everything_beside_the_plane_opens(beside: str) -> None:
    at = opened(losses="arcface,hinge,adversarial,center", beside=beside)
    assert not at.exception
    assert len(at.warning) == 0


def test_a_slider_changes_the_link_and_the_link_the_slider() -> None:
    at = opened(losses="arcface")
    slider(at, "m:").set_value(30.0).run()
    assert link(at) == {"losses": "arcface", "margin": "30deg"}
    again = opened(**link(at))
    assert slider(again, "m:").value == 30.0


def test_a_slider_back_at_its_default_leaves_no_trace_in_the_link() -> None:
    at = opened()
    slider(at, "m:").set_value(30.0).run()
    slider(at, "m:").set_value(22.5).run()
    assert link(at) == {}
    assert preset(at).value == "CAMRI Fig. 1"


def test_controls_are_those_of_the_losses_shown() -> None:
    at = opened(losses="hinge")
    labels = [s.label for s in [*at.slider, *at.select_slider]]
    assert any(label.startswith("Δ:") for label in labels)
    assert not any(label.startswith(("s:", "m:", "γ:", "b:")) for label in labels)


def test_linked_parameters_are_one_control() -> None:
    at = opened(losses="arcface,camri,cosface")
    labels = [s.label for s in [*at.slider, *at.select_slider]]
    assert sum(label.startswith("s:") for label in labels) == 1
    assert sum(label.startswith("m:") for label in labels) == 2  # an angle, and a cosine


def test_fewer_classes_keep_the_page_whole() -> None:
    at = opened(classes="10", label="9", losses="camri,bce-nd", important="3,9")
    unfolded(at, "Classes and weights")
    slider(at, "K:").set_value(2).run()
    assert not at.exception
    assert link(at)["classes"] == "2"
    assert link(at)["label"] == "1"
    slider(at, "K:").set_value(10).run()
    assert not at.exception


def test_typed_weights_are_used_or_refused_in_words() -> None:
    at = unfolded(opened(), "Classes and weights")
    area = at.text_area[0]
    area.set_value("1, 0\n0, 1\n-1, -1").run()
    assert link(at) == {"weights": "1,0;0,1;-1,-1"}
    at.text_area[0].set_value("1, 0\n0, x\n-1, -1").run()
    assert "'0, x'" in at.error[0].value
    assert link(at) == {"weights": "1,0;0,1;-1,-1"}


def test_spread_random_and_reset() -> None:
    at = unfolded(opened(weights="1,0;0,1;-1,-1", arrows="yes"), "Classes and weights")

    def press(label: str) -> None:
        labelled(at.button, label).click().run()

    press("Random")
    assert link(at)["weights"] != "1,0;0,1;-1,-1"
    press("Spread evenly")
    assert link(at) == {"arrows": "yes"}
    press("Reset")
    assert link(at) == {}


@pytest.mark.parametrize("query", [{"weights": "NaN,NaN;1,2;3,4"}, {"losses": "," * 5000}, {"<script>": "1"}])
def test_a_bad_link_gives_a_message_and_a_working_page(query: dict[str, str]) -> None:
    at = opened(**query)
    assert not at.exception
    assert len(at.warning) == 1
    assert "default" in at.warning[0].value or "left out" in at.warning[0].value
    slider(at, "s:").set_value(32.0).run()
    assert not at.exception
    assert not at.warning
    assert link(at)["scale"] == "32"


FOLDS = [
    "Bias of each class",
    "Classes and weights",
    "More",
    "What to notice in each",
    "Formulas with the current numbers",
    "Save: pictures, arrays, programs",
]


@pytest.mark.parametrize("margin", ["1.5707963268", "90.00000005deg"])
def test_a_link_that_rounding_put_outside_a_range_opens(margin: str) -> None:
    rest = {"weight": "40.00000003", "complement-weight": "-50.00000004"}
    at = opened(losses="arcface,weighted-ce,cce", margin=margin, **rest)
    assert not at.exception
    assert not at.warning
    assert any(b.label == "Reset" for b in at.button)


def test_what_a_link_says_is_not_read_as_markdown() -> None:
    at = opened(heights="![a](http://127.0.0.1:9/a.png)")
    assert "![" not in at.warning[0].value


def test_the_view_is_still_there_after_a_look_at_the_reference() -> None:
    at = opened(losses="hinge")
    at.switch_page(page_file("reference")).run()
    at.query_params.clear()
    at.switch_page(page_file("contours")).run()
    assert link(at) == {"losses": "hinge"}


def test_the_widest_view_opens_with_every_fold_open() -> None:
    every = ",".join(losses.keys())
    at = opened(losses=every, classes="10", terms="yes", arrows="yes", start="1,-2", heights="log")
    assert not at.exception
    for fold in FOLDS:
        at.session_state[f"contours.fold {fold}"] = True
    at.run()
    assert not at.exception
    assert len(at.latex) == len(losses.keys())


def test_a_closed_fold_sends_nothing() -> None:
    at = opened()
    assert not at.text_area
    assert len(unfolded(at, "Classes and weights").text_area) == 1


def test_extreme_parameters_open() -> None:
    at = opened(
        losses="arcface,sphereface,bce-nu,cce,pc",
        scale="64",
        gamma="512",
        margin="90deg",
        start="0,0",
        heights="log",
        colours="shared",
        weights="0,0;1e-4,0;100,100",
    )
    assert not at.exception
    assert not at.warning


def test_the_reference_lists_the_whole_catalogue() -> None:
    at = opened()
    at.switch_page(page_file("reference")).run()
    assert not at.exception
    titles = {s.value for s in at.subheader}
    assert titles == {spec.title for spec in losses.catalogue().values()}
    assert len(at.latex) == len(losses.keys())
    text = " ".join(m.value for m in at.markdown)
    for spec in losses.catalogue().values():
        assert f"`{spec.key}`" in text
        assert spec.source in text
        assert all(f"`{p.name}`" in text for p in spec.params)


def test_formulas_show_the_current_numbers() -> None:
    at = unfolded(
        opened(losses="arcface,cce", margin="45deg", scale="32"), "Formulas with the current numbers"
    )
    shown = [latex.value for latex in at.latex]
    assert f"{math.pi / 4:.4g}" in shown[0]
    assert "32" in shown[0]
    assert "(-1)" in shown[1]
