"""A small adversary trained on the spot, so that the adversarial loss can be drawn without a run.

Free features stand in for images: each class has one anchor and a cloud of other samples around
its centre. The adversary learns to tell anchors from others, as in paper 004, and is then frozen.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import adversary as network

# Seeding goes through the generator of the whole process; sessions of the app are threads.
_SEEDING = threading.Lock()


@dataclass(frozen=True, eq=False)
class TrainedAdversary:
    """network: [N, d] -> [N, 2K] logits, float64, frozen. anchors: [K, d]. accuracy: of 2K ways."""

    network: nn.Module
    anchors: Tensor
    accuracy: float


def train_adversary(
    centers: Tensor, seed: int = 0, *, spread: float = 0.6, others: int = 32, steps: int = 250
) -> TrainedAdversary:
    """Train on `others` samples a class, Gaussian with deviation `spread` around its centre [K, d].

    The anchor of a class is one more draw from the same cloud. The same centres and seed give the
    same adversary.
    """
    classes, dimension = centers.shape
    generator = torch.Generator().manual_seed(seed)
    where = centers.detach().double()
    anchors = where + spread * torch.randn(where.shape, generator=generator, dtype=torch.float64)
    cloud = where.unsqueeze(1) + spread * torch.randn(
        (classes, others, dimension), generator=generator, dtype=torch.float64
    )
    with _SEEDING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = network.build(dimension, classes).double()
    features = torch.cat([anchors, cloud.reshape(-1, dimension)])
    labels = torch.cat([torch.arange(classes), torch.arange(classes).repeat_interleave(others) + classes])
    # Anchors are drawn as often as the others, as in the paper's batches of halves.
    weight = torch.where(labels < classes, float(others), 1.0).double()
    weight = weight / weight.sum()
    from lossviz.training.optimizers import without_compile  # few fields need an adversary

    optimizer = without_compile(torch.optim.Adam)(net.parameters(), lr=0.02)
    with torch.enable_grad():
        for _ in range(steps):
            optimizer.zero_grad()
            (weight * F.cross_entropy(net(features), labels, reduction="none")).sum().backward()
            optimizer.step()
    net.requires_grad_(False).eval()
    with torch.inference_mode():
        right = (net(features).argmax(-1) == labels).double()
        accuracy = float((weight * right).sum())
    return TrainedAdversary(net, anchors, accuracy)
