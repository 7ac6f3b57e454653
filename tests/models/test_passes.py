"""What every network does with images: maps then embedding, gradients, seeds, cohorts."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, stack_module_state, vmap

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
@pytest.mark.parametrize("training", [True, False])
def test_a_cohort_equals_its_members_one_by_one(key: str, training: bool) -> None:
    nets = [seeded(key, seed) for seed in range(3)]
    for net in nets:
        net.train(training)
        for layer in net.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0  # chance cannot agree
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
                assert layer.running_mean is not None
                layer.running_mean.uniform_(-0.1, 0.1)
    # Stacked before any pass: the passes below move the averages of the members.
    weights, averages = stack_module_state(nets)
    averages = {name: values.clone() for name, values in averages.items()}
    before = {name: values.clone() for name, values in averages.items()}
    batches = torch.stack([images(seed=seed) for seed in range(3)])

    def loss(weights: dict, averages: dict, batch: Tensor) -> Tensor:
        return functional_call(nets[0], (weights, averages), (batch,)).square().sum()

    slopes = vmap(grad(loss), randomness="different")(weights, averages, batches)
    for number, net in enumerate(nets):
        net(batches[number]).square().sum().backward()
        for name, weight in net.named_parameters():
            assert weight.grad is not None
            torch.testing.assert_close(slopes[name][number], weight.grad, rtol=2e-3, atol=2e-4)
        for name, values in net.named_buffers():
            torch.testing.assert_close(averages[name][number], values)
    moved = [not torch.equal(averages[name], before[name]) for name in averages]
    assert all(moved) if training else not any(moved)


def test_members_of_a_cohort_drop_different_maps_in_training_alone() -> None:
    net = seeded("camri-cnn")
    weights, averages = stack_module_state([net, net])
    averages = {name: values.clone() for name, values in averages.items()}
    batch = images()

    def embed(weights: dict, averages: dict) -> Tensor:
        out: Tensor = functional_call(net, (weights, averages), (batch,))
        return out

    net.eval()
    first, second = vmap(embed, randomness="different")(weights, averages)
    assert torch.equal(first, second)
    net.train()
    first, second = vmap(embed, randomness="different")(weights, averages)
    assert not torch.allclose(first, second)


@pytest.mark.parametrize("key", SMALL_NETS)
def test_weights_are_all_floating_so_that_a_cohort_can_stack_and_average_them(key: str) -> None:
    assert all(values.is_floating_point() for values in seeded(key).state_dict().values())


@pytest.mark.parametrize("key", SMALL_NETS)
def test_a_plain_dictionary_of_tensors_is_a_state(key: str) -> None:
    first, second = (models.get(key).build(channels=1, size=16, dimension=2) for _ in range(2))
    plain = {name: value.clone() for name, value in first.state_dict().items()}
    second.load_state_dict(plain)
    assert all(torch.equal(value, second.state_dict()[name]) for name, value in plain.items())
    assert not any("num_batches" in name for name in plain)
