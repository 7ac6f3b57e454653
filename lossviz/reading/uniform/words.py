"""Numbers and names as they are written on the page."""

from __future__ import annotations

import math


def number(value: float) -> str:
    """Four digits, with a minus sign as in print; "none" for what is not there."""
    if not math.isfinite(value):
        return "none" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    return f"{value:.4g}".replace("-", "−")


def percent(share: float) -> str:
    """A share in per cent with one decimal."""
    return f"{100 * share:.1f} %" if math.isfinite(share) else "–"
