"""The parts that all image networks share: shape, check, normalisation that batched runs can stack."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from torch import Tensor, nn

from lossviz.core.errors import NetError


class EmbeddingNet(nn.Module):
    """Images float [N, C, size, size] -> embedding [N, d], in two steps.

    `trunk` ends with the last convolution, its normalisation and activation; `head` pools and maps
    to the embedding. `forward(images)` is `embed(maps(images))`, so that what explains a prediction
    can look between the two.
    """

    def __init__(self, trunk: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = head

    def maps(self, images: Tensor) -> Tensor:
        """The feature maps of the last convolution, [N, C', h, w]."""
        maps: Tensor = self.trunk(images)
        return maps

    def embed(self, maps: Tensor) -> Tensor:
        """The embedding of such maps, [N, d]."""
        embedding: Tensor = self.head(maps)
        return embedding

    def forward(self, images: Tensor) -> Tensor:
        return self.embed(self.maps(images))


def check_shape(key: str, channels: int, size: int, dimension: int, smallest: int) -> None:
    """Raise NetError unless a network for such images and such an embedding can be built."""
    asked = {"channels": (channels, 1), "size": (size, smallest), "dimension": (dimension, 1)}
    for name, (value, least) in asked.items():
        if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
            remedy = "; choose larger images or another network" if name == "size" else ""
            unit = " pixels a side" if name == "size" else ""
            raise NetError(
                f"{key}: {name} must be a whole number of at least {least}{unit}; got {value!r}{remedy}"
            )


class _Uncounted:
    """Batch normalisation without the count of batches, which only a momentum of None would read.

    A whole number cannot be stacked and averaged with the rest of the state by `torch.func.vmap`.
    """

    def _load_from_state_dict(self, state_dict: Any, prefix: str, local_metadata: Any, *rest: Any) -> None:
        # Without a version torch takes the weights for old ones and adds the count itself.
        super()._load_from_state_dict(state_dict, prefix, {**local_metadata, "version": 2}, *rest)  # type: ignore[misc]


class _MapNorm(_Uncounted, nn.BatchNorm2d):
    pass


class _FlatNorm(_Uncounted, nn.BatchNorm1d):
    pass


def norm(channels: int) -> nn.BatchNorm2d:
    """Batch normalisation of maps whose running averages `torch.func.vmap` can stack and update."""
    layer = _MapNorm(channels)
    layer.num_batches_tracked = None
    return layer


def flat_norm(units: int) -> nn.BatchNorm1d:
    """The same for vectors, [N, units]."""
    layer = _FlatNorm(units)
    layer.num_batches_tracked = None
    return layer


def spread_for_relu(net: EmbeddingNet) -> EmbeddingNet:
    """Draw the convolutions' weights so that a ReLU keeps the variance of the maps; returns the net."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return net
