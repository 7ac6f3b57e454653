"""Softmax and binary cross-entropy with zero, diverse and unified bias (paper 002, Table I).

The linear classifier adds its bias, the normalised one subtracts it, as printed. A bias that the
state does not hold counts as zero.
"""

from __future__ import annotations

from torch import Tensor

from lossviz.core.settings import Setting
from lossviz.losses._ops import (
    binary_cross_entropy,
    cosine,
    cross_entropy,
    linear,
    linear_logits,
    of_own,
    without_own,
)
from lossviz.losses._recipes import APART, FIXED, WITH_BIAS, WITH_BIAS_ON_COSINE
from lossviz.losses.spec import Family, LossSpec, Needs, Reduction
from lossviz.losses.state import ClassState

FAMILY = Family(
    key="uniform",
    title="Uniform classification",
    order=1,
    question="Softmax or BCE, with which bias: where does one threshold for all classes come from?",
)

GAMMA = Setting(
    name="gamma",
    symbol=r"\gamma",
    default=96.0,
    low=1.0,
    high=512.0,
    meaning="scale of the cosines: the metrics lie in [−γ, γ]",
    spacing="log",
    link="gamma",
    title="scale of the cosines",
    rank=1,
    sweep=(1, 2, 4, 8, 16, 32, 64, 96, 128, 256, 512),
)


def metric_logits(features: Tensor, state: ClassState) -> Tensor:
    """W_k·z."""
    return linear(features, state.weights)


def cosine_metric_logits(features: Tensor, state: ClassState, *, gamma: float | Tensor) -> Tensor:
    """γ cosθ_k."""
    return gamma * cosine(features, state.weights)


def cosine_logits(features: Tensor, state: ClassState, *, gamma: float | Tensor) -> Tensor:
    """γ cosθ_k − b_k."""
    metrics = gamma * cosine(features, state.weights)
    return metrics if state.bias is None else metrics - state.bias


def softmax_zero(features: Tensor, labels: Tensor, state: ClassState) -> dict[str, Tensor]:
    """CE of W_k·z (002 Eq. 48)."""
    return {"cross-entropy": cross_entropy(metric_logits(features, state), labels)}


def softmax_linear(features: Tensor, labels: Tensor, state: ClassState) -> dict[str, Tensor]:
    """CE of W_k·z + b_k (002 Eq. 49, 50)."""
    return {"cross-entropy": cross_entropy(linear_logits(features, state), labels)}


def softmax_cosine_zero(
    features: Tensor, labels: Tensor, state: ClassState, *, gamma: float | Tensor
) -> dict[str, Tensor]:
    """CE of γcosθ_k (002 Eq. 51)."""
    return {"cross-entropy": cross_entropy(cosine_metric_logits(features, state, gamma=gamma), labels)}


def softmax_cosine(
    features: Tensor, labels: Tensor, state: ClassState, *, gamma: float | Tensor
) -> dict[str, Tensor]:
    """CE of γcosθ_k − b_k (002 Eq. 52, 53)."""
    return {"cross-entropy": cross_entropy(cosine_logits(features, state, gamma=gamma), labels)}


def bce_zero(features: Tensor, labels: Tensor, state: ClassState) -> dict[str, Tensor]:
    """BCE of W_k·z (002 Eq. 54)."""
    return binary_cross_entropy(metric_logits(features, state), labels)


def bce_linear(features: Tensor, labels: Tensor, state: ClassState) -> dict[str, Tensor]:
    """BCE of W_k·z + b_k (002 Eq. 55, 56)."""
    return binary_cross_entropy(linear_logits(features, state), labels)


def bce_cosine_zero(
    features: Tensor, labels: Tensor, state: ClassState, *, gamma: float | Tensor
) -> dict[str, Tensor]:
    """BCE of γcosθ_k (002 Eq. 57)."""
    return binary_cross_entropy(cosine_metric_logits(features, state, gamma=gamma), labels)


def bce_cosine(
    features: Tensor, labels: Tensor, state: ClassState, *, gamma: float | Tensor
) -> dict[str, Tensor]:
    """BCE of γcosθ_k − b_k (002 Eq. 58, 59)."""
    return binary_cross_entropy(cosine_logits(features, state, gamma=gamma), labels)


def bce_own_threshold(features: Tensor, labels: Tensor, state: ClassState) -> dict[str, Tensor]:
    """BCE in which every metric of a sample of class y is held against b_y (002 Eq. 63)."""
    metrics = metric_logits(features, state)
    if state.bias is not None:
        threshold = (metrics.new_zeros(metrics.shape[-1]) + state.bias).index_select(0, labels)
        metrics = metrics - threshold.unsqueeze(-1)
    return binary_cross_entropy(metrics, labels)


def naive(features: Tensor, labels: Tensor, state: ClassState) -> dict[str, Tensor]:
    """−W_y·z + the mean of the other metrics (002 Eq. 27)."""
    metrics = metric_logits(features, state)
    others = without_own(metrics, labels, 0.0).sum(-2)
    return {"positive": -of_own(metrics, labels), "negatives": others / (metrics.shape[-1] - 1)}


def _ce(logits: str) -> str:
    """The cross-entropy in LaTeX, given the logit of class k with k written as #."""
    own, other = logits.replace("#", "y"), logits.replace("#", "k")
    return rf"-\log\frac{{\exp({own})}}{{\sum_k \exp({other})}}"


def _bce(own: str, other: str) -> str:
    return rf"\log(1+e^{{{own}}}) + \sum_{{j\neq y}} \log(1+e^{{{other}}})"


_BOTH = frozenset({"features", "weights"})

LOSSES = (
    LossSpec(
        key="soft-0",
        title="Softmax, no bias",
        family="uniform",
        source="002 Eq. 48",
        template=_ce(r"W_#^\top z"),
        notice="Only differences of metrics count: the valley runs along the own weight vector, and "
        "every point is held against its own threshold.",
        terms_function=softmax_zero,
        logits_function=metric_logits,
        of_probability=True,
        target_logit=True,
    ),
    LossSpec(
        key="soft-d",
        title="Cross-entropy",
        aliases=("cross-entropy", "ce", "softmax"),
        family="uniform",
        source="002 Eq. 49; 001 Eq. 1",
        template=_ce(r"W_#^\top z + b_#"),
        notice="The valley opens in the whole direction of the own weight vector and keeps falling "
        "outwards: a longer feature is always cheaper. A bias moves the boundaries; far out the "
        "valley is as wide as without.",
        terms_function=softmax_linear,
        logits_function=linear_logits,
        needs=Needs(bias="diverse"),
        of_probability=True,
        target_logit=True,
    ),
    LossSpec(
        key="soft-u",
        title="Softmax, unified bias",
        family="uniform",
        source="002 Eq. 50",
        template=_ce(r"W_#^\top z + b"),
        notice="Move b: nothing happens. A bias common to all classes cancels in the softmax, so it "
        "cannot learn a threshold.",
        terms_function=softmax_linear,
        logits_function=linear_logits,
        needs=Needs(bias="unified"),
        reduces_to=(Reduction("soft-0", {}, {}),),
        of_probability=True,
        target_logit=True,
    ),
    LossSpec(
        key="soft-n0",
        title="Normalised softmax, no bias",
        family="uniform",
        source="002 Eq. 51",
        template=_ce(r"<gamma>\cos\theta_#"),
        notice="Only the angle is left: rays of equal loss. With a large γ the plane is nearly flat "
        "inside the own sector and steep outside.",
        terms_function=softmax_cosine_zero,
        logits_function=cosine_metric_logits,
        params=(GAMMA,),
        invariances=_BOTH,
        of_probability=True,
        target_logit=True,
        recipe=APART,
        asks="probability",
        in_title=("gamma",),
    ),
    LossSpec(
        key="soft-nd",
        title="Normalised softmax, diverse bias",
        family="uniform",
        source="002 Eq. 52",
        template=_ce(r"<gamma>\cos\theta_# - b_#"),
        notice="The bias is subtracted and turns the boundaries about the origin; against a large γ it "
        "weighs little.",
        terms_function=softmax_cosine,
        logits_function=cosine_logits,
        params=(GAMMA,),
        needs=Needs(bias="diverse", subtracted=True),
        invariances=_BOTH,
        of_probability=True,
        target_logit=True,
        recipe=APART,
        asks="probability",
        in_title=("gamma",),
    ),
    LossSpec(
        key="soft-nu",
        title="Normalised softmax, unified bias",
        family="uniform",
        source="002 Eq. 53",
        template=_ce(r"<gamma>\cos\theta_# - b"),
        notice="As without normalisation, a common bias cancels: the picture is that of soft-n0 for every b.",
        terms_function=softmax_cosine,
        logits_function=cosine_logits,
        params=(GAMMA,),
        needs=Needs(bias="unified", subtracted=True),
        invariances=_BOTH,
        reduces_to=(Reduction("soft-n0", {}, {}),),
        of_probability=True,
        target_logit=True,
        recipe=APART,
        asks="probability",
        in_title=("gamma",),
    ),
    LossSpec(
        key="bce-0",
        title="BCE, no bias",
        family="uniform",
        source="002 Eq. 54",
        template=_bce(r"-W_y^\top z", r"W_j^\top z"),
        notice="Each class asks its own yes-or-no question with threshold 0: the valley lies where the "
        "own metric is positive and all others are negative at once.",
        composite=True,
        terms_function=bce_zero,
        logits_function=metric_logits,
        recipe=FIXED,
    ),
    LossSpec(
        key="bce-d",
        title="BCE, diverse bias",
        family="uniform",
        source="002 Eq. 55",
        template=_bce(r"-W_y^\top z - b_y", r"W_j^\top z + b_j"),
        notice="Every class has its own threshold −b_k on its metric; each moves one wall of the valley.",
        composite=True,
        terms_function=bce_linear,
        logits_function=linear_logits,
        needs=Needs(bias="diverse"),
        recipe=WITH_BIAS,
        learns_threshold=True,
    ),
    LossSpec(
        key="bce-u",
        title="BCE, unified bias",
        family="uniform",
        source="002 Eq. 56",
        template=_bce(r"-W_y^\top z - b", r"W_j^\top z + b"),
        notice="Move b: unlike softmax, the landscape follows. One threshold −b for all classes is part "
        "of the loss and can be learned.",
        composite=True,
        terms_function=bce_linear,
        logits_function=linear_logits,
        needs=Needs(bias="unified"),
        recipe=WITH_BIAS,
        learns_threshold=True,
    ),
    LossSpec(
        key="bce-n0",
        title="Normalised BCE, no bias",
        family="uniform",
        source="002 Eq. 57",
        template=_bce(r"-<gamma>\cos\theta_y", r"<gamma>\cos\theta_j"),
        notice="The thresholds sit at 90°: a feature must be within a right angle of its own weight "
        "vector and beyond it from all others.",
        composite=True,
        terms_function=bce_cosine_zero,
        logits_function=cosine_metric_logits,
        params=(GAMMA,),
        invariances=_BOTH,
        recipe=FIXED,
        caution="Its thresholds stay at 90°, and at most three directions of a circle lie further apart: in "
        "2-D ten classes share the borders between them (78 to 88 % of MNIST after 8 epochs, five seeds; "
        "bce-nu 96 %). Choose bce-nu, which learns its threshold, or embed in 9 dimensions.",
        corollary=True,
        in_title=("gamma",),
    ),
    LossSpec(
        key="bce-nd",
        title="Normalised BCE, diverse bias",
        family="uniform",
        source="002 Eq. 58",
        template=_bce(r"-<gamma>\cos\theta_y + b_y", r"<gamma>\cos\theta_j - b_j"),
        notice="Each class accepts a cone around its weight vector; its b_k sets how wide the cone is: "
        "cosθ = b_k/γ.",
        composite=True,
        terms_function=bce_cosine,
        logits_function=cosine_logits,
        params=(GAMMA,),
        needs=Needs(bias="diverse", subtracted=True),
        invariances=_BOTH,
        recipe=WITH_BIAS_ON_COSINE,
        asks="threshold",
        corollary=True,
        learns_threshold=True,
        in_title=("gamma",),
    ),
    LossSpec(
        key="bce-nu",
        title="Normalised BCE, unified bias",
        aliases=("uce", "uniface"),
        family="uniform",
        source="002 Eq. 59",
        template=_bce(r"-<gamma>\cos\theta_y + b", r"<gamma>\cos\theta_j - b"),
        notice="One width of cone for all classes, cosθ = b/γ: the loss built for uniform classification. "
        "Raise b and the accepted sector narrows.",
        composite=True,
        terms_function=bce_cosine,
        logits_function=cosine_logits,
        params=(GAMMA,),
        needs=Needs(bias="unified", subtracted=True),
        invariances=_BOTH,
        recipe=WITH_BIAS_ON_COSINE,
        asks="threshold",
        corollary=True,
        learns_threshold=True,
        in_title=("gamma",),
    ),
    LossSpec(
        key="bce-di",
        title="BCE, the own class's threshold",
        family="uniform",
        source="002 Eq. 63",
        template=_bce(r"b_y - W_y^\top z", r"W_j^\top z - b_y"),
        notice="All metrics of a sample are held against the threshold of its own class: change the "
        "label and another b takes over.",
        composite=True,
        terms_function=bce_own_threshold,
        logits_function=metric_logits,
        needs=Needs(bias="diverse", subtracted=True),
        recipe=WITH_BIAS,
        learns_threshold=True,
    ),
    LossSpec(
        key="naive",
        title="Naive metric loss",
        family="uniform",
        source="002 Eq. 27",
        template=r"-W_y^\top z + \frac{1}{K-1}\sum_{j\neq y} W_j^\top z",
        notice="A tilted plane without floor: it never stops pulling. Softmax and BCE are bounds that "
        "bend it into a valley.",
        composite=True,
        terms_function=naive,
        logits_function=metric_logits,
        recipe=FIXED,
        caution="It pulls samples that are right as hard as those that are wrong and has no reason to stop: "
        "in 2-D ten classes part under one seed and not under the next (71 to 96 % of MNIST after 8 epochs, "
        "five seeds). Choose a softmax or a BCE loss, which bend it into a valley.",
        bounded_below=False,
    ),
)
