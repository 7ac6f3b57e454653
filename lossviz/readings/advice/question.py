"""The question of the page Doctor, a value that travels in a link: a loss, classes, dimensions, a margin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, get_args

from lossviz import losses
from lossviz.core.query import View
from lossviz.core.settings import Setting, setting
from lossviz.losses.spec import LossSpec
from lossviz.metrics.bounds.margins import ANGLE, COSINE, FACTOR, MOST_CLASSES, MOST_DIMENSIONS

Asks = Literal["margin", "probability", "threshold"]
# The kind of question of each loss that has one, by the loss's key.
ASKS: Mapping[str, Asks] = {
    spec.key: asked for asked in get_args(Asks) for spec in losses.catalogue().values() if spec.asks == asked
}
SECTIONS = {
    "map": "Map",
    "arrangement": "Directions",
    "probability": "Probability",
    "runs": "Your runs",
}


@dataclass(frozen=True)
class DoctorView(View):
    """A loss, its classes and dimensions. params: values by the parameters' link that are not default."""

    loss: str = setting(
        "arcface",
        "choice",
        "loss",
        "losses with a margin on the angle, a scale of the cosines, or a γ with a learned bias. The margin "
        "of the hinge loss always fits: features may grow as long as they like",
        choices={key: losses.get(key).title for key in ASKS},
    )
    classes: int = setting(
        10, "whole", "classes", f"number of classes, 2 to {MOST_CLASSES:,}", 2, MOST_CLASSES, symbol="K"
    )
    dimension: int = setting(
        2,
        "whole",
        "dimension",
        f"numbers in an embedding, 2 to {MOST_DIMENSIONS:,}",
        2,
        MOST_DIMENSIONS,
        symbol="d",
    )
    cared: int = setting(
        1,
        "whole",
        "important classes",
        "how many classes have the margin; the others have none",
        1,
        MOST_CLASSES,
    )
    target: float = setting(
        0.9,
        "real",
        "probability wanted",
        "of the own class, for every class",
        0.5,
        0.9999,
        steps=(0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999),
    )
    section: str = setting("map", "choice", "picture", "what is drawn", choices=SECTIONS)
    params: Mapping[str, Any] = setting({}, "params", "parameters of the loss")

    def __post_init__(self) -> None:
        self.check_settings()

    @property
    def spec(self) -> LossSpec:
        return losses.get(self.loss)

    @property
    def asks(self) -> Asks:
        """The kind of question: about the loss's own parameter, or, in the section on it, the probability."""
        return "probability" if self.section == "probability" else ASKS[self.loss]

    @property
    def link(self) -> str:
        """The link of the parameter that the picture is about."""
        known = {"margin": (ANGLE, COSINE, FACTOR), "probability": ("scale", "gamma")}
        wanted = known.get(self.asks, ("gamma",))
        return next(p.link for p in self.spec.params if p.link in wanted)

    @property
    def param(self) -> Setting:
        """The parameter that the picture is about: the margin, the scale or γ."""
        return next(p for p in self.spec.params if p.link == self.link)

    @property
    def value(self) -> float:
        return float(self.params.get(self.link, self.param.default))

    @property
    def scale(self) -> float | None:
        """s, or γ where it plays the same part; None for a loss without."""
        for param in self.spec.params:
            if param.link in ("scale", "gamma"):
                return float(self.params.get(param.link, param.default))
        return None

    @property
    def important(self) -> int | None:
        """The number of classes that have the margin, of a loss that lets one choose; else None."""
        chooses = any(p.kind == "classes" for p in self.spec.params)
        return min(self.cared, self.classes) if chooses else None

    def specs(self) -> list[LossSpec]:
        return [self.spec]

    def used_params(self) -> list[Setting]:
        """The parameters that matter here."""
        return [p for p in self.spec.params if p.link in (ANGLE, COSINE, FACTOR, "scale", "gamma")]

    def sections(self) -> dict[str, str]:
        """The pictures of this loss."""
        own = dict(SECTIONS)
        everyone = self.important is None or self.important == self.classes
        if ASKS[self.loss] != "margin" or self.scale is None or not everyone:
            del own["probability"]
        return own

    @classmethod
    def initial(cls) -> Self:
        """The view of the page as it opens: a margin that does not fit."""
        return cls(params={"margin": 0.8})

    def declaration(self, name: str) -> Setting:
        """The declaration of a setting; the setting of the picture offers those of this loss."""
        declared = super().declaration(name)
        return declared.but(choices=self.sections()) if name == "section" else declared

    def parameters(self) -> Mapping[str, Setting]:
        """The parameters that matter here, by link."""
        return {param.link: param for param in self.used_params()}

    def put(self, name: str, value: Any) -> Self:
        """The view with one setting changed, without parameters and a picture that the loss does not have."""
        changed = super().put(name, value)
        if name == "loss":
            used = changed.parameters()
            changed = replace(changed, params={k: v for k, v in self.params.items() if k in used})
        lost = name != "section" and changed.section not in changed.sections()
        return replace(changed, section="map") if lost else changed
