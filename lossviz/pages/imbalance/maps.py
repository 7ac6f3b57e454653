"""Feature maps: a row for each run, the same image under all of them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from lossviz.core.errors import LossvizError, ReadingError
from lossviz.figures import maps as figures
from lossviz.pages.imbalance.view import ImbalanceSettings
from lossviz.readings import layers, source
from lossviz.readings.reading import Array, Reading
from lossviz.readings.section import Control, Own, PageData, Part, Text
from lossviz.runs import Run

Data = PageData[ImbalanceSettings]
STRONGEST = 6


@dataclass(frozen=True, eq=False)
class Maps:
    """The maps of one layer for one image under one run.

    mean: [h, w], over all maps. strongest: [n, h, w], those with the largest sums. count: of all maps.
    layer: its name. predicted: the class that the image is taken for.
    """

    name: str
    layer: str
    mean: Array
    strongest: Array
    count: int
    predicted: str


def of_class(readings: Sequence[Reading], chosen: int) -> int:
    """The class chosen, else the one with the fewest training images."""
    classes = len(readings[0].classes)
    if 0 <= chosen < classes:
        return chosen
    counts = readings[0].train_counts
    return classes - 1 if counts is None else int(np.argmin(counts))


def places(reading: Reading, k: int) -> Array:
    """The images shown in training that are of class k, those that this run gets wrong first."""
    own = np.flatnonzero(reading.labels == k)
    wrong = reading.predictions[own] != k
    return own[np.argsort(~wrong, kind="stable")]


def maps_of(run: Run, reading: Reading, place: int, layer: str, epoch: float | None) -> Maps:
    """The maps of a run's layer ("": the end of the trunk) for one of the images shown in training."""
    known = [each.name for each in layers.layers(run) if each.maps]
    if not known:
        raise ReadingError(f"{reading.name}: its network has no layer with maps")
    name = layer if layer in known else ""
    made = layers.feature_maps(run, [place], name, epoch)[0]
    order = np.argsort(-made.sum((1, 2)), kind="stable")[:STRONGEST]
    predicted = reading.classes[int(reading.predictions[place])]
    return Maps(reading.name, name or known[-1], made.mean(0), made[order], len(made), predicted)


def choices(run: Run) -> list[str]:
    """The layers of a run's network that make maps, in order."""
    return [each.name for each in layers.layers(run) if each.maps]


def controls(data: Data) -> Iterator[Control]:
    """The class, the image and the layer."""
    k = of_class(data.readings, data.view.of_class)

    def choose(now: ImbalanceSettings, new: int) -> ImbalanceSettings:
        return now.with_setting("of_class", new).with_setting("image", 0)

    shown = _shown_in_training(data)
    names, label = data.classes, "Image of class"
    yield Control(
        "of_class", now=k, change=choose, options=range(len(names)), words=names, label=label, help=None
    )
    if not shown:
        return
    run, reading = shown[0]
    if (count := len(places(reading, k))) > 1:
        yield Control(
            "image",
            now=min(data.view.image, count - 1) + 1,
            change=lambda now, new: now.with_setting("image", new - 1),
            low=1,
            high=count,
            help=f"Those that {reading.name} gets wrong come first.",
        )
    if layer_names := choices(run):
        now = data.view.layer if data.view.layer in layer_names else layer_names[-1]
        yield Control("layer", now=now, options=layer_names, help=None)


def parts(data: Data) -> Iterator[Part]:
    """The image, the mean of its maps and the strongest ones, under each run."""
    shown = _shown_in_training(data)
    if not shown:
        yield Text("Feature maps are made by the network of a run; a file has none.", "info")
        return
    first, reading = shown[0]
    k = of_class(data.readings, data.view.of_class)
    name, found = data.classes[k], places(reading, k)
    if not len(found):
        yield Text(f"No image of class {name} is among those shown in training.", "info")
        return
    place = int(found[min(data.view.image, len(found) - 1)])
    pixels, made = first.points().pixels[place], list[Maps]()
    for run, own in shown:
        try:
            made.append(maps_of(run, own, place, data.view.layer, data.view.at))
        except LossvizError as error:
            yield Text(str(error), "warning")
    if not made:
        return
    note = (
        f"Test image {place + 1:,} of {len(reading.labels):,} shown in training, of class {name}. Layer "
        f"{made[0].layer}: the mean of its {made[0].count} maps, and those with the largest sums, blue low "
        "to yellow high; the mean, and the maps of each run, on scales of their own."
    )
    yield Own("maps", Rows(pixels, made, name, note))


@dataclass(frozen=True, eq=False)
class Rows:
    """The image [C, H, W] and its maps under each run. true: its class. note: what is shown."""

    pixels: Array
    maps: Sequence[Maps]
    true: str
    note: str

    @property
    def html(self) -> str:
        rows = "".join(_row(each, self.pixels, self.true) for each in self.maps)
        return f'<div class="lv-maps">{rows}</div>'

    def save(self, kind: Any) -> bytes:
        """The rows as a file: "png", "svg" or "pdf"."""
        from lossviz.figures import print_maps

        sheet = figures.sheet_rows(self.pixels, [[each.mean, *each.strongest] for each in self.maps])
        heads = [f"{each.name}: {_verdict(each, self.true)}" for each in self.maps]
        return print_maps.sheet(sheet, heads, _captions(max(map(len, sheet))), self.note, kind)


def _shown_in_training(data: Data) -> list[tuple[Run, Reading]]:
    """The runs with the images shown in training: only of those the pixels are kept."""
    names = {reading.run_id: reading.name for reading in data.readings}
    found = [
        (run, source.of_run(run, data.view.at, "shown", names[run.id]))
        for run in data.runs
        if run.id in names
    ]
    same = {reading.labels.tobytes() for _, reading in found}
    return found if len(same) < 2 else found[:1]


def _captions(count: int) -> list[str]:
    """The captions of the images of a row."""
    return ["the image", "mean of all", *(f"map {n}" for n in range(1, count - 1))]


def _verdict(found: Maps, true: str) -> str:
    return "right" if found.predicted == true else f"taken for {found.predicted}"


def _row(found: Maps, pixels: Array, true: str) -> str:
    low, high = figures.ends(list(found.strongest))
    images = [figures.image_png(pixels), figures.map_png(found.mean, *figures.ends([found.mean]))]
    images += [figures.map_png(m, low, high) for m in found.strongest]
    cells = "".join(map(_cell, images, _captions(len(images))))
    head = f"<b>{escape(found.name)}</b>: {escape(_verdict(found, true))}"
    return f'<div class="lv-maps-row"><p>{head}</p><div>{cells}</div></div>'


def _cell(png: bytes, text: str) -> str:
    data = base64.b64encode(png).decode()
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{escape(text)}">'
        f"<figcaption>{escape(text)}</figcaption></figure>"
    )
