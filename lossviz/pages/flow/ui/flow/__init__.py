"""The flow component: features as free particles, moved and drawn in the browser."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from lossviz.fields import flow
from lossviz.fields.flow import FlowConfig
from lossviz.figures.levels import BANDS
from lossviz.figures.palette import browser_themes, class_color, loss_colors
from lossviz.figures.wire import message
from lossviz.metrics import merging
from lossviz.metrics.bounds.angles import separation
from lossviz.pages.flow.ui import controls
from lossviz.pages.flow.view import FlowView
from lossviz.programs.javascript import flow as tracing
from lossviz.ui.components import component

__all__ = ["arithmetic", "encode", "mount"]

# Shows a flow (`encode`); it runs by itself from then on.
mount = component("flow", Path(__file__).parent)


def encode(view: FlowView) -> bytes:
    """All that the browser needs to run a flow by itself, as a message (lossviz.figures.wire)."""
    data: dict[str, Any] = arithmetic(view)
    data |= {
        "colours": [class_color(k) for k in range(view.classes)],
        "bands": loss_colors(BANDS),
        "themes": browser_themes(),
        "important": tracing.important_of(view.spec, view.loss_params()),
        "options": {
            "speed": int(view.speed),
            "field": view.field - 1,
            "trails": view.trails,
            "circle": view.circle,
            "playing": True,
            "presentation": view.presentation,
        },
        "sliders": controls.sliders(view),
        "text": f"{view.particles} features of {view.classes} classes in {view.dimension}-D under "
        f"{view.spec.title}",
        "keys": "Keys on the picture: space plays or pauses, → takes one step, ↑ and ↓ change the speed, "
        "R starts again" + (", Shift with an arrow turns it." if view.dimension == 3 else "."),
    }
    return message(data)


def arithmetic(config: FlowConfig) -> dict[str, Any]:
    """All that the steps need. `id` is the same as long as a flow that runs can go on."""
    params = config.params_at(0)
    important = tracing.important_of(config.spec, params)
    kinds = sorted({k in important for k in range(config.classes)})
    codes = [tracing.code(config.spec, config.classes, config.dimension, params, own) for own in kinds]
    first = flow.start(config)
    head = first.head
    begun = {
        "dimension": config.dimension,
        "labels": first.labels.tolist(),
        "features": _flat(first.features),
        "weights": _flat(head.weights),
        "bias": _flat(head.bias),
        "centers": _flat(head.centers),
    }
    known = json.dumps([config.loss, config.weights, begun])
    values = config.loss_params()
    return {
        "id": hashlib.sha256(known.encode()).hexdigest()[:12],
        "start": begun,
        "code": [
            {"inputs": code.inputs, "step": code.step, "scores": code.scores, "field": code.field}
            for code in codes
        ],
        "classes": [
            {"variant": kinds.index(k in important), "places": tracing.places(config.classes, k, important)}
            for k in range(config.classes)
        ],
        "params": {name: float(v) for name, v in values.items() if isinstance(v, float)},
        "matrices": [
            values[p.name] for p in config.spec.params if p.kind == "matrix" and values[p.name] is not None
        ],
        "anneal": config.anneal,
        "anneal_steps": config.anneal_steps,
        "anneals": [{"name": a.name, "start": a.start, "end": a.end} for a in config.spec.anneals],
        "rate": config.rate,
        "decay": config.decay,
        "weight_rate": config.weight_rate,
        "weight_decay": config.weight_decay,
        "fixed": config.weights == "fixed",
        "merging": {
            "near": merging.NEAR * separation(config.classes, config.dimension).low,
            "taken": merging.TAKEN,
            "fall": merging.FALL,
        },
    }


def _flat(tensor: Any) -> list[float]:
    return [] if tensor is None else tensor.reshape(-1).tolist()
