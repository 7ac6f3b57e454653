"""The wire from Python to JavaScript: a JSON header and the arrays that it holds, in one block of bytes.

[u32 header length][header, UTF-8][zeros to a multiple of 4][arrays], all little-endian; every array begins at
a multiple of 4. In the header an array's place stands for it: {"at": byte after the header's padding,
"n": numbers, "type": "f4", "i2", "u1", "u2" or "u4"}. Read by figures/canvas/wire.js.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES = {"uint8": "u1", "uint16": "u2", "uint32": "u4", "int16": "i2"}  # all others: "f4"
_LENGTH = 4  # bytes of the header's length


def message(header: Mapping[str, Any]) -> bytes:
    """The bytes of a header; ValueError for NaN or infinity in it, outside its arrays.

    Arrays, of any shape, are laid out row by row, equal ones once: unsigned integers of 8, 16 and 32 bits
    and signed ones of 16 as they are, other numbers as float32. A dataclass is told by its fields.
    """
    block = bytearray()
    places: dict[tuple[str, bytes], dict[str, Any]] = {}

    def told(value: Any) -> Any:
        if isinstance(value, np.generic):
            return value.item()
        if not isinstance(value, np.ndarray):
            return vars(value)
        type = _TYPES.get(value.dtype.name, "f4")
        data = np.ascontiguousarray(value, f"<{type}").tobytes()
        if (type, data) not in places:
            places[type, data] = {"at": len(block), "n": value.size, "type": type}
            block.extend(data + _padding(len(data)))
        return places[type, data]

    return _message(json.dumps(header, allow_nan=False, default=told), block)


Reader = Callable[[Any], NDArray[Any]]


def read(data: bytes, most_header: int | None = None) -> tuple[dict[str, Any], Reader]:
    """The header of a message, and a function that gives a copy of the array at a place of it. Both raise
    ValueError, KeyError or TypeError for what is no message, and for a place that lies outside of it.

    most_header: the most bytes of the header.
    """
    end = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
    if len(data) < _LENGTH or end > len(data):
        raise ValueError(f"a message of {len(data):,} bytes cannot have a header of {end - _LENGTH:,}")
    if most_header is not None and end - _LENGTH > most_header:
        raise ValueError(f"a header of {end - _LENGTH:,} bytes, where {most_header:,} are allowed")
    header = json.loads(data[_LENGTH:end])
    if not isinstance(header, dict):
        raise TypeError(f"a header is an object; got {type(header).__name__}")
    body = memoryview(data)[end + len(_padding(end)) :]

    def array(place: Any) -> NDArray[Any]:
        at, n, kind = place["at"], place["n"], _dtype(place["type"])
        if type(at) is not int or type(n) is not int or at < 0 or n < 0 or at + n * kind.itemsize > len(body):
            raise ValueError(f"an array at {at!r:.20} of {n!r:.20} numbers in {len(body):,} bytes")
        return np.frombuffer(body, kind, n, at).copy()

    return header, array


def _dtype(type: Any) -> np.dtype[Any]:
    if type not in ("f4", *_TYPES.values()):
        raise ValueError(f"there is no type {type!r:.20} of arrays")
    return np.dtype(f"<{type}")


def with_header(data: bytes, **more: Any) -> bytes:
    """A message with more in its header, the arrays as they are."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
    header = json.loads(data[_LENGTH:end])
    return _message(json.dumps(header | more, allow_nan=False), data[end + len(_padding(end)) :])


def _message(header: str, block: bytes | bytearray) -> bytes:
    # In ASCII: half a character, as a name of a file may hold one, has no UTF-8.
    text = header.encode()
    return b"".join([len(text).to_bytes(_LENGTH, "little"), text, _padding(_LENGTH + len(text)), block])


def _padding(length: int) -> bytes:
    return b"\0" * (-length % 4)
