"""The check that a request comes from this app's own pages, by the Host and the Origin that browsers send."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lossviz.core.mode import HOSTS, Host, Mode, is_loopback

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/@?#\[\]\\]+)(?::(\d{1,5}))?", re.IGNORECASE)


@dataclass(frozen=True)
class RequestFacts:
    """The facts of a request that are checked. headers: by lower-case name, each with all its values."""

    method: str
    websocket: bool
    headers: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str | None:
        """Give the single value of a header; None if it is absent or has several, which no browser sends."""
        values = self.headers.get(name, ())
        return values[0] if len(values) == 1 else None


def refusal(asked: RequestFacts, mode: Mode) -> str:
    """Say to its sender why a request is not answered; "" where it is answered.

    The Host must be a name of this server: another name that leads here belongs to somebody else, whose
    page would pass for ours (DNS rebinding). A numeric address cannot be made to lead elsewhere. The
    Origin, which a browser adds to requests of a page, must be the Host, port included, or be named by
    the owner. Without an Origin, other headers of the browser still tell if another site's page asks;
    such a page may only open ours in a window of its own.
    """
    said = asked.one("host")
    host = _host(said or "")
    if host is None or not _ours(host, mode):
        return (
            f"This server does not answer to the name {(said or '')[:80]!r}. If it should, start it with "
            f"{HOSTS}=name[:port],..."
        )
    if asked.headers.get("origin"):
        origin = asked.one("origin") or ""
        if not _same(origin, host, mode):
            return f"A page of {origin[:80]!r} may not use this app, which is at {(said or '')[:80]!r}."
        return ""
    if asked.one("sec-fetch-site") in (None, "same-origin", "none"):
        return ""
    opened = (asked.one("sec-fetch-mode"), asked.one("sec-fetch-dest")) == ("navigate", "document")
    if opened and asked.method in ("GET", "HEAD") and not asked.websocket:
        return ""
    return "Another site's page may link to this app, and not use what it holds."


def _host(text: str) -> Host | None:
    """A Host header, in lower case, without the dot that may end a name."""
    found = _HOST.fullmatch(text)
    if found is None or int(found[2] or 1) not in range(1, 65536):
        return None
    name = found[1].lower()
    return Host(name.removesuffix(".") or name, int(found[2]) if found[2] else None)


def _ours(host: Host, mode: Mode) -> bool:
    if any(host.name == own.name and own.port in (None, host.port) for own in mode.hosts):
        return True
    if is_loopback(host.name):
        return True
    if mode.loopback:
        return False
    try:
        return not ipaddress.ip_address(host.name.strip("[]")).is_unspecified
    except ValueError:
        own = socket.gethostname().lower()
        return host.name in (own, f"{own}.local")


def _same(origin: str, host: Host, mode: Mode) -> bool:
    scheme, _, rest = origin.lower().partition("://")
    page = _host(rest)
    if page is None or scheme not in _PORTS:
        return False
    standard = _PORTS[scheme]
    port = page.port or standard
    if (page.name, port) == (host.name, host.port or standard):
        return True
    # Behind a proxy the Host may be that of the machine behind it.
    return any((page.name, port) == (own.name, own.port or standard) for own in mode.hosts)
