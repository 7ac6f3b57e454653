"""Wide residual networks: few layers, many maps, normalisation and ReLU before each convolution."""

from __future__ import annotations

from torch import Tensor, nn

from lossviz.losses.spec import NetSpec
from models._layers import EmbeddingNet, check_shape, norm, spread_for_relu

_SMALLEST = 8


class WideBlock(nn.Module):
    """Two 3×3 convolutions, each after its normalisation and ReLU, around a shortcut.

    Where the shape changes, the shortcut is a 1×1 convolution of the activated input.
    """

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.changes = before != width or stride != 1
        self.first = nn.Sequential(norm(before), nn.ReLU())
        self.body = nn.Sequential(
            nn.Conv2d(before, width, 3, stride, 1, bias=False),
            norm(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
        )
        self.shortcut = nn.Conv2d(before, width, 1, stride, bias=False) if self.changes else nn.Identity()

    def forward(self, maps: Tensor) -> Tensor:
        """body + shortcut: [N, C, h, w] -> [N, width, h/stride, w/stride]."""
        active = self.first(maps)
        out: Tensor = self.body(active) + self.shortcut(active if self.changes else maps)
        return out


def build(channels: int = 3, size: int = 32, dimension: int = 2) -> EmbeddingNet:
    """WRN-28-10: three stages of four blocks with 160, 320 and 640 maps, no dropout.

    Raises NetError for a shape it cannot take.
    """
    check_shape("wrn-28-10", channels, size, dimension, _SMALLEST)
    before = 16
    layers: list[nn.Module] = [nn.Conv2d(channels, before, 3, padding=1, bias=False)]
    for stage, width in enumerate((160, 320, 640)):
        for number in range(4):
            layers.append(WideBlock(before, width, 2 if stage and not number else 1))
            before = width
    layers += [norm(before), nn.ReLU()]
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, dimension))
    return spread_for_relu(EmbeddingNet(nn.Sequential(*layers), head))


NETS = (
    NetSpec(
        key="wrn-28-10",
        title="WRN-28-10",
        source="000 Table I; Zagoruyko and Komodakis 2016, Table 1",
        build=build,
        smallest=_SMALLEST,
        note="36 million weights; needs a GPU.",
        order=8,
    ),
)
