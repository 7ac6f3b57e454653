"""Snapshot: a run at one step, as the pages see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lossviz import losses
from lossviz.core.matrices import tuples
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec
from lossviz.training.config import RunConfig
from models import adversary as adversary_network

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The embedding of a fixed, stratified subset of the test images, and the head, at one step.

    features: float32 [P, d], as the loss sees them (normalised where the run normalises).
    labels: int64 [P]. A snapshot within an epoch holds the first points of the subset only.
    weights: float32 [K, d]. bias: None, [1] (unified) or [K]. centers: None or [K, d].
    adversary: None, or the adversary's tensors by name. loss: the key of the loss that trained to here
    (before a fork, that of the origin). params: its parameters at this step, annealed values included.
    metrics: numbers by the names of `metrics.jsonl`. complete: taken at the end of an epoch, with test
    metrics. stopped: why the run ends here, if it went wrong.
    """

    step: int
    epoch: float
    features: Array
    labels: Array
    weights: Array
    bias: Array | None = None
    centers: Array | None = None
    adversary: Mapping[str, Array] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    complete: bool = False
    stopped: str = ""
    loss: str = ""

    def state(self, dtype: torch.dtype = torch.float32) -> ClassState:
        bias = None if self.bias is None else _tensor(self.bias, dtype)
        network = None
        if self.adversary is not None:
            width = self.adversary["0.weight"].shape[0]
            network = adversary_network.build(self.weights.shape[1], self.weights.shape[0], width)
            network.load_state_dict({name: torch.from_numpy(value) for name, value in self.adversary.items()})
            network.to(dtype).requires_grad_(False)
        return ClassState(
            weights=_tensor(self.weights, dtype),
            bias=bias if bias is None or len(bias) > 1 else bias[0],
            centers=None if self.centers is None else _tensor(self.centers, dtype),
            adversary=network,
        )

    def arrays(self) -> dict[str, Array]:
        """The arrays by name, without labels, for a file."""
        made = {"features": self.features, "weights": self.weights}
        if self.bias is not None:
            made["bias"] = self.bias
        if self.centers is not None:
            made["centers"] = self.centers
        if self.adversary is not None:
            made |= {f"adversary.{name}": value for name, value in self.adversary.items()}
        return {name: np.ascontiguousarray(value) for name, value in made.items()}

    def facts(self) -> dict[str, Any]:
        """Everything but the arrays, for JSON."""
        return {
            "step": self.step,
            "epoch": self.epoch,
            "params": dict(self.params),
            "metrics": dict(self.metrics),
            "complete": self.complete,
            "stopped": self.stopped,
            "loss": self.loss,
        }

    @classmethod
    def from_parts(cls, facts: Mapping[str, Any], arrays: Mapping[str, Array], labels: Array) -> Snapshot:
        """The snapshot that gave these `facts` and `arrays`; labels: those of the whole subset."""
        prefix = "adversary."
        network = {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
        features = arrays["features"]
        params = {name: tuples(value) for name, value in facts["params"].items()}
        return cls(
            step=int(facts["step"]),
            epoch=float(facts["epoch"]),
            features=features,
            labels=labels[: len(features)],
            weights=arrays["weights"],
            bias=arrays.get("bias"),
            centers=arrays.get("centers"),
            adversary=network or None,
            params=params,
            metrics=facts["metrics"],
            complete=bool(facts["complete"]),
            stopped=str(facts["stopped"]),
            loss=str(facts.get("loss", "")),
        )


def _tensor(array: Array, dtype: torch.dtype) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(dtype)


def spec_of(config: RunConfig, shot: Snapshot) -> LossSpec:
    """The loss that trained to a snapshot: before a fork, that of the origin."""
    return losses.get(shot.loss) if shot.loss else config.spec
