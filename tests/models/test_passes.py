"""What every network does with images: maps then embedding, gradients, seeds, cohorts."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import models
from models._layers import EmbeddingNet

SMALL_NETS = ["small", "lenet++", "camri-cnn", "resnet-20"]


def images(count: int = 6, channels: int = 1, size: int = 8, seed: int = 0) -> Tensor:
    return torch.randn(count, channels, size, size, generator=torch.Generator().manual_seed(seed))


def seeded(key: str, seed: int = 0, size: int = 8, dimension: int = 2) -> EmbeddingNet:
    torch.manual_seed(seed)
    net = models.get(key).build(channels=1, size=size, dimension=dimension)
    assert isinstance(net, EmbeddingNet)
    return net


@pytest.mark.parametrize("key", models.keys())
def test_the_embedding_is_that_of_the_maps_and_every_weight_gets_a_gradient(key: str) -> None:
    net = seeded(key, dimension=3)
    batch = images()
    net.eval()
    with torch.no_grad():
        assert torch.equal(net(batch), net.embed(net.maps(batch)))
    net.train()
    # Squares, because after batch normalisation the plain sum has no gradient.
    net(batch).square().sum().backward()
    for name, weight in net.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.isfinite().all(), name
        assert weight.grad.abs().sum() > 0, name


@pytest.mark.parametrize("key", models.keys())
def test_embeddings_at_the_start_are_neither_a_point_nor_far_away(key: str) -> None:
    net = seeded(key)
    with torch.no_grad():
        spread = net(images(count=16)).std(0)
    assert (spread > 0.03).all(), spread
    assert (spread < 3).all(), spread


@pytest.mark.parametrize("key", SMALL_NETS)
def test_the_same_seed_builds_the_same_weights_and_another_does_not(key: str) -> None:
    first, again, other = (seeded(key, seed).state_dict() for seed in (3, 3, 4))
    for name, values in first.items():
        assert torch.equal(values, again[name]), name
    assert not torch.equal(first["trunk.0.weight"], other["trunk.0.weight"])


@pytest.mark.parametrize("key", SMALL_NETS)
def test_images_do_not_meet_in_evaluation(key: str) -> None:
    net = seeded(key).eval()
    batch = images()
    with torch.no_grad():
        alone = torch.cat([net(image[None]) for image in batch])
        torch.testing.assert_close(net(batch), alone)


@pytest.mark.parametrize("key", SMALL_NETS)
def test_weights_are_all_floating_so_that_batched_runs_can_stack_and_average_them(key: str) -> None:
    assert all(values.is_floating_point() for values in seeded(key).state_dict().values())


@pytest.mark.parametrize("key", SMALL_NETS)
def test_a_plain_dictionary_of_tensors_is_a_state(key: str) -> None:
    first, second = (models.get(key).build(channels=1, size=16, dimension=2) for _ in range(2))
    plain = {name: value.clone() for name, value in first.state_dict().items()}
    second.load_state_dict(plain)
    assert all(torch.equal(value, second.state_dict()[name]) for name, value in plain.items())
    assert not any("num_batches" in name for name in plain)
