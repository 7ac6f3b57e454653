"""The read-out component: exact values at the point of the picture that is pointed at."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lossviz.core.text import number_text, percent
from lossviz.fields import probe
from lossviz.figures import plane
from lossviz.figures.wire import message
from lossviz.losses.spec import LossSpec
from lossviz.pages.contours.view import ContourView
from lossviz.ui.components import component

_component = component("readout", Path(__file__).parent, "probe")


def mount(data: dict[str, Any], *, key: str, on_probe: Callable[[], None]) -> Any:
    """Show a reading (`reading`). Trigger: `probe` {x, y, id}, in units of the plane."""
    # As bytes: of a dict Streamlit asks pandas if it holds tables, and importing pandas takes half a second.
    return _component(key=key, data=message(data), on_probe=on_probe)


def reading(
    view: ContourView, point: Sequence[float] | None, *, echo: int = 0, frame: int = 0
) -> dict[str, Any]:
    """The data of the component for a point of the plane, exact in float64; None for no point."""
    classes = [str(k) for k in range(view.classes)]
    if point is None:
        nothing: dict[str, Any] = {"point": None, "rows": [], "angles": [], "values": {}}
        return {**nothing, "classes": classes, "echo": echo, "frame": frame}
    rows, values = [], {}
    for spec in view.specs():
        read = probe.read(spec, view.state(spec), point, view.label, view.values(spec))
        values[spec.key] = _json_number(read.loss)
        values.update({f"{spec.key}/{name}": _json_number(term) for name, term in read.terms.items()})
        rows.append(
            {
                "key": spec.key,
                "title": spec.title,
                "loss": number_text(read.loss, 5),
                "probabilities": [percent(p) for p in read.probabilities],
                "positive": number_text(read.positive, 5),
                "negative": number_text(read.negative, 5),
                "note": _note(spec, view, point, read),
            }
        )
    degrees = probe.angles(view.weights, point)
    return {
        "point": [float(point[0]), float(point[1])],
        "norm": float((point[0] ** 2 + point[1] ** 2) ** 0.5),
        "angles": [{"name": plane.name("W", k), "degrees": round(a, 1)} for k, a in enumerate(degrees)],
        "rows": rows,
        "label": view.label,
        "classes": classes,
        "values": values,
        "echo": echo,
        "frame": frame,
    }


def _note(spec: LossSpec, view: ContourView, point: Sequence[float], read: probe.Reading) -> str:
    """Note that the loss has the margin and the probability beside it has not, so that it is not −log p.

    "" where the margin is not the reason, or the loss is −log p.
    """
    own = read.probabilities[view.label]
    margin = next((param for param in spec.params if param.name == "margin"), None)
    if margin is None or _is_log(read.loss, own):
        return ""
    bare = view.values(spec) | {"margin": margin.low}
    without = probe.read(spec, view.state(spec), point, view.label, bare)
    return "p without the margin, loss with it" if _is_log(without.loss, own) else ""


def _is_log(loss: float, probability: float) -> bool:
    """True if the loss is −log p."""
    return probability > 0 and math.isclose(loss, -math.log(probability), rel_tol=1e-6, abs_tol=1e-9)


def _json_number(value: float) -> float | None:
    return value if math.isfinite(value) else None
