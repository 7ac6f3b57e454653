"""Packet: bytes that a route of the app hands out, made once for all who ask."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Packet:
    """Bytes that a route hands out. etag: of them."""

    etag: str
    data: bytes
    media_type: str = "application/octet-stream"

    @property
    def nbytes(self) -> int:
        return len(self.data)

    @classmethod
    def of(cls, data: bytes, media_type: str = "application/octet-stream") -> Packet:
        return cls(hashlib.sha256(data).hexdigest()[:32], data, media_type)
