"""Charts that hold every mark there is, with numbers that can be checked by eye."""

from __future__ import annotations

import math

import numpy as np

from lossviz.figures.chart import (
    Arrows,
    Axis,
    Band,
    Bars,
    Chart,
    Circle,
    ClassColor,
    Dots,
    Line,
    Matrix,
    Note,
    Panel,
    PolarSteps,
    RoleColor,
    Rule,
    RunColor,
    Steps,
)

NAMES = ("cat", "dog", "a<b & $c$")
X = np.linspace(0, 4, 5)


def curves() -> Chart:
    one = Line(X, 10 * X, RunColor(0), "cross-entropy")
    two = Line(X, 40 - 10 * X, RunColor(1), "ArcFace", dash="dashed")
    marks = (
        Band(X, 10 * X - 2, 10 * X + 2, RunColor(0)),
        one,
        two,
        Rule(1.5, "x", RunColor(0), "t* = 1.5"),
        Rule(30, "y", RoleColor("muted"), "goal"),
        Note(2, 5, "here"),
    )
    panel = Panel(marks, "Accuracy", Axis("threshold"), Axis("accuracy", "%"), note="n = 5")
    return Chart((panel,), alt="Two lines cross at 20 %.")


def histograms() -> Chart:
    edges = np.array([-1.0, 0.0, 1.0, 2.0])

    def panel(title: str, shift: float) -> Panel:
        marks = (
            Steps(edges, np.array([1.0, 3.0, 2.0]), RoleColor("negative"), "negative"),
            Steps(edges + shift, np.array([2.0, 4.0, 1.0]), RoleColor("positive"), "positive", filled=False),
        )
        return Panel(marks, title, Axis("metric"), Axis("share", "%"))

    both = (panel("CE", 1.0), panel("BCE", 3.0))
    return Chart(both, alt="Histograms.", shared_x=True, shared_y=True, title="Metrics")


def bars() -> Chart:
    at = np.arange(3)
    grouped = (
        Bars(
            at,
            np.array([90.0, 80.0, np.nan]),
            errors=np.array([1.0, 2.0, np.nan]),
            color=RunColor(0),
            name="ERM",
        ),
        Bars(at, np.array([95.0, 85.0, 70.0]), color=RunColor(1), name="CCE"),
    )
    ranges = Bars(at, np.array([1.0, 2.0, 3.0]), base=np.array([-2.0, -1.0, 0.0]))
    sizes = Bars(at, np.array([5.0, 4.0, 3.0]), classes=at, texts=("5", "4", "3"))
    classes = Axis("class", categories=NAMES)
    panels = (
        Panel(grouped, "Recall", classes, Axis("recall", "%", low=0, high=100)),
        Panel((ranges,), "Ranges", classes, Axis("metric")),
        Panel((sizes,), "Sizes", classes, Axis("images")),
    )
    return Chart(panels, alt="Bars.", classes=NAMES)


def points() -> Chart:
    labels = np.array([0, 1, 2, 0, 1, 2])
    x, y = np.array([1.0, -1, 0, 2, -2, np.nan]), np.array([0.0, 1, -1, 0, 2, -2])
    by_class = Dots(x, y, classes=labels, vivid=(1,), hover=tuple(f"image {i}" for i in range(6)))
    arrows = Arrows(np.array([1.0, -1.0]), np.array([1.0, 0.5]), labels=("W₀", "W₁"), name="weights")
    by_value = Dots(
        x, y, values=np.array([1e-3, 1e-2, 0.1, 1, 10, 100]), value_title="loss", value_spacing="log"
    )
    runs = Dots(
        X, X**2, RunColor(2), "runs", symbols=("ring", "circle", "star", "cross", "plus"), texts=("",) * 5
    )
    panels = (
        Panel((by_class, arrows, Circle(1.0)), "Classes", Axis("z₁"), Axis("z₂"), equal=True),
        Panel((by_value,), "Loss", Axis("z₁"), Axis("z₂"), equal=True),
        Panel((runs,), "Runs", Axis("images", spacing="log"), Axis("recall", "%")),
    )
    return Chart(panels, alt="Points.", classes=NAMES)


def matrices() -> Chart:
    counts = np.array([[8, 2, 0], [1, 9, 0], [0, 3, 7]])
    gaps = np.array([[2.0, -2.0, 0.0], [0.0, 1.0, -1.0], [-4.0, 0.0, np.nan]])
    axes = {"x": Axis("predicted"), "y": Axis("true")}
    panels = (
        Panel((Matrix(counts, NAMES, NAMES, boxed=((1, 1),)),), "Counts", **axes),
        Panel((Matrix(10.0 * counts, NAMES, NAMES, "share"),), "Share", **axes),
        Panel((Matrix(gaps, NAMES, NAMES, "difference"),), "Difference", **axes),
    )
    return Chart(panels, alt="Confusion.")


def polar() -> Chart:
    edges = np.linspace(0, 2 * math.pi, 9)
    heights = np.array([4.0, 1, 0, 0, 2, 0, 0, 0])
    marks = (PolarSteps(edges, heights, ClassColor(0), "cat"), Arrows(np.array([1.0]), np.array([0.0])))
    return Chart((Panel(marks, "Angles", y=Axis("share", "%"), polar=True),), alt="Most at 22.5°.")


def solid() -> Chart:
    dots = Dots(X, X, z=X, classes=np.array([0, 1, 2, 0, 1]), symbols="diamond")
    return Chart(
        (Panel((dots,), "PCA", Axis("1"), Axis("2"), Axis("3"), solid=True),), alt="A line.", classes=NAMES
    )


ALL = {made.__name__: made for made in (curves, histograms, bars, points, matrices, polar, solid)}
