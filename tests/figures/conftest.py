from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from lossviz import fields
from lossviz.fields import Field
from lossviz.losses import ClassState

WEIGHTS = torch.tensor([[0.3, 1.9], [1.7, -0.9], [-1.5, -1.2]], dtype=torch.float64)
EXTENT = (-3.0, 3.0, -3.0, 3.0)


def field(key: str, **options: object) -> Field:
    """A small field over the same grid and weights for every loss."""
    state = options.pop("state", ClassState(WEIGHTS))
    return fields.compute(key, state, extent=EXTENT, resolution=61, **options)  # type: ignore[arg-type]


def with_heights(of: Field, heights: object) -> Field:
    return replace(of, z_yx=heights)


@pytest.fixture(scope="session")
def four() -> list[Field]:
    """The losses of CAMRI's Figure 1."""
    return [field(key) for key in ("cross-entropy", "l2-softmax", "weighted-ce", "arcface")]
