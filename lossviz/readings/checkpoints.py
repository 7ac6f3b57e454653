"""Checkpoints to read from: the one that belongs to an epoch, and the network that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lossviz.core.errors import LossvizError, ReadingError
from lossviz.losses.spec import LossSpec
from lossviz.runs import files
from lossviz.runs.run import Run, epoch_path
from lossviz.training import devices, layout, rates
from lossviz.training.config import RunConfig
from lossviz.training.memory import under
from lossviz.training.model import Model
from models import adversary as adversary_network

SLACK = 1e-6


@dataclass(frozen=True)
class Moment:
    """A step at which a run has a checkpoint. kept: the epoch under whose number it is kept, or None
    for the last one, which training replaces."""

    step: int
    epoch: float
    kept: int | None

    @property
    def stem(self) -> str:
        """The start of the names of files made from this checkpoint: its epoch, or "last" within an epoch."""
        whole = abs(self.epoch - round(self.epoch)) < SLACK
        return f"{round(self.epoch):04d}" if whole else "last"


def moment(run: Run, epoch: float | None = None) -> Moment:
    """The newest checkpoint, or the newest up to an epoch; ReadingError where none is kept."""
    path = run.path / "checkpoint.safetensors"
    if not path.is_file():
        raise ReadingError(
            f"{run.id}: it has no checkpoint yet, so that its network cannot be asked; "
            f"the run is {run.status.state}"
        )
    last = _moment(run, files.read_facts(path), None)
    if epoch is None or epoch >= last.epoch - SLACK:
        return last
    kept = run.epochs()
    before = [e for e in kept if e <= epoch + SLACK]
    if not before:
        has = f"of epochs {_listed(kept)} and the last one" if kept else "only the last one"
        fork = f", and {run.config.fork_run} for what lies before the fork" if run.config.fork_run else ""
        raise ReadingError(
            f"{run.id}: no checkpoint up to epoch {epoch:g} is kept, {has} (epoch {last.epoch:g}); "
            f"read one of these{fork}. Networks of more than 16 MB keep only their last."
        )
    return _moment(run, files.read_facts(epoch_path(run.path, before[-1])), before[-1])


def _listed(epochs: list[int]) -> str:
    return f"{epochs[0]} to {epochs[-1]}" if len(epochs) > 3 else ", ".join(map(str, epochs))


def _moment(run: Run, facts: Mapping[str, Any], kept: int | None) -> Moment:
    try:
        step, each = int(facts["step"]), int(facts["steps_per_epoch"])
        return Moment(step, step / each, kept)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        raise ReadingError(
            f"{run.id}: its checkpoint does not say of which step it is; it is damaged"
        ) from None


class TrainedModel:
    """The network and the head of a checkpoint, ready to be asked.

    moment: whose checkpoint it is. spec, state, params: the loss, its class state on the CPU, and its
    parameters at that step. config: of the run. classes: how many. device: where the network is.
    """

    def __init__(self, run: Run, epoch: float | None = None) -> None:
        self.config = config = run.config
        wanted, points = moment(run, epoch), run.points()
        tensors, facts = run.checkpoint(wanted.kept)
        self.moment = _moment(run, facts, wanted.kept)
        self.shape: tuple[int, int, int] = points.pixels.shape[1:]
        channels, side = self.shape[0], max(self.shape[1:])
        self.device = _device(config)
        self.classes = len(points.classes)
        self.model = Model(config, channels, side, self.classes)
        try:
            self.model.load_state_dict(under("model", tensors))
        except RuntimeError as error:
            text = str(error).splitlines()[-1].strip()
            raise ReadingError(f"{run.id}: its checkpoint is of another network or head ({text})") from None
        self.spec: LossSpec = config.spec
        steps = int(facts["steps_per_epoch"]) * config.epochs
        self.params = rates.params_at(config, self.moment.step, steps)
        self.model.eval().requires_grad_(False)
        self.state = self.model.state(_adversary(config, self.classes, under("adversary", tensors)))
        self.model.network.to(self.device)

    @property
    def network(self) -> nn.Module:
        return self.model.network

    def features(self, images: Tensor) -> Tensor:
        """float32 [N, d] on the CPU of normalised images [N, C, side, side], as the loss sees them.

        Computed as training tests: the same images in the same chunks give the same bits.
        """
        mixed = self.config.precision == "mixed"
        if self.device.type == "cpu":
            images = layout.channels_last(images)
        with (
            torch.inference_mode(),
            torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=mixed),
        ):
            seen = self.model.loss_features(layout.embedding(self.network, images.to(self.device)).float())
        return seen.cpu()


def _device(config: RunConfig) -> torch.device:
    """The device of the run, or the CPU if this machine does not have that device."""
    try:
        return devices.choose(config.device)
    except LossvizError:
        return torch.device("cpu")


def _adversary(config: RunConfig, classes: int, tensors: Mapping[str, Tensor]) -> nn.Module | None:
    if not tensors:
        return None
    made = adversary_network.build(config.dimension, classes, tensors["0.weight"].shape[0])
    made.load_state_dict(dict(tensors))
    return made.requires_grad_(False)
