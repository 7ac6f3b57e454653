"""Corollary 1 of paper 002: which γ lets bce-u learn a threshold for N classes, and which bias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lossviz.figures.chart import Axis, Band, Chart, Dots, Line, Mark, Panel, RoleInk, Rule, RunInk
from lossviz.figures.table import Column, Table
from lossviz.metrics import corollary
from lossviz.reading.reading import Reading
from lossviz.reading.uniform import scores
from lossviz.reading.uniform.view import UniformView
from lossviz.reading.uniform.words import number, percent
from lossviz.runs.run import Run

USUAL_GAMMA, USUAL_CLASSES = 96.0, 10
LOW, HIGH, POINTS = 0.05, 1000.0, 240


@dataclass(frozen=True)
class Scaled:
    """A run whose metrics are γ cosθ. bias: the threshold that its bias stands for, or None."""

    place: int
    reading: Reading
    gamma: float
    bias: float | None


def scaled(runs: Sequence[Run], readings: Sequence[Reading]) -> list[Scaled]:
    """The runs among the readings whose loss has a γ that scales cosines."""
    known = {run.id: run for run in runs if not run.problem}
    found = []
    for place, reading in enumerate(readings):
        run = known.get(reading.run_id)
        if run is None or not run.config.spec.key.startswith(("bce-n", "soft-n")):
            continue
        limit = reading.thresholds
        bias = float(limit[0]) if limit is not None and len(limit) == 1 else None
        found.append(Scaled(place, reading, float(run.config.loss_params()["gamma"]), bias))
    return found


def settings(view: UniformView, runs: Sequence[Scaled], classes: int) -> tuple[float, int]:
    """(γ, N) of the view, else of the first run that has a γ, else the usual ones."""
    gamma = view.gamma if view.gamma is not None else runs[0].gamma if runs else USUAL_GAMMA
    return gamma, view.n if view.n is not None else max(2, classes or USUAL_CLASSES)


def chart(gamma: float, classes: int, runs: Sequence[Scaled]) -> Chart:
    """The learned bias relative to γ, against γ: 1 is where positives end up, −1 the negatives."""
    scales = np.geomspace(LOW, HIGH, POINTS)
    relative = np.array([corollary.learned_bias(classes, -g, g) / g for g in scales])
    least = corollary.least_gamma(classes)
    top = 1.6
    marks: list[Mark] = []
    if least > LOW:
        shade = np.array([LOW, min(least, HIGH)])
        marks.append(Band(shade, np.full(2, -1.25), np.full(2, top), RoleInk("muted"), "cannot be learned"))
        marks.append(Rule(least, "x", RoleInk("muted"), f"least γ {number(least)}", "dotted"))
    marks += [
        Rule(1.0, "y", RoleInk("positive"), "positives", "dashed"),
        Rule(-1.0, "y", RoleInk("negative"), "negatives", "dashed"),
        Line(scales, np.where(relative <= top, relative, np.nan), RoleInk("text"), "bias", width=2.5),
    ]
    at = corollary.learned_bias(classes, -gamma, gamma) / gamma
    here = np.array([gamma]), np.array([min(at, top)])
    marks.append(Dots(*here, RoleInk("own"), f"γ = {number(gamma)}", symbols="diamond", size=13))
    for one in runs:
        if one.bias is not None:
            x, y = np.array([one.gamma]), np.array([one.bias / one.gamma])
            said = (f"{one.reading.name}: γ {number(one.gamma)}, learned bias {number(one.bias)}",)
            marks.append(Dots(x, y, RunInk(one.place), one.reading.name, hover=said, size=9))
    panels = [
        Panel(
            tuple(marks),
            f"Bias of a perfectly trained bce-nu, N = {classes:,}",
            Axis("γ", spacing="log", low=LOW, high=HIGH),
            Axis("bias / γ", low=-1.25, high=top),
        )
    ]
    if len({one.gamma for one in runs}) > 1:
        panels.append(_by_gamma(runs))
    return Chart(tuple(panels), alt(gamma, classes, runs), height=330, legend="ends")


def _by_gamma(runs: Sequence[Scaled]) -> Panel:
    """A_SW and A_Uni of the runs against γ, as in 002 Fig. 1."""
    marks: list[Mark] = []
    for kind in dict.fromkeys(one.reading.loss_key for one in runs):
        same = sorted((one for one in runs if one.reading.loss_key == kind), key=lambda one: one.gamma)
        gammas = np.array([one.gamma for one in same])
        reports = [scores.report(one.reading) for one in same]
        ink = RunInk(same[0].place)
        for what, dash, values in (
            ("A_SW", "dashed", [r.sample_wise for r in reports]),
            ("A_Uni", "solid", [r.uniform for r in reports]),
        ):
            shares = 100 * np.array(values)
            marks.append(Line(gammas, shares, ink, f"{kind} {what}", dash))  # type: ignore[arg-type]
            marks.append(Dots(gammas, shares, ink, size=7))
    return Panel(
        tuple(marks),
        "These runs",
        Axis("γ", spacing="log"),
        Axis("accuracy", "%", low=0, high=100),
        note=runs[0].reading.of,
    )


def answer(gamma: float, classes: int) -> str:
    """Whether γ can learn N classes, in a sentence with its numbers."""
    bias, least = corollary.learned_bias(classes, -gamma, gamma), corollary.least_gamma(classes)
    most = corollary.most_classes(-gamma, gamma)
    enough = f"up to {most:,}" if most < 10**15 else "more than 10¹⁵"
    separates = corollary.separates(classes, -gamma, gamma)
    can = "a perfectly trained bce-nu separates" if separates else "no bce-nu separates"
    where = (
        f"between the negatives at {number(-gamma)} and the positives at {number(gamma)}"
        if separates
        else f"not below the positives at {number(gamma)}, however well it is trained"
    )
    return (
        f"With γ = {number(gamma)} {can} N = {classes:,} classes: its bias is {number(bias)}, {where}. "
        f"γ must exceed {number(least)}; this γ is enough for {enough} classes."
    )


def table(runs: Sequence[Scaled]) -> Table:
    """γ of the runs, what the corollary says, and what they learned."""
    counts = [max(2, one.reading.logits.shape[1]) for one in runs]
    reports = [scores.report(one.reading) for one in runs]
    pairs = list(zip(runs, counts, strict=True))
    unified = [one.reading.loss_key == "bce-nu" for one in runs]
    says = [corollary.separates(n, -one.gamma, one.gamma) for one, n in pairs]
    ideal = [corollary.learned_bias(n, -one.gamma, one.gamma) for one, n in pairs]
    return Table(
        "What Corollary 1 says of these runs, and what they learned",
        (
            Column("run", tuple(one.reading.name for one in runs), "text"),
            Column("γ", np.array([one.gamma for one in runs]), "number"),
            Column(
                "can be learned",
                tuple(
                    ("yes" if s else "no") if u else "about bce-nu only"
                    for s, u in zip(says, unified, strict=True)
                ),
                "text",
            ),
            Column("bias if perfect", np.where(unified, ideal, np.nan), "number", digits=3),
            Column(
                "learned bias",
                np.array([np.nan if one.bias is None else one.bias for one in runs]),
                "number",
                digits=3,
            ),
            Column("A_SW", np.array([r.sample_wise for r in reports]), "percent", best="high"),
            Column("A_Uni", np.array([r.uniform for r in reports]), "percent", best="high"),
        ),
        note=runs[0].reading.of,
    )


def alt(gamma: float, classes: int, runs: Sequence[Scaled]) -> str:
    """The picture in words."""
    said = [
        f"{one.reading.name}: γ {number(one.gamma)}, A_Uni {percent(scores.report(one.reading).uniform)}"
        for one in runs
    ]
    return " ".join([answer(gamma, classes), *(f"{text}." for text in said)])
