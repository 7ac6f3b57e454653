"""Training MNIST with the small network: against plain loops, the arithmetic, and its own targets.

Contenders take turns of a few dozen steps in processes of their own, so that what else the machine
does falls on all; ratios are taken within a round. Needs MNIST (LOSSVIZ_DATA or the cache).
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, process_time

import torch
from torch import Tensor, nn

from benchmarks.plain_loop import BATCH, EVER, Loop, config
from benchmarks.report import heading, say, spread, table
from lossviz.core.cores import count as cores
from lossviz.core.errors import LossvizError
from lossviz.runs.store import RunStore
from lossviz.runs.writer import RunWriter
from lossviz.training import RunConfig, layout
from lossviz.training.batched_runs import BatchedRuns
from lossviz.training.images import load
from lossviz.training.trainer import Trainer

OURS = "lossviz"
LOOPS = {
    "tensors, no workers": ("tensors", 0),
    "tensors, 2 workers": ("tensors", 2),
    "transform, no workers": ("transform", 0),
    "transform, 2 workers": ("transform", 2),
}
GRAPHED = {"lossviz, steps from a CUDA graph": ("ours graphed", 0)}
STEPS, ROUNDS, ENOUGH_S = 40, 9, 60.0
LIMIT_ROUNDS = 200
SNAPSHOT_ROUNDS, SNAPSHOT_ENOUGH_S = 5, 60.0
SEEDS, SEEDS_ENOUGH_S = 5, 240.0
FASTER, SNAPSHOT_COST = 1.25, 1.05
ACCURACY, ACCURACY_S, MARGIN_ACCURACY = 0.975, 30.0, 0.97
GPU_ACCURACY, GPU_ACCURACY_S, GPU_RUNS, GPU_RUNS_TIMES = 0.98, 5.0, 32, 4.0

Rounds = dict[str, list[tuple[float, float]]]


def run() -> None:
    """Print what training reaches."""
    heading("Training: MNIST, small network, d = 2, batch 256")
    try:
        data = load(config(1, "cpu"))
    except LossvizError as reason:
        say(f"skipped: {reason}")
        return
    say(f"MNIST: {data.found}. Medians (smallest-largest) over rounds; ratios within a round.")
    before = torch.get_num_threads()
    try:
        for threads in sorted({1, cores()}):
            _loops(threads, "cpu")
        _snapshots()
        _batched(4, "cpu")
        _accuracy()
        _margin()
        if torch.cuda.is_available():
            _gpu("cuda")
        else:
            say("\nNo CUDA device here: nothing was measured on one.")
    finally:
        torch.set_num_threads(before)


# ---------------------------------------------------------------- against plain loops


def _loops(threads: int, device: str) -> None:
    where = f"{threads} thread{'s' if threads > 1 else ''}" if device == "cpu" else device
    before = arithmetic_limit(threads, device)
    taken = in_turns(threads, device)
    # The machine may have been busier the first time.
    limit = max(before, arithmetic_limit(threads, device))
    wall = {name: [each[0] for each in rounds] for name, rounds in taken.items()}
    fastest = min(LOOPS, key=lambda name: statistics.median(wall[name]))
    rows = []
    for name, rounds in taken.items():
        speeds = [STEPS * BATCH / seconds for seconds in wall[name]]
        own = [1e3 * each[1] / STEPS for each in rounds]
        ratios = [a / b for a, b in zip(wall[name], wall[OURS], strict=True)]
        work = [a[1] / b[1] for a, b in zip(rounds, taken[OURS], strict=True)]
        alone = LOOPS.get(name, (name, 0))[1] == 0
        rows.append(
            [name, spread(speeds, 0), spread(ratios, 2), *([spread(own), spread(work, 2)] if alone else "--")]
        )
    say(f"\n{where}, n = {len(wall[OURS])} rounds of {STEPS} steps")
    table(["", "images/s", "lossviz faster by", "processor ms/step", "by processor time"], rows)
    best = statistics.median(a / b for a, b in zip(wall[fastest], wall[OURS], strict=True))
    met = "met" if best >= FASTER else "missed"
    say(f"Against the fastest plain loop ({fastest}): {best:.2f} times, target {FASTER:g}: {met}")
    reached = STEPS * BATCH / min(wall[OURS]) / limit
    say(
        f"Limit: {limit:,.0f} images/s if a step were its convolutions and matrix products alone, each at "
        f"its quickest; the quickest round reached {reached:.0%} of it"
    )


def in_turns(threads: int, device: str) -> Rounds:
    """Seconds of STEPS steps of each contender, round by round; every other round runs backwards."""
    with ExitStack() as stack:
        loops: dict[str, Loop] = {}
        more = GRAPHED if device == "cuda" else {}
        for name, (kind, workers) in {OURS: ("ours", 0), **more, **LOOPS}.items():
            loops[name] = Loop(kind, workers, threads, device)
            stack.callback(loops[name].end)
        taken: Rounds = {name: [] for name in loops}
        began = perf_counter()
        for turn in range(ROUNDS):
            if turn >= 3 and perf_counter() - began > ENOUGH_S:
                break
            for name in loops if turn % 2 else reversed(loops):
                taken[name].append(loops[name].take(STEPS))
    return taken


def arithmetic_limit(threads: int, device: str) -> float:
    """Images a second if a step were nothing but its convolutions and matrix products, forward and backward.

    Each layer alone on what it sees in a step of BATCH images, with the same kernels and the same order of
    memory, its data warm in the cache, the quickest of LIMIT_ROUNDS: no loop over these layers is quicker. (A
    rate of operations is no such limit: some kernels need fewer than are counted, and the first layer has
    no gradient to hand down.)
    """
    torch.set_num_threads(threads)
    trainer = Trainer(config(threads, device, train_images=2 * BATCH, test_images=100))
    network, calls = trainer.model.network.train(), []
    layers = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    hooks = [
        layer.register_forward_hook(lambda layer, given, made: calls.append((layer, given[0], made)))
        for layer in layers
    ]
    images, _ = trainer.images.batch(torch.arange(BATCH, device=trainer.device))
    layout.embedding(network, images)
    for hook in hooks:
        hook.remove()
    return BATCH / sum(_alone(*call, first=number == 0) for number, call in enumerate(calls))


def _alone(layer: nn.Module, given: Tensor, made: Tensor, first: bool) -> float:
    """The least seconds of a layer's forward and backward pass."""
    given = given.detach().requires_grad_(not first)
    gradient = torch.ones_like(made.detach())
    times = []
    for _ in range(LIMIT_ROUNDS):
        layer.zero_grad(set_to_none=True)
        given.grad = None
        began = perf_counter()
        layer(given).backward(gradient)
        weight = next(layer.parameters())
        assert weight.grad is not None
        if weight.is_cuda:
            torch.cuda.synchronize()
        times.append(perf_counter() - began)
    return min(times)


# --------------------------------------------------------------------- what frames cost


def _snapshots() -> None:
    """Whole epochs with the default frames, with none but the epoch's end, and without any."""
    with tempfile.TemporaryDirectory() as folder:
        made = config(1, "cpu", epochs=EVER)
        run = RunStore(Path(folder)).create(made)
        writer, trainer = RunWriter(run), Trainer(made)
        writer.points(trainer.points())

        def epoch(wanted: Callable[[bool], bool]) -> tuple[float, float]:
            wall, processor = perf_counter(), process_time()
            for _ in range(trainer.steps_per_epoch):
                trainer.advance()
                if trainer.due and wanted(trainer.step % trainer.steps_per_epoch == 0):
                    writer.snapshot(trainer.snapshot(), trainer.seconds, trainer.steps_per_epoch)
            return perf_counter() - wall, process_time() - processor

        ways: dict[str, Callable[[bool], bool]] = {
            "the default frames": lambda end: True,
            "the epoch's end only": lambda end: end,
            "nothing": lambda end: False,
        }
        taken: Rounds = {name: [] for name in ways}
        began = perf_counter()
        for turn in range(SNAPSHOT_ROUNDS):
            if turn >= 2 and perf_counter() - began > SNAPSHOT_ENOUGH_S:
                break
            for name in ways if turn % 2 else reversed(ways):
                taken[name].append(epoch(ways[name]))
    frames, ends, bare = taken.values()
    rows = [
        [name, spread([r[0] for r in rounds], 2), spread([r[1] for r in rounds], 2)]
        for name, rounds in taken.items()
    ]
    say(f"\nSnapshots, written to a folder; one epoch, 1 thread, n = {len(bare)}")
    table(["", "seconds", "processor seconds"], rows)
    for title, slow, fast in (("frames", frames, ends), ("frames and the test at the end", frames, bare)):
        by_wall, by_work = ([a[i] / b[i] for a, b in zip(slow, fast, strict=True)] for i in (0, 1))
        say(f"{title}: {spread(by_wall, 3)} times as long, {spread(by_work, 3)} by processor time")
    cost = statistics.median(a[1] / b[1] for a, b in zip(frames, ends, strict=True))
    say(f"frames: target {SNAPSHOT_COST:g}: {'met' if cost <= SNAPSHOT_COST else 'missed'} by processor time")


# -------------------------------------------------------------------------- batched runs


def _batched(count: int, device: str, rounds: int = 5, steps: int = 15) -> float:
    """A batched step of `count` seeds against as many runs one after the other, and against one.

    Gives how many times as long it takes as one.
    """
    threads = cores()
    seeds = [config(threads, device, epochs=EVER, seed=seed) for seed in range(count)]
    data = load(seeds[0])
    together = BatchedRuns(seeds, data)
    alone = [Trainer(seed, data) for seed in seeds[:4]]
    # By wall and by processor time.
    ratios: list[tuple[float, float]] = []
    for turn in range(rounds + 1):
        all_runs = _seconds(together.advance, steps, device)
        singles = [_seconds(member.advance, steps, device) for member in alone]
        if turn:
            one = [statistics.mean(each[i] for each in singles) for i in (0, 1)]
            ratios.append((all_runs[0] / one[0], all_runs[1] / one[1]))
    by_wall, by_work = (spread([ratio[i] for ratio in ratios], 2) for i in (0, 1))
    say(f"\n{count} batched runs, {device}, n = {rounds}: {by_wall} times the time of one run alone,")
    say(f"{by_work} times by processor time; {count} runs one after the other: {count}")
    return statistics.median(ratio[0] for ratio in ratios)


def _seconds(step: Callable[[], object], steps: int, device: str) -> tuple[float, float]:
    """Wall and processor seconds of so many steps."""
    wall, processor = perf_counter(), process_time()
    for _ in range(steps):
        step()
    if device == "cuda":
        torch.cuda.synchronize()
    return perf_counter() - wall, process_time() - processor


# ------------------------------------------------------------------------------ accuracy


def trained(made: RunConfig) -> tuple[float, float]:
    """Test accuracy and seconds of training (as the run itself counts them, tests included)."""
    trainer = Trainer(made)
    metrics: Mapping[str, float] = {}
    while not trainer.done:
        trainer.advance()
        if trainer.due:
            metrics = trainer.snapshot().metrics
    return metrics.get("test_accuracy", 0.0), trainer.seconds


def several(made: RunConfig, seeds: int, enough_s: float) -> list[tuple[float, float]]:
    """Accuracy and seconds for as many seeds, or fewer (at least one) when the time is up."""
    results: list[tuple[float, float]] = []
    began = perf_counter()
    while len(results) < seeds and (not results or perf_counter() - began < enough_s):
        results.append(trained(made.but(seed=len(results))))
    return results


def _told(title: str, results: Sequence[tuple[float, float]]) -> None:
    accuracies = [100 * accuracy for accuracy, _ in results]
    say(
        f"{title}, n = {len(results)} seeds: {spread(accuracies, 2)} % in {spread([s for _, s in results])} s"
    )


def _accuracy() -> None:
    say("\nEight epochs of the default recipe (one-cycle AdamW), frames and tests included")
    results = several(config(cores(), "cpu"), 2, 60.0)
    _told(f"cross-entropy, {cores()} threads", results)
    good = sum(a >= ACCURACY and s <= ACCURACY_S for a, s in results)
    say(f"target {ACCURACY:.1%} within {ACCURACY_S:g} s: {good} of {len(results)}")


def _margin() -> None:
    made = config(cores(), "cpu", loss="arcface", params={"margin": 0.3})
    results = several(made, SEEDS, SEEDS_ENOUGH_S)
    _told(f"ArcFace m = 0.3 (annealed by default), {cores()} threads", results)
    good = sum(accuracy >= MARGIN_ACCURACY for accuracy, _ in results)
    say(f"target {MARGIN_ACCURACY:.0%} in 5 of 5 seeds: {good} of {len(results)}")


# ----------------------------------------------------------------------------------- GPU


def _gpu(device: str) -> None:
    """What is asked of a GPU; the first run of a process also loads what the device needs."""
    _loops(1, device)
    times = _batched(GPU_RUNS, device)
    met = "met" if times <= GPU_RUNS_TIMES else "missed"
    say(f"target: {GPU_RUNS} runs in {GPU_RUNS_TIMES:g} times the time of one: {met}")
    results = several(config(1, device), 3, 60.0)
    _told(f"\ncross-entropy on {device}", results)
    good = sum(a >= GPU_ACCURACY and s <= GPU_ACCURACY_S for a, s in results)
    say(f"target {GPU_ACCURACY:.1%} within {GPU_ACCURACY_S:g} s: {good} of {len(results)}")


if __name__ == "__main__":
    run()
