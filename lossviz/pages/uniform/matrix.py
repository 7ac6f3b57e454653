"""The metric matrix (002 S.I): one sample a class, and which metrics dominate which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lossviz.core.text import fixed
from lossviz.figures.chart import Axis, Chart, Matrix, Panel
from lossviz.metrics import matrix
from lossviz.metrics.matrix import MetricMatrix
from lossviz.pages.uniform import scores
from lossviz.pages.uniform.view import UniformSettings
from lossviz.pages.uniform.words import images, number
from lossviz.readings.identity_cache import once
from lossviz.readings.reading import Reading

# With more classes than these a cell has no room for a number.
WRITTEN = 12
# More classes than these are counted and not drawn: a cell would be smaller than a pixel.
DRAWN = 200


KEY = (
    "Columns are samples, rows the classes they are measured against; colours: how far above or below t* of "
    "the run. Framed: entries that reach the smallest one on the diagonal; with a star: entries that reach "
    "the diagonal of their own column. Above each matrix: in how many columns the diagonal is the largest "
    "(column dominance), and how many diagonal entries are larger than all others (global dominance)."
)


def of(reading: Reading, view: UniformSettings) -> MetricMatrix:
    """The matrix of a run, of metrics with the learned bias."""
    metrics = scores.biased(reading, view.softmax)
    key = ("matrix", view.pick, view.seed if view.pick == "random" else 0)
    return once(
        key,
        (metrics, reading.labels),
        lambda: matrix.metric_matrix(metrics, reading.labels, view.pick, view.seed),
    )


def chart(readings: Sequence[Reading], view: UniformSettings) -> Chart:
    """The matrices of the runs, coloured by how far a metric lies above or below t* of the run.

    Framed: entries off the diagonal that reach the smallest one on it, which break global dominance;
    with a star: those that reach the diagonal of their own column, which break column dominance.
    """
    return Chart(
        tuple(_panel(reading, view) for reading in readings),
        alt(readings, view),
        height=330 if len(readings) < 3 else 205,
        classes=readings[0].classes,
    )


def _panel(reading: Reading, view: UniformSettings) -> Panel:
    found, threshold = of(reading, view), scores.report(reading, view.softmax).threshold
    classes = min(len(found.matrix), DRAWN)
    values = found.matrix[:classes, :classes]
    off, broken = found.breaks_global[:classes, :classes], found.breaks_column
    texts = None
    if classes <= WRITTEN:
        texts = tuple(
            tuple(_text(float(found.matrix[i, j]), bool(broken[i, j]), view.softmax) for j in range(classes))
            for i in range(classes)
        )
    centre = threshold if np.isfinite(threshold) else float(np.nanmean(found.matrix))
    cells = Matrix(
        values - centre,
        reading.classes[:classes],
        reading.classes[:classes],
        "difference",
        texts,
        tuple((int(i), int(j)) for i, j in np.argwhere(off)) if classes <= 50 else (),
    )
    return Panel(
        (cells,),
        reading.name,
        Axis("sample of class"),
        Axis("metric of class"),
        note=_counts(found) + (f"; the first {classes} classes" if classes < len(found.matrix) else ""),
    )


def _text(value: float, broken: bool, softmax: bool) -> str:
    if not np.isfinite(value):
        return "–"
    text = fixed(value, 2) if softmax else fixed(value, int(abs(value) < 9.95))
    return text + ("*" if broken else "")


def _counts(found: MetricMatrix) -> str:
    whole = int(found.present.sum())
    column, every = int(found.column_dominant.sum()), int(found.globally_dominant.sum())
    return f"columns {column} of {whole}, global {every} of {whole}"


def alt(readings: Sequence[Reading], view: UniformSettings) -> str:
    """The key values of the matrices, in words."""
    said = []
    for reading in readings:
        found = of(reading, view)
        diagonal = np.diag(found.matrix)[found.present]
        others = found.matrix[:, found.present][~np.eye(len(found.matrix), dtype=bool)[:, found.present]]
        largest = f", largest other {number(float(others.max()))}" if others.size else ""
        said.append(
            f"{reading.name}: {_counts(found)}; smallest entry on the diagonal "
            f"{number(float(diagonal.min()))}{largest}"
        )
    return (
        "Metric matrix of one sample a class: columns whose diagonal entry is the largest, and diagonal "
        f"entries larger than all others. {'. '.join(said)}."
    )


def notice(readings: Sequence[Reading], view: UniformSettings) -> str:
    """The numbers in sentences."""
    said = []
    for reading in readings:
        found = of(reading, view)
        if found.uniform:
            said.append(f"{reading.name}: one threshold splits these samples")
        elif found.sample_wise:
            count = int(found.breaks_global.sum())
            reach = "entry reaches" if count == 1 else "entries reach"
            said.append(
                f"{reading.name}: each sample here is told right, but no one threshold splits them, since "
                f"{count} other {reach} the smallest on the diagonal"
            )
        else:
            wrong = int((found.present & ~found.column_dominant).sum())
            said.append(
                f"{reading.name}: {wrong} of these samples {'is' if wrong == 1 else 'are'} told wrong"
            )
    return f"{'. '.join(said)}. One image of each class, of {images(readings)}."
