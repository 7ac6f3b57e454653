"""The valleys of a contour view: how wide each loss's is, what its margin or weight does to it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from lossviz import losses
from lossviz.core.settings import Setting
from lossviz.core.text import fixed, listed, number_text
from lossviz.fields.opening import Opening, opening
from lossviz.losses.spec import LossSpec
from lossviz.pages.contours.view import ContourView, Values

FAR = 10.0  # the radius of a second circle over that of the first: it shows what is left of an effect far out
MOST_NAMED = 6  # of more losses, the words name the widest and the narrowest valley


@dataclass(frozen=True)
class Effect:
    """The effect of a parameter on a valley: with its value now, and with the one that turns it off.

    far_now, far_off: the same on a circle FAR times as large.
    """

    spec: LossSpec
    param: Setting
    value: Any
    off_value: Any
    now: Opening
    off: Opening
    far_now: Opening
    far_off: Opening


def of_loss(
    view: ContourView,
    spec: LossSpec,
    term: str = "",
    *,
    params: Mapping[str, Any] | None = None,
    times: float = 1.0,
) -> Opening:
    """The opening of one of the view's losses, or of a term of it, on the view's circle at its level.

    params: values that differ from the view's. times: of the radius.
    """
    key, values, seen = view.landscape(spec)
    values = tuple((dict(values) | dict(params or {})).items())
    return _opening(key, values, seen, term, view.circle * times, view.edge)


@lru_cache(maxsize=512)
def _opening(key: str, values: Values, seen: Values, term: str, radius: float, level: float) -> Opening:
    view, spec = replace(ContourView(), **dict(seen)), losses.get(key)
    state = view.state(spec)
    return opening(spec, state, view.label, dict(values), radius=radius, level=level, term=term)


def effect(view: ContourView, spec: LossSpec) -> Effect | None:
    """Measure the effect of the parameter without which the loss is a simpler one.

    None for a loss without such a parameter, and where it is turned off already.
    """
    for reduction in spec.reduces_to:
        for name, off in list(reduction.params.items()) if len(reduction.params) == 1 else []:
            param, value = spec.param(name), view.values(spec)[name]
            if param.kind not in ("real", "whole") or value == off:
                continue
            changed = {name: off}
            return Effect(
                spec,
                param,
                value,
                off,
                of_loss(view, spec),
                of_loss(view, spec, params=changed),
                of_loss(view, spec, times=FAR),
                of_loss(view, spec, params=changed, times=FAR),
            )
    return None


def sentences(view: ContourView) -> list[str]:
    """The widths of the valleys, then what margins and weights do to them."""
    specs = view.specs()
    found = {spec.title: of_loss(view, spec) for spec in specs}
    where = f"At loss {number_text(view.edge, 3)} on the circle ‖z‖ = {number_text(view.circle, 3)}"
    start = f"{where} the valley of class {view.label} spans "
    if len(specs) > MOST_NAMED:
        order = sorted(found.items(), key=lambda item: item[1].degrees)
        (least, narrow), (most, wide) = order[0], order[-1]
        return [f"{start}from {fixed(narrow.degrees)}° ({least}) to {fixed(wide.degrees)}° ({most})."]
    widths = [f"{measured.text} under {title}" for title, measured in found.items()]
    effects = [e for spec in specs if (e := effect(view, spec)) is not None]
    return [start + listed(widths) + ".", *map(_said, effects)]


def table(view: ContourView) -> dict[str, list[str]]:
    """The valleys in numbers, a row a loss: the opening with and without the margin or weight, and both on
    the larger circle."""
    far_names = (f"opening, r × {FAR:g}", f"without it, r × {FAR:g}")
    names = ("loss", "opening", "turned off", "without it", *far_names)
    rows = []
    for spec in view.specs():
        e = effect(view, spec)
        off = (f"{e.param.letter} = {e.param.text(e.off_value)}", e.off.text) if e else ("–", "–")
        far = (of_loss(view, spec, times=FAR).text, e.far_off.text if e else "–")
        rows.append((spec.title, of_loss(view, spec).text, *off, *far))
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def _said(e: Effect) -> str:
    change = _change(e.now, e.off)
    what = f"{e.param.title[:1].upper()}{e.param.title[1:]} {e.param.letter} = {e.param.text(e.value)}"
    off = f"{e.param.letter} = {e.param.text(e.off_value)}"
    if change:
        said = f"{what} {_verb(change)} {e.spec.title} by {fixed(abs(change))}°, from {e.off.text} with {off}"
    else:
        said = f"{what} leaves {e.spec.title} as wide as {off} does"
    far = _change(e.far_now, e.far_off)
    if "features" in e.spec.invariances or change == far == 0:
        return f"{said}; on every circle alike."
    if not far:
        return f"{said}; {FAR:g} times as far out not at all."
    verb = "" if change * far > 0 else f"{_verb(far)} it "
    return f"{said}; {FAR:g} times as far out {verb}by {fixed(abs(far))}°."


def _change(now: Opening, off: Opening) -> float:
    """The difference in degrees of the two openings as they are printed."""
    return round(float(fixed(now.degrees)) - float(fixed(off.degrees)), 1)


def _verb(change: float) -> str:
    return "narrows" if change < 0 else "widens"
