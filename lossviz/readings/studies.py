"""Studies: for each reading page, the runs to train to see what the page is about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from lossviz.training.config import RunConfig


@dataclass(frozen=True)
class Study:
    """A named set of runs, the pages it is offered on (the first study of a page is its opening), and
    what to look for."""

    name: str
    pages: tuple[str, ...]
    configs: tuple[RunConfig, ...]
    notice: str


def studies() -> dict[str, Study]:
    """All studies by name, in order."""
    return {study.name: study for study in _STUDIES}


def of(page: str) -> tuple[Study, ...]:
    """The studies of one page, its opening first; all of them where a page has none."""
    return tuple(study for study in _STUDIES if page in study.pages) or _STUDIES


def like(page: str, data: str) -> Study:
    """The first study of a page on this data set, else its opening."""
    found = of(page)
    return next((study for study in found if study.configs[0].data == data), found[0])


def _each(*losses: str | tuple[str, dict[str, Any]], **settings: Any) -> tuple[RunConfig, ...]:
    """A config for each loss (with its parameters, if any), with the same settings."""
    pairs = [(loss, {}) if isinstance(loss, str) else loss for loss in losses]
    return tuple(RunConfig(loss=loss, params=params, **settings) for loss, params in pairs)


# Enough steps for the 1,437 training images of the digits, as in the opening race of the train page.
_DIGITS: dict[str, Any] = {"epochs": 20, "rate": 0.01}
_ARCFACE = ("arcface", {"margin": 0.3})
_CAMRI = ("camri", {"margin": math.pi / 8, "important": 3})

_STUDIES = (
    Study(
        "A margin for one class, digits",
        ("angles",),
        # After twenty epochs classes still share directions under L2-softmax.
        _each("l2-softmax", _ARCFACE, _CAMRI, **_DIGITS | {"epochs": 60}),
        "L2-softmax, ArcFace and CAMRI with class 3 important: is the gap beside class 3 the widest under "
        "CAMRI?",
    ),
    Study(
        "A margin for one class, MNIST",
        ("angles",),
        _each("l2-softmax", _ARCFACE, _CAMRI, data="mnist"),
        "Fig. 2 of paper 001: L2-softmax, ArcFace and CAMRI with class 3 important.",
    ),
    Study(
        "Softmax against BCE, digits",
        ("uniform",),
        _each("soft-u", "soft-nu", "bce-u", "bce-nu", dimension=16, **_DIGITS),
        "Paper 002, Fig. 2: does one threshold separate positive from negative metrics better under BCE, "
        "and does its bias come to lie near t*?",
    ),
    Study(
        "One threshold in the plane, digits",
        ("uniform",),
        _each("soft-nu", "bce-nu", **_DIGITS),
        "Two numbers in an embedding: do the positive and negative metrics of bce-nu part at t*, and "
        "where does its bias end?",
    ),
    Study(
        "Softmax against BCE, MNIST",
        ("uniform",),
        _each("soft-u", "soft-nu", "bce-u", "bce-nu", data="mnist", dimension=64),
        "The same on 60,000 images with 64 numbers in an embedding.",
    ),
    Study(
        "Which γ can learn ten classes",
        ("uniform",),
        _each(
            *(("bce-nu", {"gamma": gamma}) for gamma in (1.0, 2.0, 8.0, 32.0)),
            dimension=16,
            bias_start="mode",
            **_DIGITS,
        ),
        "Ten classes in sixteen dimensions, which cannot all be opposite each other, need γ > 2.55 (by "
        "Corollary 1 of paper 002 alone 1.42). From 0, the bias of bce-nu ends above γ = 1, where no metric "
        "reaches; under 8 and 32 it does not.",
    ),
    Study(
        "Three digits never seen",
        ("uniform",),
        _each("soft-d", "bce-nu", data="mnist", dimension=64, held_out=(7, 8, 9)),
        "Trained on 0 to 6; the images of 7, 8 and 9 are to be rejected by the one threshold.",
    ),
    Study(
        "Sixty-four dimensions, digits",
        ("embeddings",),
        _each("soft-d", "bce-nu", ("center", {"lam": 0.1}), dimension=64, **_DIGITS),
        "How far do three losses draw the classes apart where there is room?",
    ),
    Study(
        "Sixty-four dimensions, MNIST",
        ("embeddings",),
        _each("soft-d", "bce-nu", ("center", {"lam": 0.1}), data="mnist", dimension=64),
        "The same on MNIST; the projections take a few minutes on a CPU.",
    ),
    Study(
        "Four ways to care for class 3, digits",
        ("important",),
        _each("soft-d", ("weighted-ce", {"important": 3, "weight": 4.0}), "l2-softmax", _CAMRI, **_DIGITS),
        "Weighting trades the accuracy of others for the recall of one class; paper 001 says that CAMRI "
        "hardly does.",
    ),
    Study(
        "Four ways to care for class 3, MNIST",
        ("important",),
        _each("soft-d", ("weighted-ce", {"important": 3, "weight": 4.0}), "l2-softmax", _CAMRI, data="mnist"),
        "The same on 60,000 images.",
    ),
    Study(
        "A long tail, digits",
        ("imbalance",),
        _each(
            "soft-d",
            "focal",
            "cot",
            "cce",
            dimension=16,
            imbalance="long-tailed",
            imbalance_ratio=20.0,
            **_DIGITS,
        ),
        "Class 0 has twenty times the images of class 9. What becomes of the recall of the small classes?",
    ),
    Study(
        "A long tail, MNIST",
        ("imbalance",),
        _each(
            "soft-d",
            "focal",
            "cot",
            "cce",
            data="mnist",
            dimension=64,
            imbalance="long-tailed",
            imbalance_ratio=100.0,
        ),
        "The setting of paper 003, on another data set: ratio 100.",
    ),
    Study(
        "Five losses, MNIST",
        ("angles", "uniform", "embeddings", "important", "imbalance"),
        _each("soft-d", _ARCFACE, _CAMRI, "bce-nu", "cce", data="mnist", dimension=16),
        "Cross-entropy, ArcFace, CAMRI, bce-nu and CCE with sixteen numbers in an embedding.",
    ),
)
