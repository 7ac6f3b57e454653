"""The heads of a cohort: those of one kind go through their loss together, under `torch.func.vmap`."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from lossviz.losses import ClassState
from lossviz.training import model, rates
from lossviz.training.health import look, mean_length
from lossviz.training.phases import Phase
from lossviz.training.recipes import anneals, bias_rate, weight_rate
from lossviz.training.replay import Dials
from lossviz.training.trainer import Trainer

Stacks = dict[str, Tensor]


def kind_of(member: Trainer) -> Hashable:
    """What two members must have in common for their heads to be stacked: all but numbers."""
    config, bias = member.config, member.model.bias
    params = config.loss_params()
    choices = tuple((p.name, repr(params[p.name])) for p in config.spec.params if p.kind != "real")
    head = (config.head, config.head_scale, config.normalize, None if bias is None else len(bias))
    centers = (config.center_update, config.center_rate, config.center_decay)
    return config.loss, choices, head, centers, weight_rate(config), bias_rate(config), anneals(config)


def leaves(member: Trainer) -> dict[str, nn.Parameter]:
    """What a member learns beside its network: weights, bias, centers, adversary.NAME."""
    named = {"weights": member.model.weights, "bias": member.model.bias, "centers": member.model.centers}
    own = {name: value for name, value in named.items() if value is not None}
    if member.adversary is not None:
        own |= {f"adversary.{name}": value for name, value in member.adversary.named_parameters()}
    return own


class Heads:
    """Members of one kind. What is theirs (sums, verdicts) are slices of what is kept here for all.

    first: the place of the first among all members that run; the others follow. parts: leaves by name,
    each with a first dimension of one entry a member: weights [G, K, d], bias [G, 1] or [G, K], centers
    [G, K, d], adversary.NAME.
    """

    def __init__(self, members: Sequence[Trainer], first: int, parts: Stacks) -> None:
        self.members, self.parts, self.dials = list(members), parts, Dials(members[0].place)
        self.at = slice(first, first + len(members))
        self.config = members[0].config
        self._adversary = members[0].adversary
        names = {name for member in members for name in member.sums.frame}
        none = torch.zeros((), device=members[0].place)
        self.sums: Stacks = {}
        for name in sorted(names):
            self._keep(name, torch.stack([member.sums.frame.get(name, none) for member in members]))
        self.verdict = torch.stack([member.health.verdict for member in members])
        for number, member in enumerate(members):
            member.health.verdict = self.verdict[number]

    def params(self) -> dict[str, Any]:
        """The loss's parameters at this step: those that differ or move as tensors [G]."""
        if len(self.members) == 1:
            return self.members[0].params()
        each = [rates.params_at(m.config, m.step, m.steps) for m in self.members]
        moving = {move.name for move in self.config.spec.anneals}
        shared = dict(each[0])
        for name in shared:
            values = [params[name] for params in each]
            if name in moving or any(value != values[0] for value in values):
                shared[name] = self.dials.turned(name, values)
        return shared

    def tell(
        self, number: int, raw: Tensor, labels: Tensor, params: Mapping[str, Any], step: int | Tensor
    ) -> Tensor:
        """The losses [G] of a part of a step, by its number; they are watched, and the sums added.

        raw: [M, B, d], what the networks of all running members give. labels: [M, B].
        """
        phase, labels = self._phase(number), labels[self.at]
        features = model.seen(self.config, raw[self.at])

        def one(parts: Stacks, features: Tensor, labels: Tensor, moving: Stacks) -> tuple[Tensor, Stacks]:
            return phase.tell(self.config, features, labels, self._state(parts), {**params, **moving})

        losses, sums = self._each(one, features, labels, params)
        self._add(sums)
        if self.members[0].health.on_host:
            for member, loss, own in zip(self.members, losses, features, strict=True):
                member.health.watch(member.step, loss, own)
        else:
            look(self.verdict, step, losses, mean_length(features))
        return losses

    @torch.no_grad()
    def move_centers(self, number: int, raw: Tensor, labels: Tensor, params: Mapping[str, Any]) -> None:
        """Put the centres where a part of a step puts them, where it does."""
        new = self._phase(number).centers
        if new is None or "centers" not in self.parts:
            return

        def one(parts: Stacks, features: Tensor, labels: Tensor, moving: Stacks) -> tuple[Tensor, Stacks]:
            return new(parts["centers"], features, labels, {**params, **moving}), {}

        features = model.seen(self.config, raw[self.at].detach())
        self.parts["centers"].copy_(self._each(one, features, labels[self.at], params)[0])

    def _phase(self, number: int) -> Phase:
        # Those of one kind take the same step; another kind may move its centres otherwise.
        return self.members[0].phases[number]

    def _each(
        self, one: Any, features: Tensor, labels: Tensor, params: Mapping[str, Any]
    ) -> tuple[Tensor, Stacks]:
        """A function of one member's parts, features, labels and moving parameters, for all members."""
        if len(self.members) == 1:
            parts = {name: stack[0] for name, stack in self.parts.items()}
            value, told = one(parts, features[0], labels[0], {})
            return value[None], {name: each[None] for name, each in told.items()}
        moving = {name: value for name, value in params.items() if isinstance(value, Tensor)}
        both: tuple[Tensor, Stacks] = vmap(one)(self.parts, features, labels, moving)
        return both

    def _state(self, parts: Stacks) -> ClassState:
        def adversary(features: Tensor) -> Tensor:
            assert self._adversary is not None
            inner = {n.removeprefix("adversary."): v for n, v in parts.items() if n.startswith("adversary.")}
            scores: Tensor = functional_call(self._adversary, inner, (features,))
            return scores

        return model.head(
            self.config,
            parts["weights"],
            parts.get("bias"),
            parts.get("centers"),
            None if self._adversary is None else adversary,
        )

    def _add(self, sums: Stacks) -> None:
        for name, values in sums.items():
            if name in self.sums:
                self.sums[name].add_(values)
            else:
                self._keep(name, values.clone(memory_format=torch.contiguous_format))

    def _keep(self, name: str, sums: Tensor) -> None:
        self.sums[name] = sums
        for member, own in zip(self.members, sums, strict=True):
            member.sums.frame[name] = own
