"""Files of one's own on the pages that read features: odd ones open in every section."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossviz.pages import angles, uniform
from tests.pages.opened import opened
from tests.pages.uniform.test_page import FOLDS

DRAW = np.random.default_rng(0)


def drawn(samples: int, dimension: int, classes: int, labels: Any = None) -> dict[str, Any]:
    """Random features and class weights; labels in turn."""
    labels = np.arange(samples) % classes if labels is None else labels
    features, weights = DRAW.normal(size=(samples, dimension)), DRAW.normal(size=(classes, dimension))
    return {"features": features, "labels": labels, "weights": weights}


FILES: dict[str, dict[str, Any]] = {
    "one class": drawn(5, 1, 1),
    "one sample": drawn(1, 64, 2),
    "constant": drawn(40, 64, 4) | {"features": np.ones((40, 64)), "bias": np.array([0.5])},
    "nothing right": drawn(6, 2, 2, np.zeros(6, int))
    | {"features": np.ones((6, 2)), "weights": np.array([[0.0, 0.0], [1.0, 1.0]])},
    "two hundred classes": drawn(600, 64, 200),
    "empty classes": drawn(90, 3, 43, np.arange(90) % 2 * 4),
}
VISITS: dict[str, list[dict[str, str]]] = {
    "angles": [{"section": name} for name in angles.SECTIONS],
    "uniform": [{"section": name} for name in uniform.SECTIONS],
    "embeddings": [
        {"colour": "angle"},
        {"colour": "error", "solid": "yes"},
        {"method": "umap"},
        {"layer": "x"},
    ],
}


@pytest.mark.parametrize("page", VISITS)
@pytest.mark.parametrize("name", FILES)
def test_a_file_opens_in_every_section(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, name: str
) -> None:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    np.savez(tmp_path / "own.npz", **FILES[name])
    at = opened(page, *(FOLDS if page == "uniform" else ()), file=str(tmp_path / "own.npz"))
    for visit in VISITS[page]:
        for key, value in visit.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception, visit
        assert page != "angles" or len(at.get("plotly_chart")) == 1, visit
        assert page != "uniform" or not at.warning, visit
