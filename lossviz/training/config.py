"""RunConfig: everything that determines a run, to and from JSON, a URL query and the command line."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import models
from lossviz import losses
from lossviz.core.errors import ConfigError
from lossviz.core.query import option, param_text, param_value, path_text
from lossviz.core.settings import Setting, setting, settings_of
from lossviz.losses.spec import LossSpec, NetSpec

# More classes than any data set here has; the class numbers of a loss are checked against the data.
MOST_CLASSES = 100_000


@dataclass(frozen=True)
class RunConfig:
    """One training run. Every value is checked when it is made; ConfigError or LossError tell the rule.

    `params` holds the parameters of the loss that differ from its defaults.
    """

    data: str = setting("digits", "text", "data set", "a data set's key, or a path to your own")
    classes: tuple[int, ...] = setting(
        (), "numbers", "classes", "the classes to keep; none means all", low=0, high=MOST_CLASSES
    )
    held_out: tuple[int, ...] = setting(
        (), "numbers", "held-out classes", "classes kept out of training", low=0, high=MOST_CLASSES
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
    )
    imbalance: str = setting(
        "none",
        "choice",
        "imbalance",
        "how the class sizes fall",
        choices=("none", "long-tailed", "step"),
    )
    imbalance_ratio: float = setting(
        10.0, "real", "imbalance ratio", "largest class by smallest", low=1, high=1000, spacing="log"
    )
    augment: bool = setting(
        False,
        "flag",
        "augmentation",
        "shift each training image by up to an eighth; colour images are mirrored",
    )

    net: str = setting("small", "text", "network", "a network's key")
    dimension: int = setting(2, "whole", "feature dimension", "numbers in an embedding", low=1, high=4096)
    normalize: bool = setting(
        False, "flag", "unit embeddings", "scale every embedding to the length of head_scale"
    )
    head: str = setting(
        "linear",
        "choice",
        "head",
        "linear, or cosine: features and class weights normalised before the loss",
        choices=("linear", "cosine"),
    )
    head_scale: float = setting(
        16.0,
        "real",
        "scale of the head",
        "length of normalised embeddings",
        low=0.1,
        high=512,
        spacing="log",
    )
    bias: str = setting(
        "auto",
        "choice",
        "bias",
        "auto: as the loss is written",
        choices=("auto", "none", "unified", "diverse"),
    )
    bias_init: int = setting(
        0, "whole", "bias initialisation", "the eight modes of paper 002, Section IV-D", low=0, high=7
    )
    bias_start: str = setting(
        "auto",
        "choice",
        "bias start",
        "mode: as the bias initialisation says; between: half-way between the metrics of the own class and "
        "the next; auto: as the loss's recipe says, where the mode is 0",
        choices=("auto", "mode", "between"),
    )
    bias_rate: str = setting(
        "auto",
        "choice",
        "bias rate",
        "as a multiple of the learning rate; auto: as the loss's recipe says, else 1",
        choices=("auto", "0.1", "1", "10", "100"),
    )
    weight_init: str = setting(
        "auto",
        "choice",
        "class weights at the start",
        "auto: as the loss's recipe says, in 2-D often spread on the circle; else random",
        choices=("auto", "random", "spread"),
    )
    weight_rate: str = setting(
        "auto",
        "choice",
        "weight rate",
        "of the class weights, as a multiple of the learning rate; 0: they stay; auto: as the loss's recipe "
        "says, else 1",
        choices=("auto", "1", "0.1", "0.01", "0"),
    )

    loss: str = setting("cross-entropy", "text", "loss", "a loss's key or alias")
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    objective: str = setting(
        "auto",
        "choice",
        "steps",
        "joint: one step a batch; complement: a second step on the complement entropy; "
        "adversarial: a second step of the adversary",
        choices=("auto", "joint", "complement", "adversarial"),
    )
    complement_rate: float = setting(
        0.001,
        "real",
        "rate of the complement step",
        "learning rate of the second optimizer",
        low=0,
        high=10,
        spacing="log",
    )
    adversary_rate: float = setting(
        0.002,
        "real",
        "rate of the adversary",
        "learning rate of the adversary (Adam)",
        low=0,
        high=10,
        spacing="log",
    )
    center_update: str = setting(
        "sgd",
        "choice",
        "centre update",
        "sgd: by gradient (000); average: towards the batch mean (004)",
        choices=("sgd", "average"),
    )
    center_rate: float = setting(
        0.5, "real", "rate of the centres", "for centres trained by SGD", low=0, high=10
    )
    center_decay: float = setting(
        1e-4, "real", "decay of the centres", "weight decay of centres trained by SGD", low=0, high=1
    )
    anneal: str = setting(
        "auto",
        "choice",
        "annealing",
        "margin and scale rise from a mild start; auto: as the loss's recipe says, else off",
        choices=("auto", "on", "off"),
    )
    anneal_share: float = setting(
        0.6, "real", "annealing until", "share of the steps after which the full values hold", low=0, high=1
    )

    optimizer: str = setting(
        "adamw", "choice", "optimizer", "how a gradient becomes a step", choices=("adamw", "adam", "sgd")
    )
    rate: float = setting(
        0.02, "real", "learning rate", "the largest that is reached", low=0, high=10, spacing="log"
    )
    momentum: float = setting(0.9, "real", "momentum", "of SGD", low=0, high=0.9999)
    weight_decay: float = setting(1e-3, "real", "weight decay", "of the optimizer", low=0, high=1)
    rate_schedule: str = setting(
        "one-cycle",
        "choice",
        "schedule of the rate",
        "how the learning rate moves over the run",
        choices=("one-cycle", "cosine", "step", "constant"),
    )
    warmup: float = setting(
        0.0, "real", "warm-up", "epochs over which the rate rises from zero", low=0, high=1000, unit="epochs"
    )
    drops: tuple[int, ...] = setting(
        (), "numbers", "drops", "epochs at which the rate falls (schedule step)", low=1, high=100_000
    )
    drop_factor: float = setting(
        0.1, "real", "drop factor", "what the rate is multiplied by at a drop", low=1e-6, high=1
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
    )
    device: str = setting(
        "auto", "choice", "device", "where it is computed", choices=("auto", "cpu", "cuda", "mps")
    )
    threads: int = setting(
        1, "whole", "threads", "of arithmetic on the CPU; the last bits depend on it", low=1, high=256
    )
    precision: str = setting(
        "full",
        "choice",
        "precision",
        "mixed: the network in half precision, the loss in full",
        choices=("full", "mixed"),
    )
    seed: int = setting(0, "whole", "seed", "of weights, order and subsets", low=0, high=2**31 - 1)
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
    )
    frame_points: int = setting(
        400, "whole", "points of a frame", "test images shown within an epoch", low=1, high=2000
    )
    points: int = setting(
        2000, "whole", "points at an epoch's end", "test images shown then", low=1, high=2000
    )
    fork_run: str = setting("", "text", "forked from", "the run whose weights this one starts from")
    fork_epoch: int = setting(0, "whole", "forked at", "the epoch of that run", low=0, high=100_000)

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name, declared in SETTINGS.items():
            put(self, name, declared.check(name, getattr(self, name)))
        put(self, "data", path_text(self.data))
        spec = losses.get(self.loss)
        put(self, "loss", spec.key)
        if not isinstance(self.params, Mapping):
            raise ConfigError(f"params must be the loss's parameters by name; got {self.params!r}")
        full = {name: _plain(value) for name, value in spec.complete(self.params, MOST_CLASSES).items()}
        kept = {p.name: full[p.name] for p in spec.params if full[p.name] != p.default}
        put(self, "params", MappingProxyType(kept))
        if self.points < self.frame_points:
            put(self, "points", self.frame_points)

    @property
    def spec(self) -> LossSpec:
        """The loss."""
        return losses.get(self.loss)

    @property
    def network(self) -> NetSpec:
        """The network."""
        return models.get(self.net)

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
        _known(values, {*SETTINGS, "params"})
        made = dict(values)
        for name in ("classes", "held_out", "drops"):
            if isinstance(made.get(name), list):
                made[name] = tuple(made[name])
        if isinstance(made.get("params"), Mapping):
            made["params"] = {
                name: tuple(value) if isinstance(value, list) else value
                for name, value in made["params"].items()
            }
        return cls(**made)

    def to_query(self) -> dict[str, str]:
        """What differs from the defaults, as text: for a URL, and for the command line."""
        start = _default()
        query = {
            name: declared.write(getattr(self, name))
            for name, declared in SETTINGS.items()
            if getattr(self, name) != getattr(start, name)
        }
        return query | {name: param_text(self.spec.param(name), v) for name, v in self.params.items()}

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> RunConfig:
        """The config that such texts stand for; a parameter is read as the loss declares it."""
        spec = losses.get(query.get("loss", _default().loss))
        own = {p.name: p for p in spec.params}
        _known(query, {*SETTINGS, *own})
        values: dict[str, Any] = {}
        for name, text in query.items():
            if name in SETTINGS:
                values[name] = SETTINGS[name].read(name, text)
        values["params"] = {
            name: param_value(own[name], text, MOST_CLASSES, spec.key)
            for name, text in query.items()
            if name in own
        }
        return cls(**values)

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


SETTINGS: Mapping[str, Setting] = MappingProxyType(settings_of(RunConfig))


def _plain(value: Any) -> Any:
    """One class of several is written as a number."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def _default() -> RunConfig:
    return RunConfig()


def _before_recipes(values: dict[str, Any]) -> dict[str, Any]:
    """The settings of a run that was written when "auto" stood for less."""
    moves = {move.name for move in losses.get(values.get("loss", _default().loss)).anneals}
    mild = bool(moves & {"margin", "blend"}) and values.get("dimension", 2) == 2
    was = {"weight_init": "spread" if mild else "random", "anneal": "on" if mild else "off"}
    kept = {name: value for name, value in was.items() if values.get(name, "auto") == "auto"}
    return {**values, **kept, "weight_rate": "1", "bias_start": "mode", "bias_rate": "1"}


def _known(given: Mapping[str, Any], known: set[str]) -> None:
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=2)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(known))}"
            raise ConfigError(f"unknown setting {name[:40]!r}; {hint}")
