"""Layers of networks: which there are, what they give, against the network run by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import models
from lossviz import data
from lossviz.core.errors import ReadingError
from lossviz.readings import extract, layers, source
from lossviz.runs import Run
from lossviz.training.images import load
from lossviz.training.model import Model
from tests.conftest import Copied, Trained
from tests.readings.folders import age


def model_of(run: Run) -> Model:
    """The run's network as torch loads it, on the images' own way."""
    model = Model(run.config, 1, 8, 10)
    tensors, _ = run.checkpoint()
    state = {n.removeprefix("model."): t for n, t in tensors.items() if n.startswith("model.")}
    model.load_state_dict(state)
    return model.eval()


def images_of(run: Run, places: np.ndarray) -> torch.Tensor:
    made = load(run.config)
    return data.normalise(made.test.pixels[torch.from_numpy(places.copy())], made.mean, made.std)


def test_layers_of_the_small_network(trained: Trained) -> None:
    found = layers.layers(trained("ce"))
    assert [layer.name for layer in found] == [
        *(f"trunk.{i}" for i in range(9)),
        *(f"head.{i}" for i in (1, 2, 3, 4)),
    ]
    assert [layer.kind for layer in found[:3]] == ["Conv2d", "BatchNorm2d", "ReLU"]
    assert found[0].shape == (16, 4, 4)
    assert found[0].title == "trunk.0, Conv2d 16 × 4 × 4"
    assert [layer.numbers for layer in found if layer.name.startswith("head")] == [32, 32, 32, 2]


@pytest.mark.parametrize("net", models.keys())
def test_every_network_has_layers_with_the_shapes_that_a_forward_pass_gives(
    tmp_path_factory: pytest.TempPathFactory, net: str
) -> None:
    with torch.device("meta"):
        network = models.get(net).build(3, 16, 5).eval()
    found = layers._layers(net, 3, 16, 5)
    assert found[-1].shape == (5,)
    names = {name for name, _ in network.named_modules()}
    assert {layer.name for layer in found} <= names
    last = [layer for layer in found if layer.name.startswith("trunk.")][-1]
    with torch.no_grad():
        assert tuple(network.maps(torch.zeros(1, 3, 16, 16, device="meta")).shape[1:]) == last.shape


def test_large_maps_are_averaged() -> None:
    small = layers.Layer("trunk.0", "Conv2d", (16, 16, 16))
    large = layers.Layer("trunk.0", "Conv2d", (64, 32, 32))
    flat = layers.Layer("head.1", "Linear", (5000,))
    assert [(layer.pooled, layer.numbers) for layer in (small, large, flat)] == [
        (False, 4096),
        (True, 64),
        (False, 5000),
    ]
    assert large.title.endswith("64 × 32 × 32 (mean of each map)")


def test_feature_maps_are_what_the_network_computes_there(trained: Trained) -> None:
    run = trained("ce")
    maps = layers.feature_maps(run, [3, 0], "trunk.2")
    images = images_of(run, run.points().indices[[3, 0]])
    with torch.no_grad():
        expected = model_of(run).network.trunk[:3](images).numpy()
    assert maps.shape == (2, 16, 4, 4)
    np.testing.assert_allclose(maps, expected, atol=1e-5)


def test_the_last_maps_are_the_end_of_the_trunk(trained: Trained) -> None:
    run = trained("ce")
    with torch.no_grad():
        expected = model_of(run).network.maps(images_of(run, run.points().indices[:1])).numpy()
    np.testing.assert_allclose(layers.feature_maps(run, [0]), expected, atol=1e-5)


def test_the_output_before_an_activation_that_works_in_place_is_its_own() -> None:
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 3), torch.nn.ReLU(inplace=True))
    images = torch.randn(5, 1, 2, 2)
    with torch.no_grad():
        expected = network[1](images.flatten(1))
        assert (expected < 0).any()
        with layers.outputs_of(network, "1", pooled=False) as seen:
            network(images)
    assert torch.equal(seen[0], expected)


def test_feature_maps_of_an_old_folder_load_the_data_set(copied: Copied) -> None:
    run = copied()
    expected = layers.feature_maps(run, [0])
    age(run)
    np.testing.assert_array_equal(layers.feature_maps(Run(run.path), [0]), expected)


def test_feature_maps_of_an_earlier_epoch(trained: Trained) -> None:
    run = trained("ce")
    assert not np.array_equal(layers.feature_maps(run, [0], epoch=1), layers.feature_maps(run, [0]))


@pytest.mark.parametrize(
    ("places", "layer", "told"),
    [
        ([], "trunk.0", "1 to 64 images"),
        ([100], "trunk.0", r"numbers in 0..99; got \[100\]"),
        ([-1], "trunk.0", "numbers in 0..99"),
        ([0] * 65, "trunk.0", "1 to 64 images"),
        ([0], "trunk.99", r"no layer 'trunk.99'; there are trunk.0, "),
        ([0], "head.1", "has no maps; choose one of trunk.0"),
    ],
)
def test_maps_that_cannot_be_made_are_told(
    trained: Trained, places: list[int], layer: str, told: str
) -> None:
    with pytest.raises(ReadingError, match=told):
        layers.feature_maps(trained("ce"), places, layer)


@pytest.mark.parametrize("part", ["shown", "test"])
def test_a_layer_is_read_as_features_with_the_rest_as_it_is(copied: Copied, part: str) -> None:
    run = copied()
    extract.extract(run, None, part, "trunk.2")
    reading = source.of_run(run, None, part, layer="trunk.2")
    with torch.no_grad():
        expected = model_of(run).network.trunk[:3](images_of(run, reading.indices)).flatten(1).numpy()
    np.testing.assert_allclose(reading.features, expected, atol=1e-5)
    assert reading.weights is None
    assert reading.of.endswith(", epoch 2, trunk.2, ReLU 16 × 4 × 4")
    if part == "shown":
        np.testing.assert_allclose(reading.metrics, source.of_run(run).metrics, rtol=1e-5, atol=1e-4)
        np.testing.assert_array_equal(reading.labels, source.of_run(run).labels)


def test_an_averaged_layer(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "MOST_NUMBERS", 100)
    run = copied()
    extract.extract(run, None, "shown", "trunk.2")
    reading = source.of_run(run, None, "shown", layer="trunk.2")
    with torch.no_grad():
        whole = model_of(run).network.trunk[:3](images_of(run, reading.indices)).numpy()
    np.testing.assert_allclose(reading.features, whole.mean((2, 3)), atol=1e-5)
    assert reading.of.endswith("(mean of each map)")


def test_a_layer_that_does_not_exist_is_told(copied: Copied) -> None:
    with pytest.raises(ReadingError, match="no layer 'trunk'"):
        extract.extract(copied(), None, "test", "trunk")


def test_a_layer_that_is_not_kept_is_asked_for(trained: Trained) -> None:
    with pytest.raises(ReadingError, match=r"the images shown in training, as trunk\.2 sees them, have not"):
        source.of_run(trained("ce"), None, "shown", layer="trunk.2")
