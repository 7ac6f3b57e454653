"""The example sweeps of the page, small enough for two cores and a coffee."""

from __future__ import annotations

from functools import lru_cache

from lossviz.core.query import Preset
from lossviz.pages.sweep.view import FORM, SweepView

# Table III of paper 002.
GAMMAS = "1,2,3,4,5,6,7,8,12,16,24,32,48,64,80,96,112,128,144,160,176,192,208,256,512"


@lru_cache(maxsize=1)
def presets() -> dict[str, Preset[SweepView]]:
    """The example sweeps by name; the first is the form as it opens."""
    made = [
        Preset(
            "ArcFace: margin × scale",
            SweepView.initial(),
            "Ten digits in the plane have 36° between them: what becomes of accuracy beyond, and does the "
            "scale matter?",
        ),
        Preset(
            "soft-nu: γ",
            SweepView(losses=("soft-nu",), vary="gamma=log:1:256:9", vary2=""),
            "Normalised features need a scale before a softmax can be sure: how much?",
        ),
        Preset(
            "One margin, three losses",
            SweepView(losses=("arcface", "camri", "soft-d"), vary="margin=0:45deg:7", vary2=""),
            "The same angle asked of all classes, of one class, and of none.",
        ),
        Preset(
            "A long tail: cross-entropy and focal loss",
            SweepView(
                losses=("soft-d", "focal"),
                vary="imbalance_ratio=1,3,10,30,100",
                vary2="",
                more="imbalance=long-tailed",
            ),
            "Which loss keeps the classes with few images?",
        ),
        Preset(
            "Li et al. (uniform classification), Fig. 1: γ",
            SweepView(
                section="lines",
                beside="uniform_accuracy",
                losses=("soft-nu", "bce-nu"),
                vary=f"gamma={GAMMAS}",
                vary2="",
                dimension=16,
            ),
            "Accuracy, and accuracy under one threshold, at the paper's 25 values of γ; there ResNet-50 on "
            "ImageNet, here a small network on digits, with as many dimensions as the classes need.",
        ),
        Preset(
            "Nishiyama et al. (CAMRI), Fig. 3: w and μ",
            SweepView(
                section="lines",
                measure="recall_3",
                beside="test_accuracy",
                losses=("weighted-ce", "camri"),
                vary="weight=1,4,8,12,16,20,24,28,32,36,40",
                vary2="margin=0:22.5deg:9",
                seeds="10",
                more="important=3",
            ),
            "Recall of the important class, and accuracy, against the penalty: WCE on the left, CAMRI on the "
            "right, ten trials; there the cats of CIFAR-10, here the threes of the digits.",
        ),
    ]
    return {preset.name: preset for preset in made}


def preset_of(view: SweepView) -> Preset[SweepView] | None:
    """The example whose form a view has; None for one's own."""
    own = [view.get(name) for name in FORM]
    return next((p for p in presets().values() if [p.view.get(name) for name in FORM] == own), None)
