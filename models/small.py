"""The small network: three convolutions, made to be trained on a CPU while one watches."""

from __future__ import annotations

from torch import nn

from lossviz.spec import NetSpec
from models._layers import EmbeddingNet, check_shape, norm

_SMALLEST = 8


def build(channels: int = 1, size: int = 28, dimension: int = 2) -> EmbeddingNet:
    """Convolutions 5×5 to 16, 3×3 to 32 and 3×3 to 64 maps, each with stride 2; then linear to d.

    Raises NetError for a shape it cannot take.
    """
    check_shape("small", channels, size, dimension, _SMALLEST)
    trunk = nn.Sequential(
        nn.Conv2d(channels, 16, 5, stride=2, padding=2, bias=False),
        norm(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
        norm(32),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1, bias=False),
        norm(64),
        nn.ReLU(),
    )
    side = -(-size // 8)
    return EmbeddingNet(trunk, nn.Sequential(nn.Flatten(), nn.Linear(64 * side * side, dimension)))


NETS = (
    NetSpec(
        key="small",
        title="Small",
        source="ours",
        build=build,
        smallest=_SMALLEST,
    ),
)
