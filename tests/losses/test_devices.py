"""Losses make no tensor on another device than their inputs: shown without a GPU on torch's meta device."""

from __future__ import annotations

import pytest
import torch

from lossviz import losses
from lossviz.losses import ClassState

DEVICES = ["meta", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("key", losses.keys())
def test_everything_stays_on_the_device(key: str, dtype: torch.dtype, device: str) -> None:
    spec = losses.get(key)
    options = {"dtype": dtype, "device": device}
    bias = {"none": None, "unified": torch.zeros((), **options), "diverse": torch.zeros(4, **options)}
    state = ClassState(
        torch.ones(4, 3, **options),
        bias[spec.needs.bias],
        torch.ones(4, 3, **options),
        lambda z: torch.cat([z, z, z], -1)[:, :8],
    )
    features = torch.ones(6, 3, **options)
    labels = torch.zeros(6, dtype=torch.int64, device=device)
    value = spec.per_sample(features, labels, state)
    assert (value.device.type, value.dtype, value.shape) == (device, dtype, (6,))
    assert spec.logits(features, state).shape == (6, 4)
    one = {p.name: torch.full((), p.default, **options) for p in spec.params if p.kind == "real"}
    assert spec.per_sample(features, labels, state, **one).device.type == device
