"""The networks are the ones of their papers: weights counted by hand, shapes, depth, shortcuts."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import models
from models._layers import EmbeddingNet
from models.resnet import Basic, Bottleneck
from models.wide_resnet import WideBlock


def conv(before: int, after: int, side: int, bias: bool = False) -> int:
    return before * after * side * side + (after if bias else 0)


def linear(before: int, after: int) -> int:
    return before * after + after


def normed(before: int, after: int, side: int) -> int:
    return conv(before, after, side) + 2 * after


def small(c: int, size: int, d: int) -> int:
    side = (size + 3) // 4
    total = normed(c, 16, 5) + normed(16, 32, 3) + normed(32, 32, 3)
    return total + 32 * side * side * 32 + 2 * 32 + linear(32, d)


def lenet(c: int, size: int, d: int) -> int:
    total = 6  # one slope a PReLU
    for before, after in ((c, 32), (32, 64), (64, 128)):
        total += conv(before, after, 5, bias=True) + conv(after, after, 5, bias=True)
    return total + linear(128 * (size // 8) ** 2, d)


def camri(c: int, size: int, d: int) -> int:
    total = 0
    for before, after in ((c, 64), (64, 128), (128, 256)):
        total += normed(before, after, 3) + normed(after, after, 3)
    return total + linear(256, d)


def cifar(n: int, c: int, d: int) -> int:
    total = normed(c, 16, 3) + n * 2 * normed(16, 16, 3)
    for before, after in ((16, 32), (32, 64)):
        total += normed(before, after, 3) + (2 * n - 1) * normed(after, after, 3)
    return total + linear(64, d)


def plain_imagenet(counts: tuple[int, ...], c: int, d: int) -> int:
    total, before = normed(c, 64, 3), 64
    for width, blocks in zip((64, 128, 256, 512), counts, strict=True):
        total += normed(before, width, 3) + (2 * blocks - 1) * normed(width, width, 3)
        total += normed(before, width, 1) if before != width else 0
        before = width
    return total + linear(512, d)


def bottleneck_imagenet(c: int, d: int) -> int:
    total, before = normed(c, 64, 3), 64
    for width, blocks in zip((64, 128, 256, 512), (3, 4, 6, 3), strict=True):
        total += normed(before, 4 * width, 1)
        for _ in range(blocks):
            total += normed(before, width, 1) + normed(width, width, 3) + normed(width, 4 * width, 1)
            before = 4 * width
    return total + linear(2048, d)


def wide(c: int, d: int) -> int:
    total, before = conv(c, 16, 3), 16
    for width in (160, 320, 640):
        total += conv(before, width, 1)
        for _ in range(4):
            total += 2 * before + conv(before, width, 3) + 2 * width + conv(width, width, 3)
            before = width
    return total + 2 * 640 + linear(640, d)


BY_HAND = {
    "small": small,
    "lenet++": lenet,
    "camri-cnn": camri,
    "resnet-20": lambda c, _, d: cifar(3, c, d),
    "resnet-56": lambda c, _, d: cifar(9, c, d),
    "resnet-18": lambda c, _, d: plain_imagenet((2, 2, 2, 2), c, d),
    "resnet-34": lambda c, _, d: plain_imagenet((3, 4, 6, 3), c, d),
    "resnet-50": lambda c, _, d: bottleneck_imagenet(c, d),
    "wrn-28-10": lambda c, _, d: wide(c, d),
}


def described(key: str, c: int, size: int, d: int) -> EmbeddingNet:
    with torch.device("meta"):
        net = models.get(key).build(channels=c, size=size, dimension=d)
    assert isinstance(net, EmbeddingNet)
    return net


def count(net: nn.Module) -> int:
    return sum(weight.numel() for weight in net.parameters())


@pytest.mark.parametrize("key", models.keys())
@pytest.mark.parametrize("shape", [(1, 28, 2), (3, 32, 10), (3, 65, 128), (2, 9, 3)])
def test_the_weights_are_as_many_as_counted_by_hand(key: str, shape: tuple[int, int, int]) -> None:
    assert count(described(key, *shape)) == BY_HAND[key](*shape)


# What the papers print, for ten classes: the embedding takes the place of the classifier.
@pytest.mark.parametrize(
    ("key", "millions", "digits"),
    [
        ("resnet-20", 0.27, 2),
        ("resnet-56", 0.85, 2),
        ("resnet-18", 11.2, 1),
        ("resnet-34", 21.3, 1),
        ("resnet-50", 23.5, 1),
        ("wrn-28-10", 36.5, 1),
    ],
)
def test_the_weights_are_as_many_as_published(key: str, millions: float, digits: int) -> None:
    assert round(count(described(key, 3, 32, 10)) / 1e6, digits) == millions


@pytest.mark.parametrize("key", models.keys())
@pytest.mark.parametrize(
    ("channels", "size", "dimension"), [(1, 8, 2), (3, 9, 1), (1, 28, 2), (3, 32, 3), (3, 64, 128)]
)
def test_images_become_embeddings(key: str, channels: int, size: int, dimension: int) -> None:
    net = described(key, channels, size, dimension)
    maps = net.maps(torch.zeros(5, channels, size, size, device="meta"))
    assert maps.shape[0] == 5
    assert maps.ndim == 4
    assert net.embed(maps).shape == (5, dimension)


@pytest.mark.parametrize(
    ("key", "maps"),
    [
        ("small", (32, 8, 8)),
        ("lenet++", (128, 8, 8)),
        ("camri-cnn", (256, 8, 8)),
        ("resnet-20", (64, 8, 8)),
        ("resnet-56", (64, 8, 8)),
        ("resnet-18", (512, 4, 4)),
        ("resnet-50", (2048, 4, 4)),
        ("wrn-28-10", (640, 8, 8)),
    ],
)
def test_the_maps_of_a_32_pixel_image_have_the_published_size(key: str, maps: tuple[int, int, int]) -> None:
    net = described(key, 3, 32, 2)
    assert net.maps(torch.zeros(1, 3, 32, 32, device="meta")).shape[1:] == maps


@pytest.mark.parametrize("key", ["resnet-20", "resnet-56", "resnet-18", "resnet-34", "resnet-50"])
def test_a_residual_network_has_the_layers_of_its_name(key: str) -> None:
    path = [
        layer
        for name, layer in described(key, 3, 32, 2).named_modules()
        if isinstance(layer, (nn.Conv2d, nn.Linear)) and "shortcut" not in name
    ]
    assert len(path) == int(key.split("-")[1])


def test_wrn_28_counts_its_shortcuts() -> None:
    net = described("wrn-28-10", 3, 32, 2)
    assert sum(isinstance(layer, nn.Conv2d) for layer in net.modules()) == 28


def silent(block: Basic | Bottleneck | WideBlock) -> nn.Module:
    """The block with a body that gives 0."""
    last = block.body[-1]
    assert isinstance(last, (nn.BatchNorm2d, nn.Conv2d))
    nn.init.zeros_(last.weight)
    return block.eval()


def test_a_block_with_a_silent_body_passes_its_input_on() -> None:
    maps = torch.randn(2, 8, 5, 5, generator=torch.Generator().manual_seed(1))
    assert torch.equal(silent(Basic(8, 8, 1))(maps), maps.clamp(min=0))
    assert torch.equal(silent(Bottleneck(8, 2, 1))(maps), maps.clamp(min=0))
    # Wide blocks activate before, so that nothing stands in the way of the shortcut.
    assert torch.equal(silent(WideBlock(8, 8, 1))(maps), maps)


def test_a_shortcut_without_weights_takes_every_second_pixel_and_adds_empty_maps() -> None:
    maps = torch.arange(1.0, 51.0).reshape(1, 2, 5, 5)
    out = silent(Basic(2, 4, 2, projection=False))(maps)
    assert out[0, 0].tolist() == [[1, 3, 5], [11, 13, 15], [21, 23, 25]]
    assert out[0, 1].tolist() == [[26, 28, 30], [36, 38, 40], [46, 48, 50]]
    assert out[0, 2:].tolist() == torch.zeros(2, 3, 3).tolist()


@pytest.mark.parametrize("key", models.keys())
def test_nothing_comes_after_the_linear_layer_to_the_embedding(key: str) -> None:
    # A ReLU there would keep a 2-D embedding in one quarter of the plane.
    assert isinstance(list(described(key, 1, 8, 2).head.modules())[-1], nn.Linear)
