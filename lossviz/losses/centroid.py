"""Cross-entropy with a pull towards class centres (papers 000, 004)."""

from __future__ import annotations

from torch import Tensor

from lossviz.core.settings import Setting
from lossviz.losses._ops import cross_entropy, distance, linear_logits, of_own, without_own
from lossviz.losses.spec import Family, LossSpec, Needs, Reduction
from lossviz.losses.state import ClassState

FAMILY = Family(
    key="centroid",
    title="Centroid",
    order=5,
    question="What does a centre add to the valley?",
)


def center(
    features: Tensor,
    labels: Tensor,
    state: ClassState,
    *,
    lam: float | Tensor,
    alpha: float | Tensor,
) -> dict[str, Tensor]:
    """−log p_y + (λ/2)‖z − C_y‖² (000 Eq. 3, 004 Eq. 1).

    The papers sum over the batch; we give one number a sample and average, so λ means the same
    for every batch size. `alpha` is the rate of the averaged centre update and does not enter.
    """
    terms = {"cross-entropy": cross_entropy(linear_logits(features, state), labels)}
    if state.centers is not None:
        offset = features - state.centers.index_select(0, labels)
        terms["center"] = 0.5 * lam * (offset * offset).sum(-1)
    return terms


def pc(features: Tensor, labels: Tensor, state: ClassState, *, lam: float | Tensor) -> dict[str, Tensor]:
    """−log p_y + λ PC with plain, not squared, distances (000 Eq. 4).

    PC = ‖z − C_y‖ − (1/(K−1)) Σ_{j≠y} (‖z − C_j‖ + ‖C_y − C_j‖): not bounded below, so training
    with a large λ runs away; where two points coincide the gradient of their distance is 0.
    """
    logits = linear_logits(features, state)
    terms = {"cross-entropy": cross_entropy(logits, labels)}
    if state.centers is not None:
        centers, others = state.centers, state.weights.shape[0] - 1
        distances = distance(features, centers)
        apart = distance(centers, centers).sum(-1).index_select(0, labels)
        push = without_own(distances, labels, 0.0).sum(-2)
        terms["pull"] = lam * of_own(distances, labels)
        terms["push"] = -lam * (push + apart) / others
    return terms


_NEEDS = Needs(bias="diverse", centers=True)

LOSSES = (
    LossSpec(
        key="center",
        title="Center",
        family="centroid",
        source="000 Eq. 3; 004 Eq. 1",
        template=r"-\log p_y + \frac{<lam>}{2}\|z - C_y\|^2",
        notice="The open valley of cross-entropy becomes a bowl: its lowest point lies between the "
        "centre of the class and the direction of its weight vector.",
        composite=True,
        terms_function=center,
        logits_function=linear_logits,
        params=(
            Setting(
                name="lam",
                symbol=r"\lambda",
                default=0.1,
                low=0.0,
                high=10.0,
                meaning="weight of the pull to the centre",
                link="center-weight",
                title="pull to the centre",
                sweep=(0.0, 0.001, 0.01, 0.1, 1.0),
            ),
            Setting(
                name="alpha",
                symbol=r"\alpha",
                default=0.5,
                low=0.0,
                high=1.0,
                meaning="rate of the averaged centre update in training",
                link="center-rate",
                title="centre rate",
                role="training",
            ),
        ),
        needs=_NEEDS,
        reduces_to=(Reduction("cross-entropy", {"lam": 0.0}, {}),),
        in_title=("lam",),
    ),
    LossSpec(
        key="pc",
        title="Prototype conformity (PC)",
        family="centroid",
        source="000 Eq. 4",
        template=r"-\log p_y + <lam>\Big(\|z-C_y\| - \frac{1}{K-1}\sum_{j\neq y}"
        r"(\|z-C_j\| + \|C_y-C_j\|)\Big)",
        notice="Pulls to the own centre and pushes from the others; the two nearly cancel far out. It "
        "has no floor in the centres: they run apart for ever.",
        composite=True,
        terms_function=pc,
        logits_function=linear_logits,
        params=(
            Setting(
                name="lam",
                symbol=r"\lambda",
                default=0.01,
                low=0.0,
                high=1.0,
                meaning="weight of the prototype term",
                link="prototype-weight",
                title="prototype term",
                sweep=(0.0, 0.001, 0.01, 0.1),
            ),
        ),
        needs=_NEEDS,
        reduces_to=(Reduction("cross-entropy", {"lam": 0.0}, {}),),
        bounded_below=False,
        in_title=("lam",),
    ),
)
