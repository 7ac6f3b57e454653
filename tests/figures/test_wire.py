"""The wire: what Python puts into a message, and that JavaScript reads the same."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from lossviz.figures import wire
from lossviz.figures.wire import message, with_header
from tests.figures.wire_reader import read
from tests.javascript import CANVAS, call


@dataclass
class Mark:
    x: Any
    y: Any


KINDS: dict[Any, Any] = {
    "f4": [0.1, -2.5e30, np.inf, np.nan],
    "i2": [-32_768, -1, 32_767],
    "u1": [0, 7, 255],
    "u2": [65_535, 1],
    "u4": [4_294_967_295],
}


def example(**more: Any) -> bytes:
    places = {kind: np.array(values, kind) for kind, values in KINDS.items()}
    return message({"places": places, "name": "ß ‖z‖", **more})


@pytest.mark.parametrize("name", ["", "a", "ab", "abc"])  # the header ends at any place
def test_every_array_comes_back_as_numbers_of_its_type(name: str) -> None:
    header, array = read(example(more=name))
    assert (header["name"], header["more"]) == ("ß ‖z‖", name)
    for kind, values in KINDS.items():
        found = array(header["places"][kind])
        np.testing.assert_array_equal(found, np.array(values, found.dtype))


def test_equal_arrays_are_held_once_and_of_other_types_apart() -> None:
    data = message({"all": [np.array([1, 2], kind) for kind in ("f4", "i8", "f8", "u1")]})
    header, _ = read(data)
    assert header["all"] == [{"at": 0, "n": 2, "type": "f4"}] * 3 + [{"at": 8, "n": 2, "type": "u1"}]
    assert len(data) == -(-(4 + int.from_bytes(data[:4], "little")) // 4) * 4 + 12


def test_arrays_of_any_shape_are_laid_out_row_by_row() -> None:
    header, array = read(message({"it": np.arange(6).reshape(2, 3).T}))
    assert array(header["it"]).tolist() == [0, 3, 1, 4, 2, 5]


def test_a_dataclass_is_told_by_its_fields_and_a_scalar_of_numpy_as_a_number() -> None:
    header, array = read(message({"mark": Mark(np.float32(0.5), np.array([1, 2]))}))
    assert header["mark"]["x"] == 0.5
    assert array(header["mark"]["y"]).tolist() == [1, 2]


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_header_holds_no_number_that_json_lacks(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        message({"x": number})


def test_more_in_the_header_leaves_the_arrays_as_they_are() -> None:
    header, array = read(with_header(example(), name="other", source="route?runs=a"))
    assert (header["name"], header["source"]) == ("other", "route?runs=a")
    assert array(header["places"]["u2"]).tolist() == [65_535, 1]


def test_python_reads_what_it_wrote_and_nothing_beyond() -> None:
    header, array = wire.read(example())
    for kind, values in KINDS.items():
        np.testing.assert_array_equal(
            array(header["places"][kind]), np.array(values, array(header["places"][kind]).dtype)
        )
    for place in ({"at": -4, "n": 1}, {"at": 0, "n": 10**6}, {"at": 0, "n": -1}, {"at": 0.0, "n": 1}):
        with pytest.raises(ValueError, match="array"):
            array({**place, "type": "f4"})
    for data in (b"", b"\1\0", b"\xff\xff\xff\x7f{}", b"\2\0\0\0{"):
        with pytest.raises(ValueError, match=r"."):
            wire.read(data)


def test_javascript_reads_what_python_wrote() -> None:
    script = """(text, odd) => {
      const bytes = Buffer.from(text, "base64");
      // Streamlit hands over a part of a larger message, which may start anywhere.
      const whole = new Uint8Array(bytes.length + odd);
      whole.set(bytes, odd);
      const { header, array } = module.readMessage(whole.subarray(odd));
      const text_of = (place) => Array.from(array(place), String);
      return [header.name, Object.entries(header.places).map(([kind, place]) => [kind, text_of(place)])];
    }"""
    data = base64.b64encode(example()).decode()
    for odd in (0, 1, 3):
        name, found = call(CANVAS / "wire.js", script, data, odd)
        assert name == "ß ‖z‖"
        assert [kind for kind, _ in found] == list(KINDS)
        for kind, texts in found:
            given = np.array(KINDS[kind], "f4" if kind == "f4" else None)
            np.testing.assert_array_equal([float(text) for text in texts], given)
