"""How images and maps lie in memory changes neither values nor gradients, and nothing waits for a device."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

import models
from lossviz.data import DataSet
from lossviz.training import RunConfig, layout
from lossviz.training.trainer import Trainer


@pytest.mark.parametrize("shape", [(4, 1, 8, 6), (4, 3, 8, 6)])
def test_channels_last_moves_the_strides_and_no_value(shape: tuple[int, ...]) -> None:
    images = torch.arange(4 * shape[1] * 48.0).view(shape)
    moved = layout.channels_last(images)
    assert torch.equal(moved, images)
    assert moved.stride() == (48 * shape[1], 1, 6 * shape[1], shape[1])
    # What convolutions look at: with one channel the strides alone tell.
    maps = torch.nn.functional.conv2d(moved, torch.ones(2, shape[1], 3, 3))
    assert maps.is_contiguous(memory_format=torch.channels_last)
    assert not maps.is_contiguous()


@pytest.mark.parametrize(("net", "channels"), [("small", 1), ("small", 3), ("lenet++", 1), ("resnet-20", 3)])
def test_a_network_gives_the_same_embedding_and_gradients_in_either_order(net: str, channels: int) -> None:
    """Against the network called plainly, in float64."""
    torch.manual_seed(0)
    made = models.get(net).build(channels, 28, 2).double().eval()
    images = torch.randn(6, channels, 28, 28, dtype=torch.float64)
    plain = made(images)
    plain.square().sum().backward()
    wanted = [p.grad.clone() for p in made.parameters() if p.grad is not None]
    made.zero_grad()
    ours = layout.embedding(made, layout.channels_last(images))
    ours.square().sum().backward()
    torch.testing.assert_close(ours, plain)
    for parameter, grad in zip(made.parameters(), wanted, strict=True):
        torch.testing.assert_close(parameter.grad, grad)


def test_gradients_reach_the_convolutions_in_the_order_of_their_maps() -> None:
    net: Any = models.get("small").build(1, 28, 2)
    seen: list[bool] = []

    def note(grad: Tensor) -> None:
        seen.append(grad.is_contiguous(memory_format=torch.channels_last))

    net.trunk.register_forward_hook(lambda _, __, maps: maps.register_hook(note) and None)
    layout.embedding(net, layout.channels_last(torch.randn(4, 1, 28, 28))).sum().backward()
    assert seen == [True]


class _NoWaiting(TorchDispatchMode):
    """Notes every operation that would make the host wait for a device."""

    WAITS = ("_local_scalar_dense", "is_nonzero", "nonzero", "masked_select", "equal", "unique")

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[str] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = func._schema.name.removeprefix("aten::")
        # A mask as an index is counted on the host.
        masked = name == "index" and any(i is not None and i.dtype == torch.bool for i in args[1])
        if name in self.WAITS or masked:
            self.waited.append(name)
        return func(*args, **(kwargs or {}))


def waits(trainer: Trainer, steps: int) -> list[str]:
    with _NoWaiting() as mode:
        for _ in range(steps):
            trainer.advance()
    return mode.waited


@pytest.mark.parametrize(
    "case",
    [
        {},
        {"loss": "arcface", "params": {"margin": 0.3}},
        {"loss": "cot"},
        {"loss": "center", "center_update": "average"},
        {"loss": "adversarial"},
        {"augment": True},
        {"optimizer": "sgd"},
    ],
    ids=lambda case: "-".join(map(str, case.values())) or "plain",
)
def test_no_step_within_an_epoch_waits_for_the_device(case: dict[str, Any], tiny: DataSet) -> None:
    trainer = Trainer(RunConfig(batch=16, **case), tiny)
    assert waits(trainer, 1), "on a CPU the health is read, which this mode must see"
    trainer.health.on_host = False
    assert waits(trainer, 2) == []


def test_a_mode_that_looks_for_waiting_sees_it() -> None:
    flags: Tensor = torch.tensor([True, False])
    with _NoWaiting() as mode:
        flags[0].item()
        bool(flags[0])
        torch.arange(2)[flags]
    assert len(mode.waited) >= 3
