"""Controls of the parameters of the losses that a page shows, and their sliders for the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from lossviz.core.settings import Setting
from lossviz.losses.spec import LossSpec
from lossviz.ui.binding import Binding
from lossviz.ui.components.sliders import angle
from lossviz.ui.control import Control, slider
from lossviz.ui.matrix_control import MatrixControl

MOST_IN_SIGHT = 3


class LossView(Protocol):
    """A page's view with losses and their parameters, by link."""

    @property
    def classes(self) -> int:
        """K."""

    @property
    def class_names(self) -> Sequence[str]:
        """The names of the classes, [K]."""

    def specs(self) -> list[LossSpec]:
        """The losses."""

    def used_params(self) -> list[Setting]:
        """Their parameters, each linked one once."""

    def get_param(self, link: str) -> Any:
        """The value of a parameter."""


def param_control(bound: Binding[Any], param: Setting) -> None:
    """Draw the control of one parameter of the losses shown, with its symbol, name, unit and range."""
    view: LossView = bound.view
    value, key, link = view.get_param(param.link), f"param {param.link}", param.link
    losses = ", ".join(spec.title for spec in view.specs() if any(p.link == link for p in spec.params))
    classes = range(view.classes) if param.kind == "classes" else None

    def change(now: Any, new: Any) -> Any:
        return now.with_param(link, param.check(new))

    help = f"{param.meaning}. In {losses}."
    if param.kind == "matrix":
        own = next(spec for spec in view.specs() if any(p.link == link for p in spec.params))
        start = own.full_matrix({p.name: view.get_param(p.link) for p in own.params}, view.classes)
        names = list(view.class_names)
        MatrixControl(param, key, names, start, lambda now: now.get_param(link), change).draw(
            bound, help=help
        )
        return
    Control(param, key, value, change, param.label, options=classes).draw(bound, help=help)
    if param.unit == "rad":
        angle(slider(bound.name, param, key, value), float(value), key=f"{bound.name}.angle {link}")


def split_params(view: LossView, without: str = "") -> tuple[list[Setting], list[Setting]]:
    """Split the parameters that act now: those in sight, and the rest, which go under More.

    without: the link of a parameter that has no control now.
    """
    acting = {
        p.link
        for spec in view.specs()
        for p in spec.acting({each.name: view.get_param(each.link) for each in spec.params})
    }
    used = [p for p in view.used_params() if p.link != without and p.link in acting]
    numbers = sorted((p for p in used if p.kind in ("real", "whole")), key=lambda p: -p.rank)
    chosen = [*numbers[:MOST_IN_SIGHT], *(p for p in used if p.kind == "matrix")]
    return chosen, [param for param in used if param not in chosen]


def param_sliders(page: str, view: LossView) -> list[dict[str, Any]]:
    """The sliders of the real parameters of the losses shown, as `slider` gives them."""
    return [
        slider(page, param, f"param {param.link}", view.get_param(param.link))
        for param in view.used_params()
        if param.kind == "real"
    ]
