"""The map as numbers: what fits for round numbers of classes."""

from __future__ import annotations

import math

from lossviz.figures.table import Column, Kind, Table
from lossviz.metrics import corollary
from lossviz.metrics.bounds import gammas, scales
from lossviz.metrics.bounds.margins import ANGLE, FACTOR
from lossviz.metrics.bounds.room import Room
from lossviz.pages.doctor.maps import share_text, top
from lossviz.readings.advice.question import DoctorView

ROWS = (2, 3, 4, 5, 7, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000)


def table(view: DoctorView) -> Table:
    """The map as numbers: for round numbers of classes, and the present one, both ends."""
    rows = sorted({*(k for k in ROWS if k <= top(view)), view.classes})
    if view.asks == "probability":
        pairs = [scales.least_scale(k, view.dimension, view.target, look=False) for k in rows]
        lows, highs = [p[0] for p in pairs], [p[1] for p in pairs]
        name = f"for {share_text(view.target)}"
        columns = (_real(f"least scale {name}, necessary", lows), _real("sufficient", highs))
        return Table(f"Scales, {view.dimension}-D", (Column("classes", rows, "count"), *columns))
    if view.asks == "threshold":
        bounds = [gammas.least_gamma(k, view.dimension, look=False) for k in rows]
        gamma_columns = (
            _real("γ by Corollary 1", [corollary.least_gamma(k) for k in rows]),
            _real("γ needed", [b.low for b in bounds]),
            _real("γ enough", [b.high for b in bounds]),
        )
        return Table(f"Scales γ, {view.dimension}-D", (Column("classes", rows, "count"), *gamma_columns))
    link = ANGLE if view.link == FACTOR else view.link
    rooms = [Room(link, 0.0, k, view.dimension, view.important) for k in rows]
    found = [each.largest for each in rooms]
    lows, highs = [b.low for b in found], [b.high for b in found]
    kind: Kind = "angle" if link == ANGLE else "number"
    what = "largest angle" if view.link == FACTOR else "largest margin"
    digits = 2 if kind == "angle" else 3
    practical = [Column("practical margin", [each.practical for each in rooms], kind, digits=digits)]
    return Table(
        f"{what.capitalize()}s, {view.dimension}-D",
        (
            Column("classes", rows, "count"),
            Column(f"{what}, for sure", lows, kind, digits=digits),
            Column("at the very most", highs, kind, digits=digits),
            *(practical if view.link != FACTOR else ()),
            Column("from below", [b.low_source for b in found]),
            Column("from above", [b.high_source for b in found]),
        ),
    )


def _real(name: str, values: list[float]) -> Column:
    return Column(name, [v if math.isfinite(v) else math.nan for v in values], "number")
