"""Links of the reading pages that a hand has made odd: what is wrong is told, and the page is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.ui.page_files import SCRIPT, page_file
from tests.conftest import Trained

# Of any page that reads runs.
ANY = [{"part": "half"}, {"runs": "no-such-run"}, {"colour_": "red"}, {"at": "soon"}, {"at": "1e9"}]
WRONG: dict[str, list[dict[str, str]]] = {
    "angles": [{"important": "x"}, {"section": "nothing"}, {"between": "lines"}, {"right": "maybe"}],
    "uniform": [
        {"t": "nan"},
        {"section": "x"},
        {"gamma": "1e9", "section": "corollary"},
        {"seed": "-3", "section": "matrix"},
    ],
    "embeddings": [
        {"method": "x"},
        {"colour": "x"},
        {"count": "1"},
        {"seed": "1e40"},
        {"min_dist": "nan"},
    ],
    "important": [{"important": "x"}],
    "imbalance": [{"of_class": "x"}],
}
# What means something, or nothing that is there.
ODD: dict[str, list[dict[str, str]]] = {
    "angles": [{"important": "none"}, {"important": "99"}],
    "uniform": [
        {"t": "-1e8"},
        {"of_class": "99999", "section": "negatives"},
        {"gamma": "0.01", "n": "100000", "section": "corollary"},
        {"gamma": "1000", "n": "100000", "section": "corollary"},
        {"unknown": "unknown:nothing", "section": "bias"},
    ],
    "embeddings": [
        {"layer": "no.such"},
        {"at": "1.5", "method": "umap"},
        {"count": "10", "method": "tsne", "perplexity": "200"},
    ],
    "important": [{"important": "99"}, {"first": "5", "second": "5", "section": "difference"}],
    "imbalance": [
        {"of_class": "77", "image": "999", "layer": "nothing.7", "section": "maps"},
        {"section": "maps", "at": "1"},
    ],
}


@pytest.mark.parametrize("page", list(WRONG))
def test_an_odd_link_is_told_and_the_page_is_there(
    page: str, trained: Trained, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = trained("soft-d", dimension=8)
    monkeypatch.setenv("LOSSVIZ_RUNS", str(run.path.parent))
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    at = AppTest.from_file(SCRIPT, default_timeout=600)
    for query in [*ANY, *WRONG[page], *ODD[page], {"at": "0.3"}, {"file": "/nowhere/metrics.npz"}]:
        at.switch_page(page_file(page))
        at.query_params.clear()
        for name, value in {"runs": run.id, **query}.items():
            at.query_params[name] = value
        at.run()
        assert not at.exception, query
        assert at.title
        if query in ANY or query in WRONG[page]:
            assert at.warning, query
