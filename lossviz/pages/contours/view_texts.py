"""What the contour page calls its settings, and the texts of a link that name losses and biases."""

from __future__ import annotations

from functools import lru_cache

from lossviz import losses
from lossviz.core.errors import LossError
from lossviz.core.query import labelled, number, within
from lossviz.losses.spec import Param

MIN_CLASSES, MAX_CLASSES = 2, 10
BIAS_LIMIT = 512.0
WEIGHT_LIMIT = 100.0
MIN_REACH, MAX_REACH = 0.1, 100.0
MIN_RADIUS, LEVEL_LIMIT = 0.01, 1000.0

BESIDE = {
    "none": "Nothing",
    "angle": "Loss against angle",
    "target": "Target logit ψ(θ)",
    "probability": "Loss against probability",
    "difference": "Difference",
    "surface": "3-D surface",
}

# What the controls of the contour page are called, by their names in its link.
LABELS = {
    "losses": "Losses",
    "classes": "K: number of classes",
    "label": "Samples of class y",
    "weights": "Weights",
    "bias": "b: bias of all classes",
    "biases": "Bias of each class",
    "centers": "Centres",
    "reach": "Extent",
    "heights": "Heights",
    "colours": "One colour scale for all panels",
    "terms": "Terms one by one",
    "arrows": "Arrows of −∇L",
    "start": "Start of the descent",
    "rate": "η: step size of the descent",
    "steps": "Steps",
    "beside": "Beside the plane",
    "pair": "Difference of two losses",
    "surface": "Surface of",
    "radius": "r: circle ‖z‖ = r",
    "level": "ℓ: loss at the valley's edge",
    "opening": "Opening angle of the valley",
    "seed": "Seed of the adversary",
    "presentation": "Presentation",
}


@lru_cache(maxsize=1)
def linked_params() -> dict[str, Param]:
    """Every parameter of the catalogue by its link; the first declaration stands for the rest."""
    found: dict[str, Param] = {}
    for spec in losses.catalogue().values():
        for p in spec.params:
            found.setdefault(p.link, p)
    return found


def read_losses(text: str, most: int | None = None) -> tuple[tuple[str, ...], list[str]]:
    """(the keys of the losses that a link names, what was wrong in words); an unknown one, and those beyond
    `most`, are left out, and the others stay."""
    found: list[str] = []
    problems: list[str] = []
    for name in filter(str.strip, text.split(",")):
        try:
            key = loss_of("losses", name)
        except LossError as error:
            problems.append(f"{str(error).rstrip('.')}; it was left out")
            continue
        if key not in found:
            found.append(key)
    if most is not None and len(found) > most:
        rest = ", ".join(found[most:])
        problems.append(f"{named('losses')} must name at most {most}; left out: {rest}")
    if not found and not problems:
        problems.append(f"{named('losses')} must name at least one loss; the default is shown")
    return tuple(found[:most]), problems


def named(name: str) -> str:
    """A setting as a message names it: as its control is called, with its name in the link."""
    return labelled(LABELS[name], name)


def loss_of(setting: str, name: str) -> str:
    """The key of a loss by its key or alias; LossError in the name of the setting."""
    try:
        return losses.get(name).key
    except LossError as error:
        raise LossError(f"{named(setting)}: {str(error).removeprefix('losses: ')}") from None


def biases_of(text: str, classes: int) -> tuple[float, ...]:
    """The bias of each class; LossError for another number of them, or one out of range."""
    name, parts = "biases", [p for p in text.split(",") if p.strip()]
    try:
        found = tuple(within(number(name, p), -BIAS_LIMIT, BIAS_LIMIT, name) for p in parts)
    except LossError:
        found = ()
    if len(found) != classes:
        limits = f"[{-BIAS_LIMIT:g}, {BIAS_LIMIT:g}]"
        raise LossError(
            f"{named(name)} must be {classes} numbers in {limits}, one a class; got {text[:40]!r}"
        )
    return found


def pair_of(text: str) -> tuple[str, str]:
    """The keys of two losses; LossError for more or fewer."""
    found = tuple(loss_of("pair", name) for name in text.split(","))
    if len(found) != 2:
        raise LossError(f"{named('pair')} must name two losses; got {len(found)}")
    return found[0], found[1]
