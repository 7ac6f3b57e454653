"""The picture: a panel of the scatter for each run, the same as a chart for files, and what to notice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lossviz.core.text import fixed, percent
from lossviz.figures import chart
from lossviz.figures.chart import Arrows, Axis, Chart, Dots, Note, RoleColor
from lossviz.figures.scatter import Panel, Values, names
from lossviz.figures.scatter.panel import CLASSES, weight_factor
from lossviz.figures.screen_theme import NAME
from lossviz.figures.text_width import text_width
from lossviz.metrics.vectors import rows_of_classes
from lossviz.pages.embeddings import colours
from lossviz.pages.embeddings.measures import NEIGHBOURS
from lossviz.pages.embeddings.projected_points import THEMSELVES, ProjectedPoints
from lossviz.readings.reading import Array, Reading

# The most bytes of all images of a panel together; beyond, they are shown smaller when pointed at.
MOST_BYTES = 8 << 20
# Of more runs than these only the smallest and the largest number are told.
MOST_TOLD = 3
# With more classes than these each has so few points that their median is not its middle.
MOST_NAMES = 60
# Names of more classes would cover the points on paper.
MOST_NAMED = 20
# The side of a panel on paper in pixels, for one panel, two, three and so on.
SIDES = (360, 350, 260, 260, 260, 260, 170)


def thumbnails(pixels: Array) -> Array:
    """Images as they are shown beside a point: uint8 [n, C, H, W] to [n, h, w, C], at most 8 MB.

    Where they are more, squares of pixels are averaged.
    """
    count, channels, height, wide = pixels.shape
    side = 1
    while count * channels * (height // side) * (wide // side) > MOST_BYTES and min(height, wide) // side > 4:
        side += 1
    if side > 1:
        h, w = height // side, wide // side
        cut = pixels[:, :, : h * side, : w * side].reshape(count, channels, h, side, w, side)
        pixels = cut.mean((3, 5), dtype=np.float32).round().astype(np.uint8)
    return np.ascontiguousarray(pixels.transpose(0, 2, 3, 1))


def panel(
    projected: ProjectedPoints, colour: str, scale: Values | None, images: Array | None, sample: bool = False
) -> Panel:
    """One run. images: of its points in their order, uint8 [n, h, w, C], or None. sample: whether the
    note says which images they are."""
    reading, is_projection = projected.reading, projected.projection.method != THEMSELVES
    points, (classes, labels, taken) = centred(projected), _told_apart(projected)
    return Panel(
        run=reading.run_id or reading.name,
        title=reading.name,
        note=f"{projected.sample} · {note(projected)}" if sample else note(projected),
        text=_alt(projected),
        classes=classes,
        features=points,
        labels=labels,
        predictions=taken,
        losses=None if reading.loss_values is None else reading.loss_values[projected.places],
        weights=_weights(projected),
        axes=axis_names(projected) if is_projection else None,
        anchors=_anchors(projected, points, labels, len(classes)) if is_projection else None,
        values=colours.values(projected, colour) if scale is not None else None,
        images=images,
        numbers=None if reading.indices is None else np.asarray(reading.indices)[projected.places],
        image_set=_image_set(reading),
    )


def options(colour: str, scale: Values | None) -> dict[str, Any]:
    """The fields of `Options` that say what colours the points."""
    if scale is None:
        return {"colour": colour if colour in ("label", "prediction", "error") else "label"}
    return {"colour": "value", "values": scale}


def centred(projected: ProjectedPoints) -> Array:
    """The points; those of UMAP and t-SNE, whose places mean nothing, about the middle of their extent."""
    points = projected.points
    if projected.projection.method not in ("umap", "tsne") or not len(points):
        return points
    return points - (points.max(0) + points.min(0)) / 2


def _told_apart(projected: ProjectedPoints) -> tuple[tuple[str, ...], Array, Array | None]:
    """The classes, labels and predictions; of very many classes, those of the labels and one for the rest."""
    classes, labels, taken = projected.reading.classes, projected.labels, projected.predictions
    if len(classes) <= CLASSES:
        return classes, labels, taken
    kept = np.unique(labels)
    names = (*(classes[k] for k in kept), "another class")
    if taken is not None:
        taken = np.where(np.isin(taken, kept), np.searchsorted(kept, taken), len(kept))
    return names, np.searchsorted(kept, labels), taken


def _anchors(projected: ProjectedPoints, points: Array, labels: Array, classes: int) -> Array:
    """The places of the names of classes: the medians of their points, NaN without points; UMAP and t-SNE
    make small clusters that a name would cover, so it stands at their upper end."""
    found = np.full((classes, points.shape[1]), np.nan)
    above = points.shape[1] == 2 and projected.projection.method in ("umap", "tsne")
    for k, rows in enumerate(rows_of_classes(labels, classes) if classes <= MOST_NAMES else ()):
        if len(rows):
            found[k] = np.median(points[rows], axis=0)
            if above:
                found[k, 1] = np.quantile(points[rows, 1], 0.98)
    return found


def _weights(projected: ProjectedPoints) -> Array | None:
    """The class weights, where the features themselves are shown."""
    weights = projected.reading.weights
    if weights is None or projected.projection.method != THEMSELVES:
        return None
    if (
        weights.shape[1] != projected.points.shape[1]
        or not np.isfinite(weights).all()
        or len(weights) > CLASSES
    ):
        return None
    return weights


def axis_names(projected: ProjectedPoints) -> tuple[str, ...]:
    """ "PC 1, 28 %", "z₁"; none for UMAP and t-SNE, whose axes mean nothing."""
    dims, shares = projected.points.shape[1], projected.projection.shares
    if projected.projection.method == THEMSELVES:
        return ("z₁", "z₂", "z₃")[:dims]
    if shares is not None:
        return tuple(f"PC {n + 1}, {100 * shares[n]:.0f} %" for n in range(dims))
    return ()


def note(projected: ProjectedPoints) -> str:
    """The share of samples that are right, and how the picture was made."""
    taken = projected.predictions
    if taken is None:
        return projected.how
    return f"{percent(1 - projected.wrong.mean())} right · {projected.how}"


def _alt(projected: ProjectedPoints) -> str:
    return f"{projected.reading.name}: {projected.sample}; {note(projected)}"


def file_chart(projected: Sequence[ProjectedPoints], colour: str, scale: Values | None) -> Chart:
    """The picture for files: the same points, colours and rings; the names of few classes beside them."""
    samples = list(dict.fromkeys(p.sample for p in projected))
    side = SIDES[min(len(projected), len(SIDES)) - 1]
    return Chart(
        tuple(_chart_panel(each, colour, scale, len(samples) > 1, side) for each in projected),
        alt="Embeddings. " + ". ".join(map(_alt, projected)) + ".",
        title=samples[0][0].upper() + samples[0][1:] if len(samples) == 1 else "",
        height=360,
        legend="top",
        classes=projected[0].reading.classes,
    )


def _chart_panel(
    projected: ProjectedPoints, colour: str, scale: Values | None, apart: bool, side: float
) -> chart.Panel:
    """The panel of a run as a chart. side: about how many pixels of a chart it is wide."""
    points = centred(projected)
    solid = points.shape[1] == 3
    axes = _axes(projected, points)
    marks = _marks(projected, points, colour, scale)
    if not solid:
        marks += _arrows(projected, axes[0].high or 1.0) or _names(projected, points, axes, side)
    # The same words as under the title on screen.
    said = f"{projected.sample} · {note(projected)}" if apart else note(projected)
    return chart.Panel(tuple(marks), projected.reading.name, *axes, equal=not solid, solid=solid, note=said)


def _arrows(projected: ProjectedPoints, reach: float) -> list[Any]:
    """The class weights, as long as on screen, with the names of the classes beyond them."""
    if (weights := _weights(projected)) is None:
        return []
    factor, classes = weight_factor(weights, reach), projected.reading.classes
    longer = "" if factor == 1 else f", drawn {factor:g} times as long"
    labels = classes if len(classes) <= MOST_NAMED else ()
    x, y, *_ = (factor * weights).T
    return [Arrows(x, y, name=f"class weights{longer}", labels=labels)]


def _names(
    projected: ProjectedPoints, points: Array, axes: tuple[Axis, Axis, Axis], side: float
) -> list[Any]:
    """The names of the classes, each on a point of its own, as far as there is room."""
    classes = projected.reading.classes
    if len(classes) > MOST_NAMED:
        return []
    ends = [(axis.low or 0.0, axis.high or 0.0) for axis in axes[:2]]
    unit = (ends[1][1] - ends[1][0]) / side
    boxes = unit * np.array([[0.5 * text_width(name, NAME) + 2, 0.6 * NAME] for name in classes])
    anchors = _anchors(projected, points, projected.labels, len(classes))
    # Above the small clusters, where there are no axes.
    lift = np.array([0.0, 0.0 if axes[1].title else 1.6 * 0.6 * NAME * unit])
    found = names.places(points + lift, projected.labels, anchors + lift, boxes, ends)
    return [
        Note(x, y, name, "center")
        for name, (x, y) in zip(classes, found.tolist(), strict=True)
        if np.isfinite(x)
    ]


def _axes(projected: ProjectedPoints, points: Array) -> tuple[Axis, Axis, Axis]:
    """Axes of equal length about the points; those of UMAP and t-SNE have no numbers."""
    named = axis_names(projected)
    middle = np.zeros(points.shape[1])
    if len(points) and projected.projection.method != THEMSELVES:
        middle = (points.max(0) + points.min(0)) / 2
    # As on screen: names stand above small clusters.
    half = float(np.abs(points - middle).max(initial=0.0)) * (1.08 if named else 1.18) or 1.0
    made = []
    for n, centre in enumerate(middle.tolist()):
        low, high = centre - half, centre + half
        made.append(
            Axis(named[n], low=low, high=high) if named else Axis(low=low, high=high, ticks=((low, ""),))
        )
    return made[0], made[1], made[2] if len(made) > 2 else Axis()


def _marks(projected: ProjectedPoints, points: Array, colour: str, scale: Values | None) -> list[Any]:
    """The points, then a ring around each wrong one."""

    def dots(rows: Any, **look: Any) -> Any:
        x, y, *z = points[rows].T
        return Dots(x, y, z=z[0] if z else None, **look)

    wrong, taken, numbers = projected.wrong, projected.predictions, colours.values(projected, colour)
    every = slice(None)
    if scale is not None and numbers is not None:
        shown = np.clip(numbers, scale.low, scale.high)
        title = f"{scale.title}, {scale.unit}" if scale.unit else scale.title
        marks = [dots(every, values=shown, value_title=title, value_spacing="log" if scale.log else "linear")]
    elif colour == "error" and taken is not None:
        marks = [dots(~wrong, color=RoleColor("border"), name="right"), dots(wrong, classes=taken[wrong])]
    elif colour == "prediction" and taken is not None:
        marks = [dots(every, classes=taken)]
    else:
        marks = [dots(every, classes=projected.labels)]
    if wrong.any():
        marks.append(dots(wrong, color=RoleColor("other"), symbols="ring", size=8, name="misclassified"))
    return marks


def notice(projected: Sequence[ProjectedPoints], colour: str = "label") -> str:
    """Sentences on what such a picture shows and what not, with the numbers of these runs."""
    said = []
    plain = [p for p in projected if p.projection.method == THEMSELVES]
    if plain:
        said.append(_themselves(plain, len(plain) == len(projected)))
    pcas = [p for p in projected if p.projection.method == "pca"]
    moving = [p for p in pcas if _kept(p) > 0]
    if moving:
        shares = [100 * _kept(p) for p in moving]
        if len(moving) > MOST_TOLD:
            kept = f"{min(shares):.0f} to {max(shares):.0f} %"
        else:
            kept = ", ".join(
                f"{share:.0f} % ({p.reading.name})" for share, p in zip(shares, moving, strict=True)
            )
        axes = {2: "two", 3: "three"}[moving[0].points.shape[1]]
        said.append(
            f"The {axes} axes of largest variance keep {kept} of it. The other axes are not seen: classes "
            "that overlap here may still be apart."
        )
    said += [f"The features of {p.reading.name} are all the same." for p in pcas if p not in moving]
    for method, title in (("umap", "UMAP"), ("tsne", "t-SNE")):
        some = [p for p in projected if p.projection.method == method]
        if some:
            trusts = [(t.value, p.reading.name) for p in some if (t := p.projection.trust) is not None]
            told = ", ".join(f"{value:.3f} ({name})" for value, name in trusts)
            if len(trusts) > MOST_TOLD:
                told = f"{min(trusts)[0]:.3f} to {max(trusts)[0]:.3f}"
            said.append(
                f"{title} is made to keep neighbours, not distances: who is near whom can be read, how large "
                "clusters are and how far apart cannot."
                + (f" Trustworthiness, of {NEIGHBOURS} neighbours: {told}." if trusts else "")
            )
    if colour == "loss" and len({p.reading.loss_key for p in projected}) > 1:
        said.append("Each run is coloured by its own loss: numbers of different losses cannot be compared.")
    return " ".join(said)


def _themselves(plain: Sequence[ProjectedPoints], alone: bool) -> str:
    names = {1: "one number", 2: "two numbers", 3: "three numbers"}
    many = " or ".join(names[d] for d in sorted({p.reading.dimension for p in plain}))
    if alone and len(plain) > 1:
        who = "these runs"
    else:
        who = " and ".join(p.reading.name for p in plain)
    return (
        f"The features of {who} have {many} each: they are the picture, every distance in it is true, and no "
        "projection is needed."
    )


def _kept(projected: ProjectedPoints) -> float:
    shares = projected.projection.shares
    return 0.0 if shares is None else float(shares.sum())


def point_lines(projected: ProjectedPoints, index: int) -> list[str]:
    """The lines on the card of a picked point."""
    reading, place = projected.reading, int(projected.places[index])
    own = reading.classes[int(reading.labels[place])]
    taken = projected.predictions
    said = [own]
    if taken is not None:
        guess = reading.classes[int(taken[index])]
        said = [f"{own} · {'recognised' if guess == own else f'taken for {guess}'}"]
    if reading.loss_values is not None:
        said.append(f"loss {reading.loss_values[place]:.3g}")
    angle = colours.values(projected, "angle")
    if angle is not None:
        said.append(f"{fixed(angle[index])}° to its class weight")
    if reading.indices is not None:
        said.append(f"{_image_set(reading)} {int(reading.indices[place]):,}")
    else:
        said.append(f"sample {place:,}")
    return said


def _image_set(reading: Reading) -> str:
    return "training image" if reading.part == "train" else "test image"
