"""The state from which a run goes on, as tensors by name: networks, heads, optimizers' memories."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from lossviz.training import optimizers


def state_tensors(
    parts: Mapping[str, nn.Module], used: Mapping[str, torch.optim.Optimizer]
) -> dict[str, Tensor]:
    """The tensors of the parts (model, adversary) and of the optimizers, under one name each."""
    tensors = {
        f"{part}.{name}": v for part, module in parts.items() for name, v in module.state_dict().items()
    }
    named = parameter_names(parts)
    for what, optimizer in used.items():
        memory = optimizers.tensors(optimizer, named)
        tensors |= {f"optimizer.{what}.{name}": value for name, value in memory.items()}
    return tensors


def load_fitting(
    parts: Mapping[str, nn.Module], used: Mapping[str, torch.optim.Optimizer], saved: Mapping[str, Tensor]
) -> None:
    """Load from `state_tensors` all that fits by name and shape; the rest stays as it is."""
    for part, module in parts.items():
        own = module.state_dict()
        own.update(fitting(own, under(part, saved)))
        module.load_state_dict(own)
    named = parameter_names(parts)
    for what, optimizer in used.items():
        optimizers.restore(optimizer, named, under(f"optimizer.{what}", saved))


def fitting(own: Mapping[str, Tensor], saved: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The saved tensors that have a place of their shape."""
    return {name: v for name, v in saved.items() if name in own and own[name].shape == v.shape}


def parameter_names(parts: Mapping[str, nn.Module]) -> dict[int, str]:
    """The names of all parameters by their ids."""
    return {
        id(p): f"{part}.{name}" for part, module in parts.items() for name, p in module.named_parameters()
    }


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin so, without that beginning."""
    return {n.removeprefix(f"{prefix}."): v for n, v in tensors.items() if n.startswith(f"{prefix}.")}
