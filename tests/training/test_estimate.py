"""Estimates of time and memory: held against networks as torch counts them and processes as they were."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from lossviz.data import Found
from lossviz.training import estimate
from lossviz.training.config import RunConfig
from lossviz.training.model import Model


def needs(**settings: object) -> estimate.Estimate:
    config = RunConfig(**settings)
    made = estimate.images(config)
    assert made is not None
    return estimate.of(config, made)


# Operations of the networks on one image of CIFAR-10, two numbers in an embedding, as torch's
# FlopCounterMode counts them.
@pytest.mark.parametrize(
    ("net", "operations"),
    [("small", 2_515_072), ("lenet++", 214_638_592), ("resnet-20", 81_101_056), ("resnet-50", 2_595_627_008)],
)
def test_a_network_is_counted_as_torch_counts_it(net: str, operations: int) -> None:
    for dimension in (2, 7):
        config = RunConfig(data="cifar-10", net=net, dimension=dimension, device="cpu")
        made = estimate.images(config)
        assert made is not None
        own = Model(config, 3, 32, 10)
        cost = estimate.network_cost(config, made)
        assert cost.parameters == sum(p.numel() for p in own.network.parameters()) + own.weights.numel()
        (last,) = [
            m for m in own.network.modules() if isinstance(m, nn.Linear) and m.out_features == dimension
        ]
        more = 2 * last.in_features * (dimension - 2) + 2 * 10 * dimension
        assert cost.operations == operations + more


def test_counting_takes_no_memory_and_changes_no_random_number() -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    needs(net="wrn-28-10", data="cifar-10")
    assert torch.equal(torch.rand(1), expected)


def test_time_grows_with_epochs_and_images_and_memory_with_the_batch() -> None:
    one = needs(data="mnist", epochs=1)
    assert needs(data="mnist", epochs=7).seconds == pytest.approx(7 * one.seconds)
    assert needs(data="mnist", epochs=7).bytes == one.bytes
    assert needs(data="mnist", epochs=1, train_images=6000).training < one.training / 2
    large = needs(data="mnist", epochs=1, batch=8192)
    assert large.bytes - one.bytes > (8192 - 256) * 28 * 28 * 4
    assert needs(data="mnist", epochs=1, classes=(0, 1)).training < one.training / 2
    tail = needs(data="mnist", epochs=1, imbalance="long-tailed", imbalance_ratio=100)
    assert one.training / 10 < tail.training < one.training / 2


def test_what_no_machine_here_can_do_is_seen_before_it_starts() -> None:
    large = needs(net="resnet-20", data="cifar-10", batch=1_000_000, dimension=4096, epochs=100_000)
    assert large.bytes > 50e9
    assert large.seconds > 30 * 86_400


def test_images_of_one_s_own_are_counted_as_they_were_found() -> None:
    config = RunConfig(data="upload:" + "0" * 24)
    assert estimate.images(config) is None
    found = Found("x", "x", None, (), 123, 45, None, read=lambda progress: pytest.fail("read"))
    made = estimate.images(config, found)
    assert made is not None
    assert (made.train, made.test, made.whole) == (123, 45, 168)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (2.4, "2 s"),
        (47, "47 s"),
        (130, "2 min"),
        (3000, "50 min"),
        (7000, "2 h"),
        (1e6, "12 days"),
    ],
)
def test_a_time_is_said_with_its_largest_unit(seconds: float, words: str) -> None:
    assert estimate.duration(seconds) == words


def test_memory_that_is_free_is_told() -> None:
    free = estimate.free()
    assert free > 0
    if sys.platform == "linux":
        assert free <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


PEAK = """
import sys
from lossviz.training import RunConfig, train
for _ in train(RunConfig(epochs=1, device="cpu", net=sys.argv[1], batch=int(sys.argv[2]))): pass
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is told by /proc")
@pytest.mark.parametrize(
    ("net", "batch"), [("small", 0), pytest.param("resnet-20", 1024, marks=pytest.mark.slow)]
)
def test_a_process_takes_as_much_memory_as_was_said(net: str, batch: int) -> None:
    made = subprocess.run(
        [sys.executable, "-c", PEAK, net, str(batch)], capture_output=True, text=True, check=True
    )
    assert 0.67 < needs(net=net, batch=batch).bytes / (1024 * int(made.stdout)) < 1.5
