"""The trainer: a config in, snapshots out, one step at a time; it knows no files and no pages."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lossviz.core.errors import RunError
from lossviz.data import DataSet
from lossviz.losses.spec import total
from lossviz.training import batches, devices, layout, memory, rates, recipes
from lossviz.training.config import RunConfig
from lossviz.training.health import Health
from lossviz.training.images import Points, RunImages, check_classes, load
from lossviz.training.measures import head_metrics, test_metrics
from lossviz.training.model import Model, adversary_of
from lossviz.training.optimizers import optimizers_of, set_rates
from lossviz.training.snapshot import Snapshot
from lossviz.training.step import forward, train_step
from lossviz.training.sums import Sums

Checkpoint = tuple[dict[str, Tensor], dict[str, Any]]
EARLY = (1, 2, 4, 8, 16)  # frames while everything moves fast
FRAMES_PER_EPOCH, LEAST_APART = 38, 4


class Trainer:
    """One run: `advance` takes a step, `snapshot` tells how it stands, `checkpoint` keeps it.

    The same config gives the same bits on the CPU. Everything random is a function of seed, epoch
    and step, so that a restored run goes on as if nothing had happened. Setting up loads the data
    (DataError) and sets the number of torch's threads.

    dataset: images in place of those that the config names. images: those of another run that trains on the
    same. warnings: what is odd about the images, in sentences.
    """

    def __init__(
        self,
        config: RunConfig,
        dataset: DataSet | None = None,
        progress: Callable[[str, float], None] | None = None,
        *,
        images: RunImages | None = None,
    ) -> None:
        self.config = config
        self.device = devices.choose(config.device)
        self.device_name = devices.description(self.device, config.threads)
        torch.set_num_threads(config.threads)
        layout.keep_memory()

        self.images = images or RunImages(config, dataset or load(config, progress), self.device)
        self.warnings = self.images.dataset.warnings
        self.classes = len(self.images.dataset.classes)
        check_classes(config, self.classes)
        labels, channels, size = self.images.dataset.train.labels, self.images.channels, self.images.size
        self.sampler = batches.Sampler(config, labels, self.classes, channels, size, self.device)
        self.batch, self.steps_per_epoch = self.sampler.batch, self.sampler.steps_per_epoch
        self.steps = self.steps_per_epoch * config.epochs
        self.every = config.snapshot_every or max(LEAST_APART, self.steps_per_epoch // FRAMES_PER_EPOCH)

        start = recipes.bias_start(config, self.classes)
        self.model = Model(config, channels, size, self.classes, start).to(self.device)
        self.adversary = adversary_of(config, self.classes, self.device)
        self.optimizers = optimizers_of(config, self.model, self.adversary)
        self.matrices = {
            p.name: torch.tensor(costs, device=self.device)
            for p in config.spec.params
            if p.kind == "matrix" and (costs := config.params.get(p.name)) is not None
        }
        self.draws_noise = any(isinstance(m, nn.modules.dropout._DropoutNd) for m in self.model.modules())

        self.step, self.seconds, self.images_per_second = 0, 0.0, 0.0
        self.sums, self.health, self.stopped = Sums(), Health(self.device), ""
        self._since = (0, 0.0)

    @property
    def epoch(self) -> float:
        """Epochs done, with the fraction."""
        return self.step / self.steps_per_epoch

    @property
    def done(self) -> bool:
        return bool(self.stopped) or self.step >= self.steps

    @property
    def due(self) -> bool:
        """A snapshot is due at this step: at the ends of epochs, and about 40 times between."""
        within = self.step % self.steps_per_epoch
        return within % self.every == 0 or self.step in EARLY or bool(self.stopped)

    def points(self) -> Points:
        """The test images that are shown."""
        return self.images.points()

    # A step.

    def advance(self) -> None:
        """Take one step; on a GPU nothing waits for it."""
        began = time.perf_counter()
        set_rates(self.optimizers, self.rates())
        with self.noise():
            self.take(self.sampler.draw(self.step), self.params(), self.step)
        self.finish_step()
        self.seconds += time.perf_counter() - began

    def rates(self) -> dict[str, float]:
        """The learning rates of this step, by optimizer."""
        return rates.learning_rates(self.config, self.step, self.steps, self.steps_per_epoch)

    def params(self) -> dict[str, Any]:
        return rates.params_at(self.config, self.step, self.steps)

    def noise(self) -> AbstractContextManager[None]:
        """Within: what the network draws by itself (dropout) is that of this step."""
        return batches.noise(self.config.seed, self.step) if self.draws_noise else nullcontext()

    def take(self, draws: batches.Draws, params: Mapping[str, Any], step: int | Tensor) -> None:
        """Descend on the images of these draws, sum up and watch. step: its number."""
        by = draws.get("by")
        drawn = {name: self.images.batch(places, by) for name, places in draws.items() if name != "by"}
        if not self.model.training:
            self.model.train()
        for loss, features, sums in train_step(
            self.config, self.model, self.adversary, self.optimizers, drawn, {**params, **self.matrices}
        ):
            self.sums.add(sums)
            self.health.watch(step, loss, features)

    def finish_step(self) -> None:
        """Count the step; on the CPU, see at once whether all is well."""
        self.step += 1
        if self.health.on_host:
            self.stopped = self.health.reason(self.config)

    # How the run stands.

    def snapshot(self) -> Snapshot:
        """The embedding and the head now, at the end of an epoch with test metrics; waits for the device.

        The running means begin anew.
        """
        began = time.perf_counter()
        self.stopped = self.stopped or self.health.reason(self.config)
        complete = self.step > 0 and self.step % self.steps_per_epoch == 0 and not self.stopped
        params = self.params()
        metrics = {"learning_rate": self._rate(), **self.sums.means(complete)}
        self._clock(time.perf_counter() - began)
        self.model.eval()
        features, labels, tested = self._test(params) if complete else (*self._frame(), {})
        head = self.model.state()
        weights, bias = _array(head.weights), _array(self.model.bias)
        metrics |= tested | head_metrics(self.config.spec, bias, params)
        self.seconds += time.perf_counter() - began
        self._since = (self.step, self.seconds)
        assert weights is not None
        return Snapshot(
            step=self.step,
            epoch=self.epoch,
            features=features,
            labels=labels,
            weights=weights,
            bias=bias,
            centers=_array(head.centers),
            adversary=None if self.adversary is None else _arrays(self.adversary),
            params=params,
            metrics={name: value for name, value in metrics.items() if math.isfinite(value)},
            complete=complete,
            stopped=self.stopped,
            loss=self.config.loss,
        )

    @torch.inference_mode()
    def _frame(self) -> tuple[np.ndarray, np.ndarray]:
        """Features and labels of the first points."""
        features = forward(self.config, self.model, self.images.frame_images)
        labels = self.images.test_labels[self.images.point_indices[: len(features)]]
        return features.cpu().numpy(), labels.cpu().numpy()

    @torch.inference_mode()
    def _test(self, params: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
        """Features and labels of the points, and what is measured on all test images."""
        spec, state, chosen = self.config.spec, self.model.state(self.adversary), self.images.point_indices
        parts = [(forward(self.config, self.model, x), labels) for x, labels in self.images.test_batches()]
        features, labels = (torch.cat(list(column)) for column in zip(*parts, strict=True))
        values = total(spec.terms_function(features, labels, state, **params))
        logits = spec.logits_function(features, state, **params)
        norm = float(features.norm(dim=-1).mean())
        columns = [each.float().cpu().numpy() for each in (features, values, logits, state.weights)]
        rows, losses, scores, weights = columns
        own, shown = labels.cpu().numpy(), chosen.cpu().numpy()
        metrics = test_metrics(self.config, rows, own, losses, scores, weights, shown)
        return rows[shown], own[shown], {**metrics, "feature_norm": norm}

    def _rate(self) -> float:
        last = max(0, self.step - 1)
        return self.config.rate * rates.rate_factor(self.config, last, self.steps, self.steps_per_epoch)

    def _clock(self, waited: float) -> None:
        """Images a second since the last snapshot; testing and snapshots are not counted."""
        step, seconds = self._since
        passed = self.seconds + waited - seconds
        if passed > 0 and self.step > step:
            self.images_per_second = (self.step - step) * self.batch / passed

    # To stop, to go on, to fork.

    def checkpoint(self) -> Checkpoint:
        """Everything that the run needs to go on, as tensors by name and facts for JSON.

        To be taken after `advance` and before the snapshot of that step.
        """
        tensors = memory.state_tensors(self._parts, self.optimizers)
        tensors |= {f"sums.{name}": value for name, value in self.sums.tensors().items()}
        own = {name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}
        return own, {"step": self.step, "seconds": self.seconds, "steps_per_epoch": self.steps_per_epoch}

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from where a checkpoint of the same config was taken."""
        tensors, facts = checkpoint
        own, saved = self.model.state_dict(), memory.under("model", tensors)
        if len(memory.fitting(own, saved)) < max(len(own), len(saved)):
            raise RunError(
                "checkpoint: it belongs to another network or head than the config says; "
                "start the run anew, or restore its own config"
            )
        memory.load_fitting(self._parts, self.optimizers, tensors)
        self.sums.restore({n: v.to(self.device) for n, v in memory.under("sums", tensors).items()})
        self.step, self.seconds = int(facts["step"]), float(facts["seconds"])
        self._since = (self.step, self.seconds)

    def begin_from(self, checkpoint: Checkpoint) -> None:
        """Start a fork: the parent's network, head and optimizer where they fit, at the fork's epoch."""
        memory.load_fitting(self._parts, self.optimizers, checkpoint[0])
        self.step = min(self.config.fork_epoch * self.steps_per_epoch, self.steps)
        self._since = (self.step, self.seconds)

    @property
    def _parts(self) -> dict[str, nn.Module]:
        return {"model": self.model} | ({} if self.adversary is None else {"adversary": self.adversary})


def _array(value: Tensor | None) -> np.ndarray | None:
    """A copy on the CPU, float32."""
    return None if value is None else value.detach().float().cpu().numpy().copy()


def _arrays(module: nn.Module) -> dict[str, np.ndarray]:
    return {name: value.detach().cpu().numpy().copy() for name, value in module.state_dict().items()}
