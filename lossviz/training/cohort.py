"""A cohort: several runs of one architecture, trained in one batched step."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from lossviz.data import DataSet
from lossviz.errors import ConfigError
from lossviz.training import optimizers
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.training.images import Points
from lossviz.training.snapshot import Snapshot
from lossviz.training.trainer import Checkpoint, Phase, Trainer, phase_after

# What members may differ in: everything that does not change the shape of the step.
MAY_DIFFER = frozenset(
    {"loss", "seed", "params", "bias", "bias_init", "weight_init", "head", "head_scale", "normalize"}
    | {"center_update", "center_rate", "center_decay", "anneal", "anneal_share", "fork_run", "fork_epoch"}
)


class Cohort:
    """Several runs as one crew: their networks are stacked and go through `torch.func.vmap` together.

    Each member is a Trainer whose network's tensors are slices of the stacks, so that snapshots,
    metrics and checkpoints are those of a run alone, to float tolerance. (Under vmap, dropout draws
    other masks than alone.) Members may differ in loss, its parameters, seed and head; ConfigError
    names a setting in which they must agree and do not.
    """

    def __init__(
        self,
        configs: Sequence[RunConfig],
        made: DataSet | None = None,
        progress: Callable[[str, float], None] | None = None,
    ) -> None:
        _agree(configs)
        self.members = [Trainer(config, made, progress) for config in configs]
        first = self.members[0]
        if any(m.objective != first.objective for m in self.members):
            raise ConfigError("cohort: all runs must take the same steps (objective); got several kinds")
        if len({m.steps for m in self.members}) > 1:
            raise ConfigError("cohort: all runs must have as many steps; got data sets of several sizes")
        self.configs, self.device = list(configs), first.device
        self.steps, self.steps_per_epoch = first.steps, first.steps_per_epoch
        # A copy without numbers: the members' own networks stay as they are. Batch normalisation under
        # vmap takes no half precision on the CPU; alone it computes in full precision too.
        self._shape = copy.deepcopy(first.model.network).to("meta").train()
        for layer in self._shape.modules():
            if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                layer.register_forward_pre_hook(lambda _, given: (given[0].float(),))
        self._told = 0
        self._pack()

    @property
    def step(self) -> int:
        """Steps done."""
        return max(m.step for m in self.members)

    @property
    def seconds(self) -> float:
        """Training time so far."""
        return self.members[0].seconds

    @property
    def images_per_second(self) -> float:
        """Training images a second, all members together."""
        return sum(m.images_per_second for m in self.members)

    @property
    def epoch(self) -> float:
        """Epochs done, with the fraction."""
        return self.step / self.steps_per_epoch

    @property
    def done(self) -> bool:
        """Whether no member has anything left to do."""
        return all(m.done for m in self.members)

    @property
    def due(self) -> bool:
        """Whether a snapshot is due at this step."""
        stopped = [m for m in self.members if m.stopped]
        return len(stopped) > self._told or any(m.due for m in self.members if not m.stopped)

    def subset(self) -> Points:
        """The test images that the first member shows."""
        return self.members[0].subset()

    def verdicts(self) -> list[list[str]]:
        """What cannot go right or went wrong, for each member."""
        return [m.verdicts()[0] for m in self.members]

    def snapshots(self) -> list[Snapshot]:
        """How each member stands; one that has stopped stays as it was."""
        self._told = sum(bool(m.stopped) for m in self.members)
        return [m.snapshots()[0] for m in self.members]

    def checkpoints(self) -> list[Checkpoint]:
        """A checkpoint of each member, as of a run alone."""
        return [m.checkpoints()[0] for m in self.members]

    def restore(self, checkpoints: list[Checkpoint]) -> None:
        """Go on from where the checkpoints were taken."""
        for member, checkpoint in zip(self.members, checkpoints, strict=True):
            member.restore([checkpoint])
        self._pack()

    def begin_from(self, checkpoints: list[Checkpoint]) -> None:
        """Start forks, each from its parent's checkpoint."""
        for member, checkpoint in zip(self.members, checkpoints, strict=True):
            member.begin_from([checkpoint])
        self._pack()

    def advance(self) -> None:
        """One step of all members that have not stopped."""
        began = time.perf_counter()
        running = [n for n, m in enumerate(self.members) if not m.stopped]
        steps = {n: self.members[n].phases(self.members[n].prepare()) for n in running}
        phases = {n: next(step) for n, step in steps.items()}
        while phases:
            features = self._forward(phases)
            self._descend(phases, features)
            after = {n: phase_after(step, features[n]) for n, step in steps.items()}
            phases = {n: phase for n, phase in after.items() if phase is not None}
        passed = time.perf_counter() - began
        for n in running:
            self.members[n].finish_step()
            self.members[n].seconds += passed

    def _forward(self, phases: Mapping[int, Phase]) -> dict[int, Tensor]:
        """The features of each running member's images, as its loss sees them."""
        first, some = self.members[0], next(iter(phases.values()))
        # A member that has stopped keeps its slot and looks on.
        images = torch.stack([phases.get(n, some).images for n in range(len(self.members))])
        mixed = first.config.precision == "mixed"
        with (
            torch.set_grad_enabled(some.through_network),
            torch.autocast(first.place.type, dtype=torch.bfloat16, enabled=mixed),
        ):
            raw = vmap(self._one, randomness="different")(self.parameters, self.buffers, images)
        return {n: self.members[n].model.seen(raw[n].float()) for n in phases}

    def _one(self, parameters: dict[str, Tensor], buffers: dict[str, Tensor], images: Tensor) -> Tensor:
        features: Tensor = functional_call(self._shape, (parameters, buffers), (images,))
        return features

    def _descend(self, phases: Mapping[int, Phase], features: Mapping[int, Tensor]) -> None:
        names = next(iter(phases.values())).optimizers
        running = [self.members[n] for n in phases]
        shared = [self.stacked[name] for name in names if name in self.stacked]
        own = [m.optimizers[name] for m in running for name in names if name in m.optimizers]
        for optimizer in (*shared, *own):
            optimizer.zero_grad(set_to_none=True)
        losses = []
        for n, phase in phases.items():
            losses.append(phase.loss(features[n]))
            self.members[n].health.watch(self.members[n].step, losses[-1], features[n])
        torch.stack(losses).sum().backward()
        for name in names:
            if name in self.stacked:
                rate = running[0].optimizers[name].param_groups[0]["lr"]
                optimizers.set_rate(self.stacked[name], rate)
        for optimizer in (*shared, *own):
            optimizer.step()
        if shared:
            self._share_memory(names)

    def _pack(self) -> None:
        """Stack the members' networks and optimizer memories, and make the members' tensors slices."""
        networks = [m.model.network for m in self.members]
        columns = zip(*(n.named_parameters() for n in networks), strict=True)
        self._slices: dict[Tensor, list[nn.Parameter]] = {}
        self.parameters: dict[str, Tensor] = {}
        for column in columns:
            slices = [parameter for _, parameter in column]
            stack = nn.Parameter(torch.stack([p.detach() for p in slices]))
            for number, parameter in enumerate(slices):
                parameter.data = stack.data[number]
            self.parameters[column[0][0]] = stack
            self._slices[stack] = slices
        self.buffers = {}
        for name, _ in networks[0].named_buffers():
            together = torch.stack([n.get_buffer(name) for n in networks])
            self.buffers[name] = together
            for number, network in enumerate(networks):
                path, _, last = name.rpartition(".")
                network.get_submodule(path)._buffers[last] = together[number]
        config = self.configs[0]
        tables = [p for p in self.parameters.values() if p.ndim > 2]
        vectors = [p for p in self.parameters.values() if p.ndim <= 2]
        self.stacked = {
            name: optimizers.optimizer_of(config, tables, vectors, config.rate)
            for name in ("main", "complement")
            if name in self.members[0].optimizers
        }
        for name, optimizer in self.stacked.items():
            memories = [m.optimizers[name].state for m in self.members]
            for leaf, slices in self._slices.items():
                kept = [memory.get(p, {}) for memory, p in zip(memories, slices, strict=True)]
                if all(kept):
                    optimizer.state[leaf] = _stacked(kept)
        self._share_memory(tuple(self.stacked))

    def _share_memory(self, names: Sequence[str]) -> None:
        """Show each member the slices of the stacked optimizers' memory as its own."""
        for name in names:
            if name not in self.stacked:
                continue
            for stack, memory in self.stacked[name].state.items():
                for number, parameter in enumerate(self._slices[stack]):
                    self.members[number].optimizers[name].state[parameter] = {
                        what: value if value.ndim == 0 else value[number]
                        for what, value in memory.items()
                        if isinstance(value, Tensor)
                    }


def _stacked(memories: Sequence[dict[str, Any]]) -> dict[str, Any]:
    first = memories[0]
    return {
        what: value.clone() if value.ndim == 0 else torch.stack([m[what] for m in memories])
        for what, value in first.items()
        if isinstance(value, Tensor)
    }


def _agree(configs: Sequence[RunConfig]) -> None:
    if not configs:
        raise ConfigError("cohort: give at least one run")
    for name in SETTINGS:
        values = {getattr(config, name) for config in configs}
        if name not in MAY_DIFFER and len(values) > 1:
            shown = ", ".join(sorted(map(str, values)))
            raise ConfigError(
                f"cohort: all runs must have the same {name}; got {shown}. They may differ in loss, its "
                "parameters, seed and head; start the others as runs of their own"
            )
