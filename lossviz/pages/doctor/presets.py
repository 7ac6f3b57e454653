"""The named settings of the page Doctor."""

from __future__ import annotations

from functools import lru_cache

from lossviz.core.query import Preset
from lossviz.readings.advice.question import DoctorView


@lru_cache(maxsize=1)
def presets() -> dict[str, Preset[DoctorView]]:
    """The named settings by name; the first is the page's default."""
    made = [
        Preset(
            "ArcFace, ten digits in 2-D",
            DoctorView.initial(),
            "Ten directions in the plane are at most 36° apart. A margin of 0.8 rad (46°) asks for more, so "
            "not all classes can have it; up to 18° they have it with room.",
        ),
        Preset(
            "The same in 3-D",
            DoctorView(params={"margin": 0.8}, dimension=3),
            "One dimension more: ten directions on the sphere are 66° apart, and the same margin fits, "
            "though tightly: up to 33° there is room.",
        ),
        Preset(
            "CosFace, m = 0.35 in 2-D",
            DoctorView(loss="cosface"),
            "CosFace's usual m = 0.35 comes from faces in 512-D. In the plane it fits seven classes, since "
            "1 − cos(2π/7) = 0.377, and not eight.",
        ),
        Preset(
            "CosFace, m = 0.35 in 3-D",
            DoctorView(loss="cosface", dimension=3),
            "In 3-D the same margin fits, though tightly: ten directions are 66° apart, and "
            "1 − cos 66° = 0.60.",
        ),
        Preset(
            "CAMRI: one class may ask for more",
            DoctorView(loss="camri", params={"margin": 1.2}),
            "A margin that ten classes cannot all have fits one of them: the nine others move together and "
            "share the rest of the circle.",
        ),
        Preset(
            "SphereFace: a factor always fits",
            DoctorView(loss="sphereface"),
            "Multiplying the angle takes no room away: a feature on its class weight has θ = 0, whatever m "
            "is. What m sets is how narrow the beam is; up to m = 3 there is room in it.",
        ),
        Preset(
            "L2-softmax: how large must s be?",
            DoctorView(loss="l2-softmax", params={"scale": 4.0}),
            "With s = 4 the softmax cannot be sure: even in the best arrangement of ten directions in the "
            "plane the own class gets half of the probability.",
        ),
        Preset(
            "bce-nu, γ = 4, 1,000 classes",
            DoctorView(loss="bce-nu", classes=1000, dimension=512, params={"gamma": 4.0}),
            "Corollary 1 asks for γ > 3.80 and lets every negative cosine be −1. A thousand directions "
            "cannot all be opposite each other: with cosines near 0 it takes γ > 7.59.",
        ),
        Preset(
            "Faces: 10,000 identities in 512-D",
            DoctorView(loss="arcface", classes=10_000, dimension=512, params={"margin": 0.5, "scale": 64.0}),
            "ArcFace's own setting, m = 0.5 (29°) and s = 64: in 512 dimensions even 10,000 directions have "
            "room for 80° between them.",
        ),
    ]
    return {preset.name: preset for preset in made}
