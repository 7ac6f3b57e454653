"""The example sweeps of the page, small enough for two cores and a coffee."""

from __future__ import annotations

from functools import lru_cache

from lossviz.core.query import Preset
from lossviz.pages.sweep.view import SweepView


@lru_cache(maxsize=1)
def presets() -> dict[str, Preset[SweepView]]:
    """The example sweeps by name; the first is the form as it opens."""
    made = [
        Preset(
            "ArcFace: margin × scale",
            SweepView.initial(),
            "Ten digits in the plane have 36° between them: what becomes of accuracy beyond, and does the "
            "scale matter?",
        ),
        Preset(
            "soft-nu: γ",
            SweepView(losses=("soft-nu",), vary="gamma=log:1:256:9", vary2=""),
            "Normalised features need a scale before a softmax can be sure: how much?",
        ),
        Preset(
            "One margin, three losses",
            SweepView(losses=("arcface", "camri", "soft-d"), vary="margin=0:45deg:7", vary2=""),
            "The same angle asked of all classes, of one class, and of none.",
        ),
        Preset(
            "A long tail: cross-entropy and focal loss",
            SweepView(
                losses=("soft-d", "focal"),
                vary="imbalance_ratio=1,3,10,30,100",
                vary2="",
                more="imbalance=long-tailed",
            ),
            "Which loss keeps the classes with few images?",
        ),
    ]
    return {preset.name: preset for preset in made}
