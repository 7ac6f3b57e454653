"""Plan: which runs a sweep consists of: losses × axes × seeds, around settings that all share."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lossviz import losses as catalogue
from lossviz.core.errors import ConfigError
from lossviz.core.names import option
from lossviz.losses.spec import LossSpec
from lossviz.runs.jobs import CELL
from lossviz.sweeps.axes import REFUSED, Axis
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.training.images import check_known_classes

MOST_CELLS, MOST_SEEDS = 20_000, 100
# Cells are shown at the ends of epochs; their first test images are the same for all seeds.
OWN = {"snapshot_every": 10**9, "subset_seed": 1}


@dataclass(frozen=True)
class Cell:
    """One run of a sweep. at: the index of its value on each axis, −1 where its loss lacks the parameter."""

    config: RunConfig
    at: tuple[int, ...]

    @cached_property
    def id(self) -> str:
        """The id of its run: the hash of its config."""
        text = json.dumps(self.config.to_values(), sort_keys=True)
        return CELL + hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Plan:
    """base: the settings and parameters that all cells share, as text by name. losses: keys. seeds: of
    training. subset_seeds: of the images that are drawn and shown; 0: the seed of training.

    Made by `read`, which checks.
    """

    base: Mapping[str, str]
    losses: tuple[str, ...]
    axes: tuple[Axis, ...]
    seeds: tuple[int, ...]
    subset_seeds: tuple[int, ...]

    @classmethod
    def read(
        cls,
        base: Mapping[str, str],
        losses: Sequence[str],
        vary: Iterable[str] = (),
        seeds: str = "3",
        subset_seeds: str = "",
    ) -> Plan:
        """The plan that such texts stand for; LossvizError with the rule.

        seeds: how many, from 0 on, or which: "5", "0,7,9". subset_seeds: which; one that all cells share by
        default. Every cell's config is made, so that a wrong value is told before anything is trained.
        """
        plan = cls._read(base, losses, vary, seeds, subset_seeds)
        for cell in plan.cells:
            check_known_classes(cell.config)
        return plan

    @classmethod
    def _read(
        cls,
        base: Mapping[str, str],
        losses: Sequence[str],
        vary: Iterable[str],
        seeds: str,
        subset_seeds: str,
    ) -> Plan:
        for name in REFUSED:
            if name in base:
                raise ConfigError(f"sweep: {name} is not shared by all cells; leave it out of the settings")
        keys = tuple(dict.fromkeys(map(catalogue.key_of, losses)))
        if not keys:
            raise ConfigError("sweep: name at least one loss")
        specs = [catalogue.get(key) for key in keys]
        axes = tuple(Axis.read(text, specs) for text in vary)
        for axis in axes:
            if axis.name in base or [each.name for each in axes].count(axis.name) > 1:
                raise ConfigError(f"sweep: {axis.name} is given twice; give its values once, in vary")
        subsets = _seeds(subset_seeds, "subset seeds") if subset_seeds.strip() else (OWN["subset_seed"],)
        plan = cls(dict(base), keys, axes, _seeds(seeds, "seeds", count=True), subsets)
        if plan.asked > MOST_CELLS:
            raise ConfigError(f"sweep: at most {MOST_CELLS:,} cells; got {plan.asked:,}")
        _ = plan.cells
        return plan

    @property
    def specs(self) -> list[LossSpec]:
        """The losses."""
        return [catalogue.get(key) for key in self.losses]

    @property
    def asked(self) -> int:
        """The size of the grid; where a loss lacks a parameter there are fewer cells."""
        sizes = [len(axis.values) for axis in self.axes]
        grid = 1
        for size in (*sizes, len(self.losses), len(self.seeds), len(self.subset_seeds)):
            grid *= size
        return grid

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The cells, each once. All settings with the first seed come first, so that a map is whole early."""
        found: dict[str, Cell] = {}
        places = list(itertools.product(*(range(len(axis.values)) for axis in self.axes)))
        for subset, seed in itertools.product(self.subset_seeds, self.seeds):
            for key, at in itertools.product(self.losses, places):
                cell = self._cell(key, at, seed, subset)
                found.setdefault(cell.id, cell)
        return tuple(found.values())

    def _cell(self, key: str, at: tuple[int, ...], seed: int, subset: int) -> Cell:
        spec = catalogue.get(key)
        has = {param.name for param in spec.params}
        acts = [axis.of_run or axis.name in has for axis in self.axes]
        config = self._bases[key]
        chosen = {axis.name: axis.values[i] for axis, i, ok in zip(self.axes, at, acts, strict=True) if ok}
        params = {name: value for name, value in chosen.items() if name in has}
        changes: dict[str, Any] = {name: value for name, value in chosen.items() if name not in has}
        config = config.but(**changes, seed=seed, subset_seed=subset, params={**config.params, **params})
        return Cell(config, tuple(i if ok else -1 for i, ok in zip(at, acts, strict=True)))

    @cached_property
    def _bases(self) -> dict[str, RunConfig]:
        """The config that all cells of a loss share. A parameter that another loss of the sweep has is left
        out for one that lacks it."""
        every = {param.name for spec in self.specs for param in spec.params}
        made = {}
        for spec in self.specs:
            own = {param.name for param in spec.params}
            texts = {n: t for n, t in self.base.items() if n in SETTINGS or n in own or n not in every}
            config = RunConfig.from_query({**texts, "loss": spec.key})
            own_defaults = {name: value for name, value in OWN.items() if name not in self.base}
            made[spec.key] = config.but(**own_defaults)
        return made

    def to_values(self) -> dict[str, Any]:
        """The plan as JSON holds it."""
        return {
            "base": dict(self.base),
            "losses": list(self.losses),
            "vary": [axis.text for axis in self.axes],
            "seeds": _seeds_text(self.seeds),
            "subset_seeds": ",".join(map(str, self.subset_seeds)),
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Plan:
        """The plan that `to_values` gave; ConfigError for anything else. Values that the classes of the data
        refute are in plans of before that was told."""
        try:
            base = {str(name): str(text) for name, text in values["base"].items()}
            losses, vary = ([str(text) for text in values[name]] for name in ("losses", "vary"))
            return cls._read(base, losses, vary, str(values["seeds"]), str(values["subset_seeds"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"sweep: not a plan: {error!r:.80}") from None

    @cached_property
    def id(self) -> str:
        """The id of its sweep: the hash of the cells, so that asking for the same again goes on with it."""
        text = "\n".join(sorted(cell.id for cell in self.cells))
        return f"s-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def to_command(self) -> str:
        """The command that asks for it."""
        words = ["python -m lossviz sweep", option("loss", ",".join(self.losses))]
        words += [option("vary", axis.text) for axis in self.axes]
        words += [option("seeds", _seeds_text(self.seeds))]
        if self.subset_seeds != (OWN["subset_seed"],):
            words += [option("subset_seeds", ",".join(map(str, self.subset_seeds)))]
        return " ".join([*words, *(option(name, text) for name, text in self.base.items())])

    @property
    def title(self) -> str:
        """Its name for a reader: "arcface, camri: margin × scale, 5 seeds"."""
        axes = " × ".join(axis.declared(self.specs).title for axis in self.axes) or "one setting"
        count = len(self.seeds) * len(self.subset_seeds)
        shown = ", ".join(self.losses[:4]) + (
            f" and {len(self.losses) - 4} more" if len(self.losses) > 4 else ""
        )
        return f"{shown}: {axes}, {count} seed{'s' if count > 1 else ''}"


def _seeds(text: str, what: str, count: bool = False) -> tuple[int, ...]:
    """The seeds of "5" (with count: 0 to 4) or "0,7,9"."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or any(not (part.isascii() and part.isdecimal()) or int(part) >= 2**31 for part in parts):
        rule = "how many (5), or which (0,7,9)" if count else "which, as whole numbers: 1,2"
        raise ConfigError(f"sweep: {what} must say {rule}; got {text[:40]!r}")
    numbers = tuple(dict.fromkeys(map(int, parts)))
    if count and len(parts) == 1 and "," not in text:
        numbers = tuple(range(min(numbers[0], MOST_SEEDS + 1)))
    if not 1 <= len(numbers) <= MOST_SEEDS:
        raise ConfigError(f"sweep: 1 to {MOST_SEEDS} {what}; got {text[:40]!r}")
    return numbers


def _seeds_text(seeds: Sequence[int]) -> str:
    whole = tuple(seeds) == tuple(range(len(seeds)))
    return str(len(seeds)) if whole else ",".join(map(str, seeds)) + ("," if len(seeds) == 1 else "")
