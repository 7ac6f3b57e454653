"""Remedies for classes that merge, or for a margin or a scale that cannot fit: what to change in a run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lossviz.feasibility import margins
from lossviz.feasibility.angles import Bounds
from lossviz.metrics.corollary import least_gamma, separates
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.training.recipes import anneals, spreads

GAMMA_LOSSES = ("bce-n0", "bce-nd", "bce-nu")
# Of the largest margin that fits: what leaves samples room to spread, and what leaves them more.
ROOMY, MILD = 2 / 3, 1 / 3


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


def remedies(config: RunConfig, classes: int, merged: bool = True) -> list[Remedy]:
    """What would help a run of K classes, what helped most often first; only what would change something.

    merged: its classes have merged. If not, only what makes a margin or a scale fit that cannot.

    The order is measured: ArcFace on digits, m 0.5, s 64, constant, random class weights, the small
    network, 20 epochs, seeds 0 to 4. Runs that ended with merged classes: 5 of 5; in 3-D 0, with spread
    weights 1, with m 20° 4, annealed 5. Spread and annealed 5, which spread and constant cures. Where
    nothing else is to be changed, more epochs.
    """
    fits = margin_fits(config, classes)
    found = [*_gamma(config, classes)]
    found += _dimension(config, classes) if merged or not fits else ()
    found += [*_spread(config, classes), *_constant(config)] if merged else ()
    found += _margin(config, classes) if merged or not fits else ()
    found += _annealing(config) if merged else ()
    return found or ([*_longer(config)] if merged else [])


def advice(found: list[Remedy]) -> str:
    """The remedies as one sentence; "" without any."""
    text = ", or ".join(remedy.advice for remedy in found)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def margin_bound(config: RunConfig, classes: int) -> Bounds:
    """What the margin must stay below for all K classes to have it; infinite for a loss without one.

    The other classes of a loss that cares for some (CAMRI) need no room.
    """
    params = config.loss_params()
    if "margin" not in params or classes < 2:
        return margins.largest("", 2, config.dimension)
    chosen = params.get("important")
    cared = None if chosen is None else 1 if isinstance(chosen, int) else len(chosen)
    important = cared if cared is not None and cared < classes else None
    return margins.largest(config.spec.param("margin").link, classes, config.dimension, important)


def margin_fits(config: RunConfig, classes: int) -> bool:
    """Whether all K classes can have the margin; True where that is not known."""
    margin = float(config.loss_params().get("margin", 0.0))
    return margins.answer(margin, margin_bound(config, classes)) != "does not fit"


def _gamma(config: RunConfig, classes: int) -> Iterator[Remedy]:
    if config.spec.key not in GAMMA_LOSSES or classes < 2:
        return
    gamma, param = float(config.loss_params()["gamma"]), config.spec.param("gamma")
    if separates(classes, -gamma, gamma):
        return
    enough = next((g for g in (2.0, 4.0, 8.0) if g >= 1.5 * least_gamma(classes)), float(param.default))
    yield Remedy(
        "gamma", f"Train again with γ {enough:g}", f"raise γ to {enough:g}",
        {"params": {**config.params, "gamma": enough}},
        f"{classes} classes need a γ above {least_gamma(classes):.2f} (002, Corollary 1).",
    )  # fmt: skip


def _annealing(config: RunConfig) -> Iterator[Remedy]:
    if not config.spec.anneals or anneals(config) or spreads(config):
        return
    yield Remedy(
        "anneal", "Train again with annealing", "turn annealing on", {"anneal": "on"},
        "From a mild start free features part that else stay together; it does not help every network.",
    )  # fmt: skip


def _constant(config: RunConfig) -> Iterator[Remedy]:
    if not anneals(config) or not spreads(config):
        return
    yield Remedy(
        "constant", "Train again without annealing", "turn annealing off", {"anneal": "off"},
        "Class weights that begin apart can come together while margin and scale are still mild.",
    )  # fmt: skip


def _spread(config: RunConfig, classes: int) -> Iterator[Remedy]:
    if config.dimension != 2 or spreads(config):
        return
    yield Remedy(
        "spread", "Train again with class weights spread on the circle",
        "spread the class weights on the circle at the start", {"weight_init": "spread"},
        f"Each class begins in a direction of its own, {360 / classes:.3g}° from the next; at random, "
        "some begin side by side.",
    )  # fmt: skip


def _margin(config: RunConfig, classes: int) -> Iterator[Remedy]:
    margin = float(config.loss_params().get("margin", 0.0))
    if not margin or (config.dimension > 2 and margin_fits(config, classes)):
        return
    param, bound = config.spec.param("margin"), margin_bound(config, classes).low
    values: list[float] = [2]
    why = "A smaller factor on the angle leaves samples more room around the class weight."
    if math.isfinite(bound):
        degrees = 180 / math.pi if param.unit == "rad" else 1.0
        rooms = [share * bound * degrees for share in (ROOMY, MILD) if bound > 0]
        values = [_round_below(room) / degrees for room in rooms]
        where = "on a circle" if config.dimension == 2 else f"in {config.dimension}-D"
        why = f"{classes} classes {where} can all have a margin below {param.text(bound)}."
    lower = next((value for value in values if value < margin * (1 - 1e-6)), None)
    if lower is not None:
        text = param.text(lower)
        yield Remedy(
            "margin", f"Train again with a margin of {text}", f"lower the margin to {text}",
            {"params": {**config.params, "margin": lower}}, why,
        )  # fmt: skip


def _longer(config: RunConfig) -> Iterator[Remedy]:
    epochs = min(4 * config.epochs, int(SETTINGS["epochs"].high))
    if epochs > config.epochs:
        yield Remedy(
            "longer", f"Train again for {epochs} epochs", f"train for {epochs} epochs", {"epochs": epochs},
            "Classes often part late: of 12 runs of one or two epochs on the digits in 3-D (bce-d, soft-d), "
            "5 ended with merged classes, of 6 runs of eight epochs none.",
        )  # fmt: skip


def _dimension(config: RunConfig, classes: int) -> Iterator[Remedy]:
    """Three dimensions, or as many as surely hold the margin."""
    if config.dimension > 2 and margin_fits(config, classes):
        return
    fitting = (d for d in range(3, margins.MOST_DIMENSIONS + 1) if _holds(config.but(dimension=d), classes))
    enough = next(fitting, 0)
    if enough > config.dimension:
        yield Remedy(
            "dimension", f"Train again in {enough} dimensions", f"embed in {enough} dimensions",
            {"dimension": enough},
            f"Directions of {classes} classes lie further apart in {enough} dimensions than in "
            f"{config.dimension}.",
        )  # fmt: skip


def _holds(config: RunConfig, classes: int) -> bool:
    margin = float(config.loss_params().get("margin", 0.0))
    return margins.answer(margin, margin_bound(config, classes)) == "fits"


def _round_below(number: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above a number."""
    power = 10.0 ** math.floor(math.log10(number))
    return next(step * power for step in (5, 2, 1) if step * power <= number * (1 + 1e-9))
