"""Things worth watching: what to train, under a name that says what it shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lossviz.live.view import LiveView
from lossviz.training.config import RunConfig


@dataclass(frozen=True)
class Race:
    """A named choice of runs, and what to notice in them."""

    name: str
    view: LiveView
    notice: str


def races() -> dict[str, Race]:
    """All of them by name, in order."""
    return {race.name: race for race in _RACES}


def race_of(configs: Sequence[RunConfig]) -> Race | None:
    """The race that these runs are, if they are one."""
    made = [config.to_query() for config in configs]
    return next((race for race in _RACES if [c.to_query() for c in race.view.configs()] == made), None)


def opening() -> LiveView:
    """What is trained for someone who comes for the first time."""
    return _RACES[0].view


_RACES = (
    Race(
        "Three losses on digits",
        LiveView(settings={"epochs": 20, "rate": 0.01}),
        "Cross-entropy pulls each class outwards along its own ray. ArcFace squeezes the classes into "
        "narrow beams, whose length does not matter. The center loss gathers each class in a ball.",
    ),
    Race(
        "MNIST under three losses",
        LiveView(settings={"data": "mnist"}),
        "The same race on 60,000 images. The center loss trades the open rays of cross-entropy for "
        "compact balls; ArcFace keeps only the direction.",
    ),
    Race(
        "ArcFace with and without annealing",
        LiveView(
            losses=("arcface",),
            params={"margin": 0.3, "scale": 30.0},
            settings={"data": "mnist"},
            vary=("anneal", ("on", "off")),
        ),
        "Both runs end at the same margin and scale. Constant from the start, classes can get stuck "
        "sharing a direction; rising from a mild start, they part first. With this network the difference "
        "is about one percentage point, and chance is as large: vary the seed before you believe it.",
    ),
    Race(
        "Merged classes, and the cure",
        LiveView(
            losses=("arcface",),
            params={"margin": 0.5, "scale": 64.0},
            settings={"epochs": 20, "rate": 0.01, "anneal": "off", "weight_init": "random"},
        ),
        "ArcFace with the margin and scale of its paper, constant, class weights at random: some digits come "
        "to share a direction. A message says which, with what may help as buttons. Of five seeds (0 to 4) "
        "all five ended with merged digits (60 to 91 % of the test images recognised); in three dimensions "
        "none did (98 to 99 %), with class weights spread on the circle one (92 to 98 %), with a margin of "
        "20° four, with annealing five.",
    ),
    Race(
        "How much margin fits",
        LiveView(
            losses=("arcface",), vary=("margin", (0.0, math.radians(15), math.radians(30), math.radians(45)))
        ),
        "Ten classes on a circle leave 36° each: a margin beyond that cannot be satisfied by all of them, "
        "though training may still tell them apart. Watch the beams narrow, and the loss that stays.",
    ),
    Race(
        "The pull of the centres",
        LiveView(losses=("center",), vary=("center-weight", (0.001, 0.01, 0.1, 1.0))),
        "The weight λ of the center loss: the balls shrink as it grows, and so does the room between them.",
    ),
    Race(
        "Three kinds of softmax",
        LiveView(losses=("soft-d", "modified-softmax", "sphereface"), settings={"classes": (3, 8)}),
        "Two digits. Paper 004 shows the gap between the beams growing from softmax over modified softmax to "
        "A-softmax: see whether it does here.",
    ),
    Race(
        "One threshold for all",
        LiveView(losses=("soft-u", "bce-u", "l2-softmax")),
        "Look at bias and threshold below. Paper 002: the bias that BCE learns comes to lie near the "
        "threshold that separates positive from negative metrics; that of softmax stays where it was.",
    ),
    Race(
        "The same loss from four seeds",
        LiveView(losses=("arcface",), vary=("seed", (0, 1, 2, 3))),
        "What differs between these pictures is chance. Keep it in mind when you compare losses.",
    ),
)
