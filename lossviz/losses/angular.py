"""Losses on the angle between a feature and its class weight (papers 001, 004).

Features and weights are normalised on every call. A margin acts on the true class in training
only; predictions use the plain cosines.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from lossviz.core.settings import Setting
from lossviz.losses._ops import (
    angle_to_own,
    as_scalar,
    cosine,
    cross_entropy,
    important_classes,
    linear,
    norm,
    of_own,
    unit,
)
from lossviz.losses._recipes import APART
from lossviz.losses.cost_sensitive import IMPORTANT
from lossviz.losses.spec import Anneal, Family, LossSpec, Reduction
from lossviz.losses.state import ClassState

FAMILY = Family(
    key="angular",
    title="Angular margin",
    order=3,
    question="Where does a margin push the valley?",
)

SCALE = Setting(
    name="scale",
    symbol="s",
    default=16.0,
    low=1.0,
    high=64.0,
    meaning="inverse temperature of the cosines",
    spacing="log",
    link="scale",
    title="scale of the cosines",
    rank=2,
    sweep=(1, 2, 4, 8, 16, 32, 64),
)
ANGLE = Setting(
    name="margin",
    symbol="m",
    default=math.pi / 8,
    low=0.0,
    high=math.pi / 2,
    unit="rad",
    meaning="angle added to θ of the true class",
    link="margin",
    title="angular margin",
    rank=3,
    sweep=tuple(i * math.pi / 64 for i in range(9)),
)
MONOTONE = Setting(
    name="monotone",
    symbol=r"\text{monotone}",
    default=False,
    meaning="beyond θ + m = π continue with cosθ − m sin m instead of rising again",
    kind="flag",
    link="monotone",
    title="monotone beyond π",
)

_FROM_MILD = (Anneal("margin", 0.0), Anneal("scale", 4.0))


def scaled_cosines(
    features: Tensor, state: ClassState, *, scale: float | Tensor, **margins: object
) -> Tensor:
    """s cosθ_k; the parameters of the margin do not act on predictions."""
    return scale * cosine(features, state.weights)


def l2_softmax(
    features: Tensor, labels: Tensor, state: ClassState, *, scale: float | Tensor
) -> dict[str, Tensor]:
    """CE of s cosθ_k (001 Eq. 11)."""
    return {"cross-entropy": cross_entropy(scale * cosine(features, state.weights), labels)}


def shifted_cosine(cos: Tensor, sin: Tensor, margin: Tensor, monotone: bool | Tensor) -> Tensor:
    """cos(θ + m), or with `monotone` its continuation cosθ − m sin m once θ + m > π."""
    shifted = cos * torch.cos(margin) - sin * torch.sin(margin)
    if monotone is False:
        return shifted
    beyond = (cos < -torch.cos(margin)) & monotone
    return torch.where(beyond, cos - margin * torch.sin(margin), shifted)


def additive_angle(
    features: Tensor,
    labels: Tensor,
    state: ClassState,
    scale: float | Tensor,
    margin: Tensor,
    monotone: bool | Tensor,
) -> dict[str, Tensor]:
    """CE with the true logit s cos(θ_y + m); `margin` is a scalar or one number for each sample."""
    directions, weights = unit(features), unit(state.weights)
    cos, sin = angle_to_own(directions, weights, labels)
    own = shifted_cosine(cos, sin, margin, monotone)
    return {"cross-entropy": cross_entropy(scale * linear(directions, weights), labels, scale * own)}


def arcface(
    features: Tensor,
    labels: Tensor,
    state: ClassState,
    *,
    scale: float | Tensor,
    margin: float | Tensor,
    monotone: bool | Tensor,
) -> dict[str, Tensor]:
    """CE with the true logit s cos(θ_y + m) (001 Eq. 7)."""
    return additive_angle(features, labels, state, scale, as_scalar(margin, features), monotone)


def camri(
    features: Tensor,
    labels: Tensor,
    state: ClassState,
    *,
    scale: float | Tensor,
    margin: float | Tensor,
    important: int | Iterable[int] | Tensor,
    monotone: bool | Tensor,
) -> dict[str, Tensor]:
    """ArcFace with margin μ for samples of an important class and none for others (001 Eq. 13)."""
    chosen = important_classes(important, state.weights.shape[0], state.weights)[labels]
    own_margin = torch.where(chosen, as_scalar(margin, features), 0.0)
    return additive_angle(features, labels, state, scale, own_margin, monotone)


def cosface(
    features: Tensor,
    labels: Tensor,
    state: ClassState,
    *,
    scale: float | Tensor,
    margin: float | Tensor,
) -> dict[str, Tensor]:
    """CE with the true logit s (cosθ_y − m) (cited as [12] in 001)."""
    logits = scaled_cosines(features, state, scale=scale)
    return {"cross-entropy": cross_entropy(logits, labels, of_own(logits, labels) - scale * margin)}


def unit_weight_logits(features: Tensor, state: ClassState, **margins: object) -> Tensor:
    """‖z‖ cosθ_k: the weights are normalised, the feature keeps its length."""
    return linear(features, unit(state.weights))


def modified_softmax(features: Tensor, labels: Tensor, state: ClassState) -> dict[str, Tensor]:
    """CE of ‖z‖ cosθ_k (004 Eq. 3)."""
    return {"cross-entropy": cross_entropy(linear(features, unit(state.weights)), labels)}


def multiplied_angle(cos: Tensor, margin: int | Tensor, monotone: bool | Tensor) -> Tensor:
    """cos(mθ), or with `monotone` ψ(θ) = (−1)^k cos(mθ) − 2k on θ in [kπ/m, (k+1)π/m], m ≤ 8.

    cos(mθ) is the Chebyshev polynomial T_m(cosθ): its derivative is finite everywhere, which that
    of arccos is not. A tensor m chooses among the eight polynomials.
    """
    result, polynomial, before = cos, cos, torch.ones_like(cos)
    for order in range(2, 9 if isinstance(margin, Tensor) else int(margin) + 1):
        polynomial, before = 2 * cos * polynomial - before, polynomial
        if isinstance(margin, Tensor):
            result = torch.where(margin == order, polynomial, result)
        else:
            result = polynomial
    if monotone is False:
        return result
    orders = torch.arange(1, 8, dtype=cos.dtype, device=cos.device)
    passed = (cos.unsqueeze(-1) <= torch.cos(orders * math.pi / margin)) & (orders < margin)
    folds = passed.sum(-1, dtype=cos.dtype)
    folded = (1.0 - 2.0 * torch.remainder(folds, 2.0)) * result - 2.0 * folds
    return torch.where(as_scalar(monotone, cos, torch.bool), folded, result)


def sphereface(
    features: Tensor,
    labels: Tensor,
    state: ClassState,
    *,
    margin: int | Tensor,
    monotone: bool | Tensor,
    blend: float | Tensor = 1.0,
) -> dict[str, Tensor]:
    """CE with the true logit ‖z‖ ψ(θ_y), others ‖z‖ cosθ_k (004 Eq. 4).

    `blend` is the weight of ψ against cosθ, which training raises from 0; the loss itself has 1.
    """
    logits, length = unit_weight_logits(features, state), norm(features)
    cos = of_own(logits, labels) / torch.where(length == 0, 1.0, length)
    psi = multiplied_angle(cos, margin, monotone)
    return {"cross-entropy": cross_entropy(logits, labels, length * (blend * psi + (1 - blend) * cos))}


_BOTH = frozenset({"features", "weights"})
_MARGIN_CE = r"-\log\frac{{\exp({own})}}{{\exp({own}) + \sum_{{k\neq y}} \exp({other})}}"


def _margin_ce(own: str, other: str = r"<scale>\cos\theta_k") -> str:
    return _MARGIN_CE.format(own=own, other=other)


LOSSES = (
    LossSpec(
        key="l2-softmax",
        title="L2-softmax",
        aliases=("normface",),
        family="angular",
        source="001 Eq. 11",
        template=r"-\log\frac{\exp(<scale>\cos\theta_y)}{\sum_k \exp(<scale>\cos\theta_k)}",
        notice="Contours become rays: only the angle counts, so the opening is the same on every circle. "
        "The boundary stays half-way between weight vectors.",
        terms_function=l2_softmax,
        logits_function=scaled_cosines,
        params=(SCALE,),
        invariances=_BOTH,
        of_probability=True,
        target_logit=True,
        anneals=(Anneal("scale", 4.0),),
        recipe=APART,
        asks="probability",
        in_title=("scale",),
    ),
    LossSpec(
        key="arcface",
        title="ArcFace",
        family="angular",
        source="001 Eq. 7",
        template=_margin_ce(r"<scale>\cos(\theta_y + <margin>)"),
        notice="A margin narrows the valley: low loss needs an angle m smaller than the boundary asks. "
        "Opposite to the own weight, beyond θ + m = π, the loss as printed falls again.",
        terms_function=arcface,
        logits_function=scaled_cosines,
        params=(SCALE, ANGLE, MONOTONE),
        invariances=_BOTH,
        reduces_to=(Reduction("l2-softmax", {"margin": 0.0}, {}),),
        of_probability=True,
        target_logit=True,
        anneals=_FROM_MILD,
        recipe=APART,
        asks="margin",
        in_title=("scale", "margin"),
    ),
    LossSpec(
        key="camri",
        title="CAMRI",
        family="angular",
        source="001 Eq. 13",
        template=_margin_ce(r"<scale>\cos(\theta_y + m_y)")
        + r",\quad m_{<important>} = <margin>,\ \text{else } 0",
        notice="Switch the label between the important class and another: only the important class "
        "gets the narrow valley, the others keep theirs.",
        terms_function=camri,
        logits_function=scaled_cosines,
        params=(SCALE, ANGLE, IMPORTANT, MONOTONE),
        invariances=_BOTH,
        reduces_to=(Reduction("l2-softmax", {"margin": 0.0}, {}),),
        of_probability=True,
        target_logit=True,
        anneals=_FROM_MILD,
        recipe=APART,
        asks="margin",
        in_title=("scale", "margin"),
    ),
    LossSpec(
        key="cosface",
        title="CosFace",
        aliases=("am-softmax",),
        family="angular",
        source="cited as [12] in 001",
        template=_margin_ce(r"<scale>(\cos\theta_y - <margin>)"),
        notice="The margin is taken from the cosine: near the own weight vector, where the cosine is "
        "flat, it asks for a larger angle than the same number would in ArcFace.",
        terms_function=cosface,
        logits_function=scaled_cosines,
        params=(
            SCALE,
            Setting(
                name="margin",
                symbol="m",
                default=0.35,
                low=0.0,
                high=1.0,
                meaning="taken from the cosine of the true class",
                link="cosine-margin",
                title="margin on the cosine",
                sweep=(0.0, 0.1, 0.2, 0.35, 0.5),
            ),
        ),
        invariances=_BOTH,
        reduces_to=(Reduction("l2-softmax", {"margin": 0.0}, {}),),
        of_probability=True,
        target_logit=True,
        anneals=_FROM_MILD,
        recipe=APART,
        asks="margin",
        in_title=("scale", "margin"),
    ),
    LossSpec(
        key="modified-softmax",
        title="Modified softmax",
        family="angular",
        source="004 Eq. 3",
        template=r"-\log\frac{\exp(\|z\|\cos\theta_y)}{\sum_k \exp(\|z\|\cos\theta_k)}",
        notice="The weights have length 1, the feature keeps its own: boundaries are bisectors, and "
        "walking outwards still pays.",
        terms_function=modified_softmax,
        logits_function=unit_weight_logits,
        invariances=frozenset({"weights"}),
        of_probability=True,
        target_logit=True,
    ),
    LossSpec(
        key="sphereface",
        title="SphereFace",
        aliases=("a-softmax", "angular-softmax"),
        family="angular",
        source="004 Eq. 4",
        template=_margin_ce(r"\|z\|\,\psi_{<margin>}(\theta_y)", r"\|z\|\cos\theta_k"),
        notice="The angle is multiplied: between two opposite weight vectors the valley narrows from 180° "
        "to 360°/(m + 1), and its walls rise with the length of the feature. Without the monotone form, "
        "cos(mθ) makes several valleys.",
        terms_function=sphereface,
        logits_function=unit_weight_logits,
        params=(
            Setting(
                name="margin",
                symbol="m",
                default=4,
                low=1,
                high=8,
                meaning="factor on θ of the true class",
                kind="whole",
                link="angle-factor",
                title="factor on the angle",
                sweep=(1, 2, 3, 4),
            ),
            Setting(
                name="monotone",
                symbol=r"\text{monotone}",
                default=True,
                meaning="ψ(θ) falls over the whole half circle instead of repeating cos(mθ)",
                kind="flag",
                link="monotone-factor",
                title="monotone ψ",
            ),
        ),
        invariances=frozenset({"weights"}),
        reduces_to=(Reduction("modified-softmax", {"margin": 1}, {}),),
        of_probability=True,
        target_logit=True,
        schedule=(
            Setting(
                name="blend",
                symbol=r"\beta",
                default=1.0,
                low=0.0,
                high=1.0,
                meaning="weight of ψ against cosθ in the true logit",
                link="blend",
                title="blend of ψ",
            ),
        ),
        anneals=(Anneal("blend", 0.0, 1.0),),
        recipe=APART,
        asks="margin",
        in_title=("margin",),
    ),
)
