"""Numbers with a fixed count of decimals: halves go away from zero, as the browser has them."""

from __future__ import annotations

import math

import pytest

from lossviz.core.text import fixed, percent
from lossviz.figures.table import Column


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (26.25, 1, "26.3"),
        (28.75, 1, "28.8"),
        (-26.25, 1, "−26.3"),
        (0.5, 0, "1"),
        (-0.04, 1, "0.0"),
        # Not a half: 28.65 is kept as 28.649999999999998…, which toFixed sees too.
        (28.65, 1, "28.6"),
        (1e300, 1, "1" + format(int(1e300))[1:] + ".0"),
        (math.nan, 1, "–"),
        (-math.inf, 1, "−∞"),
    ],
)
def test_halves_go_away_from_zero(value: float, digits: int, text: str) -> None:
    assert fixed(value, digits) == text


def test_a_table_and_a_sentence_read_alike() -> None:
    shares = [k / 400 for k in range(401)]
    assert [f"{text} %" for text in Column("share", shares, "percent").texts()] == list(map(percent, shares))
    assert percent(0.2625) == "26.3 %"


def test_thousands_are_set_off_on_demand() -> None:
    assert fixed(12345.25, thousands=True) == "12,345.3"
    assert fixed(12345.25) == "12345.3"
