"""Named views of the contour page, each with what it shows in a sentence."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

from lossviz import losses
from lossviz.core.query import Preset
from lossviz.pages.contours.view import ContourView

TWELVE = tuple(f"{form}-{mode}" for form in ("soft", "bce") for mode in ("0", "d", "u", "n0", "nd", "nu"))


@lru_cache(maxsize=1)
def presets() -> dict[str, Preset[ContourView]]:
    """The presets by name; the first is the page's default."""

    def family(key: str, *before: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*before, *(s.key for s in losses.of_family(key)))))

    made = [
        Preset(
            "CAMRI Fig. 1",
            ContourView(),
            "Below one loss both narrow it. What the weight does fades as the feature grows longer; what the "
            "margin does stays.",
        ),
        Preset(
            "Uniform: the twelve",
            ContourView(losses=TWELVE, params={"gamma": 8.0}, bias=1.0, biases=(1.0, -1.0, 0.0)),
            "A common bias moves every BCE landscape and no softmax one. γ = 8, so that slopes can be seen.",
        ),
        Preset(
            "Uniform: own threshold and naive",
            ContourView(losses=("soft-0", "bce-u", "bce-di", "naive"), bias=1.0, biases=(2.0, -1.0, 0.0)),
            "From the naive loss to thresholds: one for all classes, or that of the sample's class.",
        ),
        Preset(
            "Cost-sensitive",
            ContourView(losses=family("cost-sensitive", "soft-d")),
            "Weights and costs raise the walls; those of the Wasserstein loss end in a plateau.",
        ),
        Preset(
            "Angular margins",
            ContourView(losses=family("angular")),
            "Six ways to ask for more than the right side of the boundary.",
        ),
        Preset(
            "Important class, other label",
            ContourView(losses=("l2-softmax", "arcface", "camri", "weighted-ce"), label=1),
            "Seen from an unimportant class: CAMRI and weighting leave it alone, ArcFace does not.",
        ),
        Preset(
            "Beyond θ + m = π",
            ContourView(
                losses=("arcface", "sphereface"), params={"margin": math.radians(60.0)}, beside="target"
            ),
            "Opposite to the own weight vector, ArcFace as printed falls again.",
        ),
        Preset(
            "Focal and complement entropy",
            ContourView(losses=family("complement", "soft-d"), params={"complement-weight": -5.0}),
            "Focal flattens the floor; complement entropy pulls to where the wrong classes tie.",
        ),
        Preset(
            "Centroid",
            ContourView(
                losses=family("centroid", "soft-d"), params={"center-weight": 1.0, "prototype-weight": 1.0}
            ),
            "A centre closes the open valley into a bowl.",
        ),
        Preset(
            "Adversarial",
            ContourView(losses=family("adversarial", "soft-d"), terms=True),
            "The adversary's term, trained on the spot: a pit at the anchor, a ridge at the others.",
        ),
        Preset(
            "Hinge",
            ContourView(losses=("hinge", "soft-d", "bce-d")),
            "A flat floor with straight walls beside two curves that never reach zero.",
        ),
        Preset(
            "Two classes: 004 Fig. 4",
            replace(
                ContourView(losses=("soft-d", "modified-softmax", "sphereface")).with_classes(2),
                weights=((0.0, 1.0), (2.0, -1.0)),
            ),
            "The boundary of softmax leans away from the longer weight vector; with weights of length 1 it "
            "is the bisector; angular softmax narrows the valley inside it.",
        ),
    ]
    # A family of which a loss is in no preset so far has one of its own, with its question.
    shown = {key for preset in made for key in preset.view.losses}
    made += [
        Preset(each.title, ContourView(losses=family(each.key, "soft-d")), each.question)
        for each in losses.families()
        if not shown.issuperset(family(each.key))
    ]
    every = "The whole catalogue over one plane."
    made.append(Preset("Every loss", ContourView(losses=tuple(losses.keys())), every))
    return {preset.name: preset for preset in made}
