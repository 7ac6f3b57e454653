"""Every loss against what somebody would write instead, forward and backward in one thread.

Both sides get features, labels and class weights ready-made and return the mean over the samples, ours by
way of every check. They take turns within every pair, in processor time: whatever else the machine does
falls on both. Their values and slopes are held against each other in float64 first.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter, process_time

import torch
from torch import Tensor, nn

from benchmarks.loss_peers import PEERS
from benchmarks.report import heading, say, table
from lossviz import losses
from lossviz.losses import ClassState
from lossviz.losses.state import zero_bias

Size = tuple[int, int, int]
SIZES: tuple[Size, ...] = ((64, 2, 10), (256, 64, 100), (256, 512, 1000))  # samples, dimensions, classes
PAIRS = 15
TURN_S = 0.004  # of one side within a pair, about
TARGET = 0.95
# Of pytorch-metric-learning there is only this form.
PARAMS = {"arcface": {"monotone": True}}

Way = Callable[[], tuple[Tensor, Tensor]]


def run(keys: Sequence[str] = tuple(losses.catalogue()), sizes: Sequence[Size] = SIZES) -> None:
    """Print a line for each loss: microseconds, and their time over ours, at each size."""
    heading(f"{len(keys)} losses, forward and backward in one thread, against what one would write")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows, missed = list[list[str]](), list[str]()
        for key in keys:
            cells = [key]
            for size in sizes:
                apart = _apart(key, size)
                ours, theirs = _timed(_contestants(key, size, torch.float32))
                times = [b / a for a, b in zip(ours, theirs, strict=True)]
                middle = statistics.median(times)
                quarter = statistics.quantiles(times, n=4)
                cells += [
                    f"{1e6 * statistics.median(ours):,.0f}",
                    f"{middle:.2f} ({quarter[0]:.2f}-{quarter[2]:.2f})",
                    f"{apart:.0e}",
                ]
                missed += [f"{key} {middle:.2f} at {size}"] if middle < TARGET else []
            rows.append(cells)
    finally:
        torch.set_num_threads(before)
    table(["loss", *(c for size in sizes for c in (f"µs {size}", "times", "apart"))], rows)
    say(f"times: theirs / ours within a pair, median (quartiles), n = {PAIRS}; above 1 ours is faster.")
    say("apart: largest difference of values and slopes over the largest of them, float64.")
    say(f"target {TARGET}: {'missed by ' + '; '.join(missed) if missed else 'met'}")


def _contestants(key: str, size: Size, dtype: torch.dtype) -> list[Way]:
    """The two ways to the mean loss and its slopes by features and head; those by features are returned."""
    spec, draw = losses.get(key), torch.Generator().manual_seed(0)
    samples, dimension, classes = size

    def drawn(*shape: int) -> Tensor:
        return torch.randn(shape, generator=draw, dtype=torch.float64).to(dtype)

    labels = torch.randint(classes, (samples,), generator=draw)
    features = drawn(samples, dimension).requires_grad_()
    bias = zero_bias(spec.needs.bias, classes)
    state = ClassState(
        (drawn(classes, dimension) / dimension**0.5).requires_grad_(),
        None if bias is None else (drawn(*bias.shape) / 4).requires_grad_(),
        drawn(classes, dimension) if spec.needs.centers or spec.needs.adversary else None,
        nn.Linear(dimension, 2 * classes, dtype=dtype) if spec.needs.adversary else None,
    )
    params = spec.complete(PARAMS.get(key, {}))
    peer = PEERS[key](replace(state), params)

    def ours() -> tuple[Tensor, Tensor]:
        return _slopes(spec.per_sample(features, labels, state, **params).mean(), features)

    def theirs() -> tuple[Tensor, Tensor]:
        return _slopes(peer(features, labels), features)

    return [ours, theirs]


def _slopes(mean: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
    features.grad = None
    mean.backward()
    assert features.grad is not None
    return mean.detach(), features.grad


def _apart(key: str, size: Size) -> float:
    """The larger difference, of the loss and of its slopes, over the largest of them."""
    pairs = zip(*(way() for way in _contestants(key, size, torch.float64)), strict=True)
    return max(float((ours - theirs).abs().max() / theirs.abs().max()) for ours, theirs in pairs)


def _timed(ways: list[Way]) -> list[list[float]]:
    """Seconds of a call in each of the pairs."""
    for way in ways:
        way()
    start = perf_counter()
    for way in ways:
        way()
    repeats = max(1, round(2 * TURN_S / (perf_counter() - start)))
    times: list[list[float]] = [[] for _ in ways]
    for turn in range(PAIRS):
        # Each side goes first as often.
        for place in (0, 1) if turn % 2 else (1, 0):
            start = process_time()
            for _ in range(repeats):
                ways[place]()
            times[place].append((process_time() - start) / repeats)
    return times


if __name__ == "__main__":
    run()
