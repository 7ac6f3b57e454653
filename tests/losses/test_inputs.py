"""What goes into a loss besides the usual: label types, half precision, ends of ranges."""

from __future__ import annotations

import math

import pytest
import torch

from lossviz import losses
from lossviz.losses import ClassState

STATE = ClassState(torch.eye(3), None, torch.eye(3), lambda z: torch.cat([z, z], -1))
FEATURES = torch.tensor([[0.5, -1.0, 2.0], [1.0, 0.0, 0.3]])


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.int16, torch.int32, torch.uint16])
@pytest.mark.parametrize("key", losses.keys())
def test_labels_of_any_whole_type_mean_the_same(key: str, dtype: torch.dtype) -> None:
    labels = torch.tensor([2, 0])
    expected = losses.get(key).per_sample(FEATURES, labels, STATE)
    assert torch.equal(losses.get(key).per_sample(FEATURES, labels.to(dtype), STATE), expected)


def test_the_end_of_a_range_as_a_float32_tensor_is_inside() -> None:
    value = losses.get("arcface").per_sample(
        FEATURES, torch.tensor([0, 1]), STATE, margin=torch.tensor(math.pi / 2)
    )
    assert value.isfinite().all()
