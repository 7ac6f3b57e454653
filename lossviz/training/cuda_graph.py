"""A run's steps from a CUDA graph: captured once, then started with one call instead of hundreds.

A small network's step on a GPU is hundreds of small kernels, and starting them from Python takes longer
than computing them. Off until measured on a GPU: nothing but the benchmark of training calls it. What
changes from step to step lies in tensors that stay where they are: the step's random choices, its learning
rates, its number and the parameters that training moves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from lossviz.training.batches import Draws
from lossviz.training.trainer import Trainer

# Steps before the capture, in which optimizers and libraries set up what they keep.
WARM_UP = 3
Work = Callable[[], None]


def capture(work: Work) -> Work:
    """Capture the work on the current CUDA device, without doing it; gives what does it."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


def aside(work: Work) -> None:
    """Do the work on another stream than the default one, from which nothing can be captured."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        work()
    torch.cuda.current_stream().wait_stream(stream)


class GraphedSteps:
    """Takes the steps of a trainer, from a graph once it is captured; snapshots stay the trainer's.

    A step with fewer images (the last of an epoch) is taken without. capture, aside: those of CUDA.
    """

    def __init__(
        self,
        trainer: Trainer,
        capture: Callable[[Work], Work] = capture,
        aside: Callable[[Work], None] = aside,
    ) -> None:
        self.trainer, self.capture, self.aside = trainer, capture, aside
        self._numbers: dict[str, Tensor] = {}
        self._draws: Draws = {}
        self._replay: Work | None = None
        self._taken = 0
        for optimizer in trainer.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = torch.tensor(group["lr"], device=trainer.device)
                if "capturable" in group:
                    group["capturable"] = True
            # Steps without the graph (a short last batch) are meant.
            optimizer._warned_capturable_if_run_uncaptured = True

    def advance(self) -> None:
        began, trainer = time.perf_counter(), self.trainer
        for name, rate in trainer.rates().items():
            for group in trainer.optimizers[name].param_groups if name in trainer.optimizers else ():
                group["lr"].fill_(rate * group.get("share", 1.0))
        draws, params = trainer.sampler.draw(trainer.step), self._moving(trainer.params())
        step = self._number("step", trainer.step)
        with trainer.noise():
            if not self._draws:
                self._draws = {name: places.clone() for name, places in draws.items()}
            if any(places.shape != self._draws[name].shape for name, places in draws.items()):
                trainer.take(draws, params, step)
            else:
                for name, places in draws.items():
                    self._draws[name].copy_(places)
                self._whole(lambda: trainer.take(self._draws, params, step))
        trainer.finish_step()
        trainer.seconds += time.perf_counter() - began

    def _whole(self, work: Work) -> None:
        if self._replay is not None:
            self._replay()
        elif self._taken < WARM_UP:
            self._taken += 1
            self.aside(work)
        else:
            self._replay = self.capture(work)
            self._replay()

    def _moving(self, params: dict[str, Any]) -> dict[str, Any]:
        """The loss's parameters, those that training moves as tensors."""
        names = [move.name for move in self.trainer.config.spec.anneals if move.name in params]
        return params | {name: self._number(name, params[name]) for name in names}

    def _number(self, name: str, value: float) -> Tensor:
        """The tensor of this name, which now holds the value."""
        if name not in self._numbers:
            self._numbers[name] = torch.zeros((), device=self.trainer.device)
        return self._numbers[name].fill_(value)
