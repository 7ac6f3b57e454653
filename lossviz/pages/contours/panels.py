"""From the settings of the contour page to fields, and to files in every export format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

import numpy as np
import torch

from lossviz import losses
from lossviz.core.points import Point
from lossviz.fields import Array, Field, arrows, compute, decision_boundaries, descend, files, panel
from lossviz.fields.panel import Panel
from lossviz.losses.spec import LossSpec
from lossviz.pages.contours import side_plots, valleys
from lossviz.pages.contours.view import ContourView, Values
from lossviz.programs import snippet

FIGURE_FORMATS = ("png", "svg", "pdf")
KEPT_RESOLUTION = 300  # points a side: finer fields are for files, and too large to keep


def note(spec: LossSpec, view: ContourView) -> str:
    """The numbers of a loss in a line: 'm = 22.5°, s = 16'; flags only when they are set."""
    parts = panel.note(spec, view.values(spec)), panel.bias_note(spec, view.bias, view.biases)
    return ", ".join(filter(None, parts))


def fields(view: ContourView, resolution: int = 300, dtype: torch.dtype = torch.float64) -> list[Field]:
    """The field of each loss of the view; nobody may write into its arrays.

    Those of a page are kept: a slider moves one parameter, and a class opens the same page at once.
    """
    make = _field if resolution <= KEPT_RESOLUTION else _field.__wrapped__
    return [make(*view.landscape(spec), view.reach, resolution, dtype) for spec in view.specs()]


@lru_cache(maxsize=24)
def _field(
    key: str, values: Values, seen: Values, reach: float, resolution: int, dtype: torch.dtype
) -> Field:
    view, spec, params = replace(ContourView(reach=reach), **dict(seen)), losses.get(key), dict(values)
    made = compute(
        spec,
        view.state(spec),
        label=view.label,
        extent=view.extent,
        resolution=resolution,
        dtype=dtype,
        boundaries=_boundaries(_classifier(key), values, seen, reach),
        **params,
    )
    for array in (made.z_yx, *made.terms.values()):
        array.flags.writeable = False
    return made


@lru_cache(maxsize=64)
def _boundaries(key: str, values: Values, seen: Values, reach: float) -> tuple[Array, ...]:
    view, spec = replace(ContourView(reach=reach), **dict(seen)), losses.get(key)
    return decision_boundaries(spec, view.state(spec), view.extent, **dict(values))


@cache
def _classifier(key: str) -> str:
    """The first loss that predicts as this one does: both have the same boundaries."""

    def predicts(spec: LossSpec) -> tuple[Any, ...]:
        return spec.logits_function, spec.needs.bias, spec.params

    own = predicts(losses.get(key))
    return next(other.key for other in losses.catalogue().values() if predicts(other) == own)


def panels(view: ContourView, resolution: int = 300, dtype: torch.dtype = torch.float64) -> list[Panel]:
    """The pictures of the view: a panel a loss, or with `terms` one for each term and the sum."""
    made: list[Panel] = []
    for field in fields(view, resolution, dtype):
        spec = field.spec
        whole = Panel(
            key=spec.key,
            title=spec.title,
            note=note(spec, view),
            field=field,
            heights=field.z_yx,
            arrows=_arrows(view, field) if view.arrows else None,
            path=path(view, spec.key),
            opening=valleys.of_loss(view, spec) if view.opening else None,
        )
        if view.terms and len(field.terms) > 1:
            for name, heights in field.terms.items():
                opening = valleys.of_loss(view, spec, name) if view.opening else None
                panel = Panel(f"{spec.key}/{name}", f"{spec.title}: {name}", "term", field, heights)
                made.append(replace(panel, opening=opening))
            whole = replace(whole, title=f"{spec.title}: sum")
        made.append(whole)
    return made


def _arrows(view: ContourView, field: Field) -> tuple[Array, Array]:
    return arrows(field.spec, field.state, view.label, view.extent, field.params)


def path(view: ContourView, key: str) -> Array | None:
    """Gradient descent on one loss from the view's start, or None without a start."""
    if view.start is None:
        return None
    return _path(*view.landscape(losses.get(key)), view.start, view.rate, view.steps)


@lru_cache(maxsize=128)
def _path(key: str, values: Values, seen: Values, start: Point, rate: float, steps: int) -> Array:
    view, spec = replace(ContourView(), **dict(seen)), losses.get(key)
    return descend(spec, view.state(spec), start, view.label, dict(values), rate=rate, steps=steps)


def write(view: ContourView, kind: str, resolution: int = 300) -> bytes:
    """The view as a file: png, svg, pdf (print quality), npz, csv (arrays) or py (the first loss)."""
    if kind in FIGURE_FORMATS:
        return _figure(panels(view, resolution), view, kind)
    if kind == "npz":
        measured = {spec.key: valleys.of_loss(view, spec) for spec in view.specs()} if view.opening else {}
        return files.npz(fields(view, resolution), measured)
    if kind == "csv":
        return files.csv(fields(view, resolution))
    if kind == "py":
        return program(view, view.losses[0]).encode()
    raise ValueError(f"unknown format {kind!r}")


def program(view: ContourView, key: str) -> str:
    """A self-contained PyTorch program of one loss of the view, with its current numbers."""
    spec = next(s for s in view.specs() if s.key == key)
    points = [view.start] if view.start else [(1.0, 0.5), (-0.5, 2.0)]
    return snippet.write(spec, view.state(spec), view.values(spec), points, view.label)


def _figure(made: Sequence[Panel], view: ContourView, kind: Any) -> bytes:
    from lossviz.figures import print as figures

    drawn = [replace(panel.field, z_yx=np.asarray(panel.heights)) for panel in made]
    figure: Any = figures.contours(
        drawn,
        titles=[panel.title for panel in made],
        notes=[panel.note for panel in made],
        spacing=view.spacing,
        shared=view.shared,
        arrows=[panel.arrows for panel in made] if view.arrows else None,
        paths=[panel.path for panel in made] if view.start else None,
        openings=[panel.opening for panel in made] if view.opening else None,
    )
    side_plots.print_figure(view, figure)
    return figures.encoded(figure, kind)


def command(view: ContourView) -> str:
    """The command line that writes the same picture without the app."""
    query = urlencode(view.to_query(), safe=",;")
    return f"python -m lossviz field --view '{query}' --out picture.png"
