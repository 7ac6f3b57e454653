"""Losses that make mistakes on an important class expensive (paper 001, Section II-B)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from lossviz.core.errors import LossError
from lossviz.core.settings import Setting
from lossviz.losses._ops import (
    as_scalar,
    costs_of,
    cross_entropy,
    fill,
    important_classes,
    linear_logits,
    log_other_probability,
    log_softmax,
    without_own,
)
from lossviz.losses._transport import potentials
from lossviz.losses.spec import Family, LossSpec, Needs, Reduction
from lossviz.losses.state import ClassState

FAMILY = Family(
    key="cost-sensitive",
    title="Cost-sensitive",
    order=2,
    question="Does making a class more expensive change the shape of its valley?",
)

IMPORTANT = Setting(
    name="important",
    symbol=r"\kappa",
    default=0,
    low=0,
    title="important class, or several",
    meaning="the important class (or several)",
    kind="classes",
)


Costs = Sequence[Sequence[float]] | Tensor | None

COSTS = Setting(
    name="costs",
    symbol="C",
    title="cost matrix",
    meaning="the cost of each confusion, a row for each true class; none: one cost for confusions with the "
    "important class, 1 for all others",
    low=0,
    high=1000,
    kind="matrix",
)


def weighted(
    features: Tensor,
    labels: Tensor,
    state: ClassState,
    *,
    important: int | Iterable[int] | Tensor,
    weight: float | Tensor,
) -> dict[str, Tensor]:
    """w_y · (−log p_y) (001 Eq. 2). The mean over a batch divides by N, not by the sum of weights."""
    logits = linear_logits(features, state)
    chosen = important_classes(important, logits.shape[-1], logits)[labels]
    factor = torch.where(chosen, as_scalar(weight, logits), 1.0)
    return {"cross-entropy": factor * cross_entropy(logits, labels)}


def real_world(
    features: Tensor,
    labels: Tensor,
    state: ClassState,
    *,
    important: int | Iterable[int] | Tensor,
    fn_cost: float | Tensor,
    fp_cost: float | Tensor,
    costs: Costs = None,
) -> dict[str, Tensor]:
    """−cᶠⁿ_y log p_y − Σ_{k≠y} Cᶠᵖ_{k,y} log(1 − p_k) (001 Eq. 3).

    costs: Cᶠᵖ_{k,y} as costs[y][k], true class first as in a confusion matrix; None: `fp_cost` in the row and
    the column of an important class, else 1.
    """
    logits = linear_logits(features, state)
    chosen = important_classes(important, logits.shape[-1], logits)
    false_positive = -confusion_cost(chosen, labels, fp_cost, costs, logits) * log_other_probability(logits)
    missed = torch.where(chosen[labels], as_scalar(fn_cost, logits), 1.0)
    return {
        "false negatives": missed * cross_entropy(logits, labels),
        "false positives": without_own(false_positive, labels, 0.0).sum(-2),
    }


def confusion_cost(
    chosen: Tensor, labels: Tensor, cost: float | Tensor, costs: Costs, like: Tensor
) -> Tensor:
    """C_{k,y} of each sample: that of the matrix, or `cost` in the row and the column of an important class,
    else 1: [N, K].

    The diagonal is left to the caller.
    """
    if costs is not None:
        return costs_of(costs, labels, like)
    return torch.where(chosen | chosen[labels].unsqueeze(-1), as_scalar(cost, like), 1.0)


def wasserstein(
    features: Tensor,
    labels: Tensor,
    state: ClassState,
    *,
    important: int | Iterable[int] | Tensor,
    cost: float | Tensor,
    entropy: float | Tensor,
    costs: Costs = None,
) -> dict[str, Tensor]:
    """min_T <T, C> − λ H(T) with H(T) = −Σ T (log T − 1) (001 Eq. 4-6).

    costs: C_{k,y} as costs[y][k], true class first as in a confusion matrix; None: `cost` in the row and the
    column of an important class, else 1. With labels [N] the only admissible plan is T = p e_yᵀ, so the value
    is closed: Σ_k p_k C_{k,y} − λ (−Σ p_k log p_k + 1). With soft labels [N, K] the plan is found by
    `transported`, `entropy` must be positive, and there is no matrix.
    """
    logits = linear_logits(features, state)
    chosen = important_classes(important, logits.shape[-1], logits)
    if labels.is_floating_point():
        if costs is not None:
            raise LossError(
                "wasserstein: soft labels take the short form of the costs; got a matrix. "
                "Leave costs out, or give whole-number labels"
            )
        return transported(logits, labels.to(logits.dtype), chosen, cost, entropy)
    log_p = log_softmax(logits)
    p = torch.exp(log_p)
    ground = without_own(confusion_cost(chosen, labels, cost, costs, logits), labels, 0.0).mT
    return {
        "transport": (p * ground).sum(-1),
        "entropy": -entropy * (1.0 - (p * log_p).sum(-1)),
    }


def transported(
    logits: Tensor, target: Tensor, chosen: Tensor, cost: float | Tensor, entropy: float | Tensor
) -> dict[str, Tensor]:
    """The two terms for target probabilities [N, K].

    The potentials f, g solve T = exp((f + g − C)/λ) for the two marginals, to rounding for every λ. At
    the optimum the value is f·p + g·t − λ and its gradient in p is f, so f and g are held fixed in the
    backward pass. Raises LossError for λ = 0, where they do not exist.
    """
    if isinstance(entropy, (int, float)) and entropy <= 0:
        raise LossError(f"wasserstein: entropy must be positive with soft labels; got {entropy}")
    log_p = log_softmax(logits)
    same = torch.eye(logits.shape[-1], dtype=torch.bool, device=logits.device)
    with torch.no_grad():
        # Differences of logarithms lose the digits of float32.
        kind = log_p.dtype if log_p.device.type == "mps" else torch.float64
        price, weight = as_scalar(cost, log_p).to(kind), as_scalar(entropy, log_p).to(kind)
        ground = fill(torch.where(chosen.unsqueeze(-1) | chosen, price, 1.0), same, 0.0)
        f, g = potentials(log_p.to(kind), target.to(kind), chosen, price, weight)
        plan = torch.exp((f.unsqueeze(-1) + g.unsqueeze(-2) - ground) / weight)
        transport = (plan * ground).sum((-1, -2)).to(log_p.dtype)
        f, g = f.to(log_p.dtype), torch.where(target > 0, g, 0.0).to(log_p.dtype)
    value = (f * torch.exp(log_p)).sum(-1) + (g * target).sum(-1) - entropy
    # The value carries the gradient; the split into terms is for the eye.
    return {"transport": transport, "entropy": value - transport}


_NEEDS = Needs(bias="diverse")

LOSSES = (
    LossSpec(
        key="weighted-ce",
        title="Weighted cross-entropy",
        aliases=("wce",),
        family="cost-sensitive",
        source="001 Eq. 2",
        template=r"-w_y \log p_y,\quad w_{<important>} = <weight>,\ \text{else } 1",
        notice="The weight multiplies every loss of the important class (compare the colour bars), so below "
        "one level the valley is narrower; for longer features the difference fades.",
        terms_function=weighted,
        logits_function=linear_logits,
        params=(
            IMPORTANT,
            Setting(
                name="weight",
                symbol="w",
                default=4.0,
                low=1.0,
                high=40.0,
                meaning="weight of the important class",
                title="class weight",
                sweep=(4, 8, 12, 16, 20, 24, 28, 32, 36, 40),
            ),
        ),
        needs=_NEEDS,
        of_probability=True,
        reduces_to=(Reduction("cross-entropy", {"weight": 1.0}, {}),),
    ),
    LossSpec(
        key="crwwce",
        title="Real-world-weight cross-entropy",
        family="cost-sensitive",
        source="001 Eq. 3",
        template=r"-c^{fn}_y \log p_y - \sum_{k\neq y} C^{fp}_{k,y} \log(1-p_k),\quad "
        r"\kappa = <important>,\ c^{fn}_\kappa = <fn_cost>,\ C^{fp}_\kappa = <fp_cost>",
        matrix_template=r"-c^{fn}_y \log p_y - \sum_{k\neq y} C^{fp}_{k,y} \log(1-p_k),\quad "
        r"\kappa = <important>,\ c^{fn}_\kappa = <fn_cost>,\ C^{fp} = <costs>",
        short_form="fp_cost",
        notice="Confident mistakes are punished twice, as a missed class and as a false alarm: the wall "
        "behind a wrong boundary is steeper than that of cross-entropy.",
        composite=True,
        terms_function=real_world,
        logits_function=linear_logits,
        params=(
            IMPORTANT,
            Setting(
                name="fn_cost",
                symbol=r"c^{fn}",
                default=4.0,
                low=1.0,
                high=40.0,
                meaning="cost of missing the important class",
                title="cost of a miss",
                sweep=(1, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40),
            ),
            Setting(
                name="fp_cost",
                symbol=r"C^{fp}",
                default=2.0,
                low=1.0,
                high=4.0,
                meaning="cost of confusions with the important class",
                title="cost of a false alarm",
                sweep=tuple(round(1 + 0.2 * i, 1) for i in range(16)),
            ),
            COSTS,
        ),
        needs=_NEEDS,
        of_probability=True,
    ),
    LossSpec(
        key="wasserstein",
        title="Wasserstein",
        family="cost-sensitive",
        source="001 Eq. 4-6",
        template=r"\min_T\ \langle T, C\rangle - \lambda H(T),\quad \kappa = <important>,\ "
        r"C_\kappa = <cost>,\ \lambda = <entropy>",
        matrix_template=r"\min_T\ \langle T, C\rangle - \lambda H(T),\quad C = <costs>,\ \lambda = <entropy>",
        short_form="cost",
        notice="Bounded: far out on the wrong side the loss is a plateau at the cost of the confusion, "
        "with almost no gradient left.",
        composite=True,
        terms_function=wasserstein,
        logits_function=linear_logits,
        params=(
            IMPORTANT,
            Setting(
                name="cost",
                symbol="C",
                default=2.0,
                low=1.0,
                high=4.0,
                meaning="cost of confusions with the important class",
                link="confusion-cost",
                title="cost of confusion",
                sweep=tuple(round(1 + 0.2 * i, 1) for i in range(16)),
            ),
            Setting(
                name="entropy",
                symbol=r"\lambda",
                default=0.1,
                low=0.0,
                high=1.0,
                meaning="weight of the plan's entropy",
                link="plan-entropy",
                title="entropy of the plan",
            ),
            COSTS,
        ),
        needs=_NEEDS,
        of_probability=True,
        soft_labels=True,
    ),
)
