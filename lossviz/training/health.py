"""The health of a run: the first step whose loss or features ran away."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lossviz.training.config import RunConfig

# Embeddings in use have lengths of 1 to some hundreds.
LONGEST = 1e5


class Health:
    """Watches a run without waiting for the device: the first bad step is kept on it.

    verdict: float32 [3]: the step (−1 while all is well), its loss, its mean feature length.
    on_host: whether numbers can be read at any time, as on a CPU.
    """

    def __init__(self, device: torch.device) -> None:
        self.on_host = device.type == "cpu"
        self.verdict = torch.full((3,), -1.0, device=device)

    def watch(self, step: int | Tensor, loss: Tensor, features: Tensor) -> None:
        """Look at the loss (a number) and the features [N, d] of one step."""
        length = mean_length(features)
        if self.on_host and math.isfinite(loss.item()) and length.item() < LONGEST:
            return  # nothing to wait for, and four times as quick as to reckon it below
        look(self.verdict, step, loss, length)

    def reason(self, config: RunConfig) -> str:
        """Why training must stop, with the step and what to change; empty while all is well."""
        step, loss, length = self.verdict.tolist()
        if step < 0:
            return ""
        if math.isnan(loss):
            what = "the loss became NaN (not a number)"
        elif math.isinf(loss):
            what = "the loss became infinite"
        else:
            what = f"the features ran away: their mean length passed {LONGEST:,.0f} (it was {length:.3g})"
        remedy = f"Lower the learning rate (it is {config.rate:g})"
        spec, values = config.spec, config.loss_params()
        scales = [p for p in spec.params if p.link in ("scale", "gamma")]
        if not spec.bounded_below:
            weights = [p for p in spec.params if p.kind == "real" and p.role == "loss"]
            remedy += "".join(f" or {p.letter} (it is {values[p.name]:g})" for p in weights)
            remedy += ": this loss is not bounded below"
        elif scales:
            remedy += " or the scale of the logits"
        return f"step {int(step) + 1}: {what}. {remedy}."


def mean_length(features: Tensor) -> Tensor:
    """The mean length of features [..., N, d]: [...]."""
    return features.detach().float().norm(dim=-1).mean(-1)


def look(verdict: Tensor, step: int | Tensor, loss: Tensor, length: Tensor) -> None:
    """Write step, loss and length into verdicts [..., 3] that are still well, where either is bad.

    step: a number. loss, length: [...]. Nothing is read back.
    """
    loss = loss.detach().float()
    now = torch.stack([torch.zeros_like(length) + step, loss, length], -1)
    fine = torch.isfinite(loss) & (length < LONGEST)
    verdict.copy_(torch.where(((verdict[..., 0] >= 0) | fine)[..., None], verdict, now))
