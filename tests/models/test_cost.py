"""The arithmetic of a forward pass against counts by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import models
from models.cost import forward_flops


def conv(before: int, after: int, side: int, out: int) -> int:
    """Operations of a convolution with square filters and `out` × `out` results."""
    return 2 * before * after * side * side * out * out


def test_a_multiply_add_counts_as_two() -> None:
    net = nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(5 * 36, 7))
    assert forward_flops(net, 3, 6) == conv(3, 5, 3, 6) + 2 * 5 * 36 * 7


def test_the_small_network_takes_1_61_million_operations_on_a_digit() -> None:
    by_hand = conv(1, 16, 5, 14) + conv(16, 32, 3, 7) + conv(32, 32, 3, 7)
    by_hand += 2 * 32 * 7 * 7 * 32 + 2 * 32 * 2
    assert by_hand == 1_612_032
    assert forward_flops(models.get("small").build(), 1, 28) == by_hand


def test_lenet_costs_what_its_filters_say() -> None:
    by_hand = conv(1, 32, 5, 28) + conv(32, 32, 5, 28)
    by_hand += conv(32, 64, 5, 14) + conv(64, 64, 5, 14)
    by_hand += conv(64, 128, 5, 7) + conv(128, 128, 5, 7) + 2 * 128 * 3 * 3 * 2
    assert forward_flops(models.get("lenet++").build(), 1, 28) == by_hand


def test_counting_leaves_the_network_as_it_was() -> None:
    net = models.get("small").build().train()
    frozen = net.get_submodule("trunk.1").eval()
    before = {name: values.clone() for name, values in net.state_dict().items()}
    forward_flops(net, 1, 28)
    assert net.training
    assert net.get_submodule("head").training
    assert not frozen.training
    for name, values in net.state_dict().items():
        assert torch.equal(values, before[name]), name


@pytest.mark.parametrize("key", models.keys())
def test_a_described_network_is_counted_without_memory(key: str) -> None:
    with torch.device("meta"):
        net = models.get(key).build(channels=3, size=32)
    assert forward_flops(net, 3, 32) > 1_000_000
