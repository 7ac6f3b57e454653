"""RunConfig: everything that determines a run, to and from JSON, a URL query and the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol

from lossviz import losses
from lossviz.core.errors import ConfigError
from lossviz.core.names import option, path_text
from lossviz.core.query import refuse_unknown
from lossviz.core.settings import Setting, declarations_of, setting
from lossviz.losses.spec import LossSpec

# More classes than any data set here has; the class numbers of a loss are checked against the data.
MOST_CLASSES = 100_000
# The folds of the form in which settings stand, in their order.
IMAGES, HEAD, RECIPE = "Images", "Network and head", "Recipe of the loss"
STEPS, OPTIMIZER, MACHINE = "Steps", "Optimizer", "Machine and frames"
GROUPS = (IMAGES, HEAD, RECIPE, STEPS, OPTIMIZER, MACHINE)


class Runs(Protocol):
    """The runs that a form describes, as far as the effect of a setting hangs on them."""

    def may(self, name: str, *values: Any) -> bool:
        """Whether a setting has one of these values in one of the runs."""

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
class RunConfig:
    """One training run. Every value is checked when it is made; ConfigError or LossError tell the rule.

    `params` holds the parameters of the loss that differ from its defaults.
    """

    data: str = setting("digits", "text", "data set", "a data set's key, or a path to your own")
    classes: tuple[int, ...] = setting(
        (),
        "numbers",
        "classes",
        "the classes to keep; none means all",
        low=0,
        high=MOST_CLASSES,
        zero="all",
        group=IMAGES,
    )
    held_out: tuple[int, ...] = setting(
        (),
        "numbers",
        "held-out classes",
        "classes kept out of training",
        low=0,
        high=MOST_CLASSES,
        zero="none",
        group=IMAGES,
    )
    train_images: int = setting(
        0,
        "whole",
        "training images",
        "a stratified subset",
        low=0,
        high=10**8,
        zero="all",
        zero_means="all of them",
        steps=(100, 300, 1000, 3000, 10_000, 30_000),
        group=IMAGES,
    )
    test_images: int = setting(
        0,
        "whole",
        "test images",
        "a stratified subset",
        low=0,
        high=10**8,
        zero="all",
        zero_means="all of them",
        steps=(100, 300, 1000, 3000),
        group=IMAGES,
    )
    imbalance: str = setting(
        "none",
        "choice",
        "imbalance",
        "how the class sizes fall",
        choices=("none", "long-tailed", "step"),
        group=IMAGES,
    )
    imbalance_ratio: float = setting(
        10.0,
        "real",
        "imbalance ratio",
        "largest class by smallest",
        low=1,
        high=1000,
        spacing="log",
        group=IMAGES,
        acts=lambda runs: not runs.may("imbalance", "none"),
    )
    augment: bool = setting(
        False,
        "flag",
        "augmentation",
        "shift each training image by up to an eighth; colour images are mirrored",
        group=IMAGES,
    )

    net: str = setting("small", "text", "network", "a network's key", sweep=("small", "lenet++"))
    dimension: int = setting(
        2, "whole", "feature dimension", "numbers in an embedding", low=1, high=4096, sweep=(2, 3), group=HEAD
    )
    normalize: bool = setting(
        False,
        "flag",
        "unit embeddings",
        "scale every embedding to the length of head_scale",
        sweep=(False, True),
        group=HEAD,
        acts=lambda runs: runs.may("head", "linear"),
    )
    head: str = setting(
        "linear",
        "choice",
        "head",
        "linear, or cosine: features and class weights normalised before the loss",
        choices=("linear", "cosine"),
        group=HEAD,
    )
    head_scale: float = setting(
        16.0,
        "real",
        "scale of the head",
        "length of normalised embeddings",
        low=0.1,
        high=512,
        spacing="log",
        group=HEAD,
        acts=lambda runs: runs.may("normalize", True) or runs.may("head", "cosine"),
    )
    bias: str = setting(
        "auto",
        "choice",
        "bias",
        "auto: as the loss is written",
        choices=("auto", "none", "unified", "diverse"),
        group=HEAD,
    )
    bias_init: int = setting(
        0,
        "whole",
        "bias initialisation",
        "the eight modes of paper 002, Section IV-D",
        low=0,
        high=7,
        sweep=(0, 4),
        group=HEAD,
        acts=_biased,
    )
    weight_init: str = setting(
        "auto",
        "choice",
        "class weights at the start",
        "auto: as the loss's recipe says, in 2-D often spread on the circle; else random",
        choices=("auto", "random", "spread"),
        sweep=("random", "spread"),
        group=RECIPE,
    )
    weight_rate: str = setting(
        "auto",
        "choice",
        "weight rate",
        "of the class weights, as a multiple of the learning rate; 0: they stay; auto: as the loss's recipe "
        "says, else 1",
        choices=("auto", "1", "0.1", "0.01", "0"),
        sweep=("0", "0.1", "1"),
        group=RECIPE,
    )
    bias_start: str = setting(
        "auto",
        "choice",
        "bias start",
        "mode: as the bias initialisation says; between: half-way between the metrics of the own class and "
        "the next; auto: as the loss's recipe says, where the mode is 0",
        choices=("auto", "mode", "between"),
        sweep=("between", "mode"),
        group=RECIPE,
        acts=lambda runs: _biased(runs) and runs.may("bias_init", 0),
    )
    bias_rate: str = setting(
        "auto",
        "choice",
        "bias rate",
        "as a multiple of the learning rate; auto: as the loss's recipe says, else 1",
        choices=("auto", "0.1", "1", "10", "100"),
        sweep=("1", "10"),
        group=RECIPE,
        acts=_biased,
    )

    loss: str = setting("cross-entropy", "text", "loss", "a loss's key or alias", resolve=losses.key_of)
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    objective: str = setting(
        "auto",
        "choice",
        "steps",
        "joint: one step a batch; complement: a second step on the complement entropy; "
        "adversarial: a second step of the adversary",
        choices=("auto", "joint", "complement", "adversarial"),
        group=STEPS,
    )
    complement_rate: float = setting(
        0.001,
        "real",
        "rate of the complement step",
        "learning rate of the second optimizer",
        low=0,
        high=10,
        spacing="log",
        group=STEPS,
        acts=_complements,
    )
    adversary_rate: float = setting(
        0.002,
        "real",
        "rate of the adversary",
        "learning rate of the adversary (Adam)",
        low=0,
        high=10,
        spacing="log",
        group=STEPS,
        acts=_has_adversary,
    )
    center_update: str = setting(
        "sgd",
        "choice",
        "centre update",
        "sgd: by gradient (000); average: towards the batch mean (004)",
        choices=("sgd", "average"),
        group=STEPS,
        acts=_has_centers,
    )
    center_rate: float = setting(
        0.5,
        "real",
        "rate of the centres",
        "for centres trained by SGD",
        low=0,
        high=10,
        group=STEPS,
        acts=_steps_centers,
    )
    center_decay: float = setting(
        1e-4,
        "real",
        "decay of the centres",
        "weight decay of centres trained by SGD",
        low=0,
        high=1,
        group=STEPS,
        acts=_steps_centers,
    )
    anneal: str = setting(
        "auto",
        "choice",
        "annealing",
        "margin and scale rise from a mild start; auto: as the loss's recipe says, else off",
        choices=("auto", "on", "off"),
        sweep=("on", "off"),
        group=RECIPE,
        acts=_anneals,
    )
    anneal_share: float = setting(
        0.6,
        "real",
        "annealing until",
        "share of the steps after which the full values hold",
        low=0,
        high=1,
        group=RECIPE,
        acts=lambda runs: _anneals(runs) and runs.may("anneal", "auto", "on"),
    )

    optimizer: str = setting(
        "adamw",
        "choice",
        "optimizer",
        "how a gradient becomes a step",
        choices=("adamw", "adam", "sgd"),
        sweep=("adamw", "sgd"),
        group=OPTIMIZER,
    )
    rate: float = setting(
        0.02,
        "real",
        "learning rate",
        "the largest that is reached",
        low=0,
        high=10,
        spacing="log",
        sweep=(0.003, 0.01, 0.03),
        group=OPTIMIZER,
    )
    momentum: float = setting(
        0.9,
        "real",
        "momentum",
        "of SGD",
        low=0,
        high=0.9999,
        group=OPTIMIZER,
        acts=lambda runs: runs.may("optimizer", "sgd"),
    )
    weight_decay: float = setting(
        1e-3, "real", "weight decay", "of the optimizer", low=0, high=1, group=OPTIMIZER
    )
    rate_schedule: str = setting(
        "one-cycle",
        "choice",
        "schedule of the rate",
        "how the learning rate moves over the run",
        choices=("one-cycle", "cosine", "step", "constant"),
        group=OPTIMIZER,
    )
    warmup: float = setting(
        0.0,
        "real",
        "warm-up",
        "epochs over which the rate rises from zero",
        low=0,
        high=1000,
        unit="epochs",
        group=OPTIMIZER,
    )
    drops: tuple[int, ...] = setting(
        (),
        "numbers",
        "drops",
        "epochs at which the rate falls (schedule step)",
        low=1,
        high=100_000,
        zero="none",
        group=OPTIMIZER,
        acts=lambda runs: _has_centers(runs) or runs.may("rate_schedule", "step"),
    )
    drop_factor: float = setting(
        0.1,
        "real",
        "drop factor",
        "what the rate is multiplied by at a drop",
        low=1e-6,
        high=1,
        group=OPTIMIZER,
        acts=lambda runs: bool(runs.get("drops")),
    )
    epochs: int = setting(8, "whole", "epochs", "passes over the training images", low=1, high=100_000)
    batch: int = setting(
        0,
        "whole",
        "batch",
        "images in a step",
        low=0,
        high=10**6,
        zero="auto",
        zero_means="256, or fewer so that an epoch has 40 steps",
        steps=(16, 32, 64, 128, 256, 512),
        group=OPTIMIZER,
    )
    device: str = setting(
        "auto",
        "choice",
        "device",
        "where it is computed",
        choices=("auto", "cpu", "cuda", "mps"),
        group=MACHINE,
    )
    threads: int = setting(
        1,
        "whole",
        "threads",
        "of arithmetic on the CPU; the last bits depend on it",
        low=1,
        high=256,
        group=MACHINE,
        acts=lambda runs: runs.may("device", "auto", "cpu"),
    )
    precision: str = setting(
        "full",
        "choice",
        "precision",
        "mixed: the network in half precision, the loss in full",
        choices=("full", "mixed"),
        group=MACHINE,
    )
    seed: int = setting(
        0,
        "whole",
        "seed",
        "of weights, order and subsets",
        low=0,
        high=2**31 - 1,
        sweep=(0, 1, 2),
        group=MACHINE,
    )
    snapshot_every: int = setting(
        0,
        "whole",
        "steps between frames",
        "training steps from one frame to the next",
        low=0,
        high=10**9,
        unit="steps",
        zero="auto",
        zero_means="about 20 frames an epoch",
        steps=(1, 2, 5, 10, 20, 50, 100),
        group=MACHINE,
    )
    frame_points: int = setting(
        400,
        "whole",
        "points of a frame",
        "test images shown within an epoch",
        low=1,
        high=2000,
        group=MACHINE,
    )
    points: int = setting(
        2000, "whole", "points at an epoch's end", "test images shown then", low=1, high=2000
    )
    fork_run: str = setting("", "text", "forked from", "the run whose weights this one starts from")
    fork_epoch: int = setting(0, "whole", "forked at", "the epoch of that run", low=0, high=100_000)

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name, declared in SETTINGS.items():
            put(self, name, declared.check(getattr(self, name)))
        put(self, "data", path_text(self.data))
        if not isinstance(self.params, Mapping):
            raise ConfigError(f"params must be the loss's parameters by name; got {self.params!r}")
        full = self.loss_params()
        kept = {p.name: full[p.name] for p in self.spec.params if full[p.name] != p.default}
        put(self, "params", MappingProxyType(kept))
        if self.points < self.frame_points:
            put(self, "points", self.frame_points)

    @property
    def spec(self) -> LossSpec:
        """The loss."""
        return losses.get(self.loss)

    def loss_params(self) -> dict[str, Any]:
        """All parameters of the loss by name, defaults filled in."""
        return self.spec.complete(self.params, MOST_CLASSES)

    def changed(self) -> dict[str, Any]:
        """The settings and parameters that differ from their defaults, by name."""
        start = _default()
        own = {n: getattr(self, n) for n in SETTINGS if getattr(self, n) != getattr(start, n)}
        return {**own, **self.params}

    def to_json(self) -> str:
        """Every setting, defaults too, so that a later version reads the same run."""
        values = {name: getattr(self, name) for name in SETTINGS}
        return json.dumps({**values, "params": self.loss_params()}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> RunConfig:
        """The config that `to_json` wrote; ConfigError for anything else."""
        try:
            values = json.loads(text)
        except ValueError as error:
            raise ConfigError(
                f"config: not JSON ({error}); it must be what a run's config.json holds"
            ) from None
        if not isinstance(values, dict):
            raise ConfigError(f"config: must be an object of settings; got {type(values).__name__}")
        return cls.from_values(values if "weight_rate" in values else _before_recipes(values))

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> RunConfig:
        """Settings by name, and the loss's parameters under `params`."""
        refuse_unknown(values, {*SETTINGS, "params"})
        return cls(**values)

    def to_query(self) -> dict[str, str]:
        """What differs from the defaults, as text: for a URL, and for the command line."""
        start = _default()
        query = {
            name: declared.write(getattr(self, name))
            for name, declared in SETTINGS.items()
            if getattr(self, name) != getattr(start, name)
        }
        return query | {name: self.spec.param(name).write(v) for name, v in self.params.items()}

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> RunConfig:
        """The config that such texts stand for; a parameter is read as the loss declares it."""
        spec = losses.get(query.get("loss", _default().loss))
        own = {p.name: p for p in spec.params}
        refuse_unknown(query, {*SETTINGS, *own})
        params = {n: own[n].read(text, f"{spec.key}: {n}") for n, text in query.items() if n in own}
        return cls(**{n: SETTINGS[n].read(text) for n, text in query.items() if n in SETTINGS}, params=params)

    def to_command(self) -> str:
        """The command that starts this run."""
        words = ["python -m lossviz train"]
        for name, text in {"data": self.data, "loss": self.loss, **self.to_query()}.items():
            words.append(option(name, text))
        return " ".join(words)

    def but(self, **changes: Any) -> RunConfig:
        """The same run with some settings changed; a change of the loss drops parameters it has not."""
        if "loss" in changes and "params" not in changes:
            has = {p.name: p for p in losses.get(changes["loss"]).params}
            mine = {p.name: p for p in self.spec.params}
            changes["params"] = {
                name: value
                for name, value in self.params.items()
                if name in has and has[name].link == mine[name].link
            }
        return replace(self, **changes)


SETTINGS: Mapping[str, Setting] = declarations_of(RunConfig)


def _default() -> RunConfig:
    return RunConfig()


def _before_recipes(values: dict[str, Any]) -> dict[str, Any]:
    """The settings of a run that was written when "auto" stood for less."""
    margins = values.get("loss") in ("arcface", "camri", "cosface", "sphereface")
    mild = margins and values.get("dimension", 2) == 2
    was = {"weight_init": "spread" if mild else "random", "anneal": "on" if mild else "off"}
    kept = {name: value for name, value in was.items() if values.get(name, "auto") == "auto"}
    return {**values, **kept, "weight_rate": "1", "bias_start": "mode", "bias_rate": "1"}
