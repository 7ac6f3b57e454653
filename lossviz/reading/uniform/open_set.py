"""Open sets (002 III.E): images of unknown classes, rejected by the one threshold."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.errors import RunError
from lossviz.figures.chart import Axis, Chart, Dots, Line, Mark, Panel, RoleInk, Rule, RunInk, Steps
from lossviz.figures.table import Column, Table
from lossviz.metrics import open_set
from lossviz.reading import extract
from lossviz.reading.measured import once
from lossviz.reading.reading import Reading
from lossviz.reading.uniform import scores, shown
from lossviz.reading.uniform.view import UniformView
from lossviz.reading.uniform.words import number, percent
from lossviz.runs.run import Run

Array = NDArray[Any]
BINS, POINTS = 60, 800
KEY = (
    "TPR: the share of known images that is accepted, as their largest metric lies above the threshold. FPR: "
    "that of unknown ones. AUROC: how often a known image responds more than an unknown one."
)
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


def chosen(view: UniformView, parts: dict[str, str]) -> str:
    """The set of the view, else held-out classes, else the images nearest in kind; "" without any."""
    if view.unknown in parts:
        return view.unknown
    usual = [part for key in ("held-out", "kmnist", "fashion") for part in parts if key in part]
    return next(iter(usual or parts), "")


def _responses(reading: Reading, softmax: bool) -> Array:
    metrics = scores.biased(reading, softmax)
    return once("responses", (metrics,), lambda: open_set.responses(metrics))


def _both(pair: Pair, softmax: bool) -> tuple[Array, Array]:
    return _responses(pair.known, softmax), _responses(pair.unknown, softmax)


def chart(pairs: Sequence[Pair], view: UniformView) -> Chart:
    """ROC curves, with a ring where t* of a run lies, and how known and unknown images respond."""
    return Chart(
        (_roc_panel(pairs, view), *_spreads(pairs, view)),
        alt(pairs, view),
        columns=min(3, len(pairs) + 1),
        height=260 if len(pairs) < 3 else 150,
        legend="top",
        classes=pairs[0].known.classes,
    )


def _roc_panel(pairs: Sequence[Pair], view: UniformView) -> Panel:
    diagonal = np.array([0.0, 100.0])
    marks: list[Mark] = [Line(diagonal, diagonal, RoleInk("muted"), "", "dotted", 1.0)]
    for pair in pairs:
        curve = _roc(*_both(pair, view.softmax))
        shares = 100 * curve.false_accept, 100 * curve.true_accept
        marks.append(Line(*shares, RunInk(pair.place), pair.known.name, label_at_end=False))
        at = _rates(pair, view)
        if at is not None:
            said = f"{pair.known.name} at t* = {number(at.threshold)}"
            place = np.array([100 * at.false_accept]), np.array([100 * at.true_accept])
            marks.append(Dots(*place, RunInk(pair.place), size=12, symbols="ring", hover=(said,)))
    return Panel(
        tuple(marks),
        "ROC",
        Axis("unknown accepted", "%", low=0, high=100, ticks=((0, "0 %"), (50, "50 %"), (100, "100 %"))),
        Axis("known accepted", "%", low=0, high=100),
        equal=True,
        note="rings: at t*",
    )


def _roc(known: Array, unknown: Array) -> open_set.Roc:
    return once("roc", (known, unknown), lambda: open_set.roc(known, unknown, POINTS))


def own_axes(pairs: Sequence[Pair], view: UniformView) -> bool:
    """Whether the responses of each run have an axis of their own."""
    return shown.own_axes(view, [_reach([pair], view) for pair in pairs])


def _reach(pairs: Sequence[Pair], view: UniformView) -> tuple[float, float]:
    """From the smallest to the largest response of these runs, with t* and a little room."""
    found = [float(end) for pair in pairs for r in _both(pair, view.softmax) for end in (r.min(), r.max())]
    lines = [scores.report(pair.known, view.softmax).threshold for pair in pairs]
    found += [line for line in lines if np.isfinite(line)]
    low, high = min(found), max(found)
    room = max(0.03 * (high - low), 1e-3 * max(abs(low), abs(high), 1.0))
    return low - room, high + room


def _spreads(pairs: Sequence[Pair], view: UniformView) -> list[Panel]:
    responses = [_both(pair, view.softmax) for pair in pairs]
    own = own_axes(pairs, view)
    title = "largest softmax" if view.softmax else "largest metric"
    if not view.softmax and any(scores.acts(pair.known) for pair in pairs):
        title += " with bias"
    panels = []
    for pair, (known, unknown) in zip(pairs, responses, strict=True):
        edges = np.linspace(*_reach([pair] if own else pairs, view), BINS + 1)
        marks: list[Mark] = [
            Steps(
                edges, 100 * np.histogram(unknown, edges)[0] / len(unknown), RoleInk("negative"), "unknown"
            ),
            Steps(edges, 100 * np.histogram(known, edges)[0] / len(known), RoleInk("positive"), "known"),
        ]
        threshold = scores.report(pair.known, view.softmax).threshold
        if np.isfinite(threshold):
            marks.append(Rule(threshold, "x", RoleInk("text"), f"t* {number(threshold)}", "solid"))
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


def _rates(pair: Pair, view: UniformView) -> open_set.Rates | None:
    threshold = scores.report(pair.known, view.softmax).threshold
    known, unknown = _both(pair, view.softmax)
    return open_set.rates(known, unknown, threshold) if np.isfinite(threshold) else None


def _numbers(pair: Pair, view: UniformView) -> dict[str, float]:
    known, unknown = _both(pair, view.softmax)

    def make() -> dict[str, float]:
        false, threshold = open_set.fpr_at_tpr(known, unknown)
        return {"auroc": open_set.auroc(known, unknown), "false": false, "threshold": threshold}

    found = once("open set", (known, unknown), make)
    at = _rates(pair, view)
    nothing = float("nan")
    right = _known_right(pair, view)
    rates = (nothing, nothing) if at is None else (at.true_accept, at.false_accept)
    return {**found, "known": rates[0], "unknown": rates[1], "right": right}


def _known_right(pair: Pair, view: UniformView) -> float:
    """The share of known images that is accepted and taken for its own class."""
    threshold = scores.report(pair.known, view.softmax).threshold
    metrics, labels = scores.biased(pair.known, view.softmax), pair.known.labels
    accepted = _responses(pair.known, view.softmax) > np.float64(threshold)
    return (
        float((accepted & (metrics.argmax(1) == labels)).mean()) if np.isfinite(threshold) else float("nan")
    )


def table(pairs: Sequence[Pair], view: UniformView) -> Table:
    """AUROC, false accepts at 95 % of the known accepted, and what t* accepts."""
    found = [_numbers(pair, view) for pair in pairs]

    def column(key: str) -> Array:
        return np.array([numbers[key] for numbers in found])

    return Table(
        "Unknown images against the one threshold",
        (
            Column("run", tuple(pair.known.name for pair in pairs), "text"),
            Column("AUROC", column("auroc"), "percent", best="high"),
            Column("FPR at 95 % TPR", column("false"), "percent", best="low"),
            Column("threshold there", column("threshold"), "number", digits=3),
            Column(
                "t*",
                np.array([scores.report(p.known, view.softmax).threshold for p in pairs]),
                "number",
                digits=3,
            ),
            Column("TPR at t*", column("known"), "percent", best="high"),
            Column("accepted and right", column("right"), "percent", best="high"),
            Column("FPR at t*", column("unknown"), "percent", best="low"),
        ),
        note=_note(pairs[0]),
    )


def _note(pair: Pair) -> str:
    return f"Known: {pair.known.of}; unknown: {pair.unknown.of}"


def alt(pairs: Sequence[Pair], view: UniformView) -> str:
    """The key values, in words."""
    said = []
    for pair in pairs:
        n = _numbers(pair, view)
        said.append(
            f"{pair.known.name}: AUROC {percent(n['auroc'])}; where 95 % of known images are accepted, "
            f"{percent(n['false'])} of unknown ones are; at t* {percent(n['known'])} of known and "
            f"{percent(n['unknown'])} of unknown"
        )
    return f"Unknown images. {_note(pairs[0])}. {'. '.join(said)}."


def notice(pairs: Sequence[Pair], view: UniformView) -> str:
    """What to see in these numbers."""
    found = [(pair.known.name, _numbers(pair, view)) for pair in pairs]
    there = sorted((n["unknown"], n["known"], name) for name, n in found if np.isfinite(n["unknown"]))
    said = []
    if there:
        unknown, known, name = there[0]
        said.append(
            f"At its t* {name} accepts {percent(unknown)} of the unknown images and {percent(known)} of the "
            "known"
        )
    if len(there) > 1:
        unknown, known, name = there[-1]
        said[0] += f", {name} {percent(unknown)} and {percent(known)}"
    ranked = sorted(((n["auroc"], name) for name, n in found), reverse=True)
    said.append(f"AUROC: {', '.join(f'{name} {percent(area)}' for area, name in ranked)}")
    return ". ".join(said) + "."
