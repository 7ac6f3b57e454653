"""The without_compile optimizers step as torch's own, and a run starts without torch's compiler."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from lossviz.training import RunConfig
from lossviz.training.optimizers import optimizer_of, restore, tensors, without_compile


@pytest.mark.parametrize("kind", [torch.optim.AdamW, torch.optim.Adam, torch.optim.SGD])
def test_a_lean_optimizer_takes_the_steps_of_torchs_own(kind: Any) -> None:
    torch.manual_seed(0)
    start, target = torch.randn(4, 3), torch.randn(4, 3)
    ends = []
    for made in (kind, without_compile(kind)):
        leaf = start.clone().requires_grad_()
        optimizer = made([leaf], lr=0.1, weight_decay=0.01)
        for _ in range(5):
            optimizer.zero_grad()
            (leaf - target).square().sum().backward()
            optimizer.step()
        ends.append((leaf.detach(), optimizer.state_dict()["param_groups"]))
    assert torch.equal(ends[0][0], ends[1][0])
    assert ends[0][1] == ends[1][1]


@pytest.mark.parametrize(("before", "after"), [("sgd", "adamw"), ("adamw", "sgd"), ("adam", "adamw")])
def test_memory_is_taken_by_an_optimizer_of_its_kind_and_left_by_another(before: str, after: str) -> None:
    leaf = torch.ones(3, 2, requires_grad=True)
    first, second = (optimizer_of(RunConfig(optimizer=kind), [leaf], [], 0.1) for kind in (before, after))
    for _ in range(2):
        leaf.square().sum().backward()
        first.step()
    saved = tensors(first, {id(leaf): "leaf"})
    assert saved
    restore(second, {id(leaf): "leaf"}, saved)
    alike = (before == "sgd") == (after == "sgd")
    assert sorted(tensors(second, {id(leaf): "leaf"})) == (sorted(saved) if alike else [])
    second.step()
