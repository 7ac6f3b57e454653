"""Which images readings are of: runs compared, in groups and image by image, only where they are the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lossviz.pages.embeddings import projected_points
from lossviz.readings import images, source
from lossviz.runs import RunStore
from lossviz.training.config import RunConfig
from tests.conftest import Trained
from tests.pages.opened import opened
from tests.readings import folders
from tests.readings.made import reading

PLACES, LABELS = np.array([5, 2, 9, 4]), np.array([1, 0, 1, 0])


def identity(part: str = "test", places: Any = PLACES, labels: Any = LABELS, **settings: Any) -> str:
    return images.identity(RunConfig(**settings), part, np.asarray(places), np.asarray(labels))


def test_the_loss_the_seed_and_the_order_do_not_change_which_images_they_are() -> None:
    order = [2, 0, 3, 1]
    same = identity(places=PLACES[order], labels=LABELS[order], loss="arcface", seed=7, dimension=16)
    assert same == identity()
    # All test images shown in training are all test images.
    assert identity("shown") == identity()


@pytest.mark.parametrize(
    "changes",
    [
        {"data": "mnist"},
        {"held_out": (3,)},
        {"classes": (0, 1)},
        {"test_images": 4},
        {"places": [5, 2, 9, 3]},
        {"labels": [1, 0, 1, 1]},
        {"part": "train"},
        {"part": "unknown:kmnist"},
    ],
)
def test_other_images_are_others(changes: dict[str, Any]) -> None:
    assert identity(**changes) != identity()


def test_of_a_drawn_subset_the_seed_says_which_images() -> None:
    assert identity(test_images=4, seed=1) != identity(test_images=4, seed=2)
    assert identity("train", train_images=4, seed=1) != identity("train", train_images=4, seed=2)
    assert identity("train", seed=1) == identity("train", seed=2)


def test_images_are_paired_by_their_places_whatever_their_order() -> None:
    # Of the places 0 to 3 the first gets 0 and 1 right, the second 1, 2 and 3.
    first = replace(reading([0, 1, 2, 0], [0, 1, 1, 1], images="four"), indices=np.array([0, 1, 2, 3]))
    second = replace(reading([0, 2, 0, 1], [0, 2, 1, 1], images="four"), indices=np.array([3, 2, 0, 1]))
    found = images.paired(first, second)
    assert found is not None
    assert (found.samples, found.gained, found.lost) == (4, 2, 1)
    own = images.paired(first, second, [0])
    assert own is not None
    assert (own.samples, own.gained, own.lost) == (2, 1, 1)


def test_what_is_not_known_to_be_the_same_is_not_paired() -> None:
    one, other = reading([0, 1], [0, 1], images="two"), reading([0, 1], [0, 0], images="others")
    assert images.paired(one, other) is None
    assert images.paired(reading([0, 1], [0, 1]), reading([0, 1], [0, 1])) is None


def test_groups_keep_the_order_in_which_their_first_came() -> None:
    made = [
        reading([0], [0], name=name, images=of) for name, of in zip("abcd", ("x", "y", "x", ""), strict=True)
    ]
    assert [[r.name for r in group] for group in images.groups(made)] == [["a", "c"], ["b"], ["d"]]
    assert images.apart(images.groups(made[:1])) == ""
    assert "nothing is compared across them" in images.apart(images.groups(made))


@pytest.mark.parametrize(
    ("p", "text"), [(0.513, "p = 0.51"), (0.0391, "p = 0.039"), (0.00123, "p = 0.0012"), (1e-9, "p < 0.0001")]
)
def test_p_is_written_with_two_digits_that_count(p: float, text: str) -> None:
    assert images.p_text(p) == text


def test_runs_of_one_seed_are_on_the_same_images_and_of_another_set_on_others(trained: Trained) -> None:
    one, two = (source.of_run(trained(loss)) for loss in ("soft-d", "cce"))
    assert images.same(one, two)
    assert one.data == "Digits 8×8"
    other = source.of_run(trained("soft-d", seed=1))
    assert not images.same(one, other)
    held = source.of_run(trained("soft-d", classes=(0, 1, 2)))
    assert not images.same(one, held)


@pytest.mark.parametrize("page", ["important", "imbalance", "angles", "embeddings"])
def test_a_best_is_marked_among_the_same_images_only(
    trained: Trained, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    runs = [trained("soft-d"), trained("cce"), trained("soft-d", seed=1), trained("cce", seed=1)]
    monkeypatch.setenv("LOSSVIZ_RUNS", str(runs[0].path.parent))
    section = {"angles": "components"}.get(page)
    at = opened(page, runs=",".join(run.id for run in runs), **({"section": section} if section else {}))
    tables = [frame.value for frame in at.dataframe if "run" in frame.value]
    assert [len(table) for table in tables] == [2, 2]
    assert any("different images" in info.value for info in at.info)


def test_places_of_other_data_sets_are_not_matched_by_chance(tmp_path: Any) -> None:
    store = RunStore(tmp_path)
    shots = [folders.shot(10, np.eye(6, 3), np.eye(3))]
    made = [
        projected_points.at_once(source.of_run(folders.written(store, RunConfig(data=data), shots)), 2, 100)
        for data in ("mnist", "kmnist")
    ]
    assert projected_points.aligned(made)[1] == "The runs are shown on different images."
