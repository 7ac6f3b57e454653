"""Numbers with a fixed count of decimals, the same in a sentence, a table and the browser."""

from __future__ import annotations

import math
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


def percent(share: float, digits: int = 1) -> str:
    """A share in per cent, "26.3 %"; "–" for NaN."""
    return f"{fixed(100 * share, digits)} %" if math.isfinite(share) else MISSING
