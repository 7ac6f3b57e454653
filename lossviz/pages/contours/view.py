"""The settings of the contour page: what is shown, as a value that travels in a URL.

A ContourView holds everything that determines the picture. `to_query` and `from_query` are exact
inverses; whatever a hand-edited URL says wrongly is reported in words and replaced by its default.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

import torch

from lossviz import losses
from lossviz.core.errors import LossError
from lossviz.core.query import (
    Point,
    flag,
    linked_value,
    number,
    number_text,
    param_text,
    parse_points,
    points_text,
    rounded,
    unknown_settings,
    whole,
    within,
)
from lossviz.fields import Extent, spread
from lossviz.fields.adversary import TrainedAdversary, train_adversary
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec, Param
from lossviz.pages.contours.view_texts import (
    BESIDE,
    BIAS_LIMIT,
    LEVEL_LIMIT,
    MAX_CLASSES,
    MAX_REACH,
    MIN_CLASSES,
    MIN_RADIUS,
    MIN_REACH,
    WEIGHT_LIMIT,
    biases_of,
    linked_params,
    loss_of,
    named,
    pair_of,
    read_losses,
)

CAMRI_FIG1 = ("soft-d", "l2-softmax", "weighted-ce", "arcface")
Values = tuple[tuple[str, Any], ...]


def even_points(classes: int, radius: float = 1.0) -> tuple[Point, ...]:
    """Points evenly spread on a circle, the first upwards, rounded as in a URL."""
    return tuple((rounded(x), rounded(y)) for x, y in spread(classes, radius).tolist())


def random_points(classes: int, seed: int) -> tuple[Point, ...]:
    """Points with random directions and lengths between 0.5 and 1.5."""
    generator = torch.Generator().manual_seed(seed)
    draw = torch.rand((classes, 2), generator=generator, dtype=torch.float64)
    angle, length = 2 * math.pi * draw[:, 0], 0.5 + draw[:, 1]
    points = torch.stack([length * torch.cos(angle), length * torch.sin(angle)], -1)
    return tuple((rounded(x), rounded(y)) for x, y in points.tolist())


@dataclass(frozen=True)
class ContourView:
    """What the contour page shows. Angles in radians; points in the units of the plane.

    params: values by the parameters' link, only those that differ from the default.
    weights, centers: one point a class. bias: for losses with one bias; biases: one a class.
    surface: the loss of the 3-D surface, or empty for the first one shown. reach: the plane runs
    from −reach to reach. start: where gradient descent begins. radius, level: of the circle ‖z‖ = r on
    which the opening below a loss ℓ is measured; None for those of `circle` and `edge`.
    """

    losses: tuple[str, ...] = CAMRI_FIG1
    label: int = 0
    weights: tuple[Point, ...] = even_points(3)
    bias: float = 0.0
    biases: tuple[float, ...] = (0.0, 0.0, 0.0)
    centers: tuple[Point, ...] = even_points(3, 2.0)
    params: Mapping[str, Any] = field(default_factory=dict)
    reach: float = 3.0
    spacing: Literal["linear", "log"] = "linear"
    shared: bool = False
    terms: bool = False
    arrows: bool = False
    start: Point | None = None
    rate: float = 0.1
    steps: int = 100
    beside: str = "none"
    pair: tuple[str, str] = ("l2-softmax", "arcface")
    radius: float | None = None
    level: float | None = None
    opening: bool = True
    surface: str = ""
    seed: int = 0
    presentation: bool = False

    @property
    def classes(self) -> int:
        """K."""
        return len(self.weights)

    @property
    def extent(self) -> Extent:
        """The plane that is shown."""
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
        """The losses shown, in order."""
        return [losses.get(key) for key in self.losses]

    def values(self, spec: LossSpec) -> dict[str, Any]:
        """The parameters of one loss, by name."""
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
        return _adversary(self.centers, self.seed)

    def with_classes(self, classes: int) -> ContourView:
        """The same view for another number of classes: evenly spread again."""
        important = self.params.get("important", 0)
        chosen = (important,) if isinstance(important, int) else tuple(important)
        kept = tuple(k for k in chosen if k < classes) or (0,)
        params = {k: v for k, v in self.params.items() if k != "important"}
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

    def with_param(self, link: str, value: Any) -> ContourView:
        """The view with one linked parameter set; a default value leaves the mapping."""
        params = {k: v for k, v in self.params.items() if k != link}
        if value != linked_params()[link].default:
            params[link] = value
        return replace(self, params=params)

    def while_moving(self) -> ContourView:
        """The view as it is drawn while a weight is dragged: a path shows its first steps only."""
        return replace(self, steps=min(self.steps, 25))

    def with_points(self, name: str, points: Iterable[Point]) -> ContourView:
        """The view with other `weights` or `centers`."""
        if name == "weights":
            return replace(self, weights=tuple(points))
        return replace(self, centers=tuple(points))

    def with_dragged(self, kind: str, index: int, place: Point) -> ContourView:
        """The view with what was dragged to a place: a "weight", a "center", or the "circle" through it."""
        if kind == "circle":
            radius = float(f"{math.hypot(*place):.3g}")
            return replace(self, radius=min(max(radius, MIN_RADIUS), MAX_REACH))
        name = "weights" if kind == "weight" else "centers"
        points = list(getattr(self, name))
        if 0 <= index < len(points):
            points[index] = place
        return self.with_points(name, points)

    def alike(self, other: ContourView) -> bool:
        """Whether both show the same landscapes, however drawn."""
        return self.losses == other.losses and all(
            self.landscape(spec) == other.landscape(spec) for spec in self.specs()
        )

    def used_params(self) -> list[Param]:
        """The parameters that act in the losses shown, each linked one once, in order."""
        found: dict[str, Param] = {}
        for spec in self.specs():
            for p in spec.params:
                if p.role == "loss":
                    found.setdefault(p.link, p)
        return list(found.values())

    def to_query(self) -> dict[str, str]:
        """What differs from the default view, as URL parameters."""
        start = ContourView().with_classes(self.classes)
        query: dict[str, str] = {}

        def put(name: str, text: str, differs: bool) -> None:
            if differs:
                query[name] = text

        put("losses", ",".join(self.losses), self.losses != start.losses)
        put("classes", str(self.classes), self.classes != 3)
        put("label", str(self.label), self.label != 0)
        put("weights", points_text(self.weights), self.weights != start.weights)
        put("bias", number_text(self.bias), self.bias != 0)
        put("biases", ",".join(map(number_text, self.biases)), any(self.biases))
        put("centers", points_text(self.centers), self.centers != start.centers)
        put("reach", number_text(self.reach), self.reach != start.reach)
        put("heights", self.spacing, self.spacing != start.spacing)
        put("colours", "shared", self.shared)
        put("terms", "yes", self.terms)
        put("arrows", "yes", self.arrows)
        put("start", points_text([self.start] if self.start else []), self.start is not None)
        put("rate", number_text(self.rate), self.rate != start.rate)
        put("steps", str(self.steps), self.steps != start.steps)
        put("beside", self.beside, self.beside != start.beside)
        put("pair", ",".join(self.pair), self.pair != start.pair)
        put("surface", self.surface, self.surface != "")
        put("radius", number_text(self.circle), self.radius is not None)
        put("level", number_text(self.edge), self.level is not None)
        put("opening", "no", not self.opening)
        put("seed", str(self.seed), self.seed != 0)
        put("presentation", "yes", self.presentation)
        for link, value in self.params.items():
            query[link] = param_text(linked_params()[link], value)
        return query

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[ContourView, list[str]]:
        """(the view, what was wrong in words); a wrong setting keeps its default."""
        return _Reader(query).read()


@lru_cache(maxsize=64)
def _adversary(centers: tuple[Point, ...], seed: int) -> TrainedAdversary:
    return train_adversary(torch.tensor(centers, dtype=torch.float64), seed)


class _Reader:
    """Reads a query setting by setting; collects what is wrong instead of stopping."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self.query = dict(query)
        self.problems: list[str] = []

    def read(self) -> tuple[ContourView, list[str]]:
        classes = self.whole("classes", 3, MIN_CLASSES, MAX_CLASSES)
        view = ContourView().with_classes(classes)
        params = {}
        for link, param in linked_params().items():
            value = self.take(link, param.default, lambda t, p=param: linked_value(p, t, classes))
            if value != param.default:
                params[link] = value
        view = replace(
            view,
            losses=self.losses(view.losses),
            label=self.whole("label", 0, 0, classes - 1),
            weights=self.points("weights", view.weights),
            bias=self.number("bias", 0.0, -BIAS_LIMIT, BIAS_LIMIT),
            biases=self.take("biases", view.biases, lambda t: biases_of(t, classes)),
            centers=self.points("centers", view.centers),
            params=params,
            reach=self.number("reach", view.reach, MIN_REACH, MAX_REACH),
            spacing=self.choice("heights", view.spacing, ("linear", "log")),
            shared=self.choice("colours", "panel", ("panel", "shared")) == "shared",
            terms=self.flag("terms"),
            arrows=self.flag("arrows"),
            start=self.take("start", None, lambda t: parse_points(named("start"), t, 1, WEIGHT_LIMIT)[0]),
            rate=self.number("rate", view.rate, 1e-4, 100.0),
            steps=self.whole("steps", view.steps, 1, 500),
            beside=self.choice("beside", view.beside, tuple(BESIDE)),
            pair=self.take("pair", view.pair, pair_of),
            surface=self.take("surface", "", lambda t: loss_of("surface", t)),
            radius=self.number("radius", None, MIN_RADIUS, MAX_REACH),
            level=self.number("level", None, -LEVEL_LIMIT, LEVEL_LIMIT),
            opening=self.flag("opening", True),
            seed=self.whole("seed", 0, 0, 9999),
            presentation=self.flag("presentation"),
        )
        self.problems += unknown_settings(self.query)
        return view, self.problems

    def take(self, name: str, default: Any, parse: Any, rule: str = "") -> Any:
        """What `parse` makes of the text, or the default with the problem noted; rule: what is allowed,
        where the errors of `parse` do not name the setting as the page does."""
        text = self.query.pop(name, None)
        if text is None:
            return default
        try:
            return parse(text)
        except LossError as error:
            told = f"{named(name)} must {rule}; got {text[:40]!r}" if rule else str(error)
            self.problems.append(f"{told.rstrip('.')}; the default is shown")
            return default

    def losses(self, default: tuple[str, ...]) -> tuple[str, ...]:
        """The losses that are known."""
        text = self.query.pop("losses", None)
        if text is None:
            return default
        found, problems = read_losses(text)
        self.problems += problems
        return found or default

    def number(self, name: str, default: float | None, low: float, high: float) -> Any:
        rule = f"lie in [{low:g}, {high:g}]"
        return self.take(name, default, lambda t: within(number(name, t), low, high, name), rule)

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        rule = f"be a whole number in [{low}, {high}]"
        return self.take(name, default, lambda t: within(whole(name, t), low, high, name), rule)

    def flag(self, name: str, default: bool = False) -> bool:
        return self.take(name, default, lambda t: flag(name, t), "be yes or no")

    def points(self, name: str, default: tuple[Point, ...]) -> tuple[Point, ...]:
        count = len(default)
        return self.take(name, default, lambda t: parse_points(named(name), t, count, WEIGHT_LIMIT))

    def choice(self, name: str, default: str, allowed: Sequence[str]) -> Any:
        def parse(text: str) -> str:
            if text not in allowed:
                raise LossError(name)
            return text

        return self.take(name, default, parse, f"be one of {', '.join(allowed)}")
