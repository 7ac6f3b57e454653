"""The network of the CAMRI paper, as far as the paper describes it."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from lossviz.losses.spec import NetSpec
from models._layers import EmbeddingNet, check_shape, norm, spread_for_relu

_SMALLEST = 8


def build(channels: int = 3, size: int = 32, dimension: int = 2) -> EmbeddingNet:
    """Blocks of two 3×3 convolutions, pooling and dropout; global average pooling; linear to d.

    The paper names the layers (convolution, batch normalisation, max pooling, dropout, global
    average pooling, two fully connected layers, ReLU except after the last) but not how many or how
    wide. Here: three blocks of 64, 128 and 256 maps, dropout of 0.2, 0.3 and 0.4. The second fully
    connected layer is the classifier and belongs to the head of a run; the first is the last layer
    here. Its ReLU is left out: it would keep a 2-D embedding in one quarter of the plane.
    Raises NetError for a shape it cannot take.
    """
    check_shape("camri-cnn", channels, size, dimension, _SMALLEST)
    layers: list[nn.Module] = []
    for (before, after), rate in zip(pairwise((channels, 64, 128, 256)), (0.2, 0.3, 0.4), strict=True):
        for width in (before, after):
            layers += [nn.Conv2d(width, after, 3, padding=1, bias=False), norm(after), nn.ReLU()]
        layers += [nn.MaxPool2d(2), nn.Dropout(rate)]
    last_pool, last_dropout = layers[-2:]
    head = nn.Sequential(
        last_pool, last_dropout, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, dimension)
    )
    return spread_for_relu(EmbeddingNet(nn.Sequential(*layers[:-2]), head))


NETS = (
    NetSpec(
        key="camri-cnn",
        title="CAMRI's network",
        source="001 Section IV-A.2",
        build=build,
        smallest=_SMALLEST,
        note="Two convolutions a block, pooling and dropout; the paper gives no widths, these are ours.",
        order=2,
    ),
)
