"""RunConfig: everything that determines a run, to and from JSON, a URL query and the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import models
from lossviz import losses
from lossviz.core.errors import ConfigError
from lossviz.core.names import option, path_text
from lossviz.core.query import refuse_unknown
from lossviz.core.settings import Setting
from lossviz.losses.spec import LossSpec, NetSpec
from lossviz.training.declarations import RunSettings


@dataclass(frozen=True)
class RunConfig(RunSettings):
    """One training run. Every value is checked when it is made; ConfigError or LossError tell the rule.

    `params` holds the parameters of the loss that differ from its defaults.
    """

    params: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        self.check_settings()
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
        return losses.get(self.loss)

    @property
    def network(self) -> NetSpec:
        return models.get(self.net)

    @property
    def images_seed(self) -> int:
        """The seed of the images that are drawn and shown."""
        return self.subset_seed or self.seed

    def loss_params(self) -> dict[str, Any]:
        """All parameters of the loss by name, defaults filled in."""
        return self.spec.complete(self.params)

    def changed(self) -> dict[str, Any]:
        """The settings and parameters that differ from their defaults, by name."""
        return {**self._changed_settings(), **self.params}

    def _changed_settings(self) -> dict[str, Any]:
        start = _default()
        return {n: getattr(self, n) for n in SETTINGS if getattr(self, n) != getattr(start, n)}

    def to_values(self) -> dict[str, Any]:
        """Every setting by name, defaults too, so that a later version reads the same run; and the loss's
        parameters under `params`.

        A matrix that is not given is left out: the ids of cells are hashes of these values.
        """
        params = {name: value for name, value in self.loss_params().items() if value is not None}
        return {**{name: getattr(self, name) for name in SETTINGS}, "params": params}

    def to_json(self) -> str:
        """The values as the text of a config.json."""
        return json.dumps(self.to_values(), indent=1)

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
        return cls.from_saved(values)

    @classmethod
    def from_saved(cls, values: Mapping[str, Any]) -> RunConfig:
        """The settings of a config.json; those of a run from before recipes as they were then."""
        return cls.from_values(values if "weight_rate" in values else _before_recipes(values))

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> RunConfig:
        """Settings by name, and the loss's parameters under `params`."""
        refuse_unknown(values, {*SETTINGS, "params"})
        return cls(**values)

    def to_query(self) -> dict[str, str]:
        """The settings that differ from the defaults, as text: for a URL, and for the command line."""
        query = {name: SETTINGS[name].write(value) for name, value in self._changed_settings().items()}
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


SETTINGS: Mapping[str, Setting] = RunSettings.declarations()


def _default() -> RunConfig:
    return RunConfig()


def _before_recipes(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a run that was written when "auto" stood for less."""
    loss = values.get("loss", _default().loss)
    moves = {move.name for move in losses.get(loss).anneals} if isinstance(loss, str) else set()
    mild = bool(moves & {"margin", "blend"}) and values.get("dimension", 2) == 2
    was = {"weight_init": "spread" if mild else "random", "anneal": "on" if mild else "off"}
    kept = {name: value for name, value in was.items() if values.get(name, "auto") == "auto"}
    return {**values, **kept, "weight_rate": "1", "bias_start": "mode", "bias_rate": "1"}
