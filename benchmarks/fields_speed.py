"""All losses over a 300x300 plane with three classes: lossviz against a loop over the classes.

Both sides get the grid points ready-made and return a field. They take turns within every round, so
that whatever else the machine does falls on both. One round goes by before timing.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks import per_class
from benchmarks.report import heading, say, spread, table, verdict
from lossviz import fields, losses
from lossviz.losses import ClassState
from lossviz.pages.contours.view import ContourView

RESOLUTION = 300
THREADS = 2
ROUNDS, FEWEST_ROUNDS = 9, 7
ENOUGH_S = 25.0
TARGET_MS = 500.0
# Three evenly spread classes, default parameters; the biases are not zero, so that they count.
VIEW = ContourView(bias=1.0, biases=(1.0, -1.0, 0.5))

PLAIN_32, SCREEN_32, PLAIN_64 = "float32", "float32 + boundaries", "float64"
LOOP_32, LOOP_64 = "loop float32", "loop float64"
RIVAL = {PLAIN_32: LOOP_32, SCREEN_32: LOOP_32, PLAIN_64: LOOP_64}

Field = NDArray[Any]
Ways = dict[str, Callable[[], Field]]
Times = dict[str, dict[str, list[float]]]


def run() -> None:
    """Print the comparison loss by loss and for the whole catalogue."""
    heading(f"Fields: {len(losses.catalogue())} losses, {RESOLUTION}x{RESOLUTION}, K = 3")
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        start = perf_counter()
        VIEW.adversary()
        say(f"Training the adversary, once and not part of the times below: {perf_counter() - start:.2f} s")
        say("Loop: NumPy in one thread, a Python loop over the classes.")
        say(f"Target: the whole catalogue in under {TARGET_MS:g} ms.")
        for threads in (1, THREADS):
            torch.set_num_threads(threads)
            _compare(threads)
    finally:
        torch.set_num_threads(before)


def _compare(threads: int) -> None:
    """One pass over the catalogue with a number of torch threads; each loss by itself only at one."""
    ways = {key: contestants(key) for key in losses.catalogue()}
    apart = {key: difference(made[PLAIN_64](), made[LOOP_64]()) for key, made in ways.items()}
    times = measure(ways)
    name = "1 torch thread, as in the app" if threads == 1 else f"{threads} torch threads"
    say(f"\n{name}: ms, median (min-max), n = {_rounds(times)};")
    say("'times' is loop / lossviz within a round, above 1 where lossviz is faster.")
    if threads == 1:
        table(
            ["loss", "float32", "+ boundaries", "loop", "times", "float64", "loop", "times", "difference"],
            [_row(key, times[key], apart[key]) for key in ways],
        )
        say("'times' without boundaries. difference: largest |lossviz − loop| / max(1, |loop|), float64.\n")
    _totals(times)


def head(state: ClassState, dtype: type) -> per_class.Head:
    """The class state for the loop."""
    classes = len(state.weights)
    bias = np.zeros(classes) if state.bias is None else np.broadcast_to(np.asarray(state.bias), classes)
    layers: list[tuple[Field, Field]] = []
    if isinstance(state.adversary, torch.nn.Module):
        linear = [m for m in state.adversary.modules() if isinstance(m, torch.nn.Linear)]
        layers = [(m.weight.numpy().astype(dtype), m.bias.numpy().astype(dtype)) for m in linear]
    centers = np.zeros((classes, 2)) if state.centers is None else state.centers.numpy()
    return per_class.Head(
        state.weights.numpy().astype(dtype), bias.astype(dtype), centers.astype(dtype), tuple(layers)
    )


def contestants(key: str) -> Ways:
    """The ways to compute one loss's field, by name; lossviz and the loop in turns."""
    spec = losses.get(key)
    state, params = VIEW.state(spec), VIEW.values(spec)

    def ours(dtype: torch.dtype, boundaries: tuple[Field, ...] | None) -> Callable[[], Field]:
        def field() -> Field:
            made = fields.compute(
                spec,
                state,
                extent=VIEW.extent,
                resolution=RESOLUTION,
                dtype=dtype,
                boundaries=boundaries,
                **params,
            )
            return made.z_yx

        return field

    def loop(dtype: type) -> Callable[[], Field]:
        plain = head(state, dtype)
        across, up = np.meshgrid(*fields.axes(VIEW.extent, RESOLUTION))
        points: Field = np.stack([across.ravel(), up.ravel()], -1).astype(dtype)
        return lambda: per_class.LOSSES[key](points, VIEW.label, plain, **params).reshape(up.shape)

    return {
        PLAIN_32: ours(torch.float32, ()),
        LOOP_32: loop(np.float32),
        PLAIN_64: ours(torch.float64, ()),
        LOOP_64: loop(np.float64),
        SCREEN_32: ours(torch.float32, None),
    }


def difference(ours: Field, theirs: Field) -> float:
    """The largest |a − b| / max(1, |b|): relative for large losses, absolute for small ones."""
    return float(np.max(np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))))


def measure(ways: Mapping[str, Ways]) -> Times:
    """Milliseconds of each way for each loss, one a round, the ways in turns; one more round warms up.

    On a slow machine the last rounds are left out, but never below FEWEST_ROUNDS.
    """
    times: Times = {key: {name: [] for name in made} for key, made in ways.items()}
    began = perf_counter()
    for turn in range(ROUNDS + 1):
        if turn > FEWEST_ROUNDS and perf_counter() - began > ENOUGH_S:
            break
        for key, made in ways.items():
            # Every other round runs backwards: no way always follows the same neighbour.
            for name in made if turn % 2 else reversed(made):
                start = perf_counter()
                made[name]()
                times[key][name].append(1e3 * (perf_counter() - start))
    return {key: {name: took[1:] for name, took in made.items()} for key, made in times.items()}


def _rounds(times: Times) -> int:
    return len(next(iter(times.values()))[PLAIN_32])


def _ratios(slow: list[float], fast: list[float]) -> list[float]:
    return [a / b for a, b in zip(slow, fast, strict=True)]


def _row(key: str, took: dict[str, list[float]], apart: float) -> list[str]:
    return [
        key,
        *(spread(took[name]) for name in (PLAIN_32, SCREEN_32)),
        f"{statistics.median(took[LOOP_32]):.1f}",
        spread(_ratios(took[LOOP_32], took[PLAIN_32]), 2),
        spread(took[PLAIN_64]),
        f"{statistics.median(took[LOOP_64]):.1f}",
        spread(_ratios(took[LOOP_64], took[PLAIN_64]), 2),
        f"{apart:.1e}",
    ]


def _totals(times: Times) -> None:
    """The whole catalogue, summed round by round."""
    rounds = range(_rounds(times))
    names = (*RIVAL, *RIVAL.values())
    total = {name: [sum(took[name][i] for took in times.values()) for i in rounds] for name in names}
    rows = []
    for ours, loop in RIVAL.items():
        times_faster = _ratios(total[loop], total[ours])
        rows.append([ours, spread(total[ours], 0), spread(total[loop], 0), spread(times_faster, 2)])
    table(["whole catalogue", "lossviz ms", "loop ms", "times"], rows)
    middle = statistics.median(total[SCREEN_32])
    say(f"As on screen ({SCREEN_32}): {middle:.0f} ms; {verdict(middle, TARGET_MS, 'ms')}")


if __name__ == "__main__":
    run()
