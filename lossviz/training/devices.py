"""Where a run is computed."""

from __future__ import annotations

import torch

from lossviz.core.errors import ConfigError


def choose(name: str) -> torch.device:
    """The device asked for; "auto" takes CUDA, then MPS, then the CPU. ConfigError if it is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, found in there.items() if found)
    if not there.get(name, False):
        has = ", ".join(kind for kind, found in there.items() if found)
        raise ConfigError(f"device: {name} is not available here; use auto or one of {has}")
    return torch.device(name)


def description(device: torch.device, threads: int) -> str:
    """The name of the device for a reader."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU (MPS)"
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"
