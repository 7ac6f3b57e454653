"""Layers of a run's network: what there is, their outputs as features, their maps of single images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import models
from lossviz import data
from lossviz.core.errors import ReadingError
from lossviz.readings.checkpoints import TrainedModel, moment
from lossviz.readings.reading import Array
from lossviz.runs.run import Run
from lossviz.training.images import load, square

# An output of more numbers than these is averaged over each map.
MOST_NUMBERS = 4096
# Modules that hand their input on unchanged.
_THROUGH = (nn.Identity, nn.Flatten, nn.modules.dropout._DropoutNd)
# The most images whose maps are made at once.
MOST_IMAGES = 64


@dataclass(frozen=True)
class Layer:
    """One module of a network. name: "trunk.3". kind: "Conv2d". shape: of its output for one image,
    (maps, height, width) or (numbers,)."""

    name: str
    kind: str
    shape: tuple[int, ...]

    @property
    def maps(self) -> bool:
        """True if its output is maps, which `feature_maps` shows."""
        return len(self.shape) == 3

    @property
    def pooled(self) -> bool:
        """True if, as features, each of its maps becomes one number, its mean."""
        return self.maps and int(np.prod(self.shape)) > MOST_NUMBERS

    @property
    def numbers(self) -> int:
        """Numbers of its output as features."""
        return self.shape[0] if self.pooled else int(np.prod(self.shape))

    @property
    def title(self) -> str:
        """For a reader: "trunk.3, Conv2d 32 × 14 × 14 (mean of each map)"."""
        form = " × ".join(map(str, self.shape))
        return f"{self.name}, {self.kind} {form}{' (mean of each map)' if self.pooled else ''}"


def layers(run: Run) -> list[Layer]:
    """Every layer of a run's network in the order of computation, blocks after what they hold.

    Nothing is computed: the run folder needs a config and points only. ReadingError before that.
    """
    if run.problem:
        raise ReadingError(run.problem)
    config, points = run.config, run.points()
    channels, *sides = points.pixels.shape[1:]
    return list(_layers(config.net, channels, max(sides), config.dimension))


@lru_cache(maxsize=64)
def _layers(net: str, channels: int, side: int, dimension: int) -> tuple[Layer, ...]:
    with torch.device("meta"):
        network = models.get(net).build(channels, side, dimension).eval()
        image = torch.zeros(1, channels, side, side)
    found: dict[str, Layer] = {}

    def note(name: str, module: nn.Module, given: Any, out: Any) -> None:
        if isinstance(out, Tensor) and out.dim() in (2, 4):
            found.pop(name, None)
            found[name] = Layer(name, _kind(module), tuple(out.shape[1:]))

    for name, module in network.named_modules():
        # The containers trunk and head end with a layer of their own.
        if name not in ("", "trunk", "head") and not isinstance(module, _THROUGH):
            module.register_forward_hook(partial(note, name))
    with torch.no_grad():
        network(image)
    return tuple(found.values())


def _kind(module: nn.Module) -> str:
    """torch's name of a module, or that of a block of our own."""
    names = [kind.__name__ for kind in type(module).__mro__ if kind.__module__.startswith("torch.nn")]
    return type(module).__name__ if names[0] == "Module" else names[0]


def find(run: Run, name: str) -> Layer:
    """The layer of this name; ReadingError names the others."""
    known = {layer.name: layer for layer in layers(run)}
    if name not in known:
        raise ReadingError(
            f"{run.id}: its network {run.config.net} has no layer {name[:40]!r}; there are {', '.join(known)}"
        )
    return known[name]


@contextmanager
def outputs_of(network: nn.Module, name: str, pooled: bool) -> Iterator[list[Tensor]]:
    """Within the block, each forward pass adds the layer's output to the list, on the CPU, float32.

    [N, maps, h, w] as it is, or, where pooled, the mean of each map, [N, maps].
    """
    seen: list[Tensor] = []

    def hook(module: nn.Module, given: Any, out: Tensor) -> None:
        values = out.detach().float()
        values = values.mean((2, 3)) if pooled else values
        # A copy: an activation behind it may work in place.
        seen.append(values.cpu().clone())

    handle = network.get_submodule(name).register_forward_hook(hook)
    try:
        yield seen
    finally:
        handle.remove()


def feature_maps(
    run: Run, image_indices: Sequence[int], layer: str = "", epoch: float | None = None
) -> Array:
    """The maps of a layer for some of the images shown in training: float32 [n, maps, h, w].

    image_indices: places among `run.points()`, at most 64. layer: by name; "" is the last that makes
    maps, the end of the trunk. epoch: the newest checkpoint up to it. ReadingError says what is not
    there.
    """
    points = run.points()
    chosen = [int(i) for i in image_indices]
    count = len(points.labels)
    if not 1 <= len(chosen) <= MOST_IMAGES or not all(0 <= i < count for i in chosen):
        raise ReadingError(
            f"{run.id}: maps are made of 1 to {MOST_IMAGES} images with numbers in 0..{count - 1}; "
            f"got {str(chosen)[:60]}"
        )
    known = find(run, layer) if layer else _last_maps(run)
    if not known.maps:
        raise ReadingError(
            f"{run.id}: the layer {known.title} has no maps; choose one of "
            f"{', '.join(each.name for each in layers(run) if each.maps)}"
        )
    trained = _trained(run, moment(run, epoch).step, epoch)
    mean, std = normalisation(run)
    images = data.normalise(square(torch.from_numpy(np.ascontiguousarray(points.pixels[chosen]))), mean, std)
    with outputs_of(trained.network, known.name, pooled=False) as seen:
        trained.features(images)
    return np.ascontiguousarray(seen[-1].numpy())


def _last_maps(run: Run) -> Layer:
    return [layer for layer in layers(run) if layer.maps and layer.name.startswith("trunk.")][-1]


@lru_cache(maxsize=4)
def _trained(run: Run, step: int, epoch: float | None) -> TrainedModel:
    return TrainedModel(run, epoch)


def normalisation(run: Run) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation of each channel, as training normalised; folders of earlier versions do not
    hold them, and the data set is loaded."""
    points = run.points()
    if points.mean is not None and points.std is not None:
        return points.mean, points.std
    made = load(run.config)
    return made.mean, made.std
