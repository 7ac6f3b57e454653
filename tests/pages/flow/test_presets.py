"""The sentences of the named flows, "what to notice", against the flow itself at the step they name."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch

from lossviz.fields.flow import FAR, FlowState, Measures, flow, measure
from lossviz.pages.flow.view import FlowView, presets

# name: the steps that the sentence names, and what is then true
Fact = Callable[[Measures, FlowState], bool]


def gaps(told: Measures) -> tuple[float, float]:
    return math.degrees(told.smallest), math.degrees(told.largest)


FACTS: dict[str, dict[int, Fact]] = {
    "Collapse onto weights (cross-entropy)": {
        300: lambda told, state: (
            told.within < 1e-3
            and told.accuracy == 1
            and 0.45 < told.uniform < 0.55
            and gaps(told)[1] - gaps(told)[0] > 30
        ),
    },
    "An even ring (L2-softmax)": {
        600: lambda told, state: 35.5 < gaps(told)[0] <= gaps(told)[1] < 36.5 and told.within > 0.01,
    },
    "Points at centres (center)": {
        100: lambda told, state: told.within < 1e-3 and 0.55 < told.accuracy < 0.65,
        300: lambda told, state: told.accuracy == 1,
    },
    "A margin, annealed (ArcFace)": {
        600: lambda told, state: 33 < gaps(told)[0] <= gaps(told)[1] < 39 and 0.985 <= told.accuracy < 0.995,
    },
    "A margin at once: stuck classes (ArcFace)": {300: lambda told, state: 0.64 < told.accuracy < 0.69},
    "Merged classes: a margin that cannot fit (ArcFace)": {
        600: lambda told, state: not told.merged and 0.95 <= told.accuracy < 0.97,
        1000: lambda told, state: 1 <= len(told.merged) <= 3,
        1500: lambda told, state: 1 <= len(told.merged) <= 3,
    },
    "Divergence (prototype conformity)": {
        1: lambda told, state: told.loss < 0 and state.farthest < 20,
        363: lambda told, state: told.loss < -1000 and state.ran_away and state.farthest > FAR,
    },
    "A wider gap for one class (CAMRI)": {
        500: lambda told, state: 36 < gaps(told)[0] < 38 and 54 < gaps(told)[1] < 56,
    },
    "Minority collapse (cross-entropy, imbalance 100)": {
        600: lambda told, state: (
            told.merged == ((4, 5),)
            and bool(state.head.weights[4:].norm(dim=1).max() < 0.35 * state.head.weights[0].norm())
        ),
    },
    "Ten classes on a sphere (L2-softmax, 3-D)": {600: lambda told, state: 49 <= gaps(told)[0] < 53},
}

# name: from which of these steps on a fact holds at every tenth, and what
ALONG: dict[str, tuple[int, Fact]] = {
    "Merged classes: a margin that cannot fit (ArcFace)": (
        1000,
        lambda told, state: (
            1 <= len(told.merged) <= 3 and 0.64 <= told.accuracy < 0.865 and fastest(state) > 1
        ),
    ),
}


def fastest(state: FlowState) -> float:
    """Degrees by which the feature that turns fastest would turn in a step."""
    way, rate = (
        state.ways["features"],
        presets()["Merged classes: a margin that cannot fit (ArcFace)"].view.rate,
    )
    before = state.features + rate * way.share[:, None] * way.downhill
    cosines = torch.nn.functional.cosine_similarity(before, state.features, dim=1)
    return math.degrees(float(torch.acos(cosines.clamp(-1, 1)).max()))


def test_every_named_flow_has_its_facts() -> None:
    assert set(FACTS) == set(presets())
    for name, facts in FACTS.items():
        for step in facts:
            assert f"{step:,}" in presets()[name].notice or step == 1, name


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (max(facts) > 500)) for name, facts in FACTS.items()],
)
def test_what_a_named_flow_shows_is_so_at_the_step_it_says(name: str) -> None:
    view: FlowView = presets()[name].view
    facts = FACTS[name]
    begin, fact = ALONG.get(name, (math.inf, None))
    seen: list[float] = []
    for state in flow(view):
        if state.step >= begin and state.step % 10 == 0:
            told = measure(view, state)
            seen.append(told.accuracy)
            assert fact is not None
            assert fact(told, state), (state.step, told)
        if state.step in facts:
            told = measure(view, state)
            assert facts[state.step](told, state), (state.step, told)
        if state.step == max(facts):
            # what goes up and down does so
            assert not seen or max(seen) - min(seen) > 0.1
            return
    pytest.fail(f"the flow ended before step {max(facts)}")
