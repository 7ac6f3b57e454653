"""The optimizers of a run, and their state as plain tensors."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lossviz.training.config import RunConfig
from lossviz.training.model import Model
from lossviz.training.objectives import objective
from lossviz.training.recipes import bias_rate, weight_rate


def optimizers_of(
    config: RunConfig, model: Model, adversary: nn.Module | None
) -> dict[str, torch.optim.Optimizer]:
    """The optimizers of a run by name: "main", and where the run has them "centers", "complement" (COT's
    second step) and "adversary"."""
    made = {"main": main_optimizer(config, model, config.rate)}
    if model.centers is not None and config.center_update == "sgd":
        made["centers"] = center_optimizer(config, model.centers)
    if objective(config) == "complement":
        made["complement"] = main_optimizer(config, model, config.complement_rate)
    if adversary is not None:
        made["adversary"] = adversary_optimizer(config, list(adversary.parameters()))
    return made


def main_optimizer(config: RunConfig, model: Model, rate: float) -> torch.optim.Optimizer:
    """The optimizer of network, class weights and bias; the centres have their own."""
    own = {name: p for name, p in model.named_parameters() if name != "centers"}
    apart = [
        (own.pop(name), share, decay) for name, share, decay in shares(config) if share != 1 and name in own
    ]
    tables, vectors = ([p for p in own.values() if (p.ndim > 1) == table] for table in (True, False))
    return optimizer_of(config, tables, vectors, rate, apart)


def shares(config: RunConfig) -> tuple[tuple[str, float, float], ...]:
    """The parts of the head with their share of the learning rate: name, share, decay."""
    return (
        ("weights", weight_rate(config), config.weight_decay),
        ("bias", bias_rate(config), _decay_of_vectors(config)),
    )


def _decay_of_vectors(config: RunConfig) -> float:
    """The decay of biases and normalisation: none, except with SGD, as the papers do."""
    return config.weight_decay if config.optimizer == "sgd" else 0.0


def optimizer_of(
    config: RunConfig,
    tables: Sequence[Tensor],
    vectors: Sequence[Tensor],
    rate: float,
    shares: Sequence[tuple[Tensor, float, float]] = (),
) -> torch.optim.Optimizer:
    """The optimizer of the config for these parameters.

    shares: more of them, each with its share of the rate and its decay.
    """
    fused = _fused([*tables, *vectors, *(parameter for parameter, _, _ in shares)])
    decay = config.weight_decay
    if config.optimizer == "sgd":
        groups = [{"params": [*tables, *vectors], "weight_decay": decay}]
    else:
        groups = [
            {"params": list(tables), "weight_decay": decay},
            {"params": list(vectors), "weight_decay": _decay_of_vectors(config)},
        ]
    groups += [{"params": [p], "weight_decay": own, "share": share} for p, share, own in shares]
    groups = [group for group in groups if group["params"]]
    if config.optimizer == "sgd":
        return without_compile(torch.optim.SGD)(groups, lr=rate, momentum=config.momentum, fused=fused)
    kind = without_compile(torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam)
    return kind(groups, lr=rate, fused=fused)


@functools.cache
def without_compile(kind: type[torch.optim.Optimizer]) -> Any:
    """The optimizer class without what ties it to torch's compiler.

    That is wrapped round these methods and imported at their first call, which takes as long as
    importing torch: a run would show its first frame and take its first step a second later.
    """
    names = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
    bare = {name: inspect.unwrap(getattr(kind, name)) for name in names}
    step = torch.no_grad()(inspect.unwrap(kind.step))
    return type(kind.__name__, (kind,), {**bare, "step": step})


def _fused(parameters: Sequence[Tensor]) -> bool:
    """Torch has a fused step for where these are; it is quicker and reads no number back, also not a
    learning rate that lies on the device."""
    return all(p.device.type in ("cpu", "cuda") for p in parameters)


def center_optimizer(config: RunConfig, centers: Tensor) -> torch.optim.Optimizer:
    """SGD of the centres (000: rate 0.5, decay 1e-4)."""
    rate, decay = config.center_rate, config.center_decay
    return without_compile(torch.optim.SGD)([centers], lr=rate, weight_decay=decay, fused=_fused([centers]))


def adversary_optimizer(config: RunConfig, parameters: Sequence[Tensor]) -> torch.optim.Optimizer:
    """Adam of the adversary."""
    return without_compile(torch.optim.Adam)(parameters, lr=config.adversary_rate, fused=_fused(parameters))


def set_rates(optimizers: Mapping[str, torch.optim.Optimizer], rates: Mapping[str, float]) -> None:
    """Set the learning rates of optimizers, both by name."""
    for name in optimizers.keys() & rates.keys():
        set_rate(optimizers[name], rates[name])


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate, of which each group has its share."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group.get("share", 1.0)


def tensors(optimizer: torch.optim.Optimizer, names: Mapping[int, str]) -> dict[str, Tensor]:
    """The optimizer's memory, as tensors named what.parameter; `names` by the parameters' ids."""
    return {
        f"{what}.{names[id(parameter)]}": value
        for parameter, memory in optimizer.state.items()
        for what, value in memory.items()
        if isinstance(value, Tensor)
    }


def restore(optimizer: torch.optim.Optimizer, names: Mapping[int, str], saved: Mapping[str, Tensor]) -> None:
    """Take the memory that `tensors` gave; what belongs to no parameter of this shape, or to another
    kind of optimizer, is left out.
    """
    keeps = (
        {"momentum_buffer"} if isinstance(optimizer, torch.optim.SGD) else {"step", "exp_avg", "exp_avg_sq"}
    )
    memories: dict[str, dict[str, Tensor]] = {}
    for name, value in saved.items():
        what, parameter = name.split(".", 1)
        memories.setdefault(parameter, {})[what] = value
    state = {}
    numbered = [p for group in optimizer.param_groups for p in group["params"]]
    for number, parameter in enumerate(numbered):
        memory = memories.get(names[id(parameter)], {})
        if set(memory) == keeps and all(v.ndim == 0 or v.shape == parameter.shape for v in memory.values()):
            state[number] = memory
    if state and isinstance(optimizer, torch.optim.SGD):
        # Its fused step takes momenta of all parameters or of none; zero is how each begins.
        for number, parameter in enumerate(numbered):
            state.setdefault(number, {"momentum_buffer": torch.zeros_like(parameter)})
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
