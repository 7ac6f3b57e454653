"""Engine: what computes the cells of a sweep, processes of this machine or tasks of a Ray cluster."""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from lossviz.core.errors import ConfigError

LOCAL, RAY = "local", "ray"
ENGINES = (LOCAL, RAY)
# The version that was tried. All machines of a cluster have the same one.
VERSION = "2.60.0"


@dataclass(frozen=True)
class Engine:
    """name: one of ENGINES. address: of the cluster; "": the one that Ray finds on this machine, else a new
    one of this machine alone. gpus_each: the share of a GPU that a cell takes; 0: the CPU trains it."""

    name: str = LOCAL
    address: str = ""
    gpus_each: float = 0.0

    @classmethod
    def read(cls, name: str, address: str | None = None, gpus_each: str | None = None) -> Self:
        """The engine that texts name; ConfigError with the rule."""
        if name not in ENGINES:
            raise ConfigError(f"--engine must be {' or '.join(ENGINES)}; got {name[:40]!r}")
        for option, text in (("--address", address), ("--gpus-each", gpus_each)):
            if name == LOCAL and text is not None:
                raise ConfigError(f"{option} is of a Ray cluster; add --engine ray, or leave it away")
        if name == LOCAL:
            return cls()
        return cls(name, address or os.environ.get("RAY_ADDRESS", ""), _share(gpus_each))

    @classmethod
    def of_values(cls, values: object) -> Self:
        """The engine that `values` has written; the local one where that cannot be read."""
        if not isinstance(values, Mapping) or values.get("name") not in ENGINES:
            return cls()
        address, share = values.get("address"), values.get("gpus_each")
        return cls(
            values["name"],
            address if isinstance(address, str) else "",
            float(share) if isinstance(share, (int, float)) else 0.0,
        )

    @property
    def values(self) -> dict[str, Any]:
        """Give it as JSON."""
        return asdict(self)

    def check(self) -> None:
        """Raise ConfigError if this Python lacks what the engine needs."""
        if self.name == RAY and importlib.util.find_spec("ray") is None:
            raise ConfigError(
                "--engine ray needs Ray, which is not installed here: python -m pip install "
                f"'ray[client]=={VERSION}', on every machine of the cluster"
            )


def _share(text: str | None) -> float:
    try:
        share = float(text or 0)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise ConfigError(
            f"--gpus-each must be the share of a GPU that a cell takes, 0 to 1 (0.25: four on a GPU); got "
            f"{(text or '')[:40]!r}"
        )
    return share
