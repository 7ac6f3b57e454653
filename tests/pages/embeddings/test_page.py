"""The page of embeddings, run without a browser: runs, layers, projections that are asked for, odd links."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.readings import extract, jobs
from lossviz.readings.jobs import ReadingJob
from lossviz.runs import Run, process
from lossviz.runs.status import RunStatus
from tests.conftest import Copied, put
from tests.pages import opened as pages
from tests.pages.opened import labelled, link, words
from tests.test_guards import modules_after


@pytest.fixture
def run(copied: Copied, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """A run of eight dimensions that may be written into, alone in its folder."""
    made = copied("soft-d", dimension=8)
    monkeypatch.setenv("LOSSVIZ_RUNS", str(made.path.parent))
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    return made


def opened(**query: str) -> AppTest:
    return pages.opened("embeddings", **query)


def test_the_page_opens_on_pca_with_its_measures(run: Run) -> None:
    at = opened(runs=run.id)
    assert not at.warning
    assert "The two axes of largest variance keep" in words(at)
    assert "100 of 360 test images, epoch 2" in words(at)
    table = at.dataframe[0].value
    assert table["picture"].tolist() == ["PCA, 2-D"]
    assert 0.5 < table["trustworthiness (5 neighbours)"][0] <= 1


@pytest.mark.parametrize("colour", ["label", "prediction", "error", "loss", "angle"])
def test_every_colour_opens_in_two_and_three_dimensions(run: Run, colour: str) -> None:
    for solid in ("yes", "no"):
        assert not opened(runs=run.id, colour=colour, solid=solid).warning


def test_a_card_stays_with_its_image_and_closes_when_others_are_shown(run: Run) -> None:
    at = opened(runs=run.id)
    at.session_state["embeddings.picked"] = (0, 3)
    labelled(at.selectbox, "Colour").select("loss").run()
    assert at.session_state["embeddings.picked"] == (0, 3)
    at.query_params["count"] = "20"
    at.run()
    assert not at.exception
    assert at.session_state["embeddings.picked"] is None


def test_two_dimensions_need_no_projection(run: Run, copied: Copied) -> None:
    flat = copied("soft-d", dimension=2)
    at = opened(runs=flat.id, method="umap")
    assert "no projection is needed" in words(at)
    assert not [b for b in at.button if "UMAP" in b.label]
    both = opened(runs=f"{run.id},{flat.id}", method="umap")
    assert "of Cross-entropy, feature dimension 8 takes" in words(both)


def test_a_projection_is_asked_for_by_a_press_followed_and_cancelled(run: Run, sleepers: list[int]) -> None:
    at = opened(runs=run.id, method="umap")
    assert not sleepers  # a link makes nobody work
    labelled(at.button, "Make UMAP").click().run()
    assert not at.exception
    assert len(sleepers) == 1
    assert len(jobs.going(run.path.parent)) == 1
    labelled(at.button, "Cancel").click().run()
    assert not at.exception
    assert not jobs.going(run.path.parent)
    assert not process.creation_time(sleepers[0])
    assert labelled(opened(runs=run.id, method="umap").button, "Try UMAP again")


def test_a_projection_that_is_kept_is_shown_at_once(run: Run, sleepers: list[int]) -> None:
    at = opened(runs=run.id, method="tsne", perplexity="5")
    labelled(at.button, "Make t-SNE").click().run()
    (job,) = jobs.going(run.path.parent)
    job.cancel()
    assert job.work().state == "finished"
    again = opened(runs=run.id, method="tsne", perplexity="5")
    assert not again.warning
    assert "t-SNE is made to keep neighbours" in words(again)
    assert again.dataframe[0].value["picture"].tolist() == ["t-SNE, 2-D"]
    assert not [b for b in again.button if "t-SNE" in b.label]
    # Other settings are another projection.
    assert labelled(opened(runs=run.id, method="tsne", perplexity="6").button, "Make t-SNE")


def test_a_projection_that_fails_says_why(run: Run) -> None:
    at = opened(runs=run.id, method="tsne")
    recipe = at.session_state["embeddings.view"].recipe
    job = ReadingJob("project", run.path, 2.0, "shown", "", recipe)
    put(job, RunStatus(state="failed", reason="out of luck"))
    again = opened(runs=run.id, method="tsne")
    assert "out of luck" in again.warning[0].value
    assert labelled(again.button, "Try t-SNE again")


def test_a_run_that_trains_is_laid_out_as_it_is_now(
    run: Run, sleepers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = opened(runs=run.id, method="umap")
    monkeypatch.setattr(Run, "alive", property(lambda self: True))
    labelled(at.button, "Make UMAP").click().run()
    assert not at.exception
    assert link(at)["at"] == "2"
    jobs.going(run.path.parent)[0].cancel()


def test_a_layer_is_read_once_and_then_shown(run: Run, sleepers: list[int]) -> None:
    at = opened(runs=run.id)
    labelled(at.selectbox, "Layer").select("trunk.0").run()
    assert not at.exception
    assert link(at)["layer"] == "trunk.0"
    assert [job.kind for job in jobs.going(run.path.parent)] == ["extract"]
    jobs.going(run.path.parent)[0].cancel()
    extract.extract(run, None, "shown", "trunk.0")
    again = opened(runs=run.id, layer="trunk.0", colour="angle")
    assert "trunk.0" in words(again)
    assert "no class weights beside these features" in words(again)
    assert not again.warning


@pytest.mark.slow
def test_the_app_s_process_does_not_load_umap(run: Run) -> None:
    program = (
        "from tests.pages.opened import opened\n"
        f"at = opened('embeddings', runs={run.id!r}, method='umap')\n"
        "assert any('UMAP' in b.label for b in at.button)"
    )
    (loaded,) = modules_after([program])
    assert not {"umap", "numba"} & loaded
