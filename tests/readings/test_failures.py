"""Why runs ended before their time is said once for each reason, with what helps."""

from __future__ import annotations

from lossviz.pages.train.view import LiveView
from lossviz.readings import panels
from lossviz.readings.failures import troubles
from lossviz.runs import Run, RunStore
from tests.readings.folders import shot, written

REASON = (
    "kmnist: train-images-idx3-ubyte.gz could not be downloaded (http://example.org: no connection). Try "
    "again later, or put the file into a folder that LOSSVIZ_DATA names."
)


def race(store: RunStore, *losses: str, **status: object) -> list[Run]:
    return [written(store, config, **status) for config in LiveView(losses=losses).configs()]


def test_a_reason_that_several_runs_share_is_said_once(store: RunStore) -> None:
    runs = race(store, "soft-d", "arcface", "center", state="failed", reason=REASON)
    assert troubles(runs) == [f"Cross-entropy, ArcFace and Center: failed. {REASON}"]
    assert troubles(runs[:2]) == [f"Cross-entropy and ArcFace: failed. {REASON}"]


def test_a_long_reason_begins_in_the_empty_panel_and_goes_on_below_the_picture(store: RunStore) -> None:
    (run,) = race(store, "soft-d", state="failed", reason=REASON)
    said, rest = panels.empty(run, run.status).state.split(" … ")
    assert said == "failed: kmnist: train-images-idx3-ubyte.gz could not be downloaded (http://example.org:"
    assert rest == "(all of it below)"


def test_resume_is_spoken_of_where_there_is_a_checkpoint(store: RunStore) -> None:
    runs = race(store, "soft-d", "arcface", state="lost", reason="killed")
    assert troubles(runs) == ["Cross-entropy and ArcFace: lost. Killed."]
    for run in runs:
        (run.path / "checkpoint.safetensors").write_bytes(b"")
    assert troubles(runs) == [
        "Cross-entropy and ArcFace: lost. Killed. Resume goes on from their last checkpoints."
    ]
    assert troubles(runs[:1]) == ["Cross-entropy: lost. Killed. Resume goes on from its last checkpoint."]


def test_a_run_that_diverged_cannot_be_resumed(store: RunStore) -> None:
    (run,) = race(store, "soft-d", state="diverged", reason="step 3: the loss became infinite.")
    (run.path / "checkpoint.safetensors").write_bytes(b"")
    assert troubles([run]) == ["Cross-entropy: diverged. Step 3: the loss became infinite."]


def test_different_reasons_stand_apart_and_good_runs_are_not_named(store: RunStore) -> None:
    failed = race(store, "soft-d", state="failed", reason="no space left")
    lost = race(store, "arcface", state="lost", reason="killed")
    fine = written(store, LiveView().configs()[2], [shot(10, [[0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]])])
    assert troubles([*failed, *lost, fine]) == [
        "Cross-entropy: failed. No space left.",
        "ArcFace: lost. Killed.",
    ]


def test_a_folder_that_cannot_be_read_is_left_to_its_own_message(store: RunStore) -> None:
    (run,) = race(store, "soft-d", state="failed", reason="no space left")
    (run.path / "config.json").write_text("{")
    assert troubles([Run(run.path)]) == []
