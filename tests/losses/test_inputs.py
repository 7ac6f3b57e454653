"""What goes into a loss besides the usual: label types, half precision, ends of ranges."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import torch

from lossviz import losses
from lossviz.core.errors import LossError
from lossviz.losses import ClassState

STATE = ClassState(torch.eye(3), None, torch.eye(3), lambda z: torch.cat([z, z], -1))
FEATURES = torch.tensor([[0.5, -1.0, 2.0], [1.0, 0.0, 0.3]])


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.int16, torch.int32, torch.uint16])
@pytest.mark.parametrize("key", losses.keys())
def test_labels_of_any_whole_type_mean_the_same(key: str, dtype: torch.dtype) -> None:
    labels = torch.tensor([2, 0])
    expected = losses.get(key).per_sample(FEATURES, labels, STATE)
    assert torch.equal(losses.get(key).per_sample(FEATURES, labels.to(dtype), STATE), expected)


def test_the_end_of_a_range_as_a_float32_tensor_is_inside() -> None:
    value = losses.get("arcface").per_sample(
        FEATURES, torch.tensor([0, 1]), STATE, margin=torch.tensor(math.pi / 2)
    )
    assert value.isfinite().all()


@pytest.mark.parametrize(
    ("key", "state", "word"),
    [
        ("soft-0", None, "ClassState"),
        ("soft-0", torch.eye(3), "ClassState"),
        ("soft-d", ClassState(torch.eye(3), bias="1"), "bias must be None, a number or a tensor; got str"),
        ("soft-d", ClassState(torch.eye(3), bias=[0.0, 1.0, 2.0]), "got list"),
        ("bce-nu", ClassState(torch.eye(3), bias=True), "got bool"),
        ("soft-u", ClassState(torch.eye(3), bias=torch.zeros(3)), "one number for all classes"),
        ("center", ClassState(torch.eye(3), centers=[[0.0] * 3] * 3), "centers must be a floating-point"),
        ("pc", ClassState(torch.eye(3), centers=torch.eye(3).long()), "centers must be a floating-point"),
        ("center", ClassState(torch.eye(3)), "needs class centers"),
        ("adversarial", ClassState(torch.eye(3)), "needs an adversary"),
        ("adversarial", ClassState(torch.eye(3), adversary=lambda z: z), "2K logits [N, 2K] = (2, 6)"),
        ("hinge", ClassState(torch.eye(3).double()), "one dtype"),
    ],
)
def test_a_wrong_state_is_told_with_the_loss_and_the_rule(key: str, state: object, word: str) -> None:
    with pytest.raises(LossError) as told:
        losses.get(key).per_sample(FEATURES, torch.tensor([0, 1]), state)
    assert str(told.value).startswith(f"{key}: ")
    assert word in str(told.value)


def test_half_features_do_not_meet_double_weights() -> None:
    with pytest.raises(LossError, match="one dtype"):
        losses.get("soft-0").per_sample(
            FEATURES.half(), torch.tensor([0, 1]), ClassState(torch.eye(3).double())
        )


@pytest.mark.parametrize("value", [10**400, -(10**400)])
def test_a_number_beyond_floats_is_out_of_range(value: int) -> None:
    with pytest.raises(LossError, match="scale must lie in"):
        losses.get("arcface").per_sample(FEATURES, torch.tensor([0, 1]), STATE, scale=value)


def test_a_fraction_is_a_number() -> None:
    half = losses.get("arcface").per_sample(FEATURES, torch.tensor([0, 1]), STATE, margin=Fraction(1, 2))
    assert torch.equal(
        half, losses.get("arcface").per_sample(FEATURES, torch.tensor([0, 1]), STATE, margin=0.5)
    )
