"""Reading: the arrays of a run, or of a file, for a set of images at one moment."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
# The label of an image that belongs to none of the classes, and the prediction where there is none.
NONE = -1


@dataclass(frozen=True, eq=False)
class Reading:
    """The arrays of a run, or of a file, for a set of images at one moment.

    name: short, tells it from others. run_id: "" for a file. features: float32 [N, d], as the loss
    sees them; None for a file of metrics. labels: int64 [N] in 0..K-1; NONE for images of unknown
    classes. metrics: float32 [N, K], class scores without bias and margin (W·z, or γcosθ for
    normalised losses); None for a file of features alone. logits: float32 [N, K], what predictions
    are made from: the metrics with the learned bias; NaN for a file of features alone. weights:
    float32 [K, d] or None. bias: None, [1] or [K], as trained. thresholds: on `metrics`, what the
    bias stands for: −b (linear) or b (normalised); None, [1] or [K]. loss_values: float32 [N] or
    None. classes: the K names. epoch: a fraction within epochs. indices: places in the test (or
    training) part of the data set, or None. part: "shown" (the snapshot's stratified test images),
    "test", "train", "unknown:…" or "file". of: for the page, "2,000 of 10,000 test images, epoch 8".
    train_counts: [K], the images of each class that were trained on, or None where that is not
    known. loss_key: "" for a file. images: the same for readings of the same images, in whatever order
    (`images.identity`). data: the title of the data set. Both "" for a file.
    """

    name: str
    run_id: str
    features: Array | None
    labels: Array
    metrics: Array | None
    logits: Array
    weights: Array | None
    bias: Array | None
    thresholds: Array | None
    loss_values: Array | None
    classes: tuple[str, ...]
    epoch: float
    indices: Array | None
    part: str
    of: str
    train_counts: Array | None
    loss_key: str
    images: str = ""
    data: str = ""

    @property
    def predictions(self) -> Array:
        """The class of the largest logit, int64 [N]; NONE where there are no logits."""
        if self.metrics is None:
            return np.full(len(self.labels), NONE, dtype=np.int64)
        return self.logits.argmax(1)

    @property
    def dimension(self) -> int:
        """d; 0 without features."""
        return 0 if self.features is None else self.features.shape[1]

    def arrays(self) -> dict[str, Array]:
        """The arrays that are there, by name."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
