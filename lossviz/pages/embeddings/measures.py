"""Measures of the classes as clusters among the features, and of the picture's trustworthiness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lossviz.core.text import fixed
from lossviz.figures.table import Column, Table
from lossviz.metrics import clusters
from lossviz.metrics.clusters import Silhouette, Trust
from lossviz.pages.embeddings.projected_points import THEMSELVES, ProjectedPoints
from lossviz.readings.identity_cache import once
from lossviz.readings.projection.cached import features_of
from lossviz.readings.reading import Array, Reading
from lossviz.readings.section import Fold, Part

NEIGHBOURS = 5
# Silhouettes that differ by less do not tell two runs apart: other images or seeds move them as much.
_ALIKE = 0.03
KEY = (
    "Silhouette: near 1 where a sample is far nearer to its own class than to the next, 0 on the border. "
    "Calinski-Harabasz: scatter of the class means over scatter within classes, larger is better; as "
    "paper 000 prints it (Eq. 7), distances within classes are not squared, so it grows with the features. "
    f"Trustworthiness: 1 where the {NEIGHBOURS} nearest neighbours in the picture are neighbours among the "
    "features; 0.5 by chance."
)


@dataclass(frozen=True, eq=False)
class Clusters:
    """The measures of one reading, on its features of d dimensions. trust: of the picture."""

    silhouette: Silhouette
    calinski: float
    printed: float
    trust: Trust | None


def of(projected: ProjectedPoints) -> Clusters:
    """The measures; MetricError where features cannot be measured."""
    reading = projected.reading
    features, labels, classes = _finite(reading)
    arrays = (features_of(reading), reading.labels)
    return Clusters(
        once("silhouette", arrays, lambda: clusters.silhouette(features, labels, classes)),
        once("calinski", arrays, lambda: clusters.calinski_harabasz(features, labels, classes)),
        once("printed", arrays, lambda: clusters.calinski_harabasz_printed(features, labels, classes)),
        trust(projected),
    )


def _finite(reading: Reading) -> tuple[Array, Array, int]:
    features = features_of(reading)
    keep = np.isfinite(features).all(1)
    if keep.all():
        return features, reading.labels, len(reading.classes)
    return features[keep], reading.labels[keep], len(reading.classes)


def trust(projected: ProjectedPoints) -> Trust | None:
    """The trustworthiness of the picture; None where nothing is projected, or for too few samples."""
    projection = projected.projection
    if projection.trust is not None or projection.method == THEMSELVES:
        return projection.trust
    if len(projected.places) <= 2 * NEIGHBOURS:
        return None
    features, places = features_of(projected.reading), projected.places
    return once(
        ("trust", projected.mark),
        (features,),
        lambda: clusters.trustworthiness(features[places], projection.points, neighbours=NEIGHBOURS),
    )


def table(found: Sequence[tuple[ProjectedPoints, Clusters]]) -> Table:
    """A row for each run."""
    silhouettes = np.array([m.silhouette.value for _, m in found])
    calinski = np.array([m.calinski for _, m in found])
    trusted = np.array([np.nan if m.trust is None else m.trust.value for _, m in found])
    columns = [
        Column("run", tuple(p.reading.name for p, _ in found), "text"),
        Column("d", [p.reading.dimension for p, _ in found], "count"),
        Column("silhouette", silhouettes, "number", digits=3, best="high"),
        Column("Calinski-Harabasz", calinski, "number", digits=0, best="high"),
        Column("as paper 000 prints it", [m.printed for _, m in found], "number", digits=0),
        Column("picture", tuple(_method(p) for p, _ in found), "text"),
        Column(f"trustworthiness ({NEIGHBOURS} neighbours)", trusted, "number", digits=3),
    ]
    return Table("Classes as clusters, measured on the features", tuple(columns), _note(found))


def _method(projected: ProjectedPoints) -> str:
    if projected.projection.method == THEMSELVES:
        return "the features"
    dims = projected.points.shape[1]
    return f"{projected.how.partition(',')[0]}, {dims}-D"


def _note(found: Sequence[tuple[ProjectedPoints, Clusters]]) -> str:
    """The samples measured, and those of silhouette and trustworthiness if fewer (their cost grows as N²)."""
    parts = list(dict.fromkeys(p.reading.of for p, _ in found))
    said = [parts[0] if len(parts) == 1 else "samples as given"]
    for what, samples in (
        ("silhouette", {m.silhouette.samples for _, m in found if m.silhouette.samples < m.silhouette.of}),
        ("trustworthiness", {t.samples for _, m in found if (t := m.trust) and t.samples < t.of}),
    ):
        if samples:
            said.append(f"{what} on {' or '.join(f'{n:,}' for n in sorted(samples))} of them")
    return "; ".join(said)


def class_table(found: Sequence[tuple[ProjectedPoints, Clusters]]) -> Table:
    """The mean silhouette of each class under each run; the runs have the classes of the first."""
    classes = found[0][0].reading.classes
    columns = [Column("class", classes, "text")]
    for projected, m in found:
        if projected.reading.classes == classes:
            name = f"silhouette, {projected.reading.name}"
            columns.append(Column(name, m.silhouette.by_class, "number", digits=3, best="high"))
    return Table("Silhouette of each class", tuple(columns), _note(found))


def parts(found: Sequence[tuple[ProjectedPoints, Clusters]]) -> Iterator[Part]:
    """The measures in words and in tables."""
    yield notice(found)
    yield "clusters", table(found)
    yield Fold("Silhouette of each class", lambda: [("silhouettes", class_table(found))])


def notice(found: Sequence[tuple[ProjectedPoints, Clusters]]) -> str:
    """The measures in a sentence or two."""
    values = [(m.silhouette.value, p.reading.name) for p, m in found if np.isfinite(m.silhouette.value)]
    if not values:
        return ""
    (best, name), *others = sorted(values, reverse=True)
    if others and round(best - others[-1][0], 2) < _ALIKE:
        ends = f"{_signed(others[-1][0])} to {_signed(best)}"
        said = f"The silhouettes among the features are alike, {ends} ({_counted(found)})."
    elif others:
        told = others if len(others) < 3 else others[-1:]
        rest = ", ".join(f"{_signed(value)} under {other}" for value, other in told)
        rest += "" if told is others else ", the least"
        said = (
            f"Classes stand apart most under {name}: silhouette {_signed(best)} among the features "
            f"({_counted(found)}), against {rest}."
        )
    else:
        said = f"Among the features themselves the silhouette is {_signed(best)} ({_counted(found)})."
    return f"{said} {_weakest(found)}".strip()


def _counted(found: Sequence[tuple[ProjectedPoints, Clusters]]) -> str:
    """The number of samples on which silhouettes were measured, in words."""
    counts = sorted({m.silhouette.samples for _, m in found})
    return " and ".join(f"{count:,}" for count in counts) + " samples"


def _signed(value: float) -> str:
    return fixed(value, 2)


def _weakest(found: Sequence[tuple[ProjectedPoints, Clusters]]) -> str:
    """The class that is least a cluster, by more than chance moves, where runs agree on it."""
    names = {_loosest(projected.reading, m.silhouette.by_class) for projected, m in found}
    if len(names) != 1 or "" in names or len(found) < 2:
        return ""
    return f"Class {names.pop()} is the loosest under {'both' if len(found) == 2 else 'all of them'}."


def _loosest(reading: Reading, by_class: Array) -> str:
    known = np.sort(by_class[np.isfinite(by_class)])
    if len(known) < 3 or known[1] - known[0] < _ALIKE:
        return ""
    return reading.classes[int(np.nanargmin(by_class))]
