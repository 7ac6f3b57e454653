"""The settings of the contour page: all that determines its pictures, as a value that travels in a link."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from lossviz import losses
from lossviz.core.points import POINT_LIMIT, Point, rounded
from lossviz.core.query import View
from lossviz.core.settings import Setting, log_steps, setting
from lossviz.fields import Extent
from lossviz.fields.adversary import TrainedAdversary
from lossviz.fields.panel import (
    BIAS_LIMIT,
    MAX_CLASSES,
    MAX_REACH,
    MIN_CLASSES,
    MIN_REACH,
    Plane,
    adversary_around,
    even_points,
)
from lossviz.losses import ClassState, key_of
from lossviz.losses.spec import LossSpec

CAMRI_FIG1 = ("soft-d", "l2-softmax", "weighted-ce", "arcface")
MIN_RADIUS, LEVEL_LIMIT = 0.01, 1000.0
BESIDE = {
    "none": "Nothing",
    "angle": "Loss against angle",
    "target": "Target logit ψ(θ)",
    "probability": "Loss against probability",
    "difference": "Difference",
    "surface": "3-D surface",
}
CLASSES = Setting(
    "classes", "K", 3, kind="whole", low=MIN_CLASSES, high=MAX_CLASSES, title="number of classes"
)
Values = tuple[tuple[str, Any], ...]


def _round_numbers(*powers: float) -> tuple[float, ...]:
    digits = (1, 1.2, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9)
    return tuple(float(f"{digit * power:g}") for power in powers for digit in digits)


# Positions of sliders: those of a bias are fine about zero and coarse far out, those of a level fine about 1.
_POSITIVE = (
    *(i / 4 for i in range(17)), 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 16.0, 20.0, 24.0, 32.0, 48.0, 64.0, 96.0,
    128.0, 192.0, 256.0, 384.0, BIAS_LIMIT,
)  # fmt: skip
_BIASES = (*(-m for m in _POSITIVE[1:]), *_POSITIVE)
_RADII = (*_round_numbers(0.1, 1.0, 10.0), 100.0)
_BELOW = (-0.1, -0.2, -0.5, -1.0, -2.0, -5.0, -10.0, -20.0, -50.0, -100.0)
_LEVELS = (*_BELOW, 0.0, *_round_numbers(0.01, 0.1, 1.0, 10.0), 100.0)


def random_points(classes: int, seed: int) -> tuple[Point, ...]:
    """Points with random directions and lengths between 0.5 and 1.5."""
    generator = torch.Generator().manual_seed(seed)
    draw = torch.rand((classes, 2), generator=generator, dtype=torch.float64)
    angle, length = 2 * math.pi * draw[:, 0], 0.5 + draw[:, 1]
    points = torch.stack([length * torch.cos(angle), length * torch.sin(angle)], -1)
    return tuple((rounded(x), rounded(y)) for x, y in points.tolist())


@dataclass(frozen=True)
class ContourView(View):
    """The settings of the contour page. Angles in radians; points in the units of the plane.

    params: values by the parameters' link, only those that differ from the default. surface: the loss of the
    3-D surface, or empty for the first one shown. radius, level: None for those of `circle` and `edge`.
    """

    losses: tuple[str, ...] = setting(
        CAMRI_FIG1, "names", "losses", "any set, drawn over the same plane", low=1, resolve=key_of
    )
    label: int = setting(0, "whole", "samples of class y", low=0, high=MAX_CLASSES - 1)
    weights: tuple[Point, ...] = setting(
        even_points(3),
        "points",
        "weights",
        "z₁, z₂ of each class, a line each",
        -POINT_LIMIT,
        POINT_LIMIT,
        count=3,
    )
    centers: tuple[Point, ...] = setting(
        even_points(3, 2.0),
        "points",
        "centres",
        "z₁, z₂ of each class, a line each",
        -POINT_LIMIT,
        POINT_LIMIT,
        count=3,
    )
    bias: float = setting(
        0.0,
        "real",
        "bias of all classes",
        "for the losses with one bias. Added by linear, subtracted by normalised classifiers",
        -BIAS_LIMIT,
        BIAS_LIMIT,
        symbol="b",
        steps=_BIASES,
    )
    biases: tuple[float, ...] = setting(
        (0.0, 0.0, 0.0),
        "reals",
        "bias of each class",
        low=-BIAS_LIMIT,
        high=BIAS_LIMIT,
        count=3,
        steps=_BIASES,
    )
    params: Mapping[str, Any] = setting({}, "params", "parameters of the losses")
    reach: float = setting(
        3.0,
        "real",
        "extent",
        "the plane runs from −r to r",
        MIN_REACH,
        MAX_REACH,
        steps=(0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 50.0, 100.0),
    )
    spacing: Literal["linear", "log"] = setting(
        "linear",
        "choice",
        "heights",
        "logarithmic bands show what happens at the bottom of the valley",
        choices=("linear", "log"),
        link="heights",
    )
    shared: bool = setting(
        False, "flag", "one colour scale for all panels", choices=("panel", "shared"), link="colours"
    )
    terms: bool = setting(False, "flag", "terms one by one", "splits losses that are sums into their terms")
    arrows: bool = setting(
        False,
        "flag",
        "arrows of −∇L",
        "direction of steepest descent; the length grows with the square root of the slope",
    )
    start: Point | None = setting(None, "points", "start of the descent", low=-POINT_LIMIT, high=POINT_LIMIT)
    rate: float = setting(
        0.1,
        "real",
        "step size of the descent",
        low=1e-4,
        high=100.0,
        symbol="η",
        steps=log_steps(1e-3, 100.0, per_octave=1),
    )
    steps: int = setting(100, "whole", "steps", low=1, high=500, steps=(1, 2, 5, 10, 20, 50, 100, 200, 500))
    beside: str = setting("none", "choice", "beside the plane", choices=BESIDE)
    pair: tuple[str, str] = setting(
        ("l2-softmax", "arcface"), "names", "difference of two losses", low=2, high=2, resolve=key_of
    )
    surface: str = setting("", "text", "surface of", resolve=key_of)
    radius: float | None = setting(
        None,
        "real",
        "circle ‖z‖ = r",
        "the opening angle is measured on this circle, and the charts against an angle follow it",
        MIN_RADIUS,
        MAX_REACH,
        symbol="r",
        steps=_RADII,
    )
    level: float | None = setting(
        None,
        "real",
        "loss at the valley's edge",
        "the valley is where the loss is lower than this. At first the loss of a guess, log K",
        -LEVEL_LIMIT,
        LEVEL_LIMIT,
        symbol="ℓ",
        steps=_LEVELS,
    )
    opening: bool = setting(
        True,
        "flag",
        "opening angle of the valley",
        "the circle ‖z‖ = r, the line of the loss ℓ, and the angle between its walls",
    )
    seed: int = setting(0, "whole", "seed of the adversary", low=0, high=9999)
    presentation: bool = setting(False, "flag", "presentation", "thick lines, large text")

    @classmethod
    def declarations(cls) -> Mapping[str, Setting]:
        """The settings by name; the number of classes, on which others depend, is read first."""
        return {"classes": CLASSES, **super().declarations()}

    def declaration(self, name: str) -> Setting:
        """The declaration of a setting for this number of classes."""
        declared = super().declaration(name)
        if name == "label":
            return declared.but(high=self.classes - 1)
        return declared.but(count=self.classes) if declared.count else declared

    def parameters(self) -> Mapping[str, Setting]:
        """Every parameter of the catalogue, by link."""
        return losses.all_parameters(self.classes)

    def put(self, name: str, value: Any) -> ContourView:
        return self.with_classes(value) if name == "classes" else super().put(name, value)

    @property
    def classes(self) -> int:
        return len(self.weights)

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(map(str, range(self.classes)))

    @property
    def extent(self) -> Extent:
        return (-self.reach, self.reach, -self.reach, self.reach)

    @property
    def circle(self) -> float:
        """r of the circle ‖z‖ = r; by default two thirds of the way to the edge of the plane."""
        return float(f"{2 * self.reach / 3:.3g}") if self.radius is None else self.radius

    @property
    def edge(self) -> float:
        """The loss at the valley's edge; by default log K, that of a guess among the classes."""
        return rounded(math.log(self.classes)) if self.level is None else self.level

    def specs(self) -> list[LossSpec]:
        return [losses.get(key) for key in self.losses]

    def values(self, spec: LossSpec) -> dict[str, Any]:
        return {p.name: self.params.get(p.link, p.default) for p in spec.params}

    def state(self, spec: LossSpec) -> ClassState:
        """The class state in float64 with the kind of bias that the loss takes."""
        bias: torch.Tensor | None = None
        if spec.needs.bias == "unified":
            bias = torch.tensor(self.bias, dtype=torch.float64)
        elif spec.needs.bias == "diverse":
            bias = torch.tensor(self.biases, dtype=torch.float64)
        return ClassState(
            weights=torch.tensor(self.weights, dtype=torch.float64),
            bias=bias,
            centers=torch.tensor(self.centers, dtype=torch.float64),
            adversary=self.adversary().network if spec.needs.adversary else None,
        )

    def landscape(self, spec: LossSpec) -> tuple[str, Values, Values]:
        """All that a loss over the plane depends on: its key, its parameters, and what it takes of a view."""
        needs = spec.needs
        names = ["label", "weights"]
        names += {"unified": ["bias"], "diverse": ["biases"]}.get(needs.bias, [])
        names += ["centers"] if needs.centers or needs.adversary else []
        names += ["seed"] if needs.adversary else []
        taken = tuple((name, getattr(self, name)) for name in names)
        return spec.key, tuple(self.values(spec).items()), taken

    def adversary(self) -> TrainedAdversary:
        """The small adversary trained around the centres, from the seed."""
        return adversary_around(self.centers, self.seed)

    def plane(self) -> Plane:
        """The plane and what else all panels share."""
        adversarial = any(spec.needs.adversary for spec in self.specs())
        return Plane(
            weights=self.weights,
            centers=self.centers,
            label=self.label,
            reach=self.reach,
            circle=self.circle if self.opening else None,
            level=self.edge,
            spacing=self.spacing,
            shared=self.shared,
            presentation=self.presentation,
            anchors=self.adversary().anchors.tolist() if adversarial else (),
            rate=self.rate,
        )

    def with_classes(self, classes: int) -> ContourView:
        """The same view for another number of classes: evenly spread again."""
        important = self.params.get("important", 0)
        chosen = (important,) if isinstance(important, int) else tuple(important)
        kept = tuple(k for k in chosen if k < classes) or (0,)
        free = {link for link, p in self.parameters().items() if p.kind not in ("classes", "matrix")}
        params = {link: value for link, value in self.params.items() if link in free}
        if kept != (0,):
            params["important"] = kept[0] if len(kept) == 1 else kept
        return replace(
            self,
            weights=even_points(classes),
            centers=even_points(classes, 2.0),
            biases=(tuple(self.biases) + (0.0,) * classes)[:classes],
            label=min(self.label, classes - 1),
            params=params,
        )

    def with_texts(self, texts: Mapping[str, str]) -> ContourView:
        """The view with settings as a link gives them; SettingError with the rule."""
        view = self
        for name, text in texts.items():
            view = view.with_text(name, text)
        return view

    def while_moving(self) -> ContourView:
        """The view as it is drawn while a weight is dragged: a path shows its first steps only."""
        return replace(self, steps=min(self.steps, 25))

    def with_dragged(self, kind: str, index: int, place: Point) -> ContourView:
        """The view with what was dragged to a place: a "weight", a "center", or the "circle" through it."""
        if kind == "circle":
            radius = float(f"{math.hypot(*place):.3g}")
            return replace(self, radius=min(max(radius, MIN_RADIUS), MAX_REACH))
        name = "weights" if kind == "weight" else "centers"
        points = list(self.get(name))
        if 0 <= index < len(points):
            points[index] = place
        return self.put(name, tuple(points))

    def alike(self, other: ContourView) -> bool:
        """True if both views show the same landscapes, even if drawn differently."""
        return self.losses == other.losses and all(
            self.landscape(spec) == other.landscape(spec) for spec in self.specs()
        )

    def used_params(self) -> list[Setting]:
        """The parameters that act in the losses shown, each linked one once, in order."""
        return [param for param in losses.parameters(self.specs()).values() if param.role == "loss"]
