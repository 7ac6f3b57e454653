"""Fields of the contour page are kept between reruns: never those of other settings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lossviz import fields, losses
from lossviz.pages.contours import panels
from lossviz.pages.contours.view import ContourView

CHANGES = {
    "label": {"label": 1},
    "weights": {"weights": ((1.0, 0.3), (-0.4, 0.9), (0.2, -1.1))},
    "bias": {"bias": 0.7},
    "biases": {"biases": (0.3, -0.2, 0.9)},
    "centers": {"centers": ((0.5, 0.5), (-1.0, 0.2), (0.3, -2.0))},
    "seed": {"seed": 3},
    "reach": {"reach": 5.0},
}


def afresh(view: ContourView, key: str) -> fields.Field:
    spec = losses.get(key)
    return fields.compute(
        spec, view.state(spec), label=view.label, extent=view.extent, resolution=24, **view.values(spec)
    )


@pytest.mark.parametrize("key", losses.keys())
def test_a_kept_field_is_that_of_its_settings(key: str) -> None:
    start = ContourView(losses=(key,))
    moved = {p.link: p.sweep[0] for p in losses.get(key).params if p.sweep}
    views = [start, *(replace(start, **change) for change in CHANGES.values()), replace(start, params=moved)]
    for view in [*views, start]:
        ours, theirs = panels.fields(view, 24)[0], afresh(view, key)
        np.testing.assert_array_equal(ours.z_yx, theirs.z_yx)
        assert ours.terms.keys() == theirs.terms.keys()
        assert [line.tolist() for line in ours.boundaries] == [line.tolist() for line in theirs.boundaries]
        assert (ours.params, ours.label, ours.x[0]) == (theirs.params, theirs.label, theirs.x[0])


def test_nobody_writes_into_a_kept_field() -> None:
    field = panels.fields(ContourView(losses=("bce-u",)), 24)[0]
    for array in (field.z_yx, *field.terms.values()):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1.0


def test_a_coarser_or_narrower_field_is_another_one() -> None:
    view = ContourView(losses=("arcface",))
    sizes = {panels.fields(view, n)[0].z_yx.shape for n in (24, 48, 24)}
    assert sizes == {(24, 24), (48, 48)}
    kinds = [panels.fields(view, 24, dtype)[0].z_yx.dtype for dtype in (torch.float64, torch.float32)]
    assert [kind.name for kind in kinds] == ["float64", "float32"]
