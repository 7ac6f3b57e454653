"""Races: sets of runs worth watching, each under a name that says what it shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lossviz.core.query import Preset
from lossviz.pages.train.view import LiveView
from lossviz.training.config import RunConfig


def races() -> dict[str, Preset[LiveView]]:
    """All races by name, in order."""
    return {race.name: race for race in _RACES}


def race_of(configs: Sequence[RunConfig]) -> Preset[LiveView] | None:
    """The race that these runs are, if they are one."""
    made = [config.to_query() for config in configs]
    return next((race for race in _RACES if [c.to_query() for c in race.view.configs()] == made), None)


def opening() -> LiveView:
    """Give the view whose runs are trained for someone who comes for the first time."""
    return _RACES[0].view


_RACES = (
    Preset(
        "Three losses on digits",
        LiveView(settings={"epochs": 20, "rate": 0.01}),
        "Cross-entropy pulls each class outwards along a ray: a longer feature is a surer one. Under ArcFace "
        "only the direction counts, and features stay a tenth as long. The center loss gathers each class in "
        "a ball.",
    ),
    Preset(
        "MNIST under three losses",
        LiveView(settings={"data": "mnist"}),
        "The same race on 60,000 images. The center loss trades the open rays of cross-entropy for "
        "compact balls; under ArcFace only the direction counts, and features stay short.",
    ),
    Preset(
        "ArcFace with and without annealing",
        LiveView(
            losses=("arcface",),
            params={"margin": 0.3, "scale": 30.0},
            settings={"epochs": 20, "rate": 0.01},
            vary=("anneal", ("on", "off")),
        ),
        "Both runs end at the same margin and scale. Constant, the loss begins high; from a mild start it "
        "begins low, and may rise while both grow (Schedules, below). With class weights that keep apart the "
        "end is the same: 96 or 97 % with and without, of three seeds (0 to 2).",
    ),
    Preset(
        "Merged classes, and the cure",
        LiveView(
            losses=("arcface",),
            params={"margin": 0.5, "scale": 64.0},
            settings={
                "epochs": 20,
                "rate": 0.01,
                "anneal": "off",
                "weight_init": "random",
                "weight_rate": "1",
            },
        ),
        "ArcFace with the margin and scale of its paper, its class weights at random and as quick as all "
        "else: some digits come to share a direction. A message says which, with what helps as buttons. Of "
        "five seeds (0 to 4) all five ended with merged digits (61 to 90 % of the test images recognised); "
        "with class weights spread on the circle none did (95 to 98 %), in three dimensions one (97 to 99 "
        "%). A margin of 18° (four), annealing (five) and twice as many epochs (five) did not help.",
    ),
    Preset(
        "Class weights that stay, and that move",
        LiveView(losses=("bce-0",), settings={"epochs": 20}, vary=("weight_rate", ("0", "0.1", "1"))),
        "Three runs from the same start, class weights spread on the circle. Where they stay, BCE without a "
        "bias recognises 96 or 97 % of the test images (seeds 0 to 2); where they move at a tenth of the "
        "rate, 37 to 40 %, at the whole rate 62 to 69 %: it draws the weights of several classes together.",
    ),
    Preset(
        "How much margin fits",
        LiveView(
            losses=("arcface",),
            settings={"epochs": 20, "rate": 0.01},
            vary=("margin", tuple(math.radians(m) for m in (0, 18, 30, 60))),
        ),
        "Ten classes on a circle are at most 36° apart: 18° leaves room, 30° is tight, 60° does not fit. The "
        "curves below (Test images with their margin) tell it: up to 30° more than half have it, at 60° "
        "hardly any, and the test loss stays at several times the others'. That most digits are told apart "
        "at 60° all the same does not mean that it fits: that takes no margin.",
    ),
    Preset(
        "The pull of the centres",
        LiveView(losses=("center",), vary=("center-weight", (0.001, 0.01, 0.1, 1.0))),
        "The weight λ of the center loss: the balls shrink as it grows, and so does the room between them.",
    ),
    Preset(
        "Three kinds of softmax",
        LiveView(losses=("soft-d", "modified-softmax", "sphereface"), settings={"classes": (3, 8)}),
        "Two digits. Paper 004 shows the gap between the beams growing from softmax over modified softmax to "
        "A-softmax. Here it does not: two classes have room to be opposite each other, and under each of the "
        "three they end nearly so (within 15°, seeds 0 to 2).",
    ),
    Preset(
        "One threshold for all",
        LiveView(losses=("soft-u", "bce-u", "l2-softmax"), settings={"epochs": 20, "rate": 0.01}),
        "Look at the threshold t* below, the best one for scores that include the bias: where the learned "
        "bias is itself the best threshold, t* is 0. Paper 002 says that BCE learns such a bias and softmax "
        "does not: t* ends near 0 under BCE, and far from it under softmax.",
    ),
    Preset(
        "The same loss from four seeds",
        LiveView(losses=("arcface",), vary=("seed", (0, 1, 2, 3))),
        "What differs between these pictures is chance. Keep it in mind when you compare losses.",
    ),
)
