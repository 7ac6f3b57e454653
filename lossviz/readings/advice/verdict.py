"""Does it fit, why, and what would make it fit: in sentences, and as views to go to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from lossviz.core.points import exact_text
from lossviz.core.text import close_percent, whole_text
from lossviz.metrics import corollary
from lossviz.metrics.bounds import gammas, margins, room, scales
from lossviz.metrics.bounds.angles import Bounds, separation
from lossviz.metrics.bounds.margins import ANGLE, COSINE, FACTOR
from lossviz.metrics.bounds.room import Room, State, degrees
from lossviz.readings.advice import words
from lossviz.readings.advice.question import DoctorView

QUESTIONS = {
    "margin": "Can every class have its margin?",
    "probability": "Can every class be recognised with confidence?",
    "threshold": "Can one learned threshold separate every class?",
}
Answer = State | Literal["enough", "open", "not enough"]
Level = Literal["good", "open", "bad"]
# "fits" is said of margins alone.
HEADS: dict[Answer, tuple[Level, str]] = {
    "fits with room": ("good", "It fits with room."),
    "tight": ("open", "It is tight."),
    "does not fit": ("bad", "It does not fit."),
    "enough": ("good", "It can."),
    "open": ("open", "Open."),
    "not enough": ("bad", "It cannot."),
}


@dataclass(frozen=True)
class Way:
    """A change that makes it fit, or the most that fits: a button's text and the view it leads to."""

    label: str
    view: DoctorView


@dataclass(frozen=True)
class Verdict:
    """answer: to the page's question. sentence: with the numbers. why: where the numbers come from."""

    answer: Answer
    sentence: str
    why: str

    @property
    def head(self) -> str:
        """The answer as a sentence."""
        return HEADS[self.answer][1]

    @property
    def level(self) -> Level:
        """The level of the answer: good, open or bad."""
        return HEADS[self.answer][0]


def question(view: DoctorView) -> str:
    """The title of the page."""
    return QUESTIONS[view.asks]


def room_of(view: DoctorView) -> Room:
    """The view's margin against what its classes can have."""
    return Room(view.link, view.value, view.classes, view.dimension, view.important)


def bound_of(view: DoctorView) -> Bounds:
    """The bound that the view's own value is held against: a largest margin, a least scale or γ."""
    if view.asks == "margin":
        return room_of(view).largest
    if view.asks == "threshold":
        return gammas.least_gamma(view.classes, view.dimension)
    low, high = scales.least_scale(view.classes, view.dimension, view.target)
    return Bounds(low, high, "", "")


def verdict(view: DoctorView) -> Verdict:
    """The answers to the view's question."""
    if view.asks == "margin":
        return _factor(view) if view.link == FACTOR else _margin(view)
    return _scale(view) if view.asks == "probability" else _threshold(view)


def own_cosine(view: DoctorView) -> float:
    """The cosine in the own logit of a feature that lies on its class weight, after the margin."""
    if view.asks != "margin" or view.link == FACTOR:
        return 1.0
    return math.cos(view.value) if view.link == ANGLE else 1 - view.value


def _where(view: DoctorView) -> str:
    return f"{words.classes(view.classes)} in {view.dimension}-D"


def _margin(view: DoctorView) -> Verdict:
    found = room_of(view)
    more = []
    if view.important is not None and view.important < view.classes:
        cared = view.important
        has = "One class has" if cared == 1 else f"{cared:,} classes have"
        more.append(
            f"{has} a margin, the others none: {cared + 1:,} directions can be {words.apart(found.angle)}."
        )
    if view.link == COSINE:
        asked = degrees(margins.as_angle(view.value, COSINE))
        more.append(f"{found.text(view.value)} asks for class weights {asked} apart.")
    return Verdict(found.state, " ".join([found.sentence, *more]), f"{_rule(view)} {_source(found.angle)}")


def _factor(view: DoctorView) -> Verdict:
    beam = margins.beam(view.value, view.classes, view.dimension)
    width = degrees(beam.low) if beam.exact else f"{degrees(beam.low)} to {degrees(beam.high)}"
    tight = (
        "From m = 3 on, two features of a class are nearer to each other than to another class's."
        if view.value >= 3
        else "Below m = 3 a feature can be nearer to another class's feature than to one of its own."
    )
    said = (
        f"A factor of {view.value:.0f} on the angle fits any number of classes: a feature on its class "
        f"weight has θ = 0. With {_where(view)}, as far apart as can be, a feature may stray by {width}. "
        f"{tight}"
    )
    why = "mθ < θ_j holds up to θ*/(m + 1), θ* being the angle to the next class weight."
    return Verdict(room_of(view).state, said, f"{why} {_source(separation(view.classes, view.dimension))}")


def _scale(view: DoctorView) -> Verdict:
    best = scales.probability(view.classes, view.dimension, view.value)
    letter, wanted = view.param.letter, close_percent(view.target)
    answer: Answer = (
        "enough" if best.low >= view.target else "not enough" if best.high < view.target else "open"
    )
    reach = _range(close_percent(best.low), close_percent(best.high))
    least = scales.least_loss(view.classes, view.dimension, view.value)
    said = (
        f"With {letter} = {whole_text(view.value)} and {_where(view)} the own class can have a probability "
        f"of {reach} for every class; {wanted} {'is' if answer == 'enough' else 'was'} wanted. "
        f"The loss cannot fall below {whole_text(least)} for all."
    )
    return Verdict(answer, said, _why_probability(best))


def _threshold(view: DoctorView) -> Verdict:
    bound, gamma = bound_of(view), view.value
    by_corollary = corollary.least_gamma(view.classes)
    answer: Answer = "enough" if gamma > bound.high else "open" if gamma > bound.low else "not enough"
    told = whole_text(gamma)
    if gamma <= by_corollary:
        said = (
            f"{words.classes(view.classes)} need γ > {by_corollary:.2f} (002, Corollary 1), however good the "
            f"features are; γ = {told} is not enough."
        )
    elif answer == "not enough":
        said = (
            f"γ = {told} passes Corollary 1 ({by_corollary:.2f}), which lets every negative cosine be −1. "
            f"{words.classes(view.classes)} cannot all be opposite each other: they need γ > {bound.low:.2f}"
            + ("." if bound.exact else f", and γ > {whole_text(bound.high)} is surely enough.")
        )
    elif answer == "open":
        said = (
            f"{_where(view)} need γ > {bound.low:.2f} in any case, and γ > {whole_text(bound.high)} is "
            f"surely enough; γ = {told} lies between."
        )
    else:
        said = (
            f"{_where(view)} need γ > {whole_text(bound.high)}; with γ = {told} the learned bias lies "
            "between the negative and the positive metrics when features reach their class weights."
        )
    why = (
        "The learned bias is the minimum of the loss, as in the proof of Corollary 1, with the cosines that "
        f"directions can have: from below by their mean, −1/(K−1); from above by {bound.high_source}."
    )
    return Verdict(answer, said, why)


def scale_line(view: DoctorView) -> str:
    """The highest probability and the lowest loss of a loss with a margin and a scale; else ""."""
    if view.asks != "margin" or view.scale is None or "probability" not in view.sections():
        return ""
    s, own = view.scale, own_cosine(view)
    best = scales.probability(view.classes, view.dimension, s)
    least = scales.least_loss(view.classes, view.dimension, s, own)
    return (
        f"With s = {whole_text(s)} and features on their class weights, the own class's probability can "
        f"reach {_range(close_percent(best.low), close_percent(best.high))}; the loss, which takes the "
        f"margin off, cannot fall below {whole_text(least)} for every class."
    )


@lru_cache(maxsize=64)
def _limits(link: str, value: float, classes: int, dimension: int, important: int) -> tuple[int, int]:
    """(fewest dimensions, most classes) for a margin."""
    count = None if important < 0 else important
    most = 0 if count is not None else margins.most_classes(value, link, dimension)
    return margins.fewest_dimensions(value, link, classes, count), most


def ways(view: DoctorView) -> list[Way]:
    """The practical margin (or least scale or γ), the fewest dimensions, the most classes."""
    if view.link == FACTOR:
        return []
    found = [_by_value(view)]
    if view.asks == "margin":
        important = -1 if view.important is None else view.important
        fewest, most = _limits(view.link, view.value, view.classes, view.dimension, important)
        found += [_by_dimension(view, fewest), _by_classes(view, most)]
    elif view.asks == "probability":
        wanted = view.target, view.value
        found.append(
            _by_dimension(view, scales.fewest_dimensions(view.classes, *wanted, margins.MOST_DIMENSIONS))
        )
        found.append(_by_classes(view, scales.most_classes(view.dimension, *wanted, margins.MOST_CLASSES)))
    else:
        most = gammas.most_classes(view.value, view.dimension, margins.MOST_CLASSES)
        found.append(_by_classes(view, most))
    return [way for way in found if way is not None and way.view != view]


def _by_value(view: DoctorView) -> Way | None:
    param = view.param
    assert param.low is not None
    assert param.high is not None
    if view.asks == "margin":
        value = min(param.high, room_of(view).practical)
        label = f"Practical margin: {room.text(value, view.link)}"
    else:
        bound = bound_of(view)
        step = 0.1 if bound.high < 100 else 1.0
        steps = math.floor(bound.high / step) + 1 if bound.high < 1e6 else math.inf
        value = max(param.low, round(step * steps, 6))
        label = f"Least {param.letter}: {exact_text(value)}"
    fits = param.low <= value <= param.high and (value > 0 or view.asks != "margin")
    return Way(label, view.with_param(view.link, value)) if fits else None


def _by_dimension(view: DoctorView, dimension: int) -> Way | None:
    if not dimension:
        return None
    return _way(f"Fewest dimensions: {dimension}", view.with_setting("dimension", dimension))


def _by_classes(view: DoctorView, most: int) -> Way | None:
    if most < 2:
        return None
    more = " or more" if most == margins.MOST_CLASSES else ""
    return _way(f"Most classes: {most:,}{more}", view.with_setting("classes", most))


def _way(label: str, view: DoctorView) -> Way:
    tight = view.asks == "margin" and room_of(view).state == "tight"
    return Way(f"{label} (tight)" if tight else label, view)


def _rule(view: DoctorView) -> str:
    if view.link == ANGLE:
        return "θ_y + m < θ_j for all classes needs class weights more than m apart."
    return "cosθ_j < cosθ_y − m, with features on their class weights, needs cosines of weights below 1 − m."


def _source(angle: Bounds) -> str:
    if angle.exact:
        return f"The angle is known ({angle.low_source})."
    return f"From below: {angle.low_source}. From above: {angle.high_source}."


def _why_probability(best: Bounds) -> str:
    if best.exact:
        return f"Features on class weights in the best arrangement ({best.low_source}), which is known."
    return (
        "Features on class weights, for the class that has it worst. "
        f"From below: {best.low_source}. From above: {best.high_source}."
    )


def _range(low: str, high: str) -> str:
    return low if low == high else f"between {low} and {high}"
