"""Measures of uniform classification on 50,000 x 1,000 metrics: seconds, and memory on top of them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from time import perf_counter

import numpy as np

from benchmarks.report import heading, say, spread, table, verdict
from lossviz.metrics import histograms, separation, uniform

SAMPLES, CLASSES = 50_000, 1_000
ROUNDS = 5
TARGET_S, TARGET_TIMES = 1.0, 2.0


def run() -> None:
    """Print a line for each measure; times and memory come from different calls."""
    heading(f"Uniform classification: {SAMPLES:,} x {CLASSES:,} float32")
    draw = np.random.default_rng(0)
    metrics = draw.standard_normal((SAMPLES, CLASSES), dtype=np.float32)
    labels = draw.integers(0, CLASSES, SAMPLES)
    # Some classes need another threshold, and some samples are wrong: every part has work to do.
    metrics[np.arange(SAMPLES), labels] += 4
    metrics += draw.normal(0, 0.5, (SAMPLES, 1)).astype(np.float32)
    ways: dict[str, Callable[[], object]] = {
        "evaluate": lambda: uniform.evaluate(metrics, labels),
        "evaluate after softmax": lambda: uniform.evaluate(uniform.softmax(metrics), labels),
        "curve": lambda: uniform.curve(metrics, labels),
        "at a threshold": lambda: uniform.at(metrics, labels, 4.0),
        "ranges, type I": lambda: separation.ranges(metrics, labels),
        "ranges, type II": lambda: separation.ranges(metrics, labels, "II"),
        "overlap": lambda: separation.overlap(metrics, labels),
        "histograms": lambda: histograms.histograms(metrics, labels),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS + 1):
        for name, way in ways.items():
            start = perf_counter()
            way()
            if turn:  # the first round warms up
                times[name].append(perf_counter() - start)
    memory = {name: _taken(way) / metrics.nbytes for name, way in ways.items()}
    table(
        ["measure", "seconds", "memory / metrics"],
        [[name, spread(times[name], 2), f"{memory[name]:.2f}"] for name in ways],
    )
    middle = sorted(times["evaluate"])[ROUNDS // 2]
    say(f"evaluate: {middle:.2f} s; {verdict(middle, TARGET_S, 's')}")
    say(f"evaluate: {memory['evaluate']:.2f}; {verdict(memory['evaluate'], TARGET_TIMES, 'x the metrics')}")


def _taken(way: Callable[[], object]) -> int:
    """The most bytes that were held at once, beyond those held before."""
    tracemalloc.start()
    try:
        way()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    run()
