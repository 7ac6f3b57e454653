"""The small network: three convolutions, made to be trained on a CPU while one watches."""

from __future__ import annotations

from torch import nn

from lossviz.losses.spec import NetSpec
from models._layers import EmbeddingNet, check_shape, flat_norm, norm

_SMALLEST = 8


def build(channels: int = 1, size: int = 28, dimension: int = 2) -> EmbeddingNet:
    """Convolutions 5×5 to 16, 3×3 to 32 (both with stride 2) and 3×3 to 32 maps; 32 units; linear to d.

    Each is followed by batch normalisation and ReLU, except the last, so that embeddings reach the
    whole plane. On one grey 28×28 image a forward pass takes 1.61 million operations. Raises
    NetError for a shape it cannot take.
    """
    check_shape("small", channels, size, dimension, _SMALLEST)
    # Strides in place of pooling: half the time on a CPU. The third convolution keeps 7×7 maps for
    # explanations to look at.
    trunk = nn.Sequential(
        nn.Conv2d(channels, 16, 5, stride=2, padding=2, bias=False),
        norm(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
        norm(32),
        nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1, bias=False),
        norm(32),
        nn.ReLU(),
    )
    side = -(-size // 4)
    # The hidden units bend the classes into two dimensions; without them, MNIST at d = 2 stays
    # about a point lower.
    head = nn.Sequential(
        nn.Flatten(),
        nn.Linear(32 * side * side, 32, bias=False),
        flat_norm(32),
        nn.ReLU(),
        nn.Linear(32, dimension),
    )
    return EmbeddingNet(trunk, head)


NETS = (
    NetSpec(
        key="small",
        title="Small",
        source="ours",
        build=build,
        smallest=_SMALLEST,
        note="Quick on a CPU: watch it train on digits or MNIST.",
        order=0,
    ),
)
