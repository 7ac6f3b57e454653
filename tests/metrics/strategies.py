"""Small metrics with labels, full of ties."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


@st.composite
def labelled_metrics(draw: Any, most_classes: int = 5) -> tuple[Any, Any]:
    """Metrics [N, K] and labels [N]: on a coarse grid, so that ties are common, or anywhere."""
    shape = (draw(st.integers(1, 12)), draw(st.integers(1, most_classes)))
    kind = draw(st.sampled_from([np.float32, np.float64]))
    grid = st.integers(-4, 4).map(lambda v: v / 2)
    anywhere = st.floats(-1e4, 1e4, width=32)
    metrics = draw(hnp.arrays(kind, shape, elements=draw(st.sampled_from([grid, anywhere]))))
    labels = draw(hnp.arrays(np.int64, shape[0], elements=st.integers(0, shape[1] - 1)))
    return metrics, labels
