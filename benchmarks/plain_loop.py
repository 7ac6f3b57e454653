"""The plain PyTorch loops that training is held against, and a process that runs one in turns.

Both are what a tutorial writes: a Dataset, `DataLoader(batch_size=256, shuffle=True)`, the same small
network with a linear head of 10 classes, `AdamW` and `cross_entropy` as they come, the loss summed by
`loss.item()`. In "tensors" the images are normalised beforehand and lie in a TensorDataset; in
"transform" the Dataset turns one uint8 image into floats and normalises it whenever it is asked for.

Run as `python -m benchmarks.plain_loop KIND WORKERS THREADS DEVICE`, it trains as many steps as each
line of its input says and answers "wall-seconds processor-seconds". KIND "ours" is lossviz's Trainer,
"ours graphed" the same with its steps from a CUDA graph.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

import models
from lossviz.training import RunConfig
from lossviz.training.cuda_graph import GraphedSteps
from lossviz.training.images import load
from lossviz.training.trainer import Trainer

BATCH = 256
MEAN, STD = 0.1307, 0.3081  # of MNIST, as tutorials have them
WARM_UP = 30
EVER = 10**5  # epochs


class Transformed(Dataset[tuple[Tensor, int]]):
    """One image at a time, turned into floats when it is asked for."""

    def __init__(self, pixels: Tensor, labels: Tensor) -> None:
        self.pixels, self.labels = pixels, labels

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return (self.pixels[index].float() / 255 - MEAN) / STD, int(self.labels[index])


def config(threads: int, device: str, **changes: object) -> RunConfig:
    """The run that is compared: MNIST, the small network, cross-entropy, batches of 256."""
    settings = {"data": "mnist", "batch": BATCH, "threads": threads, "device": device, **changes}
    return RunConfig.from_values(settings)


def dataset(kind: str) -> Dataset[Any]:
    """The MNIST training images as a plain loop holds them."""
    train = load(config(1, "cpu")).train
    if kind == "transform":
        return Transformed(train.pixels, train.labels)
    return TensorDataset((train.pixels.float() / 255 - MEAN) / STD, train.labels)


def plain_steps(kind: str, workers: int, device: str) -> Iterator[None]:
    """The plain loop, one step each time it is asked on."""
    torch.manual_seed(0)
    model = nn.Sequential(models.get("small").build(1, 28, 2), nn.Linear(2, 10)).to(device)
    optimizer = torch.optim.AdamW(model.parameters())
    loader = DataLoader(dataset(kind), batch_size=BATCH, shuffle=True, num_workers=workers)
    while True:
        running = 0.0
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(labels)
            yield


def stepper(kind: str, workers: int, threads: int, device: str) -> Callable[[], object]:
    """What takes one step when it is called."""
    if kind in ("ours", "ours graphed"):
        trainer = Trainer(config(threads, device, epochs=EVER))
        return trainer.advance if kind == "ours" else GraphedSteps(trainer).advance
    steps = plain_steps(kind, workers, device)
    return lambda: next(steps)


def serve(kind: str, workers: int, threads: int, device: str) -> None:
    """Answer each number of steps on the standard input with the seconds they took."""
    torch.set_num_threads(threads)
    step = stepper(kind, workers, threads, device)
    for line in sys.stdin:
        wall, processor = time.perf_counter(), time.process_time()
        for _ in range(int(line)):
            step()
        if device == "cuda":
            torch.cuda.synchronize()
        print(time.perf_counter() - wall, time.process_time() - processor, flush=True)


class Loop:
    """One loop in a process of its own, so that no loop changes another's memory or threads."""

    def __init__(self, kind: str, workers: int, threads: int, device: str) -> None:
        arguments = [kind, str(workers), str(threads), device]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.plain_loop", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.take(WARM_UP)

    def take(self, steps: int) -> tuple[float, float]:
        """Wall and processor seconds of that many steps (the processor's without loader processes)."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if len(answer) != 2:
            raise RuntimeError("a training loop ended early; what it wrote above says why")
        return float(answer[0]), float(answer[1])

    def end(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
