"""Messages about a link name settings as the controls of the page are called."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lossviz import losses
from lossviz.pages.contours.view import ContourView
from lossviz.pages.contours.view_texts import LABELS
from lossviz.pages.doctor.view import ASKS, DoctorView
from lossviz.pages.flow.view import FlowView
from lossviz.ui.page_files import SCRIPT, page_file

# Not controls of Streamlit: a click into the picture, and what the component of the flow draws.
PICTURED = {"Start of the descent", "Steps a frame"}
# Said of both boxes of a difference, and of the row of pictures, which stands without words.
GROUPS = {"Difference of two losses", "Picture"}


def labels(page: str, folds: tuple[str, ...], **query: str) -> list[str]:
    at = AppTest.from_file(SCRIPT, default_timeout=180).run()
    for name, value in query.items():
        at.query_params[name] = value
    for fold in folds:
        at.session_state[f"{page}.fold {fold}"] = True
    at.switch_page(page_file(page)).run()
    assert not at.exception
    return [getattr(getattr(node, "proto", None), "label", "") for node in at.main]


def test_every_setting_of_the_contour_page_is_called_as_its_control() -> None:
    folds = ("Classes and weights", "More", LABELS["biases"])
    found: list[str] = []
    for query in ({"beside": "angle"}, {"beside": "surface", "start": "1,1"}):
        found += labels("contours", folds, losses="bce-u,bce-d,center,adversarial,cce", **query)
    missing = {
        label
        for label in set(LABELS.values()) - PICTURED - GROUPS
        if not any(shown == label or shown.startswith(f"{label}: ") for shown in found)
    }
    assert missing == set()


@pytest.mark.parametrize("key", ["arcface", "wasserstein", "cot", "center"])
def test_every_setting_of_the_flow_is_called_as_its_control(key: str) -> None:
    found = labels("flow", ("Features and weights", "Rates", "Picture"), loss=key, anneal="yes")
    told = {declared.label for declared in FlowView.settings().values()}
    if not losses.get(key).anneals:
        told -= {"Annealing", "Steps of annealing"}
    own = {param.label for param in FlowView(loss=key).used_params()}
    assert (told | own) - PICTURED <= set(found)


@pytest.mark.parametrize("key", list(ASKS))
def test_every_setting_of_the_doctor_is_called_as_its_control(key: str) -> None:
    found = labels("doctor", (), loss=key)
    told = {declared.label for declared in DoctorView.settings().values()} - GROUPS
    told -= {"Important classes"} if key != "camri" else set()
    told -= {"Probability wanted"} if ASKS[key] != "probability" else set()
    assert told | {param.label for param in DoctorView(loss=key).used_params()} <= set(found)


@pytest.mark.parametrize("key", losses.keys())
def test_every_parameter_of_the_contour_page_is_called_as_its_control(key: str) -> None:
    found = labels("contours", ("More",), losses=key)
    assert {param.label for param in ContourView(losses=(key,)).used_params()} <= set(found)
