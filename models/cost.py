"""What a network costs: the arithmetic of one image, which benchmarks hold against a device's limit."""

from __future__ import annotations

import torch
from torch import nn


def forward_flops(module: nn.Module, channels: int, size: int) -> int:
    """Operations of one forward pass of one image [channels, size, size]: 2 per multiply-add.

    Counted are convolutions and matrix products, not normalisation, activations and pooling. A
    training step costs about three times as much. The module is left as it was.
    """
    from torch.utils.flop_counter import FlopCounterMode

    weight = next(module.parameters())
    image = torch.zeros(1, channels, size, size, dtype=weight.dtype, device=weight.device)
    training = [part for part in module.modules() if part.training]
    module.eval()  # in training, a pass would move the running averages
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            module(image)
    finally:
        for part in training:
            part.training = True
    return int(counter.get_total_flops())
