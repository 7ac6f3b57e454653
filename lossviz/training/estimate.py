"""Estimates of what a run takes, made before it starts: seconds of training and bytes of memory."""

from __future__ import annotations

import contextlib
import statistics
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import psutil
import torch
from torch import nn

import models
from lossviz import data
from lossviz.core.errors import ConfigError
from lossviz.data import Found
from lossviz.training import batches, devices
from lossviz.training.config import RunConfig
from lossviz.training.images import CHUNK, frame_points
from lossviz.training.trainer import FRAMES_PER_EPOCH, LEAST_APART

# Operations a second of convolutions on one thread of a usual CPU, numbers a second that go through
# what stands between them, and the time that a step takes beside both. Of a GPU only its kind is known.
SPEEDS = {"cpu": 60e9, "mps": 1500e9, "cuda": 9000e9}
NUMBERS = {"cpu": 500e6, "mps": 10e9, "cuda": 50e9}
STEP_S = 3e-3
# Forward and backward by forward alone.
BOTH_WAYS = 3.0
# A process with Python, torch and the program.
PROGRAM = 260 << 20
# Of what the layers give, the share that is kept for the way back, its gradients included.
KEPT = 1.2
FLOAT = 4
_DIMENSION = 2


@dataclass(frozen=True)
class Images:
    """The images of a run as known before they are read: the numbers to train on and to test with, of those
    in the files; channels, pixels a side, classes."""

    train: int
    test: int
    whole: int
    channels: int
    side: int
    classes: int


@dataclass(frozen=True)
class Estimate:
    """The time and memory of a run: seconds without the queue; training: those of the steps alone. bytes: of
    its process at the most."""

    seconds: float
    training: float
    bytes: int

    @property
    def words(self) -> str:
        """For a reader, with two figures at the most: "about 2 min, 0.9 GB"."""
        return f"about {duration(self.seconds)}, {size(self.bytes)}"


@dataclass(frozen=True)
class Cost:
    """A network on one image: parameters, operations forward, numbers that its layers give, and those
    that its last layer takes."""

    parameters: int
    operations: int
    outputs: int
    last: int


def images(config: RunConfig, found: Found | None = None) -> Images | None:
    """The images of a config: of its data set in the catalogue, or, of one's own, as they were found.

    None where that is not known without looking into the files.
    """
    spec = data.catalogue().get(config.data)
    known = found or spec
    if known is None:
        return None
    train, test = known.train, known.test
    whole = train + test
    channels, height, width = spec.shape if spec else (3, 64, 64)
    every = spec.class_count if spec else 10
    classes = max(1, len(config.classes) or every - len(config.held_out))
    share = min(1.0, classes / max(1, every))
    train, test = round(train * share * _thinned(config, classes)), round(test * share)
    return Images(
        train=min(train, config.train_images or train),
        test=min(test, config.test_images or test),
        whole=whole,
        channels=channels,
        side=max(height, width),
        classes=classes,
    )


def _thinned(config: RunConfig, classes: int) -> float:
    """The share of the training images that an imbalance leaves."""
    if config.imbalance == "none":
        return 1.0
    ratio = config.imbalance_ratio
    if config.imbalance == "step":
        return (1 + 1 / ratio) / 2
    return statistics.fmean(ratio ** (-k / max(1, classes - 1)) for k in range(classes))


def of(config: RunConfig, made: Images, kind: str = "cpu", pace: float = 1.0) -> Estimate:
    """The time and memory that a run takes.

    kind: of its device. pace: how much longer than this estimate a run of the same network took on this
    machine. NetError for a network that does not exist or takes no such images.
    """
    cost = network_cost(config, made)
    operations, outputs = cost.operations, cost.outputs
    batch = batches.batch_size(config, max(2, made.train))
    steps = batches.steps_per_epoch(max(1, made.train), batch)
    every = config.snapshot_every or max(LEAST_APART, steps // FRAMES_PER_EPOCH)
    shown = steps / every * frame_points(config, made.test) + made.test
    once = operations / SPEEDS[kind] + outputs / NUMBERS[kind]
    if kind == "cpu":
        once /= config.threads**0.7
    training = config.epochs * (steps * STEP_S + once * BOTH_WAYS * made.train) * pace
    pixels = made.channels * made.side**2
    # Beside the parameters: their gradients, and what the optimizer remembers of each.
    held = cost.parameters * (3 if config.optimizer == "sgd" else 4)
    way_back = batch * (pixels + outputs * KEPT)
    looked = min(CHUNK, made.test) * (pixels + outputs)
    embedded = 3 * made.test * config.dimension
    stored = (made.whole + made.train + made.test) * pixels
    return Estimate(
        seconds=training + config.epochs * once * shown * pace,
        training=training,
        bytes=int(PROGRAM + stored + FLOAT * (held + embedded + max(way_back, looked))),
    )


def network_cost(config: RunConfig, made: Images) -> Cost:
    """The network and the head of a config on one image. NetError as of `of`."""
    cost = _cost(config.net, made.channels, made.side)
    wider = config.dimension - _DIMENSION
    return Cost(
        parameters=cost.parameters + (cost.last + 1) * wider + made.classes * config.dimension,
        operations=cost.operations + 2 * cost.last * wider + 2 * made.classes * config.dimension,
        outputs=cost.outputs + wider + 4 * made.classes,
        last=cost.last,
    )


@lru_cache(maxsize=128)
def _cost(net: str, channels: int, side: int) -> Cost:
    """A network's cost, by one image put through it: its weights are all the same zero, and take no
    memory."""
    spec = models.get(net)
    with torch.device("meta"):
        network = spec.build(channels, side, _DIMENSION)
    zeros = {name: torch.zeros((), dtype=v.dtype).expand(v.shape) for name, v in network.state_dict().items()}
    network.load_state_dict(zeros, assign=True)
    found = {"operations": 0, "outputs": 0, "last": 0}

    def count(layer: nn.Module, given: object, out: torch.Tensor) -> None:
        found["outputs"] += out.numel()
        if isinstance(layer, nn.Linear):
            found["operations"] += 2 * out.numel() * layer.in_features
            found["last"] = layer.in_features
        elif isinstance(layer, nn.Conv2d):
            area = layer.kernel_size[0] * layer.kernel_size[1]
            found["operations"] += 2 * out.numel() * area * layer.in_channels // layer.groups

    for layer in network.modules():
        if not list(layer.children()):
            layer.register_forward_hook(count)
    with torch.inference_mode():
        network.eval()(torch.zeros(1, channels, side, side))
    return Cost(parameters=sum(p.numel() for p in network.parameters()), **found)


def kind(config: RunConfig) -> str:
    """The kind of device that a run is computed on; the CPU's where its own is not there."""
    try:
        return devices.choose(config.device).type
    except ConfigError:
        return "cpu"


def free() -> int:
    """Bytes of memory that new processes may take: what the machine, or the container, has left."""
    left = [psutil.virtual_memory().available]
    with contextlib.suppress(OSError, ValueError):
        most = int(Path("/sys/fs/cgroup/memory.max").read_text())
        left.append(most - int(Path("/sys/fs/cgroup/memory.current").read_text()))
    return max(0, min(left))


def duration(seconds: float) -> str:
    """A time with its largest unit: "40 s", "2 min", "3 h", "5 days"."""
    for unit, length, most in (("s", 1.0, 90.0), ("min", 60.0, 5400.0), ("h", 3600.0, 48 * 3600.0)):
        if seconds < most:
            return f"{_figures(max(1.0, seconds / length))} {unit}"
    return f"{_figures(seconds / 86_400)} days"


def size(count: float) -> str:
    """Bytes as "0.4 GB", "12 GB"."""
    return f"{_figures(max(0.1, count / 1e9))} GB"


def _figures(value: float) -> str:
    """A rough number: two figures, one below ten."""
    return f"{float(f'{value:.{2 if value >= 10 else 1}g}'):,.12g}"
