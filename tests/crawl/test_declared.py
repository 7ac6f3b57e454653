"""Every setting that a page declares, and every parameter of a loss, has a control on the page, and is called
in messages as that control is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lossviz import losses
from lossviz.core.settings import Setting
from tests.crawl import walk
from tests.crawl.conftest import Show
from tests.crawl.visitor import Visitor, other_values

# Set in a picture, by a button, or by what a run remembers of itself.
ELSEWHERE = {
    "contours": {"start"},
    "flow": {"speed"},
    # The cell is chosen by its loss, values and seed; the values of a third setting come with its name.
    "sweep": {"cell", "vary3"},
    "train": {"at", "points", "fork_run", "fork_epoch"},
    "uniform": {"t", "seed"},
}
# Views in which settings act that do not act in the one that opens.
VIEWS: dict[str, list[dict[str, Any]]] = {
    "contours": [
        {"losses": ("bce-u", "bce-d", "center", "adversarial"), "beside": "angle", "start": (1.0, 1.0)},
        {"beside": "surface"},
        {"beside": "difference"},
    ],
    "doctor": [{"loss": "camri", "params": {}}, {"section": "probability"}],
    "embeddings": [{"method": "umap"}, {"method": "tsne"}],
    "flow": [{"loss": "arcface"}],
    "train": [
        {
            "losses": ("bce-u", "arcface", "center", "adversarial", "cot"),
            "vary": ("seed", (0, 1)),
            "settings": {
                "imbalance": "step",
                "normalize": True,
                "rate_schedule": "step",
                "drops": (2,),
                "optimizer": "sgd",
            },
        },
        {},
    ],
    "uniform": [{"gamma": 4.0}],
}


def seen(visitor: Visitor) -> dict[str, str]:
    """The labels of the controls in all sections of the view, by the names of what they set."""
    found: dict[str, str] = {}
    view = visitor.view
    section = visitor.controls().get("section")
    for value in [None, *(other_values(section) if section is not None else ())]:
        if value is not None:
            visitor.answer("section", value)
        for name, control in visitor.controls().items():
            found.setdefault(name.removeprefix("param "), getattr(control, "label", ""))
    visitor.back_to(view)
    return found


def controlled(declared: Setting, found: dict[str, str]) -> bool:
    """Whether there is a control of a setting, or one of each of what it holds."""
    if declared.kind in ("reals", "names") and declared.link not in found:
        one = declared.link.removesuffix("es") if declared.kind == "reals" else declared.link
        return f"{one} 0" in found
    return declared.link in found


@pytest.mark.parametrize("page", walk.pages())
@pytest.mark.usefixtures("as_a_browser", "nothing_starts")
def test_every_declared_setting_has_a_control(page: str, show: Show) -> None:
    visitor = Visitor(page, **show({"uniform": "six runs", "sweep": "sweeps"}.get(page, "names")))
    view, found = visitor.view, seen(visitor)
    alone = [{"runs": view.runs[2:3]}] if page == "uniform" else []  # one that left a class out
    for changes in VIEWS.get(page, []) + alone:
        visitor.back_to(replace(view, **changes))
        found |= seen(visitor)
    declared = {
        name: each
        for name, each in view.declarations().items()
        if each.kind != "params" and name not in ELSEWHERE.get(page, set())
    }
    assert [name for name, each in declared.items() if not controlled(each, found)] == []


@pytest.mark.parametrize("page", ["contours", "doctor", "flow", "train"])
@pytest.mark.usefixtures("as_a_browser", "nothing_starts")
def test_a_parameter_has_a_control_that_is_called_as_in_messages(page: str, show: Show) -> None:
    visitor = Visitor(page, **show("no runs"))
    view = visitor.view
    for keys in (losses.keys()[::2], losses.keys()[1::2]) if page == "contours" else ():
        visitor.back_to(replace(view, losses=tuple(keys)))
        found = seen(visitor)
        assert {p.link: p.label for p in visitor.view.used_params()}.items() <= found.items()
    for key in () if page == "contours" else ("arcface", "camri", "wasserstein", "center", "bce-nu"):
        try:
            name = "losses" if page == "train" else "loss"
            visitor.back_to(view.with_setting(name, (key,) if page == "train" else key))
        except ValueError:
            continue  # no loss of this page
        found = seen(visitor)
        assert {p.link: p.label for p in visitor.view.used_params()}.items() <= found.items()
