"""Settings of a run that help losses to tell ten classes apart in two dimensions, each with its reason."""

from __future__ import annotations

from dataclasses import replace

from lossviz.losses.spec import Fact

SPREAD = Fact(
    "spread",
    "Each class begins in a direction of its own; at random some begin side by side, and on a circle no "
    "class can get past another.",
)
# MNIST, 8 epochs, seeds 0 and 1, test accuracy in percent, with them still | at a hundredth of the rate:
# gce 97.8 97.4 | 68.7 68.8, bce-di 97.0 96.7 | 88.0 96.2, bce-0 97.9 97.9 | 20.4 16.4,
# soft-n0 96.1 97.0 | 96.5 96.8, arcface 97.6 97.8 | 97.7 98.1.
SLOW = Fact(
    "0.01",
    "The class weights move at a hundredth of the rate: as quick as the features, those of two classes come "
    "together before their samples part.",
)
STILL = Fact(
    "0", "The class weights stay where they begin: this loss draws those of several classes together."
)
# The same two seeds, uniform accuracy, with the bias from 0 at ten times the rate | from between: bce-u 87.9
# 87.6 | 90.2 88.9, bce-di 55.8 48.8 | 84.3 82.4. bce-nu from 0, digits: 20 % accuracy.
BETWEEN = Fact(
    "between",
    "The bias begins half-way between the metric of a feature on its own class weight and that on the next: "
    "from 0 it has far to go, and samples come to look alike on the way.",
)

APART = {"weight_init": SPREAD, "weight_rate": SLOW}
FIXED = {"weight_init": SPREAD, "weight_rate": STILL}
WITH_BIAS = {**FIXED, "bias_start": BETWEEN}
# Of γcosθ, whose place between two directions is known in any number of dimensions.
WITH_BIAS_ON_COSINE = {**APART, "bias_start": replace(BETWEEN, everywhere=True)}
