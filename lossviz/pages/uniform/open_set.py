"""Open sets (002 III.E): images of unknown classes, rejected by the one threshold."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np

from lossviz.core.errors import RunError
from lossviz.figures.chart import (
    Axis,
    Chart,
    Dots,
    Line,
    Mark,
    Panel,
    RoleColor,
    Rule,
    RunColor,
    Steps,
    Symbol,
)
from lossviz.figures.table import Column, Table
from lossviz.metrics import open_set
from lossviz.metrics.open_set import Response
from lossviz.pages.uniform import accuracies, best, metric_sample, scores
from lossviz.pages.uniform.best import Best
from lossviz.pages.uniform.view import UniformSettings
from lossviz.pages.uniform.words import images, listed, number, percent, same
from lossviz.readings import extract
from lossviz.readings.identity_cache import once
from lossviz.readings.reading import Array, Reading
from lossviz.runs.run import Run

BINS, POINTS = 60, 800
KEY = (
    "An image is accepted as its response lies above a threshold. AUROC: how often a known image responds "
    "more than an unknown one. AUPR: the mean precision over all thresholds, known images being the "
    "positive ones; where nothing is told apart it is their share, {share}."
)
RESPONSES = {
    "metric": "largest metric",
    "softmax": "largest softmax probability",
    "energy": "log Σ exp of the metrics (energy)",
}
AXES = {"metric": "largest metric", "softmax": "log odds of the largest softmax", "energy": "log Σ exp"}
NOTHING = (
    "No images that are unknown to all of these runs fit their networks. Train with held-out classes "
    "(setting held_out), as the study “Three digits never seen” does, or choose runs on MNIST, "
    "Fashion-MNIST or KMNIST, whose images fit each other's networks."
)


@dataclass(frozen=True, eq=False)
class Pair:
    """A run's responses to images of its classes and of unknown ones. place: of the run on the page."""

    place: int
    known: Reading
    unknown: Reading


def offered(runs: Sequence[Run]) -> dict[str, str]:
    """Sets of unknown images that fit all of the runs that have read their images: part by what it is, for a
    reader."""
    found = []
    for run in runs:
        if not run.problem:
            with suppress(RunError):  # it waits, or its images are damaged
                found.append(extract.unknown_parts(run))
    return {part: words for part, words in found[0].items() if all(part in f for f in found)} if found else {}


def unknown_part(view: UniformSettings, parts: dict[str, str]) -> str:
    """The set of the view, else held-out classes, else the images nearest in kind; "" without any."""
    if view.unknown in parts:
        return view.unknown
    usual = [part for key in ("held-out", "kmnist", "fashion") for part in parts if key in part]
    return next(iter(usual or parts), "")


def response(view: UniformSettings) -> Response:
    """The response that is held against the threshold."""
    return "softmax" if view.softmax and view.response == "metric" else cast(Response, view.response)


def _responses(reading: Reading, kind: Response) -> Array:
    metrics = scores.biased(reading)
    return once(("responses", kind), (metrics,), lambda: open_set.responses(metrics, kind))


def _both(pair: Pair, view: UniformSettings) -> tuple[Array, Array]:
    kind = response(view)
    return _responses(pair.known, kind), _responses(pair.unknown, kind)


def _best(pair: Pair, view: UniformSettings) -> Best | None:
    """t* of the run, which is one on the metrics and on no other response."""
    return best.of(pair.known) if response(view) == "metric" else None


def chart(pairs: Sequence[Pair], view: UniformSettings) -> Chart:
    """ROC curves, with a dot at the rate of comparison and a ring where t* of a run lies, and how known and
    unknown images respond."""
    return Chart(
        (_roc_panel(pairs, view), *_spreads(pairs, view)),
        alt(pairs, view),
        columns=2 if len(pairs) in (1, 3) else 3,
        height=240 if len(pairs) < 4 else 180,
        legend="top",
        classes=pairs[0].known.classes,
    )


def _roc_panel(pairs: Sequence[Pair], view: UniformSettings) -> Panel:
    # On a logarithmic axis half an image stands for none.
    least = 50 / max(len(pair.unknown.labels) for pair in pairs) if view.log else 0.0
    diagonal = np.geomspace(least, 100, 100) if view.log else np.array([0.0, 100.0])
    marks: list[Mark] = [
        Line(diagonal, diagonal, RoleColor("muted"), "", "dotted", 1.0),
        Rule(view.known, "y", RoleColor("muted"), "", "dashed", 1.0),
    ]
    for pair in pairs:
        curve = _roc(*_both(pair, view))
        shares = (100 * curve.false_accept).clip(least), 100 * curve.true_accept
        marks.append(Line(*shares, RunColor(pair.place), pair.known.name, label_at_end=False))
        at, name = _numbers(pair, view), pair.known.name
        found = _best(pair, view)
        dots: list[tuple[str, float, float, Symbol]] = [
            (f"{name}: {percent(at['false'])} of unknown images accepted", at["false"], at["true"], "circle"),
        ]
        if found is not None:
            dots.append((f"{name} at t* = {found.text()}", at["unknown"], at["known"], "ring"))
        for said, wrong, right, symbol in dots:
            place = np.array([max(least, 100 * wrong)]), np.array([100 * right])
            marks.append(Dots(*place, RunColor(pair.place), size=10, symbols=symbol, hover=(said,)))
    rings = ", rings: at t*" if response(view) == "metric" else ""
    x = Axis("unknown accepted", "%", "log" if view.log else "linear", least, 100)
    y = Axis("known accepted", "%", low=50 if view.log else 0, high=100)
    note = f"dots: at {number(view.known)} %{rings}"
    return Panel(tuple(marks), "ROC", x, y, equal=not view.log, note=note)


def _roc(known: Array, unknown: Array) -> open_set.Roc:
    return once("roc", (known, unknown), lambda: open_set.roc(known, unknown, POINTS))


def own_axes(pairs: Sequence[Pair], view: UniformSettings) -> bool:
    """True if the responses of each run have an axis of their own."""
    # Log odds have no scale in common, as probabilities have.
    return metric_sample.own_axes(replace(view, softmax=False), [_reach([pair], view) for pair in pairs])


def _reach(pairs: Sequence[Pair], view: UniformSettings) -> tuple[float, float]:
    """From the smallest to the largest response of these runs, with t* and a little room."""
    found = [float(end) for pair in pairs for r in _both(pair, view) for end in (r.min(), r.max())]
    found += [t.threshold for pair in pairs if (t := _best(pair, view)) is not None]
    return scores.widened(found)


def _spreads(pairs: Sequence[Pair], view: UniformSettings) -> list[Panel]:
    responses = [_both(pair, view) for pair in pairs]
    own = own_axes(pairs, view)
    title = AXES[response(view)]
    if response(view) == "metric" and any(scores.acts(pair.known) for pair in pairs):
        title += " with bias"
    panels = []
    for pair, (known, unknown) in zip(pairs, responses, strict=True):
        edges = np.linspace(*_reach([pair] if own else pairs, view), BINS + 1)
        marks: list[Mark] = [
            Steps(
                edges, 100 * np.histogram(unknown, edges)[0] / len(unknown), RoleColor("negative"), "unknown"
            ),
            Steps(edges, 100 * np.histogram(known, edges)[0] / len(known), RoleColor("positive"), "known"),
        ]
        there = _numbers(pair, view)["threshold"]
        if np.isfinite(there):
            marks.append(Rule(there, "x", RunColor(pair.place), f"{number(view.known)} %", "dashed"))
        if (found := _best(pair, view)) is not None:
            marks.append(Rule(found.threshold, "x", RoleColor("text"), f"t* {found.text()}", "solid"))
        panels.append(
            Panel(
                tuple(marks),
                pair.known.name,
                Axis(title, low=float(edges[0]), high=float(edges[-1])),
                Axis("share", "%"),
                note=f"n = {len(known):,} and {len(unknown):,}",
            )
        )
    return panels


def _numbers(pair: Pair, view: UniformSettings) -> dict[str, float]:
    """At the rate of comparison: true, false, threshold. At t*: known, right, unknown; NaN where there is
    none. auroc, aupr."""
    known, unknown = _both(pair, view)
    share = view.known / 100

    def make() -> dict[str, float]:
        false, threshold = open_set.fpr_at_tpr(known, unknown, share)
        true = open_set.rates(known, unknown, threshold).true_accept
        areas = {"auroc": open_set.auroc(known, unknown), "aupr": open_set.aupr(known, unknown)}
        return areas | {"false": false, "true": true, "threshold": threshold}

    numbers = once(("open set", share), (known, unknown), make)
    found = _best(pair, view)
    if found is None:
        return numbers | dict.fromkeys(("known", "unknown", "right"), float("nan"))
    at = open_set.rates(known, unknown, found.threshold)
    metrics, labels = scores.biased(pair.known), pair.known.labels
    right = (known > np.float64(found.threshold)) & (metrics.argmax(1) == labels)
    return numbers | {"known": at.true_accept, "unknown": at.false_accept, "right": float(right.mean())}


def table(pairs: Sequence[Pair], view: UniformSettings) -> Table:
    """False accepts at one rate of the known, AUROC, AUPR, and what t* accepts."""
    found = [_numbers(pair, view) for pair in pairs]
    alike = same([pair.known for pair in pairs])
    top: Literal["high"] | None = "high" if alike else None
    low: Literal["low"] | None = "low" if alike else None

    def column(key: str) -> Array:
        return np.array([numbers[key] for numbers in found])

    columns = [
        Column("run", tuple(pair.known.name for pair in pairs), "text"),
        Column(f"unknown accepted at {number(view.known)} % known", column("false"), "percent", best=low),
        Column("AUROC", column("auroc"), "percent", best=top),
        Column("AUPR", column("aupr"), "percent", best=top),
        Column("threshold there", column("threshold"), "number", digits=2),
    ]
    if response(view) == "metric":
        columns += [
            accuracies.thresholds("t*", [_best(pair, view) for pair in pairs]),
            Column("known accepted at t*", column("known"), "percent"),
            Column("accepted and right at t*", column("right"), "percent"),
            Column("unknown accepted at t*", column("unknown"), "percent"),
        ]
    title = f"Unknown images against one threshold on the {RESPONSES[response(view)]}"
    return Table(title, tuple(columns), note=sources(pairs))


def sources(pairs: Sequence[Pair]) -> str:
    """The known and the unknown images."""
    known, unknown = ([getattr(pair, side) for pair in pairs] for side in ("known", "unknown"))
    return f"Known: {images(known)}; unknown: {images(unknown)}"


def key(pairs: Sequence[Pair]) -> str:
    """The key of the table's columns."""
    known, unknown = len(pairs[0].known.labels), len(pairs[0].unknown.labels)
    return KEY.format(share=percent(known / (known + unknown)))


def alt(pairs: Sequence[Pair], view: UniformSettings) -> str:
    """The key values, in words."""
    said = []
    for pair in pairs:
        n = _numbers(pair, view)
        words = (
            f"{pair.known.name}: where {number(view.known)} % of known images are accepted, "
            f"{percent(n['false'])} of unknown ones are; AUROC {percent(n['auroc'])}, "
            f"AUPR {percent(n['aupr'])}"
        )
        if _best(pair, view) is not None:
            words += f"; at t* {percent(n['known'])} of known and {percent(n['unknown'])} of unknown"
        said.append(words)
    return f"Unknown images, by the {RESPONSES[response(view)]}. {sources(pairs)}. {'. '.join(said)}."


def notice(pairs: Sequence[Pair], view: UniformSettings) -> str:
    """The numbers in sentences: at one rate of known images, then at each run's t*."""
    found = [(pair.known.name, _numbers(pair, view)) for pair in pairs]
    ranked = sorted(found, key=lambda one: one[1]["false"])
    told = listed([f"{name} {percent(n['false'])}" for name, n in ranked])
    said = [
        f"Where each run accepts {number(view.known)} % of the known images, it accepts of the unknown ones: "
        f"{told}.",
        f"{sources(pairs)}.",
    ]
    there = [(name, n) for name, n in found if np.isfinite(n["known"])]
    if there:
        told = "; ".join(
            f"{name} accepts {percent(n['unknown'])} of the unknown and {percent(n['known'])} of the known"
            for name, n in there
        )
        why = "t* is made from known images alone, to tell own from other classes, and from no unknown one"
        apart = ", so that it accepts another share of the known under each run" if len(there) > 1 else ""
        said.append(f"{why}{apart}. There {told}.")
    return " ".join(said)
