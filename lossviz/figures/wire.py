"""The wire from Python to JavaScript: a JSON header and the arrays that it names, in one block of bytes.

[u32 header length][header, UTF-8][zeros to a multiple of 4][arrays], all little-endian; every array begins at
a multiple of 4. The header names an array by its place, {"at": byte after the header's padding, "n": numbers,
"type": "f4", "i2", "u1", "u2" or "u4"}. Read by figures/canvas/wire.js.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

Type = Literal["f4", "i2", "u1", "u2", "u4"]
_DTYPES = {"f4": "<f4", "i2": "<i2", "u1": "u1", "u2": "<u2", "u4": "<u4"}
_LENGTH = 4  # bytes of the header's length


class Place(TypedDict):
    """An array in the header: byte after the header's padding, how many numbers, their type."""

    at: int
    n: int
    type: Type


class Arrays:
    """The arrays of a message, each once however often it is added."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []  # all of them, one after another
        self._size = 0
        self._places: dict[tuple[str, bytes], Place] = {}

    def add(self, values: ArrayLike, type: Type = "f4") -> Place:
        """The place of an array of any shape, flattened row by row."""
        data = np.ascontiguousarray(values, dtype=_DTYPES[type]).tobytes()
        place = self._places.get((type, data))
        if place is None:
            place = {"at": self._size, "n": len(data) // np.dtype(_DTYPES[type]).itemsize, "type": type}
            self._places[type, data] = place
            piece = data + _padding(len(data))
            self.pieces.append(piece)
            self._size += len(piece)
        return place


def message(header: Mapping[str, Any], arrays: Arrays | None = None) -> bytes:
    """The bytes of a header and the arrays whose places it holds; ValueError for NaN or infinity in it."""
    return _message(header, arrays.pieces if arrays else ())


Reader = Callable[[Any], NDArray[Any]]


def read(data: bytes) -> tuple[dict[str, Any], Reader]:
    """The header of a message, and a function that gives a copy of the array at a place of it. Both raise
    ValueError, KeyError or TypeError for what is no message, and for a place that lies outside of it."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
    if len(data) < _LENGTH or end > len(data):
        raise ValueError(f"a message of {len(data):,} bytes cannot have a header of {end - _LENGTH:,}")
    header = json.loads(data[_LENGTH:end])
    if not isinstance(header, dict):
        raise TypeError(f"a header is an object; got {type(header).__name__}")
    body = memoryview(data)[end + len(_padding(end)) :]

    def array(place: Any) -> NDArray[Any]:
        at, n, kind = place["at"], place["n"], np.dtype(_DTYPES[place["type"]])
        if type(at) is not int or type(n) is not int or at < 0 or n < 0 or at + n * kind.itemsize > len(body):
            raise ValueError(f"an array at {at!r:.20} of {n!r:.20} numbers in {len(body):,} bytes")
        return np.frombuffer(body, kind, n, at).copy()

    return header, array


def with_header(data: bytes, **more: Any) -> bytes:
    """A message with more in its header, the arrays as they are."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
    header = json.loads(data[_LENGTH:end])
    return _message(header | more, [data[end + len(_padding(end)) :]])


def _message(header: Mapping[str, Any], pieces: Sequence[bytes]) -> bytes:
    # In ASCII: half a character, as a name of a file may hold one, has no UTF-8.
    text = json.dumps(header, allow_nan=False).encode()
    length = len(text).to_bytes(_LENGTH, "little")
    return b"".join([length, text, _padding(_LENGTH + len(text)), *pieces])


def _padding(length: int) -> bytes:
    return b"\0" * (-length % 4)
