"""Embeddings: which samples stand where, what colours them, what is told: against hand-made readings."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn import decomposition, manifold
from sklearn import metrics as sklearn_metrics

from lossviz.core.errors import ConfigError
from lossviz.figures import screen_chart
from lossviz.figures.chart import Dots
from lossviz.pages.embeddings import EmbeddingsView, colours, coordinates, measures, picture, projected_points
from lossviz.pages.embeddings.projected_points import ProjectedPoints
from lossviz.readings.projection.cached import Projection
from lossviz.readings.projection.settings import Recipe
from lossviz.readings.reading import Reading
from tests.pages.uniform.made import cells
from tests.readings.made import bare

RANDOM = np.random.default_rng(5)
LABELS = np.arange(60) % 3
# Three classes around three corners of a space of six dimensions.
WIDE = (6 * np.eye(6)[LABELS] + RANDOM.normal(size=(60, 6))).astype(np.float32)


def reading(features: Any = WIDE, labels: Any = LABELS, name: str = "A", **changes: Any) -> Reading:
    """A reading whose predictions are the labels, but for the first sample, which is taken for class 1."""
    labels = np.asarray(labels, dtype=np.int64)
    count = max(3, int(labels.max()) + 1)
    logits = np.eye(count)[labels]
    logits[0] = np.eye(count)[1]
    given: dict[str, Any] = {
        "name": name,
        "run_id": f"run-{name}",
        "features": np.asarray(features, dtype=np.float32),
        "loss_values": np.linspace(0.1, 2, len(labels)).astype(np.float32),
        "loss_key": "soft-d",
        "indices": np.arange(len(labels)) + 100,
    }
    return bare(logits, labels, **(given | changes))


def shown(features: Any = WIDE, dimension: int = 2, count: int = 10_000, **changes: Any) -> ProjectedPoints:
    return projected_points.at_once(reading(features, **changes), dimension, count)


# ------------------------------------------------------------------ where the samples stand


def test_pca_is_scikit_learn_s_but_for_the_signs() -> None:
    found = shown()
    made = decomposition.PCA(2).fit(WIDE.astype(np.float64))
    wanted = made.transform(WIDE.astype(np.float64))
    signs = np.sign((found.points * wanted).sum(0))
    assert found.points == pytest.approx(signs * wanted, abs=1e-4)
    assert found.projection.shares == pytest.approx(made.explained_variance_ratio_)
    assert found.how == f"PCA, {100 * made.explained_variance_ratio_.sum():.0f} % of the variance"


@pytest.mark.parametrize(("width", "dimension"), [(1, 2), (2, 2), (2, 3), (3, 3)])
def test_features_that_are_a_picture_are_not_projected(width: int, dimension: int) -> None:
    found = shown(WIDE[:, :width], dimension)
    assert (found.projection.method, found.how) == (
        projected_points.THEMSELVES,
        f"the features themselves, d = {width}",
    )
    assert (found.points[:, :width] == WIDE[:, :width]).all()
    assert found.points.shape[1] == max(2, width)
    assert not found.points[:, width:].any()


def test_samples_that_are_not_finite_are_left_out() -> None:
    broken = WIDE.copy()
    broken[7, 2], broken[9] = np.nan, np.inf
    found = shown(broken)
    assert found.places.tolist() == [n for n in range(60) if n not in (7, 9)]
    assert np.isfinite(found.points).all()
    assert found.sample == "58 samples from all 60 test images, epoch 3"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"features": None}, "put an array features"),
        ({"features": np.full((60, 6), np.nan, np.float32)}, "training ran away"),
        ({}, ""),
    ],
)
def test_what_cannot_be_placed_says_why(changes: dict[str, Any], words: str) -> None:
    told = projected_points.lacks(replace(reading(), **changes))
    assert words in told
    assert bool(told) == bool(words)


def test_runs_that_show_other_images_are_cut_to_those_they_share_in_one_order() -> None:
    one = shown(name="A")
    mixed = RANDOM.permutation(60)
    kept = mixed[:40]
    two = shown(WIDE[kept], labels=LABELS[kept], indices=kept + 100, name="B")
    (first, second), why = projected_points.aligned([one, two])
    assert why == ""
    assert first.reading.indices is not None
    assert second.reading.indices is not None
    common = sorted((kept + 100).tolist())
    assert first.reading.indices[first.places].tolist() == common
    assert second.reading.indices[second.places].tolist() == common
    assert (first.labels == second.labels).all()
    # The points went with their samples.
    where = {int(n): point.tolist() for n, point in zip(kept + 100, two.points, strict=True)}
    assert [point.tolist() for point in second.points] == [where[n] for n in common]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"indices": np.arange(60) + 5_000}, "no image in common"),
        ({"part": "train"}, "different images"),
        ({"labels": (LABELS + 1) % 3}, "data sets are not the same"),
        ({"indices": None}, ""),
    ],
)
def test_runs_that_cannot_be_matched_are_shown_as_they_are(changes: dict[str, Any], words: str) -> None:
    found, why = projected_points.aligned([shown(), shown(name="B", **changes)])
    assert words in why
    assert bool(why) == bool(words)
    assert [len(p.places) for p in found] == [60, 60]


def test_of_very_many_classes_the_largest_are_shown_and_guesses_at_the_others_stay_wrong() -> None:
    labels = np.concatenate([np.arange(300), np.arange(150)])
    every = shown(RANDOM.normal(size=(450, 4)), labels=labels)
    few, told = projected_points.few_classes(every)
    assert told == "A: of its 300 classes the 199 with most samples are shown."
    assert np.unique(few.labels).tolist() == list(range(199))
    logits = few.reading.logits.copy()
    logits[5] = np.eye(300)[250]
    elsewhere = replace(few, reading=replace(few.reading, logits=logits))
    panel = picture.panel(elsewhere, "label", None, None)
    assert len(panel.classes) == 200
    assert panel.labels is not None
    assert panel.predictions is not None
    row = int(np.flatnonzero(elsewhere.places == 5)[0])
    assert panel.classes[panel.predictions[row]] == "another class"
    assert (panel.predictions != panel.labels).sum() == 2  # samples 0 and 5


# ------------------------------------------------------------------ colours


def test_the_angle_to_the_own_weight_is_in_degrees() -> None:
    features = np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]])
    found = shown(features, labels=[0, 1, 2], weights=np.array([[1, 0], [1, 1], [1, 0]], np.float32))
    assert colours.values(found, "angle") == pytest.approx([0.0, 45.0, 180.0])
    scale = colours.scale([found], "angle")
    assert scale is not None
    assert (scale.low, scale.unit, scale.log) == (0.0, "°", False)


def test_one_scale_of_losses_serves_all_panels() -> None:
    low, high = (
        shown(loss_values=np.full(60, 0.01, np.float32)),
        shown(loss_values=np.full(60, 1.0, np.float32)),
    )
    scale = colours.scale([low, high], "loss")
    assert scale is not None
    assert (scale.low, scale.high, scale.log) == (pytest.approx(0.01), pytest.approx(1.0), True)


@pytest.mark.parametrize("values", [[0.0] * 60, [-1.0, 2.0] * 30, [3.0] * 60, [0.0] * 59 + [5.0]])
def test_odd_losses_have_a_scale_too(values: list[float]) -> None:
    found = shown(loss_values=np.array(values, np.float32))
    scale = colours.scale([found], "loss")
    assert scale is not None
    assert scale.low < scale.high
    picture.panel(found, "loss", scale, None)


def test_what_a_file_does_not_know_colours_nothing() -> None:
    bare = reading(loss_values=None, weights=None, metrics=None)
    assert all(colours.lacking(bare, name) for name in ("prediction", "error", "loss", "angle"))
    assert colours.lacking(bare, "label") == ""
    found = projected_points.at_once(bare, 2, 100)
    assert colours.scale([found], "loss") is None
    assert picture.panel(found, "loss", None, None).predictions is None


# ------------------------------------------------------------------ the picture


def test_names_of_classes_stand_at_the_medians_and_empty_classes_have_none() -> None:
    found = shown(labels=np.where(LABELS == 1, 2, LABELS))
    panel = picture.panel(found, "label", None, None)
    assert panel.anchors is not None
    assert panel.anchors[0] == pytest.approx(np.median(found.points[found.labels == 0], axis=0))
    assert np.isnan(panel.anchors[1]).all()
    assert panel.axes is not None
    assert panel.axes[0].startswith("PC 1, ")


def test_features_themselves_come_with_their_class_weights() -> None:
    weights = np.eye(3, 2, dtype=np.float32)
    flat = shown(WIDE[:, :2], weights=weights)
    panel = picture.panel(flat, "label", None, None)
    assert panel.weights is not None
    assert (panel.weights == weights).all()
    assert (panel.axes, panel.anchors) == (None, None)
    wide = picture.panel(shown(weights=np.eye(3, 6, dtype=np.float32)), "label", None, None)
    assert wide.weights is None


def test_umap_has_no_axes_and_stands_about_its_middle() -> None:
    points = np.array([[10, 10], [14, 18], [12, 12]], np.float32)
    of = "3 of 60; UMAP, 15 neighbours, least distance 0.1"
    laid = ProjectedPoints(reading(), Projection(points, np.array([0, 1, 2]), "umap", of))
    panel = picture.panel(laid, "label", None, None)
    assert panel.features is not None
    assert panel.features.tolist() == [[-2, -4], [2, 4], [0, -2]]
    assert panel.axes == ()
    assert panel.note == "66.7 % right · UMAP, 15 neighbours, least distance 0.1"


def test_images_are_made_small_by_the_mean_of_squares_only_where_they_are_too_many() -> None:
    few = RANDOM.integers(0, 255, (3, 3, 8, 6), dtype=np.uint8)
    assert (picture.thumbnails(few) == few.transpose(0, 2, 3, 1)).all()
    many = RANDOM.integers(0, 255, (3000, 3, 32, 32), dtype=np.uint8)
    small = picture.thumbnails(many)
    assert small.shape == (3000, 16, 16, 3)
    assert small.nbytes <= picture.MOST_BYTES
    assert small[17, 4, 5, 1] == pytest.approx(many[17, 1, 8:10, 10:12].mean(), abs=0.51)


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("colour", ["label", "prediction", "error", "loss", "angle"])
def test_the_chart_for_files_holds_the_same_points_and_rings_the_wrong_one(
    colour: str, dimension: int
) -> None:
    found = shown(dimension=dimension, weights=np.eye(3, 6, dtype=np.float32))
    scale = colours.scale([found], colour)
    made = picture.file_chart([found], colour, scale)
    marks = [mark for mark in made.panels[0].marks if isinstance(mark, Dots)]
    rings = [mark for mark in marks if mark.symbols == "ring"]
    assert [len(mark.x) for mark in rings] == [1]
    assert rings[0].x[0] == found.points[0, 0]
    assert sum(len(mark.x) for mark in marks) - 1 == 60
    assert "98.3 % right" in made.alt
    assert "60 test images" in made.alt
    screen_chart.draw(made, dark=False)


def test_a_picked_point_is_told_with_all_that_is_known() -> None:
    found = shown(weights=np.array([[1, 0, 0, 0, 0, 0]] * 3, np.float32))
    angle = float(np.degrees(np.arccos(WIDE[0, 0] / np.linalg.norm(WIDE[0]))))
    assert picture.point_lines(found, 0) == [
        "c0 · taken for c1",
        "loss 0.1",
        f"{angle:.1f}° to its class weight",
        "test image 100",
    ]
    assert picture.point_lines(found, 4)[0] == "c1 · recognised"


@pytest.mark.parametrize(
    ("features", "dimension", "words"),
    [
        (WIDE[:, :2], 2, "The features of A have two numbers each: they are the picture"),
        (WIDE, 2, "The two axes of largest variance keep"),
        (WIDE, 3, "The three axes of largest variance keep"),
        (np.ones((60, 6)), 2, "The features of A are all the same."),
    ],
)
def test_the_notice_says_what_is_shown(features: Any, dimension: int, words: str) -> None:
    assert words in picture.notice([shown(features, dimension)])


def test_many_runs_are_told_by_their_ends() -> None:
    found = [shown(WIDE + n * RANDOM.normal(size=WIDE.shape), name=f"r{n}") for n in range(4)]
    shares = sorted(100 * float(p.projection.shares.sum()) for p in found if p.projection.shares is not None)
    assert f"keep {shares[0]:.0f} to {shares[-1]:.0f} % of it" in picture.notice(found)
    assert "(r0)" in picture.notice(found[:3])


def test_losses_of_different_kinds_are_not_compared() -> None:
    same, other = [shown(), shown(name="B")], [shown(), shown(name="B", loss_key="center")]
    assert "cannot be compared" not in picture.notice(same, "loss")
    assert "cannot be compared" in picture.notice(other, "loss")


def test_the_chart_says_once_which_images_it_shows_or_in_each_panel() -> None:
    one = picture.file_chart([shown(), shown(name="B")], "label", None)
    assert one.title == "All 60 test images, epoch 3"
    two = picture.file_chart([shown(), shown(WIDE[:50], labels=LABELS[:50])], "label", None)
    assert two.title == ""
    assert two.panels[1].note.startswith("all 50 test images, epoch 3 · 98.0 % right · PCA, ")


# ------------------------------------------------------------------ the measures


def test_the_measures_are_those_of_scikit_learn_on_the_features() -> None:
    found = shown()
    mine = measures.of(found)
    assert mine.silhouette.value == pytest.approx(sklearn_metrics.silhouette_score(WIDE, LABELS))
    assert mine.calinski == pytest.approx(sklearn_metrics.calinski_harabasz_score(WIDE, LABELS))
    assert mine.trust is not None
    trusted = manifold.trustworthiness(WIDE, found.points, n_neighbors=measures.NEIGHBOURS)
    assert mine.trust.value == pytest.approx(trusted)
    row = cells(measures.table([(found, mine)]))[0]
    assert (row["run"], row["d"], row["picture"]) == ("A", "6", "PCA, 2-D")
    assert float(row["silhouette"]) == mine.silhouette.value
    assert float(row["trustworthiness (5 neighbours)"]) == mine.trust.value


def test_where_nothing_is_projected_nothing_is_trusted_or_distrusted() -> None:
    flat = shown(WIDE[:, :2])
    row = cells(measures.table([(flat, measures.of(flat))]))[0]
    assert (row["picture"], row["trustworthiness (5 neighbours)"]) == ("the features", "")


@pytest.mark.parametrize(
    ("features", "labels"),
    [
        (np.ones((60, 6)), LABELS),
        (WIDE, np.zeros(60, int)),
        (WIDE[:1], [0]),
        (WIDE[:3], [0, 1, 2]),
        (np.where(np.arange(60)[:, None] == 3, np.nan, WIDE), LABELS),
    ],
)
def test_odd_features_have_measures_or_blanks(features: Any, labels: Any) -> None:
    found = shown(features, labels=labels)
    made = [(found, measures.of(found))]
    measures.notice(made)
    measures.table(made).latex()
    measures.class_table(made).latex()


def test_the_notice_ranks_runs_by_their_silhouettes_unless_they_are_alike() -> None:
    tight, loose = shown(name="tight"), shown(WIDE + RANDOM.normal(size=WIDE.shape) * 4, name="loose")
    found = [(loose, measures.of(loose)), (tight, measures.of(tight))]
    assert measures.notice(found).startswith("Classes stand apart most under tight: silhouette 0.")
    assert " under loose." in measures.notice(found)
    assert "are alike" in measures.notice(
        [(tight, measures.of(tight)), (shown(name="B"), measures.of(tight))]
    )


# ------------------------------------------------------------------ files


def test_the_csv_has_a_row_a_point_in_the_numbers_of_the_data_set() -> None:
    found = [shown(name="A"), shown(WIDE[:, :2], name="B", loss_values=None, metrics=None)]
    rows = list(csv.DictReader(io.StringIO(coordinates.csv_text(found))))
    assert len(rows) == 120
    assert (rows[0]["run"], rows[0]["sample"], rows[0]["label"], rows[0]["prediction"]) == (
        "A",
        "100",
        "c0",
        "c1",
    )
    assert float(rows[3]["x"]) == pytest.approx(found[0].points[3, 0], rel=1e-6)
    assert (rows[60]["run"], rows[60]["prediction"], rows[60]["loss"]) == ("B", "", "")


def test_the_npz_gives_the_points_back() -> None:
    found = [shown(name="A"), shown(dimension=3, name="B", loss_values=None)]
    with np.load(io.BytesIO(coordinates.npz_bytes(found)), allow_pickle=False) as held:
        assert held["runs"].tolist() == ["A", "B"]
        assert (held["points_1"] == found[1].points).all()
        assert held["samples_0"].tolist() == list(range(100, 160))
        assert "losses_0" in held
        assert "losses_1" not in held


# ------------------------------------------------------------------ the view


def test_the_view_asks_for_the_recipe_that_its_settings_say() -> None:
    view, wrong = EmbeddingsView.from_query(
        {
            "method": "umap",
            "solid": "yes",
            "neighbours": "7",
            "min_dist": "0.5",
            "seed": "3",
            "metric": "cosine",
        }
    )
    assert not wrong
    assert view.recipe == Recipe("umap", 3, 10_000, 7, 0.5, 30.0, "cosine", 3)
    assert EmbeddingsView().recipe is None
    assert EmbeddingsView.from_query(view.to_query()) == (view, [])


def test_a_setting_has_the_rule_of_the_recipe() -> None:
    with pytest.raises(ConfigError, match="neighbours must"):
        EmbeddingsView().with_setting("neighbours", 1)
