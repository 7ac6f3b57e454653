"""Residual networks for small images: the CIFAR kind (20, 56) and the ImageNet kind (18, 34, 50)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

from lossviz.losses.spec import NetSpec
from models._layers import EmbeddingNet, check_shape, norm, spread_for_relu

_SMALLEST = 8


class Basic(nn.Module):
    """Two 3×3 convolutions around a shortcut: [N, C, h, w] -> [N, width, h/stride, w/stride].

    `projection`: where the shape changes, a 1×1 convolution on the shortcut (option B of the
    paper); without it, the shortcut takes every second pixel and fills up with zero maps (A).
    """

    expansion = 1

    def __init__(self, before: int, width: int, stride: int, projection: bool = True) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, width, 3, stride, 1, bias=False),
            norm(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            norm(width),
        )
        self.shortcut = _shortcut(before, width, stride, projection)
        self.activation = nn.ReLU()

    def forward(self, maps: Tensor) -> Tensor:
        out: Tensor = self.activation(self.body(maps) + self.shortcut(maps))
        return out


class Bottleneck(nn.Module):
    """1×1, 3×3 and 1×1 convolutions around a shortcut; the output has 4 `width` maps.

    The stride is on the 3×3 convolution, where it loses no pixels.
    """

    expansion = 4

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        after = 4 * width
        self.body = nn.Sequential(
            nn.Conv2d(before, width, 1, bias=False),
            norm(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, stride, 1, bias=False),
            norm(width),
            nn.ReLU(),
            nn.Conv2d(width, after, 1, bias=False),
            norm(after),
        )
        self.shortcut = _shortcut(before, after, stride, projection=True)
        self.activation = nn.ReLU()

    def forward(self, maps: Tensor) -> Tensor:
        out: Tensor = self.activation(self.body(maps) + self.shortcut(maps))
        return out


class _Pad(nn.Module):
    """A shortcut without parameters: every `stride`-th pixel, and zero maps up to `after`."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.extra = after - before

    def forward(self, maps: Tensor) -> Tensor:
        """[N, C, h, w] -> [N, C + extra, ⌈h/stride⌉, ⌈w/stride⌉]."""
        few = maps[:, :, :: self.stride, :: self.stride]
        return nn.functional.pad(few, (0, 0, 0, 0, 0, self.extra))


def _shortcut(before: int, after: int, stride: int, projection: bool) -> nn.Module:
    if stride == 1 and before == after:
        return nn.Identity()
    if not projection:
        return _Pad(before, after, stride)
    return nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), norm(after))


def _residual(
    key: str,
    stages: tuple[tuple[int, int], ...],
    block: Callable[[int, int, int], nn.Module],
    expansion: int,
    channels: int,
    size: int,
    dimension: int,
) -> EmbeddingNet:
    """A 3×3 stem, `stages` of (width, blocks), each but the first halving the side, and the head."""
    check_shape(key, channels, size, dimension, _SMALLEST)
    before = stages[0][0]
    layers: list[nn.Module] = [nn.Conv2d(channels, before, 3, padding=1, bias=False), norm(before), nn.ReLU()]
    for stage, (width, blocks) in enumerate(stages):
        for number in range(blocks):
            layers.append(block(before, width, 2 if stage and not number else 1))
            before = width * expansion
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, dimension))
    return spread_for_relu(EmbeddingNet(nn.Sequential(*layers), head))


def cifar(depth: int, channels: int = 3, size: int = 32, dimension: int = 2) -> EmbeddingNet:
    """A CIFAR-style network of 6n + 2 layers: three stages of n basic blocks with 16, 32, 64 maps.

    The shortcuts have no parameters, as in the paper. Raises NetError for a shape it cannot take.
    """
    blocks = (depth - 2) // 6
    stages = tuple((width, blocks) for width in (16, 32, 64))
    block = partial(Basic, projection=False)
    return _residual(f"resnet-{depth}", stages, block, 1, channels, size, dimension)


def imagenet(depth: int, channels: int = 3, size: int = 32, dimension: int = 2) -> EmbeddingNet:
    """ResNet-18, 34 or 50 for small images: a 3×3 stem with stride 1 and no first pooling.

    Raises NetError for a shape it cannot take.
    """
    block, counts = _IMAGENET[depth]
    stages = tuple(zip((64, 128, 256, 512), counts, strict=True))
    return _residual(f"resnet-{depth}", stages, block, block.expansion, channels, size, dimension)


_IMAGENET: dict[int, tuple[type[Basic] | type[Bottleneck], tuple[int, int, int, int]]] = {
    18: (Basic, (2, 2, 2, 2)),
    34: (Basic, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
}


def _spec(depth: int, family: Callable[..., EmbeddingNet], source: str, note: str, order: int) -> NetSpec:
    return NetSpec(
        key=f"resnet-{depth}",
        title=f"ResNet-{depth}",
        source=source,
        build=partial(family, depth),
        smallest=_SMALLEST,
        note=note,
        order=order,
    )


_CIFAR_SOURCE = "000 Table I; He et al. 2016, Section 4.2"

NETS = (
    _spec(20, cifar, _CIFAR_SOURCE, "The usual network for CIFAR-10; trainable on a CPU with patience.", 3),
    _spec(56, cifar, _CIFAR_SOURCE, "ResNet-20 with three times the depth.", 4),
    _spec(18, imagenet, "000 Table I; He et al. 2016, Table 1", "Wide; better with a GPU.", 5),
    _spec(34, imagenet, "003 Section 3.3; He et al. 2016, Table 1", "Wide; needs a GPU.", 6),
    _spec(50, imagenet, "000 Table I, 002 Table II; He et al. 2016, Table 1", "Bottlenecks; needs a GPU.", 7),
)
