"""Cross-entropy against an adversary that tells anchor images from others (paper 004)."""

from __future__ import annotations

import torch
from torch import Tensor

from lossviz.core.errors import LossError
from lossviz.core.settings import Setting
from lossviz.losses._ops import cross_entropy, linear_logits, of_own
from lossviz.losses.spec import Family, LossSpec, Needs, Reduction
from lossviz.losses.state import ClassState

FAMILY = Family(
    key="adversarial",
    title="Adversarial",
    order=6,
    question="Where does an adversary push a feature that it can tell from the anchor?",
)


def adversarial(
    features: Tensor, labels: Tensor, state: ClassState, *, lam: float | Tensor
) -> dict[str, Tensor]:
    """−log softmax(Wz + b)_y + λ (q_{y+K} − q_y), q = softmax of the adversary (004 Eq. 6-8).

    The value for a non-anchor sample; an anchor has only the first term. Lowest where the
    adversary takes the feature for the anchor of its class.
    """
    terms = {"cross-entropy": cross_entropy(linear_logits(features, state), labels)}
    if state.adversary is not None:
        classes = state.weights.shape[0]
        scores = state.adversary(features)
        if scores.shape != (features.shape[0], 2 * classes):
            raise LossError(
                f"adversarial: the adversary must give 2K logits [N, 2K] = "
                f"({features.shape[0]}, {2 * classes}); got {tuple(scores.shape)}"
            )
        q = torch.softmax(scores, -1)
        terms["adversary"] = lam * (of_own(q, labels + classes) - of_own(q, labels))
    return terms


LOSSES = (
    LossSpec(
        key="adversarial",
        title="Adversarial",
        family="adversarial",
        source="004 Eq. 6-8",
        template=r"-\log p_y + <lam>\,(q_{y+K} - q_y)",
        notice="The adversary digs a pit around the anchor of the class and raises a ridge where the "
        "other samples lie: features are drawn to the anchor.",
        composite=True,
        objective="adversarial",
        terms_function=adversarial,
        logits_function=linear_logits,
        params=(
            Setting(
                name="lam",
                symbol=r"\lambda",
                default=1.0,
                low=0.0,
                high=10.0,
                meaning="weight of the adversary",
                link="adversary-weight",
                title="weight of the adversary",
                sweep=(0.0, 0.1, 1.0, 10.0),
            ),
        ),
        needs=Needs(bias="diverse", adversary=True),
        reduces_to=(Reduction("cross-entropy", {"lam": 0.0}, {}),),
        in_title=("lam",),
    ),
)
