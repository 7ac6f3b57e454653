"""The settings of a run: what each takes, what it does, when it has an effect, and its place in the form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from lossviz import losses
from lossviz.core.settings import Declared, setting
from lossviz.losses.spec import LossSpec

# More classes than any data set here has; the class numbers of a loss are checked against the data.
MOST_CLASSES = 100_000
# The folds of the form in which settings stand, in their order.
IMAGES, HEAD, RECIPE = "Images", "Network and head", "Recipe of the loss"
STEPS, OPTIMIZER, MACHINE = "Steps", "Optimizer", "Machine and frames"
GROUPS = (IMAGES, HEAD, RECIPE, STEPS, OPTIMIZER, MACHINE)
_image, _head, _recipe, _step, _optimizer, _machine = (partial(setting, group=each) for each in GROUPS)


class Runs(Protocol):
    """The runs that a form describes, as far as the effect of a setting hangs on them."""

    def may(self, name: str, *values: Any) -> bool:
        """A setting has one of these values in one of the runs."""

    def get(self, name: str) -> Any:
        """The value that the runs share."""

    def specs(self) -> list[LossSpec]:
        """The losses."""


def _biased(runs: Runs) -> bool:
    own = any(spec.needs.bias != "none" for spec in runs.specs())
    return runs.may("bias", "unified", "diverse") or (own and runs.may("bias", "auto"))


def _anneals(runs: Runs) -> bool:
    return any(spec.anneals for spec in runs.specs())


def _complements(runs: Runs) -> bool:
    own = any(spec.objective == "complement" for spec in runs.specs())
    return own or runs.may("objective", "complement")


def _has_adversary(runs: Runs) -> bool:
    return any(spec.needs.adversary for spec in runs.specs())


def _has_centers(runs: Runs) -> bool:
    return any(spec.needs.centers for spec in runs.specs())


def _steps_centers(runs: Runs) -> bool:
    return _has_centers(runs) and runs.may("center_update", "sgd")


@dataclass(frozen=True)
class RunSettings(Declared):
    """The settings of a run without the parameters of its loss."""

    data: str = setting("digits", "text", "data set", "a data set's key, or a path to your own")
    classes: tuple[int, ...] = _image(
        (), "numbers", "classes", "the classes to keep; none means all", 0, MOST_CLASSES, zero="all"
    )
    held_out: tuple[int, ...] = _image(
        (), "numbers", "held-out classes", "classes kept out of training", 0, MOST_CLASSES, zero="none"
    )
    train_images: int = _image(
        0,
        "whole",
        "training images",
        "a stratified subset",
        0,
        10**8,
        zero="all",
        zero_means="all of them",
        steps=(100, 300, 1000, 3000, 10_000, 30_000),
    )
    test_images: int = _image(
        0,
        "whole",
        "test images",
        "a stratified subset",
        0,
        10**8,
        zero="all",
        zero_means="all of them",
        steps=(100, 300, 1000, 3000),
    )
    imbalance: str = _image(
        "none", "choice", "imbalance", "how the class sizes fall", choices=("none", "long-tailed", "step")
    )
    imbalance_ratio: float = _image(
        10.0,
        "real",
        "imbalance ratio",
        "largest class by smallest",
        1,
        1000,
        spacing="log",
        acts=lambda runs: not runs.may("imbalance", "none"),
    )
    augment: bool = _image(
        False,
        "flag",
        "augmentation",
        "shift each training image by up to an eighth; colour images are mirrored",
    )

    net: str = setting("small", "text", "network", "a network's key", sweep=("small", "lenet++"))
    dimension: int = _head(2, "whole", "feature dimension", "numbers in an embedding", 1, 4096, sweep=(2, 3))
    normalize: bool = _head(
        False,
        "flag",
        "unit embeddings",
        "scale every embedding to the length of head_scale",
        sweep=(False, True),
        acts=lambda runs: runs.may("head", "linear"),
    )
    head: str = _head(
        "linear",
        "choice",
        "head",
        "linear, or cosine: features and class weights normalised before the loss",
        choices=("linear", "cosine"),
    )
    head_scale: float = _head(
        16.0,
        "real",
        "scale of the head",
        "length of normalised embeddings",
        0.1,
        512,
        spacing="log",
        acts=lambda runs: runs.may("normalize", True) or runs.may("head", "cosine"),
    )
    bias: str = _head(
        "auto",
        "choice",
        "bias",
        "auto: as the loss is written",
        choices=("auto", "none", "unified", "diverse"),
    )
    bias_init: int = _head(
        0,
        "whole",
        "bias initialisation",
        "the eight modes of paper 002, Section IV-D",
        0,
        7,
        sweep=(0, 4),
        acts=_biased,
    )
    weight_init: str = _recipe(
        "auto",
        "choice",
        "class weights at the start",
        "auto: as the loss's recipe says, in 2-D often spread on the circle; else random",
        choices=("auto", "random", "spread"),
        sweep=("random", "spread"),
    )
    weight_rate: str = _recipe(
        "auto",
        "choice",
        "weight rate",
        "of the class weights, as a multiple of the learning rate; 0: they stay; auto: as the loss's recipe "
        "says, else 1",
        choices=("auto", "1", "0.1", "0.01", "0"),
        sweep=("0", "0.1", "1"),
    )
    bias_start: str = _recipe(
        "auto",
        "choice",
        "bias start",
        "mode: as the bias initialisation says; between: half-way between the metrics of the own class and "
        "the next; auto: as the loss's recipe says, where the mode is 0",
        choices=("auto", "mode", "between"),
        sweep=("between", "mode"),
        acts=lambda runs: _biased(runs) and runs.may("bias_init", 0),
    )
    bias_rate: str = _recipe(
        "auto",
        "choice",
        "bias rate",
        "as a multiple of the learning rate; auto: as the loss's recipe says, else 1",
        choices=("auto", "0.1", "1", "10", "100"),
        sweep=("1", "10"),
        acts=_biased,
    )

    loss: str = setting("soft-d", "text", "loss", "a loss's key or alias", resolve=losses.key_of)
    objective: str = _step(
        "auto",
        "choice",
        "steps",
        "joint: one step a batch; complement: a second step on the complement entropy; "
        "adversarial: a second step of the adversary",
        choices=("auto", "joint", "complement", "adversarial"),
    )
    complement_rate: float = _step(
        0.001,
        "real",
        "rate of the complement step",
        "learning rate of the second optimizer",
        0,
        10,
        spacing="log",
        acts=_complements,
    )
    adversary_rate: float = _step(
        0.002,
        "real",
        "rate of the adversary",
        "learning rate of the adversary (Adam)",
        0,
        10,
        spacing="log",
        acts=_has_adversary,
    )
    center_update: str = _step(
        "sgd",
        "choice",
        "centre update",
        "sgd: by gradient (000); average: towards the batch mean (004)",
        choices=("sgd", "average"),
        acts=_has_centers,
    )
    center_rate: float = _step(
        0.5, "real", "rate of the centres", "for centres trained by SGD", 0, 10, acts=_steps_centers
    )
    center_decay: float = _step(
        1e-4,
        "real",
        "decay of the centres",
        "weight decay of centres trained by SGD",
        0,
        1,
        acts=_steps_centers,
    )
    anneal: str = _recipe(
        "auto",
        "choice",
        "annealing",
        "margin and scale rise from a mild start; auto: as the loss's recipe says, else off",
        choices=("auto", "on", "off"),
        sweep=("on", "off"),
        acts=_anneals,
    )
    anneal_share: float = _recipe(
        0.6,
        "real",
        "annealing until",
        "share of the steps after which the full values hold",
        0,
        1,
        acts=lambda runs: _anneals(runs) and runs.may("anneal", "auto", "on"),
    )

    optimizer: str = _optimizer(
        "adamw",
        "choice",
        "optimizer",
        "how a gradient becomes a step",
        choices=("adamw", "adam", "sgd"),
        sweep=("adamw", "sgd"),
    )
    rate: float = _optimizer(
        0.02,
        "real",
        "learning rate",
        "the largest that is reached",
        0,
        10,
        spacing="log",
        sweep=(0.003, 0.01, 0.03),
    )
    momentum: float = _optimizer(
        0.9, "real", "momentum", "of SGD", 0, 0.9999, acts=lambda runs: runs.may("optimizer", "sgd")
    )
    weight_decay: float = _optimizer(1e-3, "real", "weight decay", "of the optimizer", 0, 1)
    rate_schedule: str = _optimizer(
        "one-cycle",
        "choice",
        "schedule of the rate",
        "how the learning rate moves over the run",
        choices=("one-cycle", "cosine", "step", "constant"),
    )
    warmup: float = _optimizer(
        0.0, "real", "warm-up", "epochs over which the rate rises from zero", 0, 1000, unit="epochs"
    )
    drops: tuple[int, ...] = _optimizer(
        (),
        "numbers",
        "drops",
        "epochs at which the rate falls (schedule step)",
        1,
        100_000,
        zero="none",
        acts=lambda runs: _has_centers(runs) or runs.may("rate_schedule", "step"),
    )
    drop_factor: float = _optimizer(
        0.1,
        "real",
        "drop factor",
        "what the rate is multiplied by at a drop",
        1e-6,
        1,
        acts=lambda runs: bool(runs.get("drops")),
    )
    epochs: int = setting(8, "whole", "epochs", "passes over the training images", 1, 100_000)
    batch: int = _optimizer(
        0,
        "whole",
        "batch",
        "images in a step",
        0,
        10**6,
        zero="auto",
        zero_means="256, or fewer so that an epoch has 40 steps",
        steps=(16, 32, 64, 128, 256, 512),
    )
    device: str = _machine(
        "auto", "choice", "device", "where it is computed", choices=("auto", "cpu", "cuda", "mps")
    )
    threads: int = _machine(
        1,
        "whole",
        "threads",
        "of arithmetic on the CPU; the last bits depend on it",
        1,
        256,
        acts=lambda runs: runs.may("device", "auto", "cpu"),
    )
    precision: str = _machine(
        "full",
        "choice",
        "precision",
        "mixed: the network in half precision, the loss in full",
        choices=("full", "mixed"),
    )
    seed: int = _machine(0, "whole", "seed", "of weights, order and subsets", 0, 2**31 - 1, sweep=(0, 1, 2))
    subset_seed: int = _machine(
        0,
        "whole",
        "seed of subsets",
        "of the images that are drawn and shown, apart from the seed of training",
        0,
        2**31 - 1,
        zero="as the seed",
        zero_means="the seed of the run",
    )
    snapshot_every: int = _machine(
        0,
        "whole",
        "steps between frames",
        "training steps from one frame to the next",
        0,
        10**9,
        unit="steps",
        zero="auto",
        zero_means="about 40 frames an epoch",
        steps=(1, 2, 5, 10, 20, 50, 100),
    )
    frame_points: int = _machine(
        0,
        "whole",
        "points of a frame",
        "test images shown within an epoch",
        0,
        2000,
        zero="auto",
        zero_means="200, or all where there are at most 400",
    )
    points: int = setting(2000, "whole", "points at an epoch's end", "test images shown then", 1, 2000)
    fork_run: str = setting("", "text", "forked from", "the run whose weights this one starts from")
    fork_epoch: int = setting(0, "whole", "forked at", "the epoch of that run", 0, 100_000)
