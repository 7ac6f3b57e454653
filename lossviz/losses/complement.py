"""Losses that reweigh hard samples or flatten the wrong classes (papers 000, 003)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lossviz.core.settings import Setting
from lossviz.losses._ops import (
    as_scalar,
    complement_entropy,
    cross_entropy,
    linear_logits,
    log_odds,
    softplus,
)
from lossviz.losses._recipes import FIXED
from lossviz.losses.spec import Family, LossSpec, Needs, Reduction
from lossviz.losses.state import ClassState

FAMILY = Family(
    key="complement",
    title="Focal and complement entropy",
    order=4,
    question="What changes when the wrong classes are kept equally likely?",
)


def focal(features: Tensor, labels: Tensor, state: ClassState, *, gamma: float | Tensor) -> dict[str, Tensor]:
    """−(1 − p_y)^γ log p_y (003, [25]); each sample is weighted before any averaging."""
    odds = log_odds(linear_logits(features, state), labels)
    # (1 − p_y)^γ as an exponential: a power of 0 has no finite derivative for γ < 1.
    return {"cross-entropy": torch.exp(-gamma * softplus(odds)) * softplus(-odds)}


def complement_objective(
    features: Tensor, labels: Tensor, state: ClassState, *, balanced: bool | Tensor
) -> dict[str, Tensor]:
    """Primary −log p_y and complement −C(p, y)/(K−1) (000 Eq. 5, 003 Alg. 1).

    Training takes a step on each with its own optimizer; the sum is for pictures.
    `balanced=False` leaves out 1/(K−1).
    """
    logits = linear_logits(features, state)
    wrong = complement_entropy(logits, labels)
    even = wrong / (logits.shape[-1] - 1)
    return {
        "primary": cross_entropy(logits, labels),
        "complement": -torch.where(as_scalar(balanced, wrong, torch.bool), even, wrong),
    }


def complement_cross_entropy(
    features: Tensor, labels: Tensor, state: ClassState, *, gamma: float | Tensor
) -> dict[str, Tensor]:
    """−log p_y + γ/(K−1) · C(p, y), γ ≤ 0 (003 Eq. 5)."""
    logits = linear_logits(features, state)
    factor = gamma / (logits.shape[-1] - 1)
    return {
        "cross-entropy": cross_entropy(logits, labels),
        "complement": factor * complement_entropy(logits, labels),
    }


def guided_complement_entropy(
    features: Tensor, labels: Tensor, state: ClassState, *, alpha: float | Tensor
) -> dict[str, Tensor]:
    """−p_y^α C(p, y)/log(K−1), in [−1, 0] (cited as [7] in 000).

    With two classes there is one wrong class and its entropy is 0: the loss is 0 and teaches nothing.
    """
    logits = linear_logits(features, state)
    guide = torch.exp(-as_scalar(alpha, logits) * cross_entropy(logits, labels))
    classes = logits.shape[-1]
    largest = math.log(classes - 1) if classes > 2 else 1.0
    return {"complement": -guide * complement_entropy(logits, labels) / largest}


_NEEDS = Needs(bias="diverse")

LOSSES = (
    LossSpec(
        key="focal",
        title="Focal",
        family="complement",
        source="003, [25]",
        template=r"-(1-p_y)^{<gamma>} \log p_y",
        notice="The valley floor is flattened: samples that are already right stop pulling. The wall on "
        "the wrong side stays that of cross-entropy.",
        terms_function=focal,
        logits_function=linear_logits,
        params=(
            Setting(
                name="gamma",
                symbol=r"\gamma",
                default=2.0,
                low=0.0,
                high=10.0,
                meaning="focusing: how fast easy samples lose weight",
                link="focusing",
                title="focusing",
                sweep=(0, 0.5, 1, 2, 5),
            ),
        ),
        needs=_NEEDS,
        reduces_to=(Reduction("cross-entropy", {"gamma": 0.0}, {}),),
        of_probability=True,
        in_title=("gamma",),
    ),
    LossSpec(
        key="cot",
        title="Complement objective (COT)",
        aliases=("complement-objective",),
        family="complement",
        source="000 Eq. 5; 003 Alg. 1",
        template=r"-\log p_y - \frac{1}{K-1} C(p, y)\quad(\text{balanced: } <balanced>)",
        notice="Two steps in turn: down the cross-entropy, then towards wrong classes that are equally "
        "likely. The second term is lowest on the line where the others tie.",
        composite=True,
        terms_function=complement_objective,
        logits_function=linear_logits,
        params=(
            Setting(
                name="balanced",
                symbol=r"\text{balanced}",
                default=True,
                meaning="divide the complement entropy by K−1",
                kind="flag",
                link="balanced",
                title="divide by K−1",
            ),
        ),
        needs=_NEEDS,
        reduces_to=(Reduction("cce", {"balanced": True}, {"gamma": -1.0}),),
        objective="complement",
        of_probability=True,
    ),
    LossSpec(
        key="cce",
        title="Complement cross-entropy",
        family="complement",
        source="003 Eq. 5",
        template=r"-\log p_y + \frac{<gamma>}{K-1} C(p, y)",
        notice="COT in a single step. Make γ strongly negative and the pull towards equal wrong classes "
        "outweighs being right.",
        composite=True,
        terms_function=complement_cross_entropy,
        logits_function=linear_logits,
        params=(
            Setting(
                name="gamma",
                symbol=r"\gamma",
                default=-1.0,
                low=-50.0,
                high=0.0,
                meaning="weight of the complement entropy (negative: it is maximised)",
                link="complement-weight",
                title="complement entropy",
                sweep=(-1, -5, -10, -20, -50),
            ),
        ),
        needs=_NEEDS,
        reduces_to=(Reduction("cross-entropy", {"gamma": 0.0}, {}),),
        of_probability=True,
        in_title=("gamma",),
    ),
    LossSpec(
        key="gce",
        title="Guided complement entropy",
        family="complement",
        source="cited as [7] in 000",
        template=r"-p_y^{<alpha>}\,\frac{C(p, y)}{\log(K-1)}",
        notice="Never above 0: lowest where the true class is sure and the others tie. With two "
        "classes it is 0 everywhere and teaches nothing.",
        terms_function=guided_complement_entropy,
        logits_function=linear_logits,
        params=(
            Setting(
                name="alpha",
                symbol=r"\alpha",
                default=0.2,
                low=0.0,
                high=1.0,
                meaning="how strongly the true class's probability guides the entropy",
                link="guide",
                title="guide",
                sweep=(0.1, 0.2, 0.33, 0.5, 1.0),
            ),
        ),
        needs=_NEEDS,
        of_probability=True,
        recipe=FIXED,
        teaches_from=3,
    ),
)
