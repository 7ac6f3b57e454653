"""What the doctor's page shows, as a value that travels in a URL, and its named settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, Self, get_args

from lossviz import losses
from lossviz.core.query import View
from lossviz.core.settings import Setting, setting
from lossviz.losses.spec import LossSpec
from lossviz.metrics.bounds.margins import ANGLE, COSINE, FACTOR, MOST_CLASSES, MOST_DIMENSIONS

Asks = Literal["margin", "probability", "threshold"]
# The losses that ask for something, by what they ask for.
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
        """The loss."""
        return losses.get(self.loss)

    @property
    def asks(self) -> Asks:
        """What is judged: what the loss needs room for; on the picture of the probability, that."""
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
        """Its value."""
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
        """How many classes have the margin, of a loss that lets one choose; else None."""
        chooses = any(p.kind == "classes" for p in self.spec.params)
        return min(self.cared, self.classes) if chooses else None

    def specs(self) -> list[LossSpec]:
        """The loss, alone."""
        return [self.spec]

    def used_params(self) -> list[Setting]:
        """The parameters that matter here."""
        return [p for p in self.spec.params if p.link in (ANGLE, COSINE, FACTOR, "scale", "gamma")]

    def sections(self) -> dict[str, str]:
        """What can be drawn of this loss."""
        own = dict(SECTIONS)
        everyone = self.important is None or self.important == self.classes
        if ASKS[self.loss] != "margin" or self.scale is None or not everyone:
            del own["probability"]
        return own

    @classmethod
    def initial(cls) -> Self:
        """The view of the page as it opens."""
        plain = opening()
        return cls(**{name: plain.get(name) for name in cls.declarations()})

    def declaration(self, name: str) -> Setting:
        """The declaration of a setting; of the pictures those of this loss."""
        declared = super().declaration(name)
        return declared.but(choices=self.sections()) if name == "section" else declared

    def parameters(self) -> Mapping[str, Setting]:
        """The parameters that matter here, by link."""
        return {param.link: param for param in self.used_params()}

    def put(self, name: str, value: Any) -> Self:
        """The view with one setting changed; parameters and a picture that the loss has not go."""
        changed = super().put(name, value)
        if name == "loss":
            used = changed.parameters()
            changed = replace(changed, params={k: v for k, v in self.params.items() if k in used})
        lost = name != "section" and changed.section not in changed.sections()
        return replace(changed, section="map") if lost else changed


@dataclass(frozen=True)
class DoctorPreset:
    """A named setting and, in a sentence, what it shows."""

    name: str
    view: DoctorView
    shows: str


def opening() -> DoctorView:
    """The setting of the page as it opens."""
    return next(iter(presets().values())).view


@lru_cache(maxsize=1)
def presets() -> dict[str, DoctorPreset]:
    """The named settings by name; the first is the page's default."""
    made = [
        DoctorPreset(
            "ArcFace, ten digits in 2-D",
            DoctorView(params={"margin": 0.8}),
            "Ten directions in the plane are at most 36° apart. A margin of 0.8 rad (46°) asks for more, so "
            "not all classes can have it; up to 18° they have it with room.",
        ),
        DoctorPreset(
            "The same in 3-D",
            DoctorView(params={"margin": 0.8}, dimension=3),
            "One dimension more: ten directions on the sphere are 66° apart, and the same margin fits, "
            "though tightly: up to 33° there is room.",
        ),
        DoctorPreset(
            "CosFace, m = 0.35 in 2-D",
            DoctorView(loss="cosface"),
            "CosFace's usual m = 0.35 comes from faces in 512-D. In the plane it fits seven classes, since "
            "1 − cos(2π/7) = 0.377, and not eight.",
        ),
        DoctorPreset(
            "CosFace, m = 0.35 in 3-D",
            DoctorView(loss="cosface", dimension=3),
            "In 3-D the same margin fits, though tightly: ten directions are 66° apart, and "
            "1 − cos 66° = 0.60.",
        ),
        DoctorPreset(
            "CAMRI: one class may ask for more",
            DoctorView(loss="camri", params={"margin": 1.2}),
            "A margin that ten classes cannot all have fits one of them: the nine others move together and "
            "share the rest of the circle.",
        ),
        DoctorPreset(
            "SphereFace: a factor always fits",
            DoctorView(loss="sphereface"),
            "Multiplying the angle takes no room away: a feature on its class weight has θ = 0, whatever m "
            "is. What m sets is how narrow the beam is; up to m = 3 there is room in it.",
        ),
        DoctorPreset(
            "L2-softmax: how large must s be?",
            DoctorView(loss="l2-softmax", params={"scale": 4.0}),
            "With s = 4 the softmax cannot be sure: even in the best arrangement of ten directions in the "
            "plane the own class gets half of the probability.",
        ),
        DoctorPreset(
            "bce-nu, γ = 4, 1,000 classes",
            DoctorView(loss="bce-nu", classes=1000, dimension=512, params={"gamma": 4.0}),
            "Corollary 1 asks for γ > 3.80 and lets every negative cosine be −1. A thousand directions "
            "cannot all be opposite each other: with cosines near 0 it takes γ > 7.59.",
        ),
        DoctorPreset(
            "Faces: 10,000 identities in 512-D",
            DoctorView(loss="arcface", classes=10_000, dimension=512, params={"margin": 0.5, "scale": 64.0}),
            "ArcFace's own setting, m = 0.5 (29°) and s = 64: in 512 dimensions even 10,000 directions have "
            "room for 80° between them.",
        ),
    ]
    return {preset.name: preset for preset in made}
