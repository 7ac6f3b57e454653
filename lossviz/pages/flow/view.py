"""The settings of the flow page, as a value that travels in a URL, and its named flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self

from lossviz import losses
from lossviz.core.query import Preset, View
from lossviz.core.settings import Setting, setting
from lossviz.fields.flow import RATES, FlowConfig
from lossviz.losses.spec import LossSpec

SPEEDS = ("1", "2", "5", "10", "20")


@dataclass(frozen=True)
class FlowView(FlowConfig, View):
    """A flow and how it is drawn. params: values by the parameters' link, as in links of other pages."""

    speed: str = setting("1", "choice", "steps a frame", "steps between two pictures", choices=SPEEDS)
    field: int = setting(
        0,
        "whole",
        "loss field behind, of class",
        "the loss that a feature of this class would have, blue is low, yellow high; bands are finer where "
        "the loss is low",
        0,
        20,
    )
    trails: bool = setting(False, "flag", "trails", "where each feature has just been")
    circle: bool = setting(False, "flag", "directions only", "every feature and weight drawn at length 1")
    presentation: bool = setting(False, "flag", "for a projector", "larger texts and thicker lines")

    def loss_params(self) -> dict[str, Any]:
        """All parameters of the loss by name, as after the annealing."""
        own = {p.name: self.params[p.link] for p in self.spec.params if p.link in self.params}
        return self.spec.complete(own, self.classes)

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(map(str, range(self.classes)))

    def specs(self) -> list[LossSpec]:
        return [self.spec]

    def used_params(self) -> list[Setting]:
        return [p for p in self.spec.params if p.role == "loss"]

    @classmethod
    def initial(cls) -> Self:
        plain = opening()
        return cls(**{name: plain.get(name) for name in cls.declarations()})

    def declaration(self, name: str) -> Setting:
        """The declaration of a setting; a field that names a class allows only existing ones, 0 for none."""
        declared = super().declaration(name)
        return declared.but(high=self.classes) if name == "field" else declared

    def parameters(self) -> Mapping[str, Setting]:
        return losses.for_classes(losses.parameters([self.spec]), self.classes)

    def with_param(self, link: str, value: Any) -> Self:
        """The view with one parameter set; a default leaves the mapping. Rates that suited still do."""
        return replace(super().with_param(link, value), **self._following())

    def put(self, name: str, value: Any) -> Self:
        """The view with one setting changed; parameters that no longer mean anything go.

        Another loss has its own rates; otherwise rates that suited still do, and others stay.
        """
        changed = {**self._following(), name: value}
        if name == "loss":
            changed |= dict.fromkeys(RATES)
            known = losses.parameters([losses.get(value)])
            changed["params"] = {k: v for k, v in self.params.items() if k in known}
        if name == "classes":
            kept = {link for link, p in self.parameters().items() if p.kind not in ("classes", "matrix")}
            changed["params"] = {k: v for k, v in self.params.items() if k in kept}
            changed["field"] = min(self.field, value)
        return replace(self, **changed)

    def _following(self) -> dict[str, Any]:
        suits = self.suited()
        return {name: None for name in RATES if getattr(self, name) == suits[name]}


def preset_of(view: FlowView) -> Preset[FlowView] | None:
    """The named flow that a view is, however it is drawn; None for one of the visitor's own."""
    drawn = ("speed", "field", "trails", "circle", "presentation")
    for preset in presets().values():
        if replace(view, **{name: getattr(preset.view, name) for name in drawn}) == preset.view:
            return preset
    return None


def opening() -> FlowView:
    """The flow of the page as it opens."""
    return next(iter(presets().values())).view


@lru_cache(maxsize=1)
def presets() -> dict[str, Preset[FlowView]]:
    """The named flows by name; the first is the page's default."""
    made = [
        Preset(
            "Collapse onto weights (cross-entropy)",
            FlowView(),
            "The features of a class fall into one point along its weight: after 300 steps NC1 is below "
            "0.001. Ten classes in the plane are crowded: accuracy reaches 100 %, but one threshold serves "
            "only half of the features, and the gaps stay unequal.",
        ),
        Preset(
            "An even ring (L2-softmax)",
            FlowView(loss="l2-softmax"),
            "Only the angle counts: after 600 steps ten directions are 36° apart, while lengths are left "
            "almost as they were, so NC1 stays above 0.",
        ),
        Preset(
            "Points at centres (center)",
            FlowView(loss="center", params={"center-weight": 1.0}),
            "The pull to the centres (crosses) draws each class into a point within 100 steps (NC1 below "
            "0.001), long before the classes are apart: accuracy is near 60 % then, 100 % after 300.",
        ),
        Preset(
            "A margin, annealed (ArcFace)",
            FlowView(loss="arcface", params={"margin": 0.3}, seed=1),
            "Margin and scale start mild and grow over 300 steps: classes first find their places, then "
            "even out. After 600 steps all gaps lie between 33° and 39°, and 99 % are right.",
        ),
        Preset(
            "A margin at once: stuck classes (ArcFace)",
            FlowView(loss="arcface", params={"margin": 0.3}, anneal=False),
            "The same margin and scale from the first step: classes cannot pass each other, and many "
            "features stay on the wrong side. After 300 steps two thirds are right.",
        ),
        Preset(
            "Merged classes: a margin that cannot fit (ArcFace)",
            FlowView(loss="arcface", params={"margin": 1.2}, weight_rate=0.5, seed=1),
            "A margin of 1.2 rad (69°) has no room among ten classes of 36°: while it grows the classes "
            "part, and 96 % are right at step 600; from step 1,000 on one to three pairs of classes have "
            "merged, and the flow does not come to rest: up to step 1,500 the share of right ones goes up "
            "and down between 64 and 86 %, and the fastest features still turn by more than 1° a step.",
        ),
        Preset(
            "Divergence (prototype conformity)",
            FlowView(
                loss="pc",
                params={"prototype-weight": 1.0},
                classes=6,
                rate=1.0,
                weight_rate=10.0,
                decay=0.0,
                weight_decay=0.0,
            ),
            "The loss has no floor: the first step passes 0, and it falls on, while features and "
            "centres (crosses) run outwards without end. The page stops where a number passes 1,000, after "
            "363 steps.",
        ),
        Preset(
            "A wider gap for one class (CAMRI)",
            FlowView(loss="camri", classes=8, params={"margin": 1.0, "scale": 8.0}),
            "Class 0 is important (red): after 500 steps it has about 55° on either side, the seven others "
            "about 37° between them.",
        ),
        Preset(
            "Minority collapse (cross-entropy, imbalance 100)",
            FlowView(classes=6, imbalance=100.0, rate=0.05, weight_rate=1.0, decay=0.02, weight_decay=0.02),
            "The first class has 100 times as many features as the last: the weights of the two rarest "
            "classes shrink and turn the same way, and after 600 steps 4 and 5 have merged.",
        ),
        Preset(
            "Ten classes on a sphere (L2-softmax, 3-D)",
            FlowView(loss="l2-softmax", dimension=3),
            "A third dimension makes room: after 600 steps the nearest class is 49° away or more, against "
            "36° in the plane. Drag to turn, or Shift with the arrow keys.",
        ),
    ]
    return {preset.name: preset for preset in made}
