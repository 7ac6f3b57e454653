"""The mode of the server: everything is allowed on one's own machine, limits hold on a shared one."""

from __future__ import annotations

import dataclasses
import ipaddress
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lossviz.core.errors import ConfigError

SHARED, HOSTS = "LOSSVIZ_SHARED", "LOSSVIZ_HOSTS"
NONE = math.inf
_YES, _NO = ("1", "yes", "true", "on"), ("0", "no", "false", "off")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:/@\[\]]+)(?::(\d{1,5}))?")


def _limit(shared: float, variable: str, what: str, low: float = 0) -> Any:
    told = {"shared": shared, "variable": variable, "what": what, "low": low}
    return dataclasses.field(default=NONE, metadata=told)


@dataclass(frozen=True)
class Limits:
    """The most that visitors may ask for; infinite where there is no limit.

    Each has an environment variable; `shared` in its metadata is what holds on a shared server where
    the variable is not set.
    """

    waiting: float = _limit(120, "LOSSVIZ_MAX_WAITING", "runs that wait for a place, of all visitors")
    visitor: float = _limit(12, "LOSSVIZ_MAX_WAITING_VISITOR", "of these, of one visitor")
    client: float = _limit(48, "LOSSVIZ_MAX_WAITING_CLIENT", "of these, of one address")
    minutes: float = _limit(60, "LOSSVIZ_MAX_MINUTES", "minutes that a run may take, as estimated")
    memory: float = _limit(4, "LOSSVIZ_MAX_MEMORY", "GB of memory for a run", low=0.6)
    dimension: float = _limit(512, "LOSSVIZ_MAX_DIMENSION", "numbers in an embedding")
    batch: float = _limit(4096, "LOSSVIZ_MAX_BATCH", "images in a step")
    threads: float = _limit(2, "LOSSVIZ_MAX_THREADS", "threads of a run")
    jobs: float = _limit(40, "LOSSVIZ_MAX_JOBS", "readings (UMAP, t-SNE, all images) that wait or work")
    exports: float = _limit(4, "LOSSVIZ_MAX_EXPORTS", "files (animations, pictures) made at a time")
    uploads: float = _limit(200, "LOSSVIZ_MAX_UPLOADS", "uploaded files that are kept")
    uploaded: float = _limit(4, "LOSSVIZ_MAX_UPLOADED", "GB of uploaded files that are kept")
    download: float = _limit(0.5, "LOSSVIZ_MAX_DOWNLOAD", "GB of a data set that is fetched for a run")
    store: float = _limit(20, "LOSSVIZ_MAX_STORE", "GB of all runs")
    connections: float = _limit(500, "LOSSVIZ_MAX_CONNECTIONS", "pages that are open at a time")

    @classmethod
    def read(cls, environment: Mapping[str, str], shared: bool) -> Limits:
        """The limits that the environment names; ConfigError for a value that is no limit."""
        made = {}
        for field in dataclasses.fields(cls):
            told = field.metadata
            text = environment.get(told["variable"], "").strip()
            standard = told["shared"] if shared else NONE
            low = told.get("low", 0)
            made[field.name] = _number(told["variable"], told["what"], text, low) if text else standard
        return cls(**made)

    def whole(self, name: str) -> int | None:
        """A limit as a count; None where there is none."""
        value = getattr(self, name)
        return None if value == NONE else int(value)


def variable(name: str) -> str:
    """The environment variable that sets a limit."""
    found: str = Limits.__dataclass_fields__[name].metadata["variable"]
    return found


@dataclass(frozen=True)
class Host:
    """A name of the server as browsers say it, and its port; None: any."""

    name: str
    port: int | None = None


@dataclass(frozen=True)
class Mode:
    """The use of the server.

    why: what decided it, as the end of a sentence. loopback: only this machine reaches it. hosts: the names
    that its owner gave it. loud: something its owner should see.
    """

    shared: bool
    why: str
    loopback: bool = True
    hosts: tuple[Host, ...] = ()
    limits: Limits = Limits()
    loud: str = ""

    @classmethod
    def read(cls, environment: Mapping[str, str], address: str | None) -> Mode:
        """The mode for a server at this address; none: all addresses of the machine. ConfigError."""
        loopback = is_loopback(address or "")
        text = environment.get(SHARED, "").strip().lower()
        if text and text not in (*_YES, *_NO):
            raise ConfigError(f"{SHARED} must be 1 (shared) or 0 (your own machine); got {text[:40]!r}")
        shared = text in _YES if text else not loopback
        at = f"the server listens on {address}" if address else "the server listens on every address"
        loud = ""
        if not shared and not loopback:
            loud = (
                f"{at} and {SHARED} is 0: whoever reaches this port can read image folders and .npz files of "
                "this machine and use all of its memory, disk and processors."
            )
        return cls(
            shared=shared,
            why=f"{SHARED} is {text}" if text else at,
            loopback=loopback,
            hosts=_hosts(environment.get(HOSTS, "")),
            limits=Limits.read(environment, shared),
            loud=loud,
        )

    def words(self) -> str:
        """The mode and its limits, for the server's log."""
        loud = f"\nlossviz: WARNING: {self.loud}" if self.loud else ""
        if not self.shared and self.limits == Limits():
            return f"lossviz: your own machine ({self.why}): everything is allowed.{loud}"
        limits = [
            f"  {f.metadata['variable']:28} {_text(getattr(self.limits, f.name)):>5}  {f.metadata['what']}"
            for f in dataclasses.fields(Limits)
        ]
        kind = f"lossviz: your own machine ({self.why}). At most:"
        if self.shared:
            kind = (
                f"lossviz: a shared server ({self.why}): its data sets and uploads, no paths of this "
                "machine; visitors steer and delete what they started themselves. At most:"
            )
        own = "localhost" if self.loopback else "its addresses in figures and this machine's name"
        named = [h.name if h.port is None else f"{h.name}:{h.port}" for h in self.hosts]
        names = f"lossviz: it answers to {', '.join([own, *named])}; {HOSTS}=name[:port],... adds names."
        return "\n".join([kind, *limits, names]) + loud


def is_loopback(address: str) -> bool:
    """True for an address at which only this machine reaches a server."""
    name = address.strip().lower().strip("[]").rstrip(".")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _hosts(text: str) -> tuple[Host, ...]:
    made = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = _HOST.fullmatch(part)
        if found is None or int(found[2] or 1) not in range(1, 65536):
            raise ConfigError(
                f"{HOSTS} must be names, or name:port, joined by commas, as lab.example or 10.0.0.5:8501; "
                f"got {part[:60]!r}"
            )
        made.append(Host(found[1].lower().rstrip("."), int(found[2]) if found[2] else None))
    return tuple(made)


def _number(variable: str, what: str, text: str, low: float) -> float:
    if text.lower() == "none":
        return NONE
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (text.isascii() and math.isfinite(value) and value > 0 and value >= low):
        rule = f"of at least {low:g}" if low else "above 0"
        raise ConfigError(f"{variable} ({what}) must be a number {rule}, or none; got {text[:40]!r}")
    return value


def _text(value: float) -> str:
    return "none" if value == NONE else f"{value:g}"
