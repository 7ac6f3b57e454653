"""A cohort: several runs of one architecture, trained in one batched step."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from lossviz.core.errors import ConfigError
from lossviz.data import DataSet
from lossviz.training import layout, optimizers
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.training.heads import Heads, kind_of, leaves
from lossviz.training.images import Points, RunImages, same_images
from lossviz.training.phases import Phase
from lossviz.training.replay import Draws, Recorder, Replay, recorder_for
from lossviz.training.snapshot import Snapshot
from lossviz.training.trainer import Checkpoint, Trainer

# What members may differ in: everything that does not change the shape of the step.
MAY_DIFFER = frozenset(
    {"loss", "seed", "params", "bias", "bias_init", "bias_start", "bias_rate", "weight_init", "weight_rate"}
    | {"head", "head_scale", "normalize", "center_update", "center_rate", "center_decay"}
    | {"anneal", "anneal_share", "fork_run"}
)


class Cohort:
    """Several runs as one crew: what they learn is stacked, and heads of one kind go through their
    loss together under `torch.func.vmap`. So do the networks on a GPU; on a CPU each takes its slice
    of the stacks in turn, since convolutions over several sets of weights are slower there than each
    alone (four small networks: 6.1 times the time of one).

    Each member is a Trainer whose tensors are slices of the stacks, so that snapshots, metrics and
    checkpoints are those of a run alone, to float tolerance. (Under vmap, dropout draws other masks
    than alone.) Members may differ in loss, its parameters, seed and head; ConfigError names a setting
    in which they must agree and do not. A member that has stopped leaves the stacks.
    """

    def __init__(
        self,
        configs: Sequence[RunConfig],
        made: DataSet | None = None,
        progress: Callable[[str, float], None] | None = None,
        *,
        recorder: Recorder | None = None,
        together: bool | None = None,
    ) -> None:
        """together: whether networks go through vmap; None: as the device has it quicker."""
        _agree(configs)
        self.members: list[Trainer] = []
        for config in configs:
            images = self._images_for(config, made is not None)
            self.members.append(Trainer(config, made, progress, recorder=recorder, images=images))
        first = self.members[0]
        if any(m.objective != first.objective for m in self.members):
            raise ConfigError("cohort: all runs must take the same steps (objective); got several kinds")
        if len({m.steps for m in self.members}) > 1:
            raise ConfigError("cohort: all runs must have as many steps; got data sets of several sizes")
        self.configs, self.device = list(configs), first.device
        self.steps, self.steps_per_epoch = first.steps, first.steps_per_epoch
        self.together = first.place.type != "cpu" if together is None else together
        # A copy without numbers: the members' own networks stay as they are. Batch normalisation under
        # vmap takes no half precision on the CPU; alone it computes in full precision too.
        self._shape = copy.deepcopy(first.model.network).to("meta").train()
        for layer in self._shape.modules():
            if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                layer.register_forward_pre_hook(lambda _, given: (given[0].float(),))
        self._told = 0
        self.stacked: dict[str, torch.optim.Optimizer] = {}
        self.replay = Replay(recorder or recorder_for(first.place))
        self._pack()

    def _images_for(self, config: RunConfig, given: bool) -> RunImages | None:
        """The images of an earlier member that trains on the same ones, or None."""
        for member in self.members:
            if given or same_images(member.config, config):
                return member.images.like(config)
        return None

    @property
    def step(self) -> int:
        """Steps done."""
        return max(m.step for m in self.members)

    @property
    def seconds(self) -> float:
        """Training time so far; that of a member that has stopped stands still."""
        return max(m.seconds for m in self.members)

    @property
    def images_per_second(self) -> float:
        """Training images a second, all running members together."""
        return sum(m.images_per_second for m in self.members if not m.stopped)

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
        self.replay.settle()
        shots = [m.snapshots()[0] for m in self.members]
        # On a GPU a member finds out only now that it has stopped.
        self._told = sum(bool(m.stopped) for m in self.members)
        return shots

    def checkpoints(self) -> list[Checkpoint]:
        """A checkpoint of each member, as of a run alone."""
        self._share_memory()
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
        if any(m.stopped for m in self.running):
            self._pack()
        first = self.running[0]
        for name, rate in first.rates().items():
            # The centres' rates belong to each kind of head.
            if name in self.stacked:
                optimizers.turn(self.stacked[name], rate)
        for number, heads in enumerate(self.heads):
            if f"centers {number}" in self.stacked:
                optimizers.turn(self.stacked[f"centers {number}"], heads.members[0].rates()["centers"])
        for member in self.running:
            if not member.model.training:
                member.model.train()
        params, step = [heads.params() for heads in self.heads], first.step_told()
        each = [member.draws() for member in self.running]
        draws = {name: torch.stack([own[name] for own in each]) for name in each[0]}
        with first.noise():
            self.replay.take(draws, lambda draws: self._take(draws, params, step))
        passed = time.perf_counter() - began
        for member in self.running:
            member.finish_step()
            member.seconds += passed

    def _take(self, draws: Draws, params: Sequence[Mapping[str, Any]], step: int | Tensor) -> None:
        batch: dict[str, tuple[Tensor, Tensor]] = {}
        for number, phase in enumerate(self.running[0].phases):
            if phase.draw not in batch:
                batch[phase.draw] = self._batch(draws[phase.draw], draws.get("by"))
            images, labels = batch[phase.draw]
            raw = self._forward(phase, images)
            told = [h.tell(number, raw, labels, p, step) for h, p in zip(self.heads, params, strict=True)]
            self._descend(phase.optimizers, torch.cat(told).sum())
            for heads, p in zip(self.heads, params, strict=True):
                heads.move_centers(number, raw, labels, p)

    def _batch(self, places: Tensor, by: Tensor | None) -> tuple[Tensor, Tensor]:
        """Images [M, B, C, size, size] and labels [M, B] by their places [M, B]."""
        count, sources = len(places), [member.images for member in self.running]
        if all(source.pixels is sources[0].pixels for source in sources):
            moves = None if by is None else by.transpose(0, 1).flatten(1)
            images, labels = sources[0].batch(places.flatten(), moves)
            return images.unflatten(0, (count, -1)), labels.unflatten(0, (count, -1))
        pairs = [s.batch(places[n], None if by is None else by[n]) for n, s in enumerate(sources)]
        images, labels = (torch.stack(list(column)) for column in zip(*pairs, strict=True))
        return images, labels

    def _forward(self, phase: Phase, images: Tensor) -> Tensor:
        """What the networks give for each member's images, [M, B, d]."""
        first = self.running[0]
        mixed = first.config.precision == "mixed"
        with (
            torch.set_grad_enabled(phase.through_network),
            torch.autocast(first.place.type, dtype=torch.bfloat16, enabled=mixed),
        ):
            if self.together:
                raw: Tensor = vmap(self._one, randomness="different")(self.parameters, self.buffers, images)
            else:
                raw = torch.stack(self._in_turn(images))
        return raw.float()

    def _in_turn(self, images: Tensor) -> list[Tensor]:
        own = {f"network.{name}": stack.unbind() for name, stack in self.parameters.items()}
        return [
            functional_call(network, {name: each[k] for name, each in own.items()}, (images[k],))
            for k, network in enumerate(self._alone)
        ]

    def _one(self, parameters: dict[str, Tensor], buffers: dict[str, Tensor], images: Tensor) -> Tensor:
        features: Tensor = functional_call(self._shape, (parameters, buffers), (images,))
        return features

    def _descend(self, names: Sequence[str], loss: Tensor) -> None:
        used = [optimizer for name, optimizer in self.stacked.items() if name.split()[0] in names]
        for optimizer in used:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in used:
            optimizer.step()

    def _pack(self) -> None:
        """Stack what the running members learn and remember, and make their own tensors slices."""
        self._share_memory()
        kinds: dict[Hashable, list[Trainer]] = {}
        # In an order of their own: a resumed cohort may be given its members in another one, and a
        # member's place decides its dropout and its last bits.
        for member in sorted(self.members, key=lambda member: repr(member.config)):
            if not member.stopped:
                kinds.setdefault(kind_of(member), []).append(member)
        self.running = [member for members in kinds.values() for member in members]
        self._slices: dict[Tensor, list[tuple[Trainer, nn.Parameter]]] = {}
        self.stacked = {}
        self.replay.forget()
        if not self.running:
            return
        self._alone = [_Embedded(member.model.network) for member in self.running]
        networks = [dict(member.model.network.named_parameters()) for member in self.running]
        self.parameters = {
            name: self._stack([(m, net[name]) for m, net in zip(self.running, networks, strict=True)])
            for name in networks[0]
        }
        self.buffers = _stacked_buffers([member.model.network for member in self.running])
        self.heads = []
        for members in kinds.values():
            own = [leaves(member) for member in members]
            parts = {
                name: self._stack([(m, mine[name]) for m, mine in zip(members, own, strict=True)])
                for name in own[0]
            }
            self.heads.append(Heads(members, self.running.index(members[0]), parts))
        self._make_optimizers()

    def _stack(self, slices: list[tuple[Trainer, nn.Parameter]]) -> Tensor:
        stack = nn.Parameter(torch.stack([parameter.detach() for _, parameter in slices]))
        for number, (_, parameter) in enumerate(slices):
            parameter.data = stack.data[number]
        self._slices[stack] = slices
        return stack

    def _make_optimizers(self) -> None:
        """Optimizers of the stacks, with the members' memories."""
        first, config = self.running[0], self.running[0].config
        everything = [(name, part) for heads in self.heads for name, part in heads.parts.items()]
        networks = self.parameters.values()
        tables, vectors = [p for p in networks if p.ndim > 2], [p for p in networks if p.ndim <= 2]
        shares = []
        for heads in self.heads:
            for name, share, decay in optimizers.shares(heads.config):
                if name in heads.parts and share != 1:
                    shares.append((heads.parts[name], share, decay))
                elif name in heads.parts:
                    (tables if name == "weights" else vectors).append(heads.parts[name])
        for name in ("main", "complement"):
            if name in first.optimizers:
                self.stacked[name] = optimizers.optimizer_of(config, tables, vectors, config.rate, shares)
        inner = [part for name, part in everything if name.startswith("adversary.")]
        if inner:
            self.stacked["adversary"] = optimizers.adversary_optimizer(config, inner)
        for number, heads in enumerate(self.heads):
            if "centers" in heads.members[0].optimizers:
                own, centers = heads.config, heads.parts["centers"]
                self.stacked[f"centers {number}"] = optimizers.center_optimizer(own, centers)
        for name, optimizer in self.stacked.items():
            for stack in (p for group in optimizer.param_groups for p in group["params"]):
                kept = [m.optimizers[name.split()[0]].state.get(p, {}) for m, p in self._slices[stack]]
                if all(kept):
                    optimizer.state[stack] = _stacked(kept)
            if self.replay.recorder is not None:
                optimizers.on_device(optimizer, first.place)

    def _share_memory(self) -> None:
        """Show each member the slices of the stacked optimizers' memory as its own."""
        for name, optimizer in self.stacked.items():
            for stack, memory in optimizer.state.items():
                for number, (member, parameter) in enumerate(self._slices[stack]):
                    member.optimizers[name.split()[0]].state[parameter] = {
                        what: value if value.ndim == 0 else value[number]
                        for what, value in memory.items()
                        if isinstance(value, Tensor)
                    }


class _Embedded(nn.Module):
    """A network that keeps its maps as a CPU has them quickest."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        return layout.embedding(self.network, images)


def _stacked_buffers(networks: Sequence[nn.Module]) -> dict[str, Tensor]:
    """The networks' buffers stacked, each network's own a slice."""
    buffers = {}
    for name, _ in networks[0].named_buffers():
        buffers[name] = torch.stack([network.get_buffer(name) for network in networks])
        path, _, last = name.rpartition(".")
        for number, network in enumerate(networks):
            network.get_submodule(path)._buffers[last] = buffers[name][number]
    return buffers


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
