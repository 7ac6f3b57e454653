"""The trainer: one run, advanced step by step, without files and without pages."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lossviz.core.errors import ConfigError, RunError
from lossviz.data import DataSet
from lossviz.losses.spec import total
from lossviz.metrics.bounds.angles import separation
from lossviz.metrics.merging import merged
from lossviz.readings.advice import verdicts
from lossviz.readings.advice.remedies import room_of
from lossviz.training import batches, devices, layout, memory, objectives, optimizers, rates, recipes
from lossviz.training.config import RunConfig
from lossviz.training.health import Health
from lossviz.training.images import Points, RunImages, load
from lossviz.training.measures import head_metrics, margin_share, test_metrics
from lossviz.training.model import Model
from lossviz.training.phases import phases_of
from lossviz.training.replay import Dials, Draws, Recorder, Replay, recorder_for
from lossviz.training.snapshot import Snapshot
from lossviz.training.sums import Sums
from models import adversary as adversary_network

Checkpoint = tuple[dict[str, Tensor], dict[str, Any]]
EARLY = (1, 2, 4, 8, 16)  # frames while everything moves fast
FRAMES_PER_EPOCH, LEAST_APART = 20, 4


class Trainer:
    """One run: `advance` takes a step, `snapshots` says how things stand, `checkpoints` keeps it.

    The same config gives the same bits on the CPU. Everything random is a function of seed, epoch
    and step, so that a restored run goes on as if nothing had happened. Setting up loads the data
    (DataError), sets the number of torch's threads and, on a GPU, the stream of this thread. The
    interface is that of a crew of runs (Cohort has more than one member): what it returns are lists
    with one entry a member.

    made: images in place of those that the config names. images: those of another run that trains on
    the same. recorder: what takes down steps, in place of the device's own.
    """

    def __init__(
        self,
        config: RunConfig,
        made: DataSet | None = None,
        progress: Callable[[str, float], None] | None = None,
        *,
        recorder: Recorder | None = None,
        images: RunImages | None = None,
    ) -> None:
        self.config, self.configs = config, [config]
        self.place = devices.choose(config.device)
        self.device = devices.told(self.place, config.threads)
        torch.set_num_threads(config.threads)
        layout.keep_memory()
        self.replay = Replay(recorder or recorder_for(self.place))
        self.dials = Dials(self.place)
        self.images = images or RunImages(config, made or load(config, progress), self.place)
        self.classes = len(self.images.made.classes)
        config.spec.complete(config.params, self.classes)
        size = batches.batch_size(config, self.images.count)
        self.batch = size
        self.steps_per_epoch = batches.steps_per_epoch(self.images.count, size)
        self.steps = self.steps_per_epoch * config.epochs
        self.every = config.snapshot_every or max(LEAST_APART, self.steps_per_epoch // FRAMES_PER_EPOCH)
        self.step, self.seconds, self.images_per_second = 0, 0.0, 0.0
        start = recipes.bias_start(config, self.classes)
        self.model = Model(config, self.images.channels, self.images.size, self.classes, start)
        self.model.to(self.place)
        self.objective = objectives.objective(config)
        self.phases = phases_of(config)
        self.noisy = any(isinstance(m, nn.modules.dropout._DropoutNd) for m in self.model.modules())
        self._make_optimizers()
        self.health = Health(self.place)
        self.stopped = ""
        self.sums = Sums()
        self._order: tuple[int, Tensor] = (-1, torch.empty(0))
        self._since = (0, 0.0)
        self._said = [*self.images.made.warnings, *verdicts.before(config, self.classes)]
        self._merging = verdicts.Merging()

    def _make_optimizers(self) -> None:
        config = self.config
        self.optimizers = {"main": optimizers.main_optimizer(config, self.model, config.rate)}
        self.adversary: nn.Module | None = None
        if self.model.centers is not None and config.center_update == "sgd":
            self.optimizers["centers"] = optimizers.center_optimizer(config, self.model.centers)
        if self.objective == "complement":
            self.optimizers["complement"] = optimizers.main_optimizer(
                config, self.model, config.complement_rate
            )
        if self.objective == "adversarial":
            if not config.spec.needs.adversary:
                raise ConfigError(
                    f"objective: the adversarial steps need the loss adversarial; got {config.loss}"
                )
            labels = self.images.made.train.labels
            if int(torch.bincount(labels, minlength=self.classes).min()) < 2:
                raise ConfigError("adversarial: every class needs two images, an anchor and another one")
            self.anchors = batches.Anchors(labels, self.classes, config.seed)
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(config.seed)
                self.adversary = adversary_network.build(config.dimension, self.classes, hidden=64)
            self.adversary.to(self.place)
            self.optimizers["adversary"] = optimizers.adversary_optimizer(
                config, list(self.adversary.parameters())
            )
        self._dial_rates()

    @property
    def epoch(self) -> float:
        """Epochs done, with the fraction."""
        return self.step / self.steps_per_epoch

    @property
    def done(self) -> bool:
        """Whether there is nothing left to do."""
        return bool(self.stopped) or self.step >= self.steps

    @property
    def due(self) -> bool:
        """Whether a snapshot is due at this step: at the ends of epochs, and about 20 times between."""
        within = self.step % self.steps_per_epoch
        return within % self.every == 0 or self.step in EARLY or bool(self.stopped)

    def subset(self) -> Points:
        """The test images that are shown."""
        return self.images.points()

    def verdicts(self) -> list[list[str]]:
        """What cannot go right or went wrong, in sentences."""
        return [[*self._said, *self._merging.told]]

    def advance(self) -> None:
        """One training step; nothing waits for the device, except to see on the CPU whether all is well."""
        began = time.perf_counter()
        for name, rate in self.rates().items():
            optimizers.turn(self.optimizers[name], rate)
        params, step = self.params(), self.step_told()
        if not self.model.training:
            self.model.train()
        with self.noise():
            self.replay.take(self.draws(), lambda draws: self._take(draws, params, step))
        self.finish_step()
        self.seconds += time.perf_counter() - began

    def rates(self) -> dict[str, float]:
        """The learning rates of this step, by optimizer; the adversary's never changes."""
        config = self.config
        factor = rates.rate_factor(config, self.step, self.steps, self.steps_per_epoch)
        left = rates.drop(config, self.step // self.steps_per_epoch)
        every = {
            "main": config.rate * factor,
            "complement": config.complement_rate * factor,
            "centers": config.center_rate * left,
        }
        return {name: rate for name, rate in every.items() if name in self.optimizers}

    def params(self) -> dict[str, Any]:
        """The loss's parameters at this step; on a device that repeats steps, those that move as tensors."""
        params = rates.params_at(self.config, self.step, self.steps)
        if self.replay.recorder is not None:
            moving = [move.name for move in self.config.spec.anneals if move.name in params]
            params |= {name: self.dials.turned(name, params[name]) for name in moving}
        return params

    def step_told(self) -> int | Tensor:
        """The number of this step, as a tensor on a device that repeats steps."""
        return self.step if self.replay.recorder is None else self.dials.turned("step", self.step)

    def noise(self) -> AbstractContextManager[None]:
        """Within: what the network draws by itself (dropout) is that of this step."""
        return self._seeded() if self.noisy else nullcontext()

    @contextmanager
    def _seeded(self) -> Iterator[None]:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(batches.generator(self.config.seed, batches.NOISE, self.step).initial_seed())
            yield

    def draws(self) -> Draws:
        """The random choices of this step, on the device: places of images by name, and how they move."""
        draws = {"images": self._indices()} if self.objective != "adversarial" else self._anchored()
        if self.config.augment:
            count, side = len(next(iter(draws.values()))), self.images.size
            moves = batches.shifts(count, self.images.channels, side, self.config.seed, self.step)
            draws["by"] = moves.to(self.place, non_blocking=True)
        return draws

    def _anchored(self) -> Draws:
        ids, first, second = self.anchors.draw(self.step, self.batch // 2)
        anchors = self.anchors.anchors[ids]
        drawn = {"first": torch.cat([anchors, first]), "second": torch.cat([anchors, second])}
        return {name: places.to(self.place, non_blocking=True) for name, places in drawn.items()}

    def finish_step(self) -> None:
        """Count the step; on the CPU, see at once whether all is well."""
        self.step += 1
        if self.health.on_host:
            self.stopped = self.health.reason(self.config)

    def _take(self, draws: Draws, params: Mapping[str, Any], step: int | Tensor) -> None:
        batch: dict[str, tuple[Tensor, Tensor]] = {}
        for phase in self.phases:
            if phase.draw not in batch:
                batch[phase.draw] = self.images.batch(draws[phase.draw], draws.get("by"))
            images, labels = batch[phase.draw]
            with torch.set_grad_enabled(phase.through_network):
                features = self._features(images)
            state = self.model.state(self.adversary)
            loss, sums = phase.tell(self.config, features, labels, state, params)
            self.sums.add(sums)
            self.descend(phase.optimizers, loss)
            self.health.watch(step, loss, features)
            if phase.centers is not None and self.model.centers is not None:
                centers = self.model.centers
                with torch.no_grad():
                    centers.copy_(phase.centers(centers, features.detach(), labels, params))

    def _features(self, images: Tensor) -> Tensor:
        mixed = self.config.precision == "mixed"
        with torch.autocast(self.place.type, dtype=torch.bfloat16, enabled=mixed):
            return self.model.seen(layout.embedding(self.model.network, images).float())

    def descend(self, names: tuple[str, ...], loss: Tensor) -> None:
        """One step of the optimizers of these names down the loss (a number)."""
        used = [self.optimizers[name] for name in names if name in self.optimizers]
        for optimizer in used:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in used:
            optimizer.step()

    def _indices(self) -> Tensor:
        epoch, place = divmod(self.step, self.steps_per_epoch)
        if self._order[0] != epoch:
            order = batches.epoch_order(self.images.count, self.config.seed, epoch)
            self._order = (epoch, order.to(self.place))
        return self._order[1][place * self.batch : (place + 1) * self.batch]

    def snapshots(self) -> list[Snapshot]:
        """How the run stands: at the end of an epoch with test metrics; waits for the device."""
        began = time.perf_counter()
        self.stopped = self.stopped or self.health.reason(self.config)
        self.replay.settle()
        complete = self.step > 0 and self.step % self.steps_per_epoch == 0 and not self.stopped
        params = rates.params_at(self.config, self.step, self.steps)
        metrics = {"learning_rate": self._rate(), **self.sums.means(complete)}
        self._clock(time.perf_counter() - began)
        self.model.eval()
        features, labels, tested = self._embedding(params, complete, metrics.get("train_loss", math.nan))
        head = self.model.state()
        arrays = {
            name: None if value is None else value.detach().float().reshape(shape).cpu().numpy().copy()
            for name, value, shape in (
                ("weights", head.weights, (self.classes, -1)),
                ("bias", self.model.bias, (-1,)),
                ("centers", head.centers, (self.classes, -1)),
            )
        }
        weights = arrays["weights"]
        assert weights is not None
        metrics |= tested
        metrics |= head_metrics(self.config.spec, arrays["bias"], params)
        network = None
        if self.adversary is not None:
            network = {n: v.detach().cpu().numpy().copy() for n, v in self.adversary.state_dict().items()}
        self.seconds += time.perf_counter() - began
        self._since = (self.step, self.seconds)
        return [
            Snapshot(
                step=self.step,
                epoch=self.epoch,
                features=features,
                labels=labels,
                weights=weights,
                bias=arrays["bias"],
                centers=arrays["centers"],
                adversary=network,
                params=params,
                metrics={name: value for name, value in metrics.items() if math.isfinite(value)},
                complete=complete,
                stopped=self.stopped,
                loss=self.config.loss,
            )
        ]

    @torch.inference_mode()
    def _embedding(
        self, params: Mapping[str, Any], complete: bool, loss: float
    ) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
        """Features and labels of the points, and, at an epoch's end, the test metrics. loss: its mean."""
        chosen = self.images.chosen
        if not complete:
            features = self._features(self.images.frame_images)
            labels = self.images.test_labels[chosen[: len(features)]]
            return features.cpu().numpy(), labels.cpu().numpy(), {}
        spec, state = self.config.spec, self.model.state(self.adversary)
        parts = [(self._features(images), labels) for images, labels in self.images.test_batches()]
        features, labels = (torch.cat(list(column)) for column in zip(*parts, strict=True))
        values = total(spec.terms_function(features, labels, state, **params))
        logits = spec.logits_function(features, state, **params)
        metrics = test_metrics(values.cpu().numpy(), logits.cpu().numpy(), labels.cpu().numpy())
        metrics["feature_norm"] = float(features.norm(dim=-1).mean())
        shown, own = features[chosen].cpu().numpy(), labels[chosen].cpu().numpy()
        guesses = logits[chosen].argmax(-1).cpu().numpy()
        names, weights = self.images.made.classes, state.weights.float().cpu().numpy()
        room = room_of(self.config, self.classes)
        if room is not None:
            rows, cared = features.cpu().numpy(), self.config.loss_params().get("important")
            metrics["margin_share"] = margin_share(rows, labels.cpu().numpy(), weights, room, cared)
        spacing = separation(self.classes, weights.shape[1]).low if self.classes > 1 else 0.0
        pairs = merged(shown, own, guesses, weights, spacing)
        metrics["merged_pairs"] = len(pairs)
        epoch = self.step // self.steps_per_epoch
        falls = self._merging.falls(self.config, epoch, loss)
        said = verdicts.after(self.config, pairs, names, epoch, falls)
        self._merging.see(said, self.step / self.steps)
        return shown, own, metrics

    def _rate(self) -> float:
        last = max(0, self.step - 1)
        return self.config.rate * rates.rate_factor(self.config, last, self.steps, self.steps_per_epoch)

    def _clock(self, waited: float) -> None:
        """Images a second since the last snapshot; testing and snapshots are not counted."""
        step, seconds = self._since
        passed = self.seconds + waited - seconds
        if passed > 0 and self.step > step:
            self.images_per_second = (self.step - step) * self.batch / passed

    def checkpoints(self) -> list[Checkpoint]:
        """Everything that a run needs to go on, as tensors by name and facts for JSON.

        To be taken after `advance` and before the snapshot of that step.
        """
        tensors = memory.kept(self._parts, self.optimizers)
        tensors |= {f"sums.{name}": value for name, value in self.sums.tensors().items()}
        own = {name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}
        facts = {"step": self.step, "seconds": self.seconds, "steps_per_epoch": self.steps_per_epoch}
        return [(own, {**facts, "merging": asdict(self._merging)})]

    def restore(self, checkpoints: list[Checkpoint]) -> None:
        """Go on from where a checkpoint of the same config was taken."""
        ((tensors, facts),) = checkpoints
        own, saved = self.model.state_dict(), memory.under("model", tensors)
        if len(memory.fitting(own, saved)) < max(len(own), len(saved)):
            raise RunError(
                "checkpoint: it belongs to another network or head than the config says; "
                "start the run anew, or restore its own config"
            )
        self._take_up(tensors)
        self.sums.restore({n: v.to(self.place) for n, v in memory.under("sums", tensors).items()})
        self.step, self.seconds = int(facts["step"]), float(facts["seconds"])
        self._merging = verdicts.Merging(**facts.get("merging", {}))
        self._since = (self.step, self.seconds)

    def begin_from(self, checkpoints: list[Checkpoint]) -> None:
        """Start a fork: the parent's network, head and optimizer where they fit, at the fork's epoch."""
        ((tensors, _),) = checkpoints
        self._take_up(tensors)
        self.step = min(self.config.fork_epoch * self.steps_per_epoch, self.steps)
        self._since = (self.step, self.seconds)

    def _take_up(self, tensors: Mapping[str, Tensor]) -> None:
        memory.take_up(self._parts, self.optimizers, tensors)
        self._dial_rates()
        self.replay.forget()

    def _dial_rates(self) -> None:
        if self.replay.recorder is not None:
            for optimizer in self.optimizers.values():
                optimizers.on_device(optimizer, self.place)

    @property
    def _parts(self) -> dict[str, nn.Module]:
        return {"model": self.model} | ({} if self.adversary is None else {"adversary": self.adversary})
