"""The content of a scatter: panels, the timeline under them, options, a picked point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from lossviz.figures.axis import Array
from lossviz.figures.plane import round_factor

Layer = Literal["none", "field", "regions"]
Colour = Literal["label", "prediction", "error", "value"]

CLASSES = 200  # ten colours times twenty shapes


@dataclass(frozen=True, eq=False)
class Panel:
    """One run at one step: the points of an embedding and what lies behind and over them.

    run: id of the run; zoom and pan are kept for it from frame to frame.
    title, note: "ArcFace m 17.2°"; "epoch 3.4/8 · test 97.1 %".
    warning: a line under the note, "3 and 8 have merged"; "" keeps its room, None takes none.
    classes: names of the K classes, at most 200.
    state: instead of points, before the first frame: "waiting in the queue, 2 before it".
      With points it is shown small in the corner: "paused", "diverged at step 310".
    text: the panel in words for a screen reader; title and note if empty.
    features: [P, 2] or [P, 3], or None. Points that are not finite are left out and counted.
    labels: [P] numbers of the true classes. predictions: [P] or None; a wrong point has a ring.
    losses: [P] or None, for the text at a point.
    weights, centers: [K, d] or None. thresholds: polylines [n, 2] where a class begins, dashed.
    reach: half the width of the plane around the origin; None for what the points need. It
      must not tremble from frame to frame: let it grow at once and shrink only by a lot.
    field: [ny, nx], a loss over `extent`, row 0 the lowest z₂, nodes on the edges; NaN is hatched.
    levels: ascending edges of the field's bands. regions: [ny, nx] class numbers, over `extent`.
    extent: (x0, x1, y0, y1); by default −reach to reach.
    axes: names of the axes of projected features, () where they have no meaning; None: z₁, z₂, z₃.
    anchors: [K, d], where the names of classes stand, NaN for none; None: where their rays leave.
    values: [P], the numbers that colour the points, NaN for grey. images: uint8 [P, h, w] or
    [P, h, w, C], shown at the point that is pointed at. numbers: [P] or None, places of the images in
    their set, `image_set`: "test image 4,271"; None: "point 3".
    """

    run: str
    title: str
    note: str = ""
    warning: str | None = None
    classes: Sequence[str] = ()
    state: str = ""
    text: str = ""
    features: Array | None = None
    labels: Array | None = None
    predictions: Array | None = None
    losses: Array | None = None
    weights: Array | None = None
    centers: Array | None = None
    thresholds: Sequence[Array] = ()
    reach: float | None = None
    field: Array | None = None
    levels: Sequence[float] = ()
    regions: Array | None = None
    extent: tuple[float, float, float, float] | None = None
    axes: Sequence[str] | None = None
    anchors: Array | None = None
    values: Array | None = None
    images: Array | None = None
    numbers: Array | None = None
    image_set: str = "test image"

    def __post_init__(self) -> None:
        """Raise ValueError for shapes that do not belong together."""
        if len(self.classes) > CLASSES:
            _refuse(self, f"at most {CLASSES} classes can be told apart", f"{len(self.classes)}")
        dims = 2
        if self.features is not None:
            if self.features.ndim != 2 or self.features.shape[1] not in (2, 3):
                _refuse(self, "features must be [P, 2] or [P, 3] (project others)", self.features.shape)
            dims = self.features.shape[1]
            if self.labels is None:
                _refuse(self, "features need labels [P]", None)
        self._check_points()
        for name in ("weights", "centers", "anchors"):
            values = getattr(self, name)
            if values is not None and values.shape != (len(self.classes), dims):
                _refuse(self, f"{name} must be [K, d] = [{len(self.classes)}, {dims}]", values.shape)
        self._check_ground()

    def _check_points(self) -> None:
        points = 0 if self.features is None else len(self.features)
        for name in ("labels", "predictions", "losses", "values", "numbers"):
            values = getattr(self, name)
            if values is not None and values.shape != (points,):
                _refuse(self, f"{name} must be [P], one for each of {points} points", values.shape)
        for name in ("labels", "predictions"):
            values = getattr(self, name)
            if values is not None and points and not 0 <= values.min() <= values.max() < len(self.classes):
                _refuse(
                    self,
                    f"{name} must lie in 0..{len(self.classes) - 1}, the number of a class",
                    f"{values.min()} to {values.max()}",
                )
        if self.images is not None:
            _check_images(self, points)

    def _check_ground(self) -> None:
        if self.reach is not None and not (math.isfinite(self.reach) and self.reach > 0):
            _refuse(self, "reach must be above 0, or None", self.reach)
        for name in ("field", "regions"):
            grid = getattr(self, name)
            if grid is not None and (grid.ndim != 2 or min(grid.shape) < 2):
                _refuse(self, f"{name} must be [ny, nx], at least 2 by 2", grid.shape)
            if grid is not None and self.extent is None and self.reach is None:
                _refuse(self, f"{name} needs an extent or a reach", None)
        if self.field is not None and len(self.levels) < 2:
            _refuse(self, "a field needs at least two levels, the edges of its bands", len(self.levels))


def weight_factor(weights: Array | None, reach: float) -> float:
    """The round factor by which class weights [K, d] are drawn longer where they would not be seen."""
    longest = 0.0 if weights is None else float(np.linalg.norm(weights, axis=1).max())
    if not 0 < longest < math.inf or 0.28 * reach < longest < 0.92 * reach:
        return 1.0
    return round_factor(0.72 * reach / longest)


@dataclass(frozen=True)
class Timeline:
    """The frames that can be asked for, and the one shown.

    steps, epochs: of each frame, ascending. position: index of the frame shown. running: more
    frames will come. live: the newest is followed. playing: frames are asked for one after another.
    """

    steps: Sequence[int] = ()
    epochs: Sequence[float] = ()
    position: int = 0
    live: bool = False
    playing: bool = False
    running: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError unless there is an epoch a step, and a frame at the position."""
        if len(self.steps) != len(self.epochs):
            raise ValueError(
                "scatter: a timeline needs one epoch a step; "
                f"got {len(self.epochs)} for {len(self.steps)} steps"
            )
        if self.steps and not 0 <= self.position < len(self.steps):
            raise ValueError(f"scatter: position must lie in 0..{len(self.steps) - 1}; got {self.position}")


@dataclass(frozen=True)
class Values:
    """The scale of the numbers that colour points, from low to high; beyond, the colour of the end."""

    title: str
    low: float
    high: float
    log: bool = False
    unit: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for ends that are no scale."""
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"scatter: values need low < high; got {self.low} and {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"scatter: a log scale starts above 0; got {self.low}")


@dataclass(frozen=True)
class Options:
    """The way in which panels are drawn.

    layer: what lies behind the points. of_class: whose field it is; its weight is red.
    shapes: a shape of its own for each class, also where ten colours would do. linked: zoom, pan
    and turn act on all panels. interactive: listens. presentation: thicker and larger. height: of
    the whole in pixels; None fills the window but for `beneath` pixels, which the page needs there.
    columns: None for those that make the planes largest. colour: what the colour of a point says: its
    class, what it is taken for, the same for wrong ones only, or its number on the scale `values`.
    """

    layer: Layer = "none"
    of_class: int | None = None
    weights: bool = True
    centers: bool = True
    shapes: bool = False
    linked: bool = True
    interactive: bool = True
    presentation: bool = False
    height: int | None = None
    beneath: int = 0
    columns: int | None = None
    colour: Colour = "label"
    values: Values | None = None


@dataclass(frozen=True, eq=False)
class Picked:
    """A point with its image: uint8 [H, W] or [H, W, C], C 1 or 3, and lines of text beside it.

    panel, index: as in the trigger `pick`.
    """

    panel: int
    index: int
    lines: Sequence[str] = ()
    image: Array | None = field(default=None)

    def __post_init__(self) -> None:
        """Raise ValueError for what is no image."""
        image = self.image
        if image is not None and not is_images(image[None]):
            raise ValueError(
                "scatter: an image must be uint8 [H, W] or [H, W, C] with C 1 or 3; "
                f"got {image.dtype} {list(image.shape)}"
            )


def is_images(images: Array) -> bool:
    """True for uint8 [P, H, W] or [P, H, W, C] with C 1 or 3."""
    grey = images.ndim == 3 or (images.ndim == 4 and images.shape[3] in (1, 3))
    return images.dtype == np.uint8 and grey


def _check_images(panel: Panel, points: int) -> None:
    images = panel.images
    assert images is not None
    if not is_images(images) or len(images) != points:
        rule = f"images must be uint8 [P, h, w] or [P, h, w, C], C 1 or 3, for {points} points"
        _refuse(panel, rule, f"{images.dtype} {list(images.shape)}")


def _refuse(panel: Panel, rule: str, came: object) -> None:
    shown = list(came) if isinstance(came, tuple) else came
    raise ValueError(f"scatter: {panel.title or panel.run}: {rule}; got {shown}")
