"""Presets of the atlas: the sweeps that come with the project, of small networks on 8×8 digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lossviz.sweeps.plan import Plan

SCALES = "scale=1,4,8,16,32,64"
SEEDS = "5"


@dataclass(frozen=True)
class Entry:
    """A sweep of the atlas.

    title: for a reader. notice: what to look for. The rest as `Plan.read` takes it.
    """

    title: str
    notice: str
    losses: tuple[str, ...]
    vary: tuple[str, ...]
    base: Mapping[str, str] = field(default_factory=dict)

    def plan(self) -> Plan:
        """The plan, with five seeds."""
        return Plan.read({"data": "digits", **self.base}, self.losses, self.vary, SEEDS)


ENTRIES = {
    "arcface": Entry(
        "ArcFace: margin × scale",
        "Ten classes in the plane have 36° between them: what becomes of a larger margin, and does the scale "
        "matter?",
        ("arcface",),
        ("margin=0:45deg:10", SCALES),
    ),
    "cosface": Entry(
        "CosFace: margin × scale",
        "A margin of the cosine instead of the angle: ten classes leave room for 0.19.",
        ("cosface",),
        ("margin=0:0.45:10", SCALES),
    ),
    "camri": Entry(
        "CAMRI: margin × scale",
        "A margin for class 0 alone: its recall against the accuracy of all.",
        ("camri",),
        ("margin=0:90deg:10", SCALES),
    ),
    "l2-softmax": Entry(
        "l2-softmax: scale",
        "Normalised features and weights need a scale before a softmax can be sure: how much?",
        ("l2-softmax",),
        ("scale=log:1:64:13",),
    ),
    "gamma": Entry(
        "Softmax against BCE, normalised: γ",
        "Which γ does one threshold for all classes need?",
        ("soft-nu", "bce-nu"),
        ("gamma=log:1:512:10",),
    ),
    "sphereface": Entry(
        "SphereFace: margin",
        "The angle to the own class times m: a larger m asks for narrower classes.",
        ("sphereface",),
        ("margin=1:8:8",),
    ),
    "focal": Entry(
        "Focal loss: γ",
        "What is told right already counts less and less: does anything change on balanced digits?",
        ("focal",),
        ("gamma=0,0.5,1,2,3,5,7,10",),
    ),
    "cce": Entry(
        "CCE: γ",
        "The probabilities of the wrong classes are flattened, more with a γ further below 0.",
        ("cce",),
        ("gamma=-50,-20,-10,-5,-2,-1,-0.5,0",),
    ),
    "center": Entry(
        "Center loss: λ",
        "How strongly features are drawn to the mean of their class.",
        ("center",),
        ("lam=0,0.001,0.003,0.01,0.03,0.1,0.3,1,3,10",),
    ),
    "pc": Entry(
        "Prototype conformity: λ",
        "Features are drawn to their own centre and away from all others.",
        ("pc",),
        ("lam=0,0.001,0.003,0.01,0.03,0.1,0.3,1",),
    ),
    "weighted-ce": Entry(
        "Weighted cross-entropy: w",
        "Errors of class 0 cost w times as much: what does its recall gain, what do the others lose?",
        ("weighted-ce",),
        ("weight=1,2,3,4,6,8,12,20,40",),
    ),
    "imbalance": Entry(
        "A long tail: the ratio of classes",
        "The largest class has so many times the images of the smallest: who keeps the small ones?",
        ("soft-d", "focal", "cce"),
        ("imbalance_ratio=1,2,5,10,20,30,50,100",),
        {"imbalance": "long-tailed"},
    ),
    "dimension": Entry(
        "ArcFace: dimension × margin",
        "Every dimension more gives the classes room: from which does the margin cost nothing?",
        ("arcface",),
        ("dimension=2:8:7", "margin=0,15deg,30deg"),
    ),
}
