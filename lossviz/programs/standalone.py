"""The part of a run's script that the library has not: it reads files that its command line names, trains
and compares.

Everything else in a script is the library's own; `lossviz.programs.run_script` puts it together.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lossviz.data.dataset import DataSet, Images, Raw, moments
from lossviz.training.config import RunConfig
from lossviz.training.objectives import predictions
from lossviz.training.step import forward
from lossviz.training.trainer import Trainer


@dataclass(frozen=True)
class Facts:
    """Numbers of a run that are known once it has begun.

    shape: (channels, height, width) of an image. steps: in all. final: the fingerprint of the weights at
    the end, or "" if the run has not come to it.
    """

    shape: tuple[int, int, int]
    class_count: int
    steps: int
    final: str = ""


def main(config: RunConfig, facts: Facts) -> None:
    """Read the images, train, and keep the weights in final.pt."""
    images = load(config)
    check(images, facts)
    trainer = Trainer(config, images)
    finish(trainer, facts)


def main_of_fork(runs: Sequence[RunConfig], facts: Facts) -> None:
    """Train runs of which each goes on from the one before it; keep the weights of the last one."""
    images = load(runs[0])
    check(images, facts)
    trainer = Trainer(runs[0], images)
    for run in runs[1:]:
        train(trainer, run.fork_epoch * trainer.steps_per_epoch)
        checkpoint = trainer.checkpoint()
        print("the fork goes on from here")
        trainer = Trainer(run, images)
        trainer.begin_from(checkpoint)
    finish(trainer, facts)


def check(images: DataSet, facts: Facts) -> None:
    """Stop unless the images are of the run's form and classes."""
    for split in (images.train, images.test):
        pixels, labels = split.pixels, split.labels
        got, form = tuple(pixels.shape[1:]), facts.shape
        if pixels.dtype != torch.uint8 or got != form:
            raise SystemExit(f"images must be uint8 and of the shape {form}; got {pixels.dtype}, {got}")
        if len(pixels) != len(labels):
            raise SystemExit(f"there must be a label an image; got {len(labels)} for {len(pixels)} images")
        if labels.min() < 0 or labels.max() >= facts.class_count:
            raise SystemExit(f"labels must lie below {facts.class_count}; got {int(labels.max())}")


def finish(trainer: Trainer, facts: Facts) -> None:
    """Train to the end; keep the weights in final.pt and compare them with those of the run."""
    if trainer.steps != facts.steps:
        raise SystemExit(
            f"these are not the images of the run: they make {trainer.steps} steps, it took {facts.steps}"
        )
    train(trainer, trainer.steps)
    weights = dict(trainer.model.state_dict())
    if trainer.adversary is not None:
        weights |= {f"adversary.{name}": value for name, value in trainer.adversary.state_dict().items()}
    weights = {name: value.cpu() for name, value in weights.items()}
    torch.save(weights, "final.pt")
    mark = fingerprint(weights)
    print(f"final.pt written; fingerprint {mark}")
    if facts.final:
        print("the weights of the run, bit by bit" if mark == facts.final else "not the bits of the run")


def train(trainer: Trainer, steps: int) -> None:
    """Train until so many steps are done; prints a line an epoch."""
    while trainer.step < steps and not trainer.done:
        trainer.advance()
        if trainer.step % trainer.steps_per_epoch == 0 and not trainer.stopped:
            loss = trainer.sums.means(complete=True)["train_loss"]
            print(f"epoch {trainer.epoch:g}: train loss {loss:.6f}, test accuracy {accuracy(trainer):.4f}")
    if trainer.stopped:
        print(trainer.stopped)


@torch.inference_mode()
def accuracy(trainer: Trainer) -> float:
    """The share of the test images whose largest score, without margin, is that of their class."""
    trainer.model.eval()
    right = count = 0
    for images, labels in trainer.images.test_batches():
        features = forward(trainer.config, trainer.model, images)
        guesses = predictions(trainer.config.spec, features, trainer.model.state(), trainer.params())
        right, count = right + int((guesses == labels).sum()), count + len(labels)
    return right / count


def fingerprint(weights: Mapping[str, Tensor]) -> str:
    """16 hexadecimal digits that tell whether two sets of weights have the same bits."""
    mark = hashlib.sha256()
    for name in sorted(weights):
        mark.update(name.encode() + weights[name].contiguous().numpy().tobytes())
    return mark.hexdigest()[:16]


def load(config: RunConfig, progress: Callable[[str, float], None] | None = None) -> DataSet:
    """The images of the run, from where the command line says."""
    raw = read_images(silent)
    mean, std = moments(raw.train.pixels)
    return DataSet("run", "the run", raw.classes, raw.train, raw.test, None, (), mean, std, "", True)


def check_classes(config: RunConfig, classes: int) -> None:
    """Nothing: the parameters of the loss were checked when the run was made."""


def silent(what: str, share: float) -> None:
    """Tell nobody what is being read."""


def read_images(progress: Callable[[str, float], None]) -> Raw:
    """The images of the run, from the .npz that was exported with it."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    return read_npz(Path(sys.argv[1]))


def read_npz(file: Path) -> Raw:
    """Train and test images as the run saw them, from its exported .npz."""
    if not file.is_file():
        raise SystemExit(f"{file}: no such file; give the .npz that was exported from the run")
    with np.load(file, allow_pickle=False) as arrays:
        wanted = ("images", "labels", "test_images", "test_labels", "classes")
        missing = [name for name in wanted if name not in arrays]
        if missing:
            raise SystemExit(f"{file}: must hold {', '.join(wanted)}; it lacks {', '.join(missing)}")
        train, labels, test, test_labels = (torch.from_numpy(arrays[name]) for name in wanted[:4])
        classes = tuple(str(name) for name in arrays["classes"])
    return Raw(classes, Images(train, labels.long()), Images(test, test_labels.long()))
