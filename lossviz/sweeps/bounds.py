"""Bounds on the parameters of a cell: the values with which, as Doctor says, no arrangement of the classes
has what the loss asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lossviz.core.text import number_text
from lossviz.metrics.bounds import gammas, margins, scales
from lossviz.readings.advice.question import DoctorView
from lossviz.training.config import RunConfig
from lossviz.training.measures import room_of

# The probability of the own class that a scale is to allow: that which Doctor opens with.
WANTED = DoctorView.initial().target


@dataclass(frozen=True)
class Bound:
    """A bound on a parameter of a loss, by its name.

    at: in the parameter's own unit. most: True if values from it on do not fit, False if those up to it do
    not. head, text: its name and value in words, "largest margin" and "36°". why: what no arrangement has
    beyond it, as the end of a sentence. fits: whether the cell's own value may fit.
    """

    name: str
    at: float
    most: bool
    head: str
    text: str
    why: str
    fits: bool

    @property
    def title(self) -> str:
        """The bound in words: "largest margin 36°"."""
        return f"{self.head} {self.text}"


def bounds(config: RunConfig, classes: int) -> list[Bound]:
    """The bounds on a cell's margin, and on its scale or γ, for so many classes in its dimension."""
    if classes < 2:
        return []
    found = [_margin(config, classes), _scale(config, classes)]
    return [bound for bound in found if bound is not None]


def _margin(config: RunConfig, classes: int) -> Bound | None:
    room = room_of(config, classes)
    if room is None or math.isinf(room.largest.high):
        return None
    fits = room.value <= 0 or margins.answer(room.value, room.largest) != "does not fit"
    largest = room.largest.high
    return Bound("margin", largest, True, "largest margin", room.text(largest), "room for the margin", fits)


def _scale(config: RunConfig, classes: int) -> Bound | None:
    """The least scale, or least γ: of a loss that learns a threshold, so that its bias separates (002,
    Corollary 1, with the cosines that directions can have); of a softmax, for the probability wanted."""
    param = next((p for p in config.spec.params if p.link in ("scale", "gamma")), None)
    if param is None or not config.spec.asks:
        return None
    value = float(config.loss_params()[param.name])
    if config.spec.asks == "threshold":
        least = gammas.least_gamma(classes, config.dimension, look=False).low
        words, why = "", "a learned bias between own and other classes"
        fits = value > least
    else:
        least, _ = scales.least_scale(classes, config.dimension, WANTED, look=False)
        share = f"{100 * WANTED:g} %"
        words, why = f" for {share}", f"a probability of {share} for every class"
        fits = value >= least
    if math.isinf(least) or least <= 0:
        return None
    text = f"{number_text(least, 3)}{words}"
    return Bound(param.name, least, False, f"least {param.letter}", text, why, fits)
