"""The weights of a network are plain tensors by name, and load as such."""

from __future__ import annotations

import pytest
import torch

import models


@pytest.mark.parametrize("key", ["small", "lenet++", "camri-cnn", "resnet-20"])
def test_a_plain_dictionary_of_tensors_is_a_state(key: str) -> None:
    first, second = (models.get(key).build(channels=1, size=16, dimension=2) for _ in range(2))
    plain = {name: value.clone() for name, value in first.state_dict().items()}
    second.load_state_dict(plain)
    assert all(torch.equal(value, second.state_dict()[name]) for name, value in plain.items())
    assert not any("num_batches" in name for name in plain)
