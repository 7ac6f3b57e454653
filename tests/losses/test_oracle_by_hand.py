"""The oracle gives the numbers worked out by hand, before it judges anything."""

import itertools
import math
import random

import pytest

from lossviz import losses
from tests.losses import oracle
from tests.losses.cases import CASES, KEYS, SOFT_CASES


def name(case):
    return f"{case.key}-{CASES.index(case)}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_oracle_gives_the_number_worked_out_by_hand(case):
    def adversary(z):
        return list(case.adversary_logits)

    value = oracle.reference(case.key, case.z, case.y, case.W, case.b, case.C, adversary, **case.params)
    assert value == pytest.approx(case.expected, rel=1e-13, abs=1e-14)


def test_every_loss_has_at_least_two_hand_numbers():
    for key in KEYS:
        assert sum(case.key == key for case in CASES) >= 2, key


def test_the_table_has_every_loss_once():
    lacks = sorted(set(losses.keys()) - set(KEYS))
    assert not lacks, f"tests/losses/cases.py: a Row in TABLE and two Cases are wanted for {', '.join(lacks)}"
    assert sorted(KEYS) == sorted(losses.keys())


@pytest.mark.parametrize("case", SOFT_CASES)
def test_soft_transport_gives_the_number_worked_out_by_hand(case):
    cost = [[0.0, case.cost], [case.cost, 0.0]]
    value = oracle.wasserstein_soft(case.p, case.t, cost, case.entropy)
    assert value == pytest.approx(case.expected, rel=1e-13)


def test_soft_transport_to_one_class_is_the_closed_form():
    p = [0.2, 0.5, 0.3]
    cost = [[0.0, 2.0, 2.0], [2.0, 0.0, 1.0], [2.0, 1.0, 0.0]]
    # 2 (0.2) + 0 + 1 (0.3) = 0.7, and the plan is p itself.
    entropy = -sum(x * math.log(x) for x in p)
    expected = 0.7 - 0.3 * (entropy + 1.0)
    value = oracle.wasserstein_soft(p, [0.0, 1.0, 0.0], cost, 0.3)
    assert value == pytest.approx(expected, rel=1e-13)


def test_no_plan_beats_the_soft_transport_value():
    # Two classes: all plans are one number, so try them.
    p, t, cost, lam = [0.7, 0.3], [0.4, 0.6], 1.5, 0.4

    def objective(a):
        plan = [[a, p[0] - a], [t[0] - a, p[1] - t[0] + a]]
        moved = cost * (plan[0][1] + plan[1][0])
        return moved + lam * sum(x * (math.log(x) - 1.0) for row in plan for x in row)

    grid = [0.1 + 0.3 * (i + 0.5) / 20000 for i in range(20000)]
    best = min(objective(a) for a in grid)
    value = oracle.wasserstein_soft(p, t, [[0.0, cost], [cost, 0.0]], lam)
    assert value <= best + 1e-12
    assert value == pytest.approx(best, abs=1e-7)


def test_printed_probabilities_and_stable_logarithms_agree():
    # Every log p and log(1 - p) of the oracle against the plain textbook ratio.
    generator = random.Random(1)
    for _ in range(50):
        o = [generator.uniform(-3, 3) for _ in range(4)]
        p = [math.exp(x) / sum(math.exp(v) for v in o) for x in o]
        for k in range(4):
            assert oracle.log_probability(o, k) == pytest.approx(math.log(p[k]))
            assert oracle.log_one_minus_probability(o, k) == pytest.approx(math.log(1 - p[k]))
            q = [p[j] / (1 - p[k]) for j in range(4) if j != k]
            assert oracle.complement_entropy(o, k) == pytest.approx(-sum(x * math.log(x) for x in q))


@pytest.mark.parametrize("margin", range(1, 9))
def test_psi_of_a_softmax_falls_without_a_jump(margin):
    thetas = [math.pi * i / 4000 for i in range(4001)]
    psi = [oracle.multiplicative_angular(theta, margin, True) for theta in thetas]
    falls = [a - b for a, b in itertools.pairwise(psi)]
    assert min(falls) > -1e-12
    assert max(falls) < 2 * margin * math.pi / 4000
