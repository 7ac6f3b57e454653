"""Several runs trained in one batched step, with `torch.func`: for a GPU, and off until measured there.

On one core, four small networks take 6.5 times as long as one on MNIST, 2.5 times on the digits' 8 × 8
pixels. Nothing but the benchmark of training calls it.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from lossviz.core.errors import ConfigError
from lossviz.data import DataSet
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.training.health import look, mean_length
from lossviz.training.images import same_images
from lossviz.training.model import Model
from lossviz.training.optimizers import set_rates
from lossviz.training.snapshot import Snapshot
from lossviz.training.step import Batch, Phase, descend, phases_of
from lossviz.training.sums import Sums
from lossviz.training.trainer import Trainer

# What changes numbers alone, not the step.
MAY_DIFFER = frozenset({"seed", "weight_init", "bias_init", "bias_start", "anneal", "anneal_share"})
Stack = dict[str, Tensor]


class BatchedRuns:
    """Runs of one loss on the same images: networks, heads and optimizers are stacked, and a step is one step
    of the stacks under `torch.func.vmap`.

    Each run is a Trainer whose tensors are slices of the stacks, so that its snapshots are those of a run
    alone, to float tolerance (dropout draws other masks). A run that has stopped goes on unseen.
    ConfigError for runs that differ in more than their seed, where they start, and numbers of the loss.
    """

    def __init__(self, configs: Sequence[RunConfig], dataset: DataSet | None = None) -> None:
        _agree(configs)
        self.trainers = [Trainer(configs[0], dataset)]
        for config in configs[1:]:
            self.trainers.append(Trainer(config, images=self.trainers[0].images.like(config)))
        first = self.trainers[0]
        self.config, self.steps, self.phases = first.config, first.steps, phases_of(first.config)
        self.alone = _Run(first)
        runs = [_Run(trainer) for trainer in self.trainers]
        self.parameters, self.buffers = stack_module_state(runs)
        for number, run in enumerate(runs):
            _share(run, self.parameters, self.buffers, number)
        stacks: dict[Tensor, Tensor] = {
            own: self.parameters[name] for name, own in runs[0].named_parameters()
        }
        self.optimizers = {name: _stacked(o, stacks) for name, o in first.optimizers.items()}
        self.sums = Sums()
        self.verdict = torch.full((len(runs), 3), -1.0, device=first.device)

    @property
    def step(self) -> int:
        return self.trainers[0].step

    @property
    def done(self) -> bool:
        return self.step >= self.steps

    @property
    def due(self) -> bool:
        return any(trainer.due for trainer in self.trainers if not trainer.stopped)

    def advance(self) -> None:
        began, first = time.perf_counter(), self.trainers[0]
        set_rates(self.optimizers, first.rates())
        batches, params = self._batches(), self._params()
        self.alone.train()
        with first.noise():
            for phase in self.phases:
                self._take(phase, batches[phase.draw], params)
        for trainer in self.trainers:
            trainer.step += 1
            trainer.seconds += time.perf_counter() - began

    def snapshots(self) -> list[Snapshot]:
        """The snapshot of each run; their running means begin anew."""
        for number, trainer in enumerate(self.trainers):
            trainer.sums.add({name: values[number] for name, values in self.sums.frame.items()})
            trainer.health.verdict.copy_(self.verdict[number])
        for values in self.sums.frame.values():
            values.zero_()
        return [trainer.snapshot() for trainer in self.trainers]

    def _batches(self) -> dict[str, Batch]:
        """Images [M, B, C, H, W] and labels [M, B] of the M runs, by the name of their draw."""
        each = [trainer.sampler.draw(self.step) for trainer in self.trainers]
        draws = {name: torch.stack([own[name] for own in each]) for name in each[0]}
        by, count, images = draws.pop("by", None), len(each), self.trainers[0].images
        moves = None if by is None else by.transpose(0, 1).flatten(1)
        batches = {}
        for name, places in draws.items():
            pixels, labels = images.batch(places.flatten(), moves)
            batches[name] = pixels.unflatten(0, (count, -1)), labels.unflatten(0, (count, -1))
        return batches

    def _params(self) -> dict[str, Any]:
        """The loss's parameters: those that differ as tensors [M]."""
        each = [trainer.params() for trainer in self.trainers]
        device = self.trainers[0].device
        return {
            name: value
            if all(params[name] == value for params in each)
            else torch.tensor([params[name] for params in each], device=device)
            for name, value in each[0].items()
        }

    def _take(self, phase: Phase, batch: Batch, params: Mapping[str, Any]) -> None:
        differ = {name: value for name, value in params.items() if isinstance(value, Tensor)}

        def one(parameters: Stack, buffers: Stack, images: Tensor, labels: Tensor, differ: Stack) -> Any:
            given = (phase, images, labels, {**params, **differ})
            return functional_call(self.alone, (parameters, buffers), given)

        images, labels = batch
        mapped = vmap(one, randomness="different")
        losses, features, sums = mapped(self.parameters, self.buffers, images, labels, differ)
        descend(losses.sum(), [self.optimizers[n] for n in phase.optimizers if n in self.optimizers])
        self.sums.add(sums)
        look(self.verdict, self.step, losses, mean_length(features))
        if phase.centers is not None:
            self._move(phase.centers, features, labels, params, differ)

    @torch.no_grad()
    def _move(
        self, centers: Any, features: Tensor, labels: Tensor, params: Mapping[str, Any], differ: Stack
    ) -> None:
        def one(stack: Tensor, features: Tensor, labels: Tensor, differ: Stack) -> Any:
            return centers(stack, features, labels, {**params, **differ})

        stack = self.parameters["model.centers"]
        stack.copy_(vmap(one)(stack, features, labels, differ))


class _Run(nn.Module):
    """The parameters of one run, and a phase of its step."""

    def __init__(self, trainer: Trainer) -> None:
        super().__init__()
        self.model: Model = trainer.model
        self.adversary = trainer.adversary

    def forward(self, phase: Phase, images: Tensor, labels: Tensor, params: Mapping[str, Any]) -> Any:
        """The loss, the features [B, d] and the sums."""
        config = self.model.config
        mixed = config.precision == "mixed"
        with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=mixed):
            features = self.model(images)
        if not phase.through_network:
            features = features.detach()
        state = self.model.state(self.adversary)
        loss, sums = phase.objective(config, features, labels, state, params)
        return loss, features.detach(), sums


def _share(run: nn.Module, parameters: Stack, buffers: Stack, number: int) -> None:
    """Make the tensors of a run slices of the stacks."""
    for name, parameter in run.named_parameters():
        parameter.data = parameters[name].data[number]
    for name, _ in list(run.named_buffers()):
        path, _, last = name.rpartition(".")
        run.get_submodule(path)._buffers[last] = buffers[name][number]


def _stacked(optimizer: torch.optim.Optimizer, stacks: Mapping[Tensor, Tensor]) -> torch.optim.Optimizer:
    """The same optimizer for the stacks of its parameters."""
    groups = [{**group, "params": [stacks[p] for p in group["params"]]} for group in optimizer.param_groups]
    kind = type(optimizer)
    takes = inspect.signature(kind).parameters
    made: torch.optim.Optimizer = kind(groups, **{k: v for k, v in optimizer.defaults.items() if k in takes})
    return made


def _agree(configs: Sequence[RunConfig]) -> None:
    first = configs[0]
    real = {param.name for param in first.spec.params if param.kind == "real"}
    for config in configs[1:]:
        differ = [n for n in SETTINGS if n not in MAY_DIFFER and getattr(config, n) != getattr(first, n)]
        mine, others = config.loss_params(), first.loss_params()
        differ += [n for n in others if n not in real and mine.get(n) != others[n]]
        if differ or not same_images(config, first):
            raise ConfigError(
                f"batched runs: all must have the same images and {', '.join(differ) or 'subset of them'}; "
                "they may differ in seed, start and numbers of the loss"
            )
