"""Remedies for classes that merge, or for a margin or a scale that cannot fit: what to change in a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lossviz.metrics.bounds import margins
from lossviz.metrics.corollary import least_gamma, separates
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.training.measures import room_of
from lossviz.training.recipes import anneals, spreads

# From this scale on annealing was seen to let spread class weights come together; at 16 and 30 it was not.
SHARP = 64.0
# What is said of a run's classes: nothing, that they have not parted yet, that they have merged.
MergeState = Literal["", "not parted", "merged"]


@dataclass(frozen=True)
class Remedy:
    """One change of a run's config.

    label: on a button that trains again. advice: the same as an order, to be part of a sentence.
    changes: settings by name, for `RunConfig.but`. why: one sentence.
    """

    key: str
    label: str
    advice: str
    changes: Mapping[str, Any]
    why: str

    def applied(self, config: RunConfig) -> RunConfig:
        """The config with the change, as a run of its own: a fork would keep what is to be changed."""
        return config.but(**self.changes, fork_run="", fork_epoch=0)


def remedies(config: RunConfig, classes: int, state: MergeState = "") -> list[Remedy]:
    """Changes that would help a run of K classes, those that helped most often first.

    state: of its classes. If nothing, only changes that make an unfit margin or scale fit.

    The order is measured, by how many runs ended with merged classes (digits, the small network, 20 epochs,
    rate 0.01). ArcFace with m 0.5, s 64, constant, random class weights, seeds 0 to 4: 5 of 5; with spread
    weights 0, in 3-D 1, with m 18° 4, annealed 5, twice as long 5; spread and annealed 4, which constant
    cures. ArcFace as it is by default, 22.5° and s 16, rate 0.02, seeds 0 to 2: 3 of 3, in 3-D 0, constant 3.
    With m 30° and s 16: 2 of 3, with 18° 0. Annealing is no remedy, nor a margin that already leaves room.
    More epochs are one while the loss still falls, and where nothing else is to be changed.
    """
    fits = margin_fits(config, classes)
    found = [*_gamma(config, classes)]
    found += _longer(config) if state == "not parted" else ()
    found += _spread(config, classes) if state else ()
    found += _dimension(config, classes) if state or not fits else ()
    found += _constant(config) if state else ()
    # With random weights, classes that began side by side stay merged under a smaller margin too.
    tight = state and config.dimension == 2 and spreads(config)
    found += _margin(config, classes) if not fits or tight else ()
    return found or ([*_longer(config)] if state else [])


def advice(found: list[Remedy]) -> str:
    """The remedies as one sentence; "" without any."""
    text = ", or ".join(remedy.advice for remedy in found)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def margin_fits(config: RunConfig, classes: int) -> bool:
    """True if all K classes can have the margin, or if nobody knows whether they can."""
    room = room_of(config, classes)
    return room is None or room.state != "does not fit"


def _gamma(config: RunConfig, classes: int) -> Iterator[Remedy]:
    if not config.spec.corollary or classes < 2:
        return
    gamma, param = float(config.loss_params()["gamma"]), config.spec.param("gamma")
    if separates(classes, -gamma, gamma):
        return
    enough = next((g for g in (2.0, 4.0, 8.0) if g >= 1.5 * least_gamma(classes)), float(param.default))
    yield Remedy(
        "gamma",
        f"Train again with γ {enough:g}",
        f"raise γ to {enough:g}",
        {"params": {**config.params, "gamma": enough}},
        f"{classes} classes need a γ above {least_gamma(classes):.2f} (002, Corollary 1).",
    )


def _constant(config: RunConfig) -> Iterator[Remedy]:
    scale = float(config.loss_params().get("scale", 0.0))
    if not anneals(config) or not spreads(config) or scale < SHARP:
        return
    yield Remedy(
        "constant",
        "Train again without annealing",
        "turn annealing off",
        {"anneal": "off"},
        "Class weights that begin apart can come together while margin and scale are still mild.",
    )


def _spread(config: RunConfig, classes: int) -> Iterator[Remedy]:
    if config.dimension != 2 or spreads(config):
        return
    yield Remedy(
        "spread",
        "Train again with class weights spread on the circle",
        "spread the class weights on the circle at the start",
        {"weight_init": "spread"},
        f"Each class begins in a direction of its own, {360 / classes:.3g}° from the next; at random, "
        "some begin side by side.",
    )


def _margin(config: RunConfig, classes: int) -> Iterator[Remedy]:
    room = room_of(config, classes)
    if room is not None and 0 < room.practical < room.value:
        text = room.text(room.practical)
        yield Remedy(
            "margin",
            f"Train again with a margin of {text}",
            f"lower the margin to {text}",
            {"params": {**config.params, "margin": room.practical}},
            room.limit,
        )


def _longer(config: RunConfig) -> Iterator[Remedy]:
    epochs = min(4 * config.epochs, int(SETTINGS["epochs"].ends[1]))
    if epochs > config.epochs:
        yield Remedy(
            "longer",
            f"Train again for {epochs} epochs",
            f"train for {epochs} epochs",
            {"epochs": epochs},
            "Classes often part late: under ArcFace on the digits in 3-D two of two runs of two epochs ended "
            "with classes that share a direction, of five runs of eight or twenty epochs none.",
        )


def _dimension(config: RunConfig, classes: int) -> Iterator[Remedy]:
    """Three dimensions, or as many as surely hold the margin."""
    if config.dimension > 2 and margin_fits(config, classes):
        return
    fitting = (d for d in range(3, margins.MOST_DIMENSIONS + 1) if _holds(config.but(dimension=d), classes))
    enough = next(fitting, 0)
    if enough > config.dimension:
        yield Remedy(
            "dimension",
            f"Train again in {enough} dimensions",
            f"embed in {enough} dimensions",
            {"dimension": enough},
            f"Directions of {classes} classes lie further apart in {enough} dimensions than in "
            f"{config.dimension}.",
        )


def _holds(config: RunConfig, classes: int) -> bool:
    room = room_of(config, classes)
    return room is None or margins.answer(room.value, room.largest) == "fits"
