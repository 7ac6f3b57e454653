"""A reader of the wire that shares nothing with lossviz.figures.wire."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np

NUMBERS = {
    "f4": np.dtype("<f4"),
    "i2": np.dtype("<i2"),
    "u1": np.dtype("u1"),
    "u2": np.dtype("<u2"),
    "u4": np.dtype("<u4"),
}


def read(data: bytes) -> tuple[dict[str, Any], Callable[[dict[str, Any]], np.ndarray]]:
    """The header of a message, and a function that gives the array of a place."""
    length = int.from_bytes(data[:4], "little")
    start = -(-(4 + length) // 4) * 4

    def array(place: dict[str, Any]) -> np.ndarray:
        assert place["at"] % 4 == 0
        return np.frombuffer(data, NUMBERS[place["type"]], place["n"], start + place["at"])

    return json.loads(data[4 : 4 + length]), array


def story(page: str) -> tuple[dict[str, Any], Callable[[dict[str, Any]], np.ndarray]]:
    """The message that an animated page holds."""
    found = re.search('<script type="text/plain" id="lv-story">(.*?)</script>', page, re.S)
    assert found
    return read(base64.b64decode(found[1]))
