"""Numbers and lists as words for a reader, the same in a sentence, a table, a figure and the browser."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

MISSING = "–"
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)  # the largest float has 309 digits


def fixed(value: float, digits: int = 1, *, thousands: bool = False) -> str:
    """The number with so many decimals, halves away from zero: 26.25 is "26.3", −26.25 "−26.3".

    Python's own formats round halves to even ("26.2"), while the browser's toFixed and plotly's
    formats round them away from zero: on one page both would be read. What rounds to nothing has no
    sign. thousands: set off by commas. "–" for NaN; "∞" and "−∞" for infinities.
    """
    if not math.isfinite(value):
        return MISSING if math.isnan(value) else "∞" if value > 0 else "−∞"
    whole = Decimal(abs(float(value))).quantize(Decimal(1).scaleb(-digits), context=_EXACT)
    text = f"{whole:,f}" if thousands else f"{whole:f}"
    return "−" + text if value < 0 and text.strip("0.,") else text


def listed(parts: Sequence[str]) -> str:
    """ "3", "3 and 5", or "3, 5 and 8"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def percent(share: float, digits: int = 1) -> str:
    """A share in per cent, "26.3 %"; "–" for NaN."""
    return f"{fixed(100 * share, digits)} %" if math.isfinite(share) else MISSING


def close_percent(share: float) -> str:
    """A share in per cent; near 0 and 1 with the digits that tell it from them."""
    part = 100 * share
    if part > 99.9999:
        return "more than 99.9999 %"
    if part < 0.0001:
        return "less than 0.0001 %"
    return percent(share, 4 if part > 99.99 or part < 0.01 else 2 if part > 99 or part < 1 else 1)


def number_text(value: float, digits: int = 4, missing: str = MISSING) -> str:
    """A number for a reader: "0.01", "1.5", "−3", "2×10⁻⁵"; at most `digits` significant digits.

    missing: the word for NaN. "∞" and "−∞" for infinities.
    """
    if not math.isfinite(value):
        return missing if math.isnan(value) else ("∞" if value > 0 else "−∞")
    if value == 0:
        return "0"
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    power = int(exponent)
    sign = "−" if value < 0 else ""
    if -3 <= power <= 5:
        decimals = max(0, digits - 1 - power)
        text = f"{float(f'{mantissa}e{power}'):.{decimals}f}"
        return sign + (text.rstrip("0").rstrip(".") if "." in text else text)
    ten = "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return sign + (ten if mantissa == "1" else f"{mantissa}×{ten}")


def whole_text(value: float) -> str:
    """A number with its thousands set off, "1,234", without decimals from 1,000 on; below in three digits."""
    return fixed(value, 0, thousands=True) if value >= 1000 else number_text(value, 3)
