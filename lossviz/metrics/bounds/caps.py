"""Spherical caps: their share of the sphere, and the angle that a share stands for."""

from __future__ import annotations

import math


def share(angle: float, dimension: int) -> float:
    """The share of the unit sphere in R^d within an angle (radians, 0..π) of a point.

    ½ I_{sin²θ}((d−1)/2, ½) up to a right angle (S. Li 2011, Eq. 1), with I the regularised incomplete
    beta function; beyond it 1 less the share of the opposite cap.
    """
    if angle > math.pi / 2:
        return 1 - share(math.pi - angle, dimension)
    from scipy.special import betainc

    return float(betainc((dimension - 1) / 2, 0.5, math.sin(angle) ** 2)) / 2


def angle(part: float, dimension: int) -> float:
    """The angle (radians) of the cap that has this share of the sphere: `share` turned round."""
    if part > 0.5:
        return math.pi - angle(1 - part, dimension)
    from scipy.special import betaincinv

    return math.asin(math.sqrt(float(betaincinv((dimension - 1) / 2, 0.5, 2 * part))))
