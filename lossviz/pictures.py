"""From the settings of the contour page to fields, and to files in every export format."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import numpy as np
import torch

from lossviz import export, snippet
from lossviz.fields import Array, Field, arrows, compute, decision_boundaries, descend
from lossviz.spec import LossSpec
from lossviz.views import ContourView

FIGURE_FORMATS = ("png", "svg", "pdf")


@dataclass(frozen=True, eq=False)
class Panel:
    """One picture: a loss, or one term of it. heights: [ny, nx]. path: of descent, or None."""

    key: str
    title: str
    note: str
    field: Field
    heights: Array
    arrows: tuple[Array, Array] | None = None
    path: Array | None = None


def note(spec: LossSpec, view: ContourView) -> str:
    """The numbers of a loss in a line: 'm = 22.5°, s = 16'; flags only when they are set."""
    parts = []
    for p in spec.params:
        value = view.params.get(p.link, p.default)
        if p.role == "training" or (p.kind == "flag" and value == p.default):
            continue
        parts.append(f"{p.letter} = {p.text(value)}" if p.kind != "flag" else f"{p.letter}: {p.text(value)}")
    if spec.needs.bias == "unified" and view.bias:
        parts.append(f"b = {view.bias:.4g}".replace("-", "−"))
    if spec.needs.bias == "diverse" and any(view.biases):
        parts.append("b = (" + ", ".join(f"{b:.4g}".replace("-", "−") for b in view.biases) + ")")
    return ", ".join(parts)


def fields(view: ContourView, resolution: int = 300, dtype: torch.dtype = torch.float64) -> list[Field]:
    """The field of each loss of the view; losses with the same classifier share its boundaries."""
    made: list[Field] = []
    known: dict[Any, tuple[Array, ...]] = {}
    for spec in view.specs():
        state, params = view.state(spec), view.values(spec)
        classifier = (spec.logits_function, spec.needs.bias, repr(params))
        if classifier not in known:
            known[classifier] = decision_boundaries(spec, state, view.extent, **params)
        made.append(
            compute(
                spec,
                state,
                label=view.label,
                extent=view.extent,
                resolution=resolution,
                dtype=dtype,
                boundaries=known[classifier],
                **params,
            )
        )
    return made


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
        )
        if view.terms and len(field.terms) > 1:
            for name, heights in field.terms.items():
                made.append(Panel(f"{spec.key}/{name}", f"{spec.title}: {name}", "term", field, heights))
            whole = replace(whole, title=f"{spec.title}: sum")
        made.append(whole)
    return made


def _arrows(view: ContourView, field: Field) -> tuple[Array, Array]:
    return arrows(field.spec, field.state, view.label, view.extent, field.params)


def path(view: ContourView, key: str) -> Array | None:
    """Gradient descent on one loss from the view's start, or None without a start."""
    if view.start is None:
        return None
    # The losses' order, colours and the like do not change a path: leave them out of the cache's key.
    bare = replace(view, losses=(key,), beside="none", pair=ContourView().pair, arrows=False, terms=False)
    return _path(tuple(bare.to_query().items()))


@lru_cache(maxsize=128)
def _path(query: tuple[tuple[str, str], ...]) -> Array:
    view, _ = ContourView.from_query(dict(query))
    spec = view.specs()[0]
    assert view.start is not None
    return descend(
        spec,
        view.state(spec),
        view.start,
        view.label,
        view.values(spec),
        rate=view.rate,
        steps=view.steps,
    )


def write(view: ContourView, kind: str, resolution: int = 300) -> bytes:
    """The view as a file: png, svg, pdf (print quality), npz, csv (arrays) or py (the first loss)."""
    if kind in FIGURE_FORMATS:
        return _figure(panels(view, resolution), view, kind)
    if kind == "npz":
        return export.npz(fields(view, resolution))
    if kind == "csv":
        return export.csv(fields(view, resolution))
    if kind == "py":
        return program(view, view.losses[0]).encode()
    raise ValueError(f"unknown format {kind!r}")


def program(view: ContourView, key: str) -> str:
    """A self-contained PyTorch program of one loss of the view, with its current numbers."""
    spec = next(s for s in view.specs() if s.key == key)
    points = [view.start] if view.start else [(1.0, 0.5), (-0.5, 2.0)]
    return snippet.write(spec, view.state(spec), view.values(spec), points, view.label)


def _figure(made: Sequence[Panel], view: ContourView, kind: str) -> bytes:
    from lossviz import figures

    drawn = [replace(panel.field, z_yx=np.asarray(panel.heights)) for panel in made]
    figure: Any = figures.contours(
        drawn,
        titles=[panel.title for panel in made],
        notes=[panel.note for panel in made],
        spacing=view.spacing,
        shared=view.shared,
        arrows=[panel.arrows for panel in made] if view.arrows else None,
        paths=[panel.path for panel in made] if view.start else None,
    )
    buffer = io.BytesIO()
    figures.save(figure, buffer, kind)
    return buffer.getvalue()


def command(view: ContourView) -> str:
    """The command line that writes the same picture without the app."""
    query = urlencode(view.to_query(), safe=",;")
    return f"python -m lossviz field --view '{query}' --out picture.png"
