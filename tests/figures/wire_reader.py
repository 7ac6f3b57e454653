"""A reader of the wire that shares nothing with lossviz.figures.wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

NUMBERS = {"f4": np.dtype("<f4"), "u1": np.dtype("u1"), "u2": np.dtype("<u2"), "u4": np.dtype("<u4")}


def read(data: bytes) -> tuple[dict[str, Any], Callable[[dict[str, Any]], np.ndarray]]:
    """The header of a message, and a function that gives the array of a place."""
    length = int.from_bytes(data[:4], "little")
    start = -(-(4 + length) // 4) * 4

    def array(place: dict[str, Any]) -> np.ndarray:
        assert place["at"] % 4 == 0
        return np.frombuffer(data, NUMBERS[place["type"]], place["n"], start + place["at"])

    return json.loads(data[4 : 4 + length]), array
