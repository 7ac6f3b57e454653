"""Corollary 1 of paper 002: the γ with which bce-nu learns a threshold for N classes, and what directions
allow.

The corollary lets every negative cosine be −1. More than two directions cannot all be opposite each other:
the nearest two have a cosine of at least −1/(N−1), in the plane cos(2π/N).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lossviz import losses
from lossviz.figures.chart import Axis, Band, Chart, Dots, Line, Mark, Panel, RoleColor, RunColor
from lossviz.figures.table import Column, Table
from lossviz.metrics import corollary
from lossviz.metrics.bounds import gammas
from lossviz.pages.uniform import accuracies, best, scores
from lossviz.pages.uniform.attainable import ABOUT, Question, concerns, learned
from lossviz.pages.uniform.view import UniformSettings
from lossviz.pages.uniform.words import images, listed, number, percent, same
from lossviz.readings.reading import Reading
from lossviz.runs.run import Run

USUAL_GAMMA, USUAL_CLASSES, USUAL_DIMENSION = 96.0, 10, 2
# A bias with a smaller slope hardly moves.
FLAT = 0.01
LOW, HIGH, POINTS = 0.05, 1000.0, 240


@dataclass(frozen=True)
class Scaled:
    """A run whose metrics are γ cosθ. bias: the threshold that its bias stands for, or None. dimension: d."""

    place: int
    reading: Reading
    gamma: float
    bias: float | None
    dimension: int

    @property
    def classes(self) -> int:
        return max(2, self.reading.logits.shape[1])


def scaled(runs: Sequence[Run], readings: Sequence[Reading]) -> list[Scaled]:
    """The runs among the readings whose loss has a γ that scales cosines."""
    known = {run.id: run for run in runs if not run.problem}
    found = []
    for place, reading in enumerate(readings):
        run = known.get(reading.run_id)
        if run is None or all(param.link != "gamma" for param in run.config.spec.params):
            continue
        limit = reading.thresholds
        bias = float(limit[0]) if limit is not None and len(limit) == 1 else None
        gamma = float(run.config.loss_params()["gamma"])
        found.append(Scaled(place, reading, gamma, bias, run.config.dimension))
    return found


def concerned(runs: Sequence[Scaled]) -> list[Scaled]:
    """The runs that the corollary is about: normalised BCE with one learned bias."""
    return [one for one in runs if concerns(losses.get(one.reading.loss_key)) and one.bias is not None]


def question(view: UniformSettings, runs: Sequence[Scaled], classes: int) -> Question:
    """γ, N and d of the view, else of the first run that the corollary is about, else the usual ones."""
    first = next(iter(concerned(runs)), None)
    gamma = view.gamma if view.gamma is not None else first.gamma if first else USUAL_GAMMA
    count = view.n if view.n is not None else max(2, classes or USUAL_CLASSES)
    dimension = first.dimension if first else USUAL_DIMENSION
    return Question(gamma, count, view.dimension if view.dimension is not None else max(2, dimension))


def speaks(view: UniformSettings, runs: Sequence[Scaled]) -> bool:
    """True if there is something to show: a run that the corollary is about, or numbers of a link."""
    return bool(concerned(runs)) or (view.gamma, view.n, view.dimension) != (None, None, None)


def silent(readings: Sequence[Reading]) -> str:
    """The reason why nothing is shown, in a sentence."""
    names = [reading.name for reading in readings]
    which = f"{listed(names)} {'is' if len(names) == 1 else 'are'} not" if names else "no such run is shown"
    return (
        f"Corollary 1 is about {ABOUT} alone: cosines scaled by γ, one learned bias, binary cross-entropy. "
        f"{which[0].upper()}{which[1:]}."
    )


def chart(question: Question, runs: Sequence[Scaled]) -> Chart:
    """The learned bias relative to γ, against γ, as the corollary has it and as directions allow: 1 is where
    positives end up."""
    classes, gamma = question.classes, question.gamma
    scales = np.geomspace(LOW, HIGH, POINTS if classes <= 20 else POINTS // 4)
    top = 1.6
    nearest = question.nearest[1]

    def cut(biases: Sequence[float]) -> np.ndarray:
        relative = np.array(biases) / scales
        return np.where(np.abs(relative) <= top, relative, np.nan)

    ideal = cut([corollary.learned_bias(classes, -g, g) for g in scales])
    found = learned(classes, question.dimension, tuple(scales.tolist()))
    whole = np.array([LOW, HIGH])
    marks: list[Mark] = [
        Band(whole, np.full(2, nearest), np.full(2, 1.0), RoleColor("muted"), "separates"),
        Line(whole, np.ones(2), RoleColor("positive"), "positives", "dashed", 1.5, False),
        Line(whole, np.full(2, nearest), RoleColor("negative"), "nearest negatives", "dashed", 1.5, False),
        Line(scales, ideal, RoleColor("muted"), "if all were opposite (Corollary 1)", "dotted", 1.5, False),
    ]
    if found is not None:
        marks.append(Line(scales, cut(found), RoleColor("text"), "bias that is learned", "solid", 2.5, False))
        place = np.array([gamma]), np.array([min(question.bias_or_nan / gamma, top)])
        marks.append(Dots(*place, RoleColor("own"), f"γ = {number(gamma)}", symbols="diamond", size=13))
    for one in concerned(runs):
        if one.bias is not None:
            x, y = np.array([one.gamma]), np.array([one.bias / one.gamma])
            said = (f"{one.reading.name}: γ {number(one.gamma)}, learned bias {number(one.bias)}",)
            marks.append(Dots(x, y, RunColor(one.place), one.reading.name, hover=said, size=9))
    panels = [
        Panel(
            tuple(marks),
            f"Bias of {ABOUT} relative to γ, N = {classes:,}, d = {question.dimension}",
            Axis("γ", spacing="log", low=LOW, high=HIGH),
            Axis("bias / γ", low=-1.25, high=top),
        )
    ]
    if several(runs):
        panels.append(_by_gamma(runs))
    return Chart(tuple(panels), alt(question, runs), height=330, legend="top")


def several(runs: Sequence[Scaled]) -> bool:
    """True if the runs have more than one γ."""
    return len({one.gamma for one in runs}) > 1


def by_gamma(runs: Sequence[Scaled]) -> Chart:
    """The accuracies of the runs against γ alone."""
    said = [f"{one.reading.name}: γ {number(one.gamma)}, {_shares(one)}" for one in runs]
    return Chart((_by_gamma(runs),), f"Accuracy against γ. {'; '.join(said)}.", height=330, legend="ends")


def _shares(one: Scaled) -> str:
    report = scores.report(one.reading)
    return f"A_SW {percent(report.sample_wise)}, A_Uni {percent(report.uniform)}"


def _by_gamma(runs: Sequence[Scaled]) -> Panel:
    """A_SW and A_Uni of the runs against γ, as in 002 Fig. 1."""
    marks: list[Mark] = []
    for kind in dict.fromkeys(one.reading.loss_key for one in runs):
        same = sorted((one for one in runs if one.reading.loss_key == kind), key=lambda one: one.gamma)
        gammas = np.array([one.gamma for one in same])
        reports = [scores.report(one.reading) for one in same]
        color = RunColor(same[0].place)
        for what, dash, values in (
            ("A_SW", "dashed", [r.sample_wise for r in reports]),
            ("A_Uni", "solid", [r.uniform for r in reports]),
        ):
            shares = 100 * np.array(values)
            marks.append(Line(gammas, shares, color, f"{kind} {what}", dash))
            marks.append(Dots(gammas, shares, color, size=7))
    return Panel(
        tuple(marks),
        "These runs",
        Axis("γ", spacing="log"),
        Axis("accuracy", "%", low=0, high=100),
        note=images([one.reading for one in runs]),
    )


def answer(question: Question) -> str:
    """The corollary's answer and the bound of directions, as sentences."""
    gamma, classes, dimension = question.gamma, question.classes, question.dimension
    ideal = corollary.learned_bias(classes, -gamma, gamma)
    by_corollary, bounds = corollary.least_gamma(classes), gammas.least_gamma(classes, dimension)
    low, high = question.nearest
    said = []
    if classes > 2:
        said.append(
            f"Corollary 1 lets every negative metric be −γ = {number(-gamma)}, and the bias {number(ideal)}. "
            f"But {classes:,} classes cannot all be opposite each other"
        )
    where = f"in {dimension} dimensions" if dimension > 2 else "in the plane"
    formula = _formula(classes, dimension)
    exact = high - low < 1e-9
    cosine = f"{formula}{number(high)}" if exact else f"between {number(low)} and {number(high)}"
    said.append(
        f"{where} the cosine of the nearest two is at best {cosine}, so that only a bias between "
        f"{'' if exact else 'about '}{number(gamma * high)} and γ = {number(gamma)} separates them"
    )
    text = ": ".join(said)
    text = text[0].upper() + text[1:] + "."
    if question.bias is not None:
        inside = question.separates(question.bias)
        text += (
            f" With features on their class weights the learned bias is {number(question.bias)}, which "
            f"{'lies between and separates' if inside else 'does not lie between: it does not separate'}."
        )
    said_by = "" if classes == 2 else f" (Corollary 1: {number(by_corollary)})"
    if bounds.exact:
        return f"{text} γ must exceed {number(bounds.high)}{said_by}."
    return (
        f"{text} γ must exceed {number(bounds.low)} in any case{said_by}, and γ > {number(bounds.high)} is "
        "surely enough."
    )


def _formula(classes: int, dimension: int) -> str:
    """The nearest cosine as a formula, where there is one."""
    if classes <= dimension + 1:
        return "−1/(N−1) = " if classes > 2 else ""
    return "cos(2π/N) = " if dimension == 2 else ""


def table(runs: Sequence[Scaled]) -> Table:
    """γ of the runs that the corollary is about, what directions allow, and what they learned."""
    asked_of = [Question(one.gamma, one.classes, max(2, one.dimension)) for one in runs]
    readings = [one.reading for one in runs]
    reports = [scores.report(reading) for reading in readings]
    top: Literal["high"] | None = "high" if same(readings) else None
    ends = [f"{number(q.gamma * q.nearest[1])} to {number(q.gamma)}" for q in asked_of]
    return Table(
        "What these runs could learn, and what they learned",
        (
            Column("run", tuple(reading.name for reading in readings), "text"),
            Column("γ", [one.gamma for one in runs], "number"),
            Column("d", [one.dimension for one in runs], "count"),
            Column("separates if all directions are best", tuple(ends), "text"),
            Column("bias there", [q.bias_or_nan for q in asked_of], "number", digits=1),
            Column("learned bias", np.array([one.bias for one in runs], dtype=float), "number", digits=1),
            accuracies.thresholds(
                "t* on these metrics",
                [best.of(reading) for reading in readings],
                [one.bias or 0.0 for one in runs],
            ),
            Column("A_SW", [r.sample_wise for r in reports], "percent", best=top),
            Column("A_Uni", [r.uniform for r in reports], "percent", best=top),
        ),
        note=images(readings),
    )


def notice(runs: Sequence[Scaled]) -> list[str]:
    """For each run where its bias ended and what that costs, and the reason where nothing drew it on."""
    return [said for one in runs if (said := _ended(one))]


def _ended(one: Scaled) -> str:
    found, cost = best.of(one.reading), best.cost(one.reading)
    if found is None or one.bias is None or not cost:
        return ""
    said = (
        f"{one.reading.name}: its bias ended at {found.at(one.bias)}; {cost}; t* = {found.text(one.bias)}, "
        f"{found.as_good(one.bias)}."
    )
    question = Question(one.gamma, one.classes, max(2, one.dimension))
    slope = question.slope(one.bias)
    if abs(slope) < FLAT and question.separates(one.bias):
        said += (
            f" With features on their class weights the slope of the loss in the bias is {number(slope)} "
            f"there: next to nothing draws it on to {number(question.bias_or_nan)}."
        )
    return said


def alt(question: Question, runs: Sequence[Scaled]) -> str:
    """The picture in words."""
    said = [f"{one.reading.name}: γ {number(one.gamma)}, {_shares(one)}" for one in runs]
    return " ".join([answer(question), *(f"{text}." for text in said)])
