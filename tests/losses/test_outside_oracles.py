"""Losses that somebody else has also written, against theirs.

PyTorch (cross-entropies, multi-margin), SciPy (entropies, linear programming),
pytorch-metric-learning (margins on the sphere) and POT (optimal transport).
"""

import math

import numpy as np
import ot
import pytest
import scipy.optimize
import scipy.special
import scipy.stats
import torch
import torch.nn.functional as F
from pytorch_metric_learning import losses as pml
from pytorch_metric_learning.reducers import DoNothingReducer

from lossviz import losses
from tests.losses.points import problem

K, D = 5, 4


def given(key, seed=0, classes=K):
    """features, labels, state of a random problem in float64."""
    return problem(key, classes, D, seed=f"outside {seed}", per_class=8).tensors()


def close(got, expected, rtol=1e-10, atol=1e-11):
    torch.testing.assert_close(got, expected.to(got.dtype), rtol=rtol, atol=atol)


def linear(features, state, bias=True):
    out = features @ state.weights.T
    return out + state.bias if bias else out


def cosines(features, state):
    return F.normalize(features) @ F.normalize(state.weights).T


# --- PyTorch ---------------------------------------------------------------------


@pytest.mark.parametrize("key", ["soft-0", "soft-d", "soft-u"])
def test_linear_softmax_is_torch_cross_entropy(key):
    features, labels, state = given(key)
    logits = linear(features, state, bias=key != "soft-0")
    got = losses.get(key).per_sample(features, labels, state)
    close(got, F.cross_entropy(logits, labels, reduction="none"))


@pytest.mark.parametrize("key", ["soft-n0", "soft-nd", "soft-nu"])
def test_normalised_softmax_is_torch_cross_entropy(key):
    features, labels, state = given(key)
    logits = 30.0 * cosines(features, state)
    if key != "soft-n0":
        logits = logits - state.bias
    got = losses.get(key).per_sample(features, labels, state, gamma=30.0)
    close(got, F.cross_entropy(logits, labels, reduction="none"))


@pytest.mark.parametrize("key", ["bce-0", "bce-d", "bce-u", "bce-n0", "bce-nd", "bce-nu"])
def test_bce_is_torch_bce_summed_over_classes(key):
    features, labels, state = given(key)
    params = {}
    if "-n" in key:
        params = {"gamma": 20.0}
        logits = 20.0 * cosines(features, state)
        logits = logits if key == "bce-n0" else logits - state.bias
    else:
        logits = linear(features, state, bias=key != "bce-0")
    targets = F.one_hot(labels, K).double()
    theirs = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    close(losses.get(key).per_sample(features, labels, state, **params), theirs.sum(1))


def test_bce_di_is_torch_bce_of_metrics_less_the_own_threshold():
    features, labels, state = given("bce-di")
    logits = linear(features, state, bias=False) - state.bias[labels][:, None]
    targets = F.one_hot(labels, K).double()
    theirs = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    close(losses.get("bce-di").per_sample(features, labels, state), theirs.sum(1))


def test_weighted_ce_is_torch_weighted_cross_entropy_before_averaging():
    features, labels, state = given("weighted-ce")
    weight = torch.tensor([1.0, 7.0, 1.0, 7.0, 1.0], dtype=torch.float64)
    theirs = F.cross_entropy(linear(features, state), labels, weight=weight, reduction="none")
    got = losses.get("weighted-ce").per_sample(features, labels, state, important=(1, 3), weight=7.0)
    close(got, theirs)


def test_hinge_is_torch_multi_margin_with_another_denominator():
    # torch divides by K, ours by the K - 1 wrong classes.
    features, labels, state = given("hinge")
    theirs = F.multi_margin_loss(linear(features, state), labels, margin=1.5, reduction="none")
    got = losses.get("hinge").per_sample(features, labels, state, margin=1.5)
    close(got, theirs * K / (K - 1))


def test_center_and_pc_are_cross_entropy_and_torch_distances():
    for key in ("center", "pc"):
        features, labels, state = given(key)
        ce = F.cross_entropy(linear(features, state), labels, reduction="none")
        to_centers = torch.cdist(features, state.centers)
        own = to_centers.gather(1, labels[:, None])[:, 0]
        between = torch.cdist(state.centers, state.centers)[labels]
        if key == "center":
            theirs = ce + 0.3 / 2 * own**2
        else:
            # The own class's distance to itself is 0, the feature's is not.
            others = to_centers.sum(1) - own + between.sum(1)
            theirs = ce + 0.3 * (own - others / (K - 1))
        close(losses.get(key).per_sample(features, labels, state, lam=0.3), theirs)


# --- SciPy -----------------------------------------------------------------------


def probabilities(features, state):
    return scipy.special.softmax(linear(features, state).numpy(), axis=1)


def test_complement_losses_use_scipys_entropy_of_the_wrong_classes():
    features, labels, state = given("cot")
    p = probabilities(features, state)
    own = p[np.arange(len(p)), labels]
    wrong = np.array([np.delete(row, y) for row, y in zip(p, labels, strict=True)])
    entropy = scipy.stats.entropy(wrong, axis=1)  # normalises by itself
    expected = {
        ("cot", ()): -np.log(own) - entropy / (K - 1),
        ("cot", (("balanced", False),)): -np.log(own) - entropy,
        ("cce", (("gamma", -7.0),)): -np.log(own) - 7.0 * entropy / (K - 1),
        ("gce", (("alpha", 0.3),)): -(own**0.3) * entropy / np.log(K - 1),
    }
    for (key, params), value in expected.items():
        got = losses.get(key).per_sample(features, labels, state, **dict(params))
        close(got, torch.from_numpy(value))


def test_focal_is_the_textbook_product():
    features, labels, state = given("focal")
    own = probabilities(features, state)[np.arange(len(labels)), labels]
    expected = -((1 - own) ** 3.0) * np.log(own)
    got = losses.get("focal").per_sample(features, labels, state, gamma=3.0)
    close(got, torch.from_numpy(expected))


def test_crwwce_is_the_double_sum_of_its_equation():
    features, labels, state = given("crwwce")
    p = probabilities(features, state)
    c_fn = np.array([1.0, 1.0, 5.0, 1.0, 1.0])
    C_fp = np.ones((K, K))
    C_fp[2, :] = C_fp[:, 2] = 3.0
    np.fill_diagonal(C_fp, 0.0)
    Y = np.eye(K)[labels]
    expected = -(Y * c_fn * np.log(p)).sum(1)
    expected -= np.einsum("kl,nl,nk->n", C_fp, Y, np.log1p(-p))
    got = losses.get("crwwce").per_sample(features, labels, state, important=2, fn_cost=5.0, fp_cost=3.0)
    close(got, torch.from_numpy(expected))


def test_adversarial_term_is_a_difference_of_softmax_probabilities():
    features, labels, state = given("adversarial")
    with torch.no_grad():
        q = torch.softmax(state.adversary(features), dim=1)
        ce = F.cross_entropy(linear(features, state), labels, reduction="none")
        rows = torch.arange(len(labels))
        expected = ce + 2.0 * (q[rows, labels + K] - q[rows, labels])
        got = losses.get("adversarial").per_sample(features, labels, state, lam=2.0)
    close(got, expected)


# --- pytorch-metric-learning -----------------------------------------------------
# Weights are stored [d, K], angular margins given in degrees, and the temperature
# is one over the scale.


def theirs(loss, features, labels, state):
    loss.W.data = state.weights.detach().T.clone()
    out = loss(features, labels)["loss"]["losses"]
    return out.detach()


@pytest.mark.parametrize("degrees", [0.0, 10.0, 28.6, 85.0])
def test_monotone_arcface_is_the_one_of_pytorch_metric_learning(degrees):
    features, labels, state = given("arcface")
    loss = pml.ArcFaceLoss(K, D, margin=degrees, scale=24, reducer=DoNothingReducer())
    got = losses.get("arcface").per_sample(
        features, labels, state, scale=24.0, margin=math.radians(degrees), monotone=True
    )
    close(got, theirs(loss, features, labels, state))


def test_printed_arcface_is_theirs_up_to_pi_and_different_beyond():
    features, labels, state = given("arcface", seed=1)
    margin = math.radians(60.0)
    loss = pml.ArcFaceLoss(K, D, margin=60.0, scale=24, reducer=DoNothingReducer())
    got = losses.get("arcface").per_sample(features, labels, state, scale=24.0, margin=margin, monotone=False)
    other = theirs(loss, features, labels, state)
    own = cosines(features, state).gather(1, labels[:, None])[:, 0]
    inside = torch.acos(own) + margin <= math.pi
    assert inside.any()
    assert not inside.all()
    close(got[inside], other[inside])
    assert (got[~inside] < other[~inside]).all()


@pytest.mark.parametrize("margin", [0.0, 0.35, 1.0])
def test_cosface_is_the_one_of_pytorch_metric_learning(margin):
    features, labels, state = given("cosface")
    loss = pml.CosFaceLoss(K, D, margin=margin, scale=30, reducer=DoNothingReducer())
    got = losses.get("cosface").per_sample(features, labels, state, scale=30.0, margin=margin)
    close(got, theirs(loss, features, labels, state))


@pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")  # theirs
@pytest.mark.parametrize("margin", [1, 2, 3, 4, 7])
def test_sphereface_is_the_one_of_pytorch_metric_learning(margin):
    features, labels, state = given("sphereface")
    loss = pml.SphereFaceLoss(K, D, margin=margin, scale=1, reducer=DoNothingReducer())
    got = losses.get("sphereface").per_sample(features, labels, state, margin=margin, monotone=True)
    close(got, theirs(loss, features, labels, state))


@pytest.mark.parametrize("key", ["l2-softmax", "soft-n0"])
def test_l2_softmax_is_their_normalised_softmax(key):
    features, labels, state = given(key)
    loss = pml.NormalizedSoftmaxLoss(K, D, temperature=1 / 20, reducer=DoNothingReducer())
    name = "scale" if key == "l2-softmax" else "gamma"
    got = losses.get(key).per_sample(features, labels, state, **{name: 20.0})
    close(got, theirs(loss, features, labels, state))


# --- POT -------------------------------------------------------------------------
# Its regulariser is sum T log T; ours is sum T (log T - 1), which is 1 less at
# every plan.  The best plan is therefore the same and the value is reckoned from it.


def importance_cost(cost, important, classes=K):
    out = np.ones((classes, classes))
    out[important, :] = out[:, important] = cost
    np.fill_diagonal(out, 0.0)
    return out


def smoothed(labels, amount, classes=K):
    return (1 - amount) * np.eye(classes)[labels] + amount / classes


@pytest.mark.parametrize("entropy", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("amount", [0.1, 0.5])
def test_soft_wasserstein_is_the_value_of_pots_plan(amount, entropy):
    features, labels, state = given("wasserstein")
    p = probabilities(features, state)
    targets = smoothed(labels.numpy(), amount)
    C = importance_cost(3.0, 1)
    expected = []
    for a, b in zip(p, targets, strict=True):
        T = ot.bregman.sinkhorn_log(a, b, C, entropy, numItermax=20000, stopThr=1e-13, warn=False)
        expected.append((T * C).sum() + entropy * (T * (np.log(T) - 1)).sum())
    got = losses.get("wasserstein").per_sample(
        features, torch.from_numpy(targets), state, important=1, cost=3.0, entropy=entropy
    )
    close(got, torch.tensor(expected), rtol=1e-6, atol=1e-6)


def test_wasserstein_without_entropy_is_the_linear_programme():
    features, labels, state = given("wasserstein", seed=1)
    p = probabilities(features, state)
    C = importance_cost(2.5, 3)
    got = losses.get("wasserstein").per_sample(features, labels, state, important=3, cost=2.5, entropy=0.0)
    marginals = np.zeros((2 * K, K * K))
    for k in range(K):
        marginals[k, k * K : (k + 1) * K] = 1.0
        marginals[K + k, k::K] = 1.0
    for value, a, y in zip(got, p, labels, strict=True):
        right = np.concatenate([a, np.eye(K)[y]])
        # One marginal follows from the others; dropping it keeps rounding out.
        plan = scipy.optimize.linprog(C.ravel(), A_eq=marginals[:-1], b_eq=right[:-1])
        assert value.item() == pytest.approx(plan.fun, rel=1e-7)
        assert value.item() == pytest.approx(ot.emd2(a / a.sum(), np.eye(K)[y], C))


def test_soft_wasserstein_brackets_the_exact_transport():
    # Every plan has 1 <= H(T) <= 1 + 2 log K, so the value lies between
    # exact - lambda (1 + 2 log K) and, at the exact plan, exact - lambda.
    features, labels, state = given("wasserstein", seed=2)
    p = probabilities(features, state)
    targets = smoothed(labels.numpy(), 0.3)
    C = importance_cost(2.0, 0)
    lam = 0.05
    got = losses.get("wasserstein").per_sample(
        features, torch.from_numpy(targets), state, important=0, cost=2.0, entropy=lam
    )
    for value, a, b in zip(got, p, targets, strict=True):
        exact = ot.emd2(a, b / b.sum() * a.sum(), C)
        assert value.item() <= exact - lam + 1e-6
        assert value.item() >= exact - lam * (1 + 2 * math.log(K)) - 1e-6
