"""Numbers and names as they are written on the page."""

from __future__ import annotations

import math

from lossviz.rounding import percent

__all__ = ["number", "percent"]


def number(value: float) -> str:
    """Four digits, with a minus sign as in print; "none" for what is not there."""
    if not math.isfinite(value):
        return "none" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    return f"{value:.4g}".replace("-", "−")
