"""LeNet++: the network whose 2-D embeddings made the centre loss's pictures known."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from lossviz.losses.spec import NetSpec
from models._layers import EmbeddingNet, check_shape

_SMALLEST = 8


def build(channels: int = 1, size: int = 28, dimension: int = 2) -> EmbeddingNet:
    """Three stages of two 5×5 convolutions (32, 64, 128 maps), each followed by a PReLU, and 2×2
    max pooling after a stage; then linear to d. No normalisation.

    Raises NetError for a shape it cannot take.
    """
    check_shape("lenet++", channels, size, dimension, _SMALLEST)
    layers: list[nn.Module] = []
    for before, after in pairwise((channels, 32, 64, 128)):
        layers += [nn.Conv2d(before, after, 5, padding=2), nn.PReLU()]
        layers += [nn.Conv2d(after, after, 5, padding=2), nn.PReLU(), nn.MaxPool2d(2)]
    for layer in layers:
        # Six layers without normalisation: torch's default, a gain of 1/√3, would shrink the signal
        # by a factor of about 25 on its way.
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, a=0.25)
    last_pool = layers.pop()
    side = size // 8
    head = nn.Sequential(last_pool, nn.Flatten(), nn.Linear(128 * side * side, dimension))
    return EmbeddingNet(nn.Sequential(*layers), head)


NETS = (
    NetSpec(
        key="lenet++",
        title="LeNet++",
        source="Wen et al. 2016, A Discriminative Feature Learning Approach, Table 1",
        build=build,
        smallest=_SMALLEST,
        note="Large filters and no normalisation; the usual choice for 2-D embeddings of digits.",
        order=1,
    ),
)
