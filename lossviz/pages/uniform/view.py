"""The settings of the page of uniform classification, all but the section that is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self, get_args

from lossviz.metrics.bounds.margins import MOST_DIMENSIONS
from lossviz.metrics.matrix import PICKS
from lossviz.metrics.open_set import Response
from lossviz.readings.view import ReadView, setting

MOST_CLASSES = 100_000


@dataclass(frozen=True)
class UniformSettings(ReadView):
    """The settings that sections read.

    t: the threshold, None: where it is best. gamma, n, dimension: None: of the runs. own_axes: None: where
    the metrics of the runs shown differ much in size.
    """

    t: float | None = setting(None, "real", "threshold", "one threshold for all samples", -1e9, 1e9)
    common: bool = setting(
        False,
        "flag",
        "one t for all runs",
        "one threshold, to be dragged, held against all runs; otherwise each run is shown at its own t*",
    )
    softmax: bool = setting(
        False,
        "flag",
        "softmax of the metrics",
        "each sample's metrics as probabilities (002 S.IV); who is largest stays the same",
    )
    biased: bool = setting(
        False,
        "flag",
        "with the learned bias",
        "the metrics as predictions are made from; Fig. 2 of paper 002 shows them without it",
    )
    everything: bool = setting(
        False,
        "flag",
        "all samples",
        "wrongly classified ones too; Fig. 2 and 3 of paper 002 leave them out",
    )
    own_axes: bool | None = setting(
        None,
        "flag",
        "an axis for each run",
        "in place of one for all; on by itself where the metrics of one run spread more than 5 times as wide "
        "as those of another",
    )
    of_class: int = setting(0, "whole", "class", "whose negatives are shown", 0, MOST_CLASSES)
    pick: str = setting(
        "random",
        "choice",
        "sample of each class",
        "drawn at random as in the paper, the first, or the one with the median positive metric",
        choices=PICKS,
    )
    seed: int = setting(0, "whole", "draw", "which random samples", 0, 2**31 - 1)
    gamma: float | None = setting(
        None, "real", "scale γ", "metrics lie between −γ and γ", 0.01, 1000.0, spacing="log", step=0.01
    )
    n: int | None = setting(None, "whole", "classes N", "how many classes there are", 2, MOST_CLASSES)
    dimension: int | None = setting(
        None, "whole", "dimension d", "numbers in an embedding", 2, MOST_DIMENSIONS
    )
    unknown: str = setting("", "text", "unknown images", "images of classes that were not trained on")
    response: str = setting(
        "metric",
        "choice",
        "response",
        "what of an image is held against the threshold: its largest metric, as in the paper, its largest "
        "softmax probability, or log Σ exp of its metrics",
        choices=get_args(Response),
    )
    known: float = setting(
        95.0,
        "real",
        "known images accepted",
        "the rate at which the runs are compared",
        50,
        100,
        unit="%",
        step=0.5,
    )
    log: bool = setting(
        True,
        "flag",
        "logarithmic false accepts",
        "the corner of the ROC curves, where few unknown images pass",
    )

    def with_next_sample(self) -> Self:
        """The view with other random samples."""
        return replace(self, seed=(self.seed + 1) % 2**31)
