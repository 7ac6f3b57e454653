"""The bytes of the threshold picture, read back."""

import numpy as np
import pytest

from lossviz.figures.threshold import Row, encode
from tests.figures.wire_reader import read

EMPTY = np.empty(0)


def row(**changes) -> Row:
    settings = {
        "positive": np.array([2.0, 3.0]),
        "negative": np.array([1.0, -np.inf]),
        "labels": np.array([0, 1]),
        "curve_x": np.array([0.0, 1.0, 2.0]),
        "curve_y": np.array([0.0, 0.5, 0.0]),
        "positive_heights": np.array([0.25, 0.75]),
        "negative_heights": np.array([1.0, 0.0]),
        "negatives": 1,
        "tail": np.array([1.0]),
        "rest": EMPTY,
        "rest_before": EMPTY,
        "best": (1.5, 0.5),
    }
    return Row("bce-u", "#123456", "#abcdef", **(settings | changes))


def test_every_array_lies_where_the_header_says():
    header, array = read(encode([row(), row(bias=0.0)], np.array([0.0, 1.0, 2.0]), ["a", "b"], 1.25, echo=7))
    assert array(header["edges"]).tolist() == [0, 1, 2]
    for told in header["rows"]:
        arrays = {name: array(value).tolist() for name, value in told.items() if isinstance(value, dict)}
        assert arrays["positive"] == [2, 3]
        assert arrays["negative"] == [1, -np.inf]
        assert arrays["labels"] == [0, 1]
        assert arrays["curve_x"] == [0, 1, 2]
        assert arrays["curve_y"] == [0, 0.5, 0]
        assert arrays["positive_heights"] == [0.25, 0.75]
        assert arrays["tail"] == [1]
        assert arrays["rest"] == arrays["rest_before"] == []
        assert (told["negatives"], told["best"]) == (1, [1.5, 0.5])
    assert [told["bias"] for told in header["rows"]] == [None, 0]
    assert (header["threshold"], header["echo"], header["classes"]) == (1.25, 7, ["a", "b"])


def test_arrays_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"one length; got positive \[2\], negative \[2\], labels \[1\]"):
        row(labels=np.array([0]))
    with pytest.raises(ValueError, match=r"curve_x \[3\], curve_y \[2\]"):
        row(curve_y=np.zeros(2))
