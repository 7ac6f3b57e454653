"""Every loss of the library against the plain-Python oracle."""

import math

import pytest
import torch

from lossviz import losses
from tests.losses import oracle
from tests.losses.cases import CASES, KEYS, ROWS, SOFT_CASES
from tests.losses.points import ConstantAdversary, Problem, defaults, problem, settings

EVERY_LOSS = pytest.mark.parametrize("key", KEYS)
F64, F32 = torch.float64, torch.float32


def steepness(params):
    """How much a rounding error of a cosine is multiplied by."""
    return max(1.0, params.get("scale", 1.0), params.get("gamma", 1.0))


def assert_values(got, expected, rel, absolute, what):
    want = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(
        got.detach().double(), want, rtol=rel, atol=absolute, msg=lambda m: f"{what}\n{m}"
    )


# --- the catalogue ---------------------------------------------------------------


def test_the_catalogue_lists_the_keys_in_the_order_of_the_table():
    """Losses of your own may stand among them."""
    assert tuple(filter(KEYS.__contains__, losses.keys())) == KEYS


@EVERY_LOSS
def test_aliases_give_the_same_loss(key):
    spec = losses.get(key)
    assert spec.key == key
    assert set(spec.aliases) == set(ROWS[key].aliases)
    for alias in ROWS[key].aliases:
        assert losses.get(alias).key == key


@EVERY_LOSS
def test_parameters_have_the_names_defaults_and_ranges_of_the_table(key):
    row = ROWS[key]
    params = {param.name: param for param in losses.get(key).params}
    assert list(params) == list(row.params)
    for name, (default, low, high) in row.params.items():
        param = params[name]
        assert param.default == pytest.approx(default), name
        if low is not None:
            assert param.low == pytest.approx(low), name
            assert param.high == pytest.approx(high), name


@EVERY_LOSS
def test_needs_are_those_of_the_formula(key):
    needs = losses.get(key).needs
    row = ROWS[key]
    assert (needs.bias, needs.centers, needs.adversary) == (row.bias, row.centers, row.adversary)


def test_an_unknown_loss_is_refused_by_name():
    with pytest.raises((KeyError, ValueError), match="no-such-loss"):
        losses.get("no-such-loss")


# --- values ----------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.key}-{CASES.index(c)}")
def test_library_gives_the_number_worked_out_by_hand(case):
    state = losses.ClassState(
        weights=torch.tensor(case.W, dtype=F64),
        bias=bias_tensor(case),
        centers=None if case.C is None else torch.tensor(case.C, dtype=F64),
        adversary=(None if case.adversary_logits is None else ConstantAdversary(case.adversary_logits)),
    )
    value = losses.get(case.key).per_sample(
        torch.tensor([case.z], dtype=F64), torch.tensor([case.y]), state, **case.params
    )
    assert value.shape == (1,)
    assert value.item() == pytest.approx(case.expected, rel=1e-12, abs=1e-13)


def bias_tensor(case):
    """The bias of a hand case; a zero one where the loss needs one and none is given."""
    if case.b is not None:
        return torch.tensor(case.b, dtype=F64)
    if ROWS[case.key].bias == "diverse":
        return torch.zeros(len(case.W), dtype=F64)
    return torch.zeros((), dtype=F64) if ROWS[case.key].bias == "unified" else None


@EVERY_LOSS
@pytest.mark.parametrize("d", [2, 3, 7])
@pytest.mark.parametrize("K", [2, 3, 5])
def test_float64_values_are_the_oracles(key, K, d):
    spec = losses.get(key)
    case = problem(key, K, d)
    features, labels, state = case.tensors()
    for params in settings(key, K):
        got = spec.per_sample(features, labels, state, **params)
        assert got.shape == (len(case.y),)
        assert got.dtype == F64
        # Found: 3e-15 of the value, or of the scale where that is larger.
        absolute = 1e-13 * steepness(params)
        assert_values(got, case.expected(**params), 1e-12, absolute, params)


@EVERY_LOSS
@pytest.mark.parametrize("K", [2, 5])
def test_float32_values_are_the_oracles_to_float32_precision(key, K):
    spec = losses.get(key)
    case = problem(key, K, 3, seed=1).rounded()
    features, labels, state = case.tensors(F32)
    for params in settings(key, K):
        got = spec.per_sample(features, labels, state, **params)
        assert got.dtype == F32
        # A float32 cosine is off by about 1e-7, and the scale multiplies it.
        # Found: 3e-6 at worst (cce at gamma = -50), 3e-7 mostly.
        absolute = 1e-6 * steepness(params)
        assert_values(got, case.expected(**params), 1e-5, absolute, params)


@EVERY_LOSS
def test_left_out_parameters_take_their_defaults(key):
    spec = losses.get(key)
    case = problem(key, 3, 2, seed=2)
    features, labels, state = case.tensors()
    got = spec.per_sample(features, labels, state)
    assert_values(got, case.expected(**defaults(key)), 1e-10, 1e-11, key)


@EVERY_LOSS
def test_terms_sum_to_the_value(key):
    spec = losses.get(key)
    case = problem(key, 4, 3, seed=3)
    features, labels, state = case.tensors()
    for params in settings(key, 4):
        terms = spec.terms(features, labels, state, **params)
        assert all(term.shape == labels.shape for term in terms.values())
        assert_values(sum(terms.values()), case.expected(**params), 1e-10, 1e-10, params)


@pytest.mark.parametrize("balanced", [True, False])
def test_objectives_of_cot_are_primary_and_complement(balanced):
    case = problem("cot", 4, 3, seed=4)
    features, labels, state = case.tensors()
    terms = losses.get("cot").terms(features, labels, state, balanced=balanced)
    assert set(terms) == {"primary", "complement"}
    for name, term in terms.items():
        expected = [
            oracle.terms("cot", z, y, case.W, case.b, balanced=balanced)[name]
            for z, y in zip(case.z, case.y, strict=True)
        ]
        assert_values(term, expected, 1e-10, 1e-12, name)


@EVERY_LOSS
def test_prediction_logits_have_no_margin(key):
    spec = losses.get(key)
    case = problem(key, 4, 3, seed=5)
    features, _labels, state = case.tensors()
    for params in settings(key, 4):
        got = spec.logits(features, state, **params)
        expected = [oracle.prediction_logits(key, z, case.W, case.b, **params) for z in case.z]
        assert_values(got, expected, 1e-10, 1e-10, params)


@EVERY_LOSS
def test_a_thousand_classes_are_summed_right(key):
    spec = losses.get(key)
    K = 1000
    case = problem(key, K, 3, seed=6, per_class=1)
    # Two samples are enough: the first class and the last.
    case.z, case.y = [case.z[0], case.z[-1]], [0, K - 1]
    features, labels, state = case.tensors()
    params = defaults(key)
    got = spec.per_sample(features, labels, state, **params)
    assert_values(got, case.expected(**params), 1e-10, 1e-10, key)


@EVERY_LOSS
def test_an_empty_batch_gives_no_values(key):
    case = problem(key, 3, 2)
    features, labels, state = case.tensors()
    assert losses.get(key).per_sample(features[:0], labels[:0], state).shape == (0,)


# --- corners ---------------------------------------------------------------------
# Class 0 lies on an axis, so that a feature along it has a cosine of exactly +-1;
# class 1 does not, and two centres coincide.

CORNER_W = [[2.0, 0.0], [-1.2, 0.7], [0.3, -0.9]]
CORNER_C = [[1.0, 1.0], [1.0, 1.0], [-2.0, 0.5]]
CORNERS = {
    "at zero": [0.0, 0.0],
    "along the true class": [3.0, 0.0],
    "against the true class": [-3.0, 0.0],
    "far": [600.0, -800.0],
    "far along": [1000.0, 0.0],
    "far against": [-1000.0, 0.0],
    "near": [6e-7, -8e-7],
    "at the own centre": [1.0, 1.0],
    "at another centre": [-2.0, 0.5],
}


def corner_problem(key, z, y):
    case = problem(key, 3, 2, seed=7)
    centers = CORNER_C if case.C is not None else None
    return Problem(key, [z], [y], CORNER_W, case.b, centers, case.A, case.a)


def steep_settings(key):
    """Defaults, both ends, and each end with every switch thrown."""
    found = settings(key, 3)[:3]
    for params in list(found):
        thrown = {n: not v for n, v in params.items() if isinstance(v, bool)}
        if thrown:
            found.append(params | thrown)
    return found


@EVERY_LOSS
@pytest.mark.parametrize("corner", CORNERS)
def test_values_at_corners_are_the_oracles(key, corner):
    spec = losses.get(key)
    for y in range(3):
        case = corner_problem(key, CORNERS[corner], y)
        features, labels, state = case.tensors()
        for params in steep_settings(key):
            got = spec.per_sample(features, labels, state, **params)
            # On an axis the oracle's acos is exact; elsewhere angles are ordinary.
            absolute = 1e-13 * steepness(params)
            assert_values(got, case.expected(**params), 1e-12, absolute, (y, params))


@EVERY_LOSS
@pytest.mark.parametrize("dtype", [F64, F32], ids=["float64", "float32"])
def test_gradients_at_corners_are_finite(key, dtype):
    spec = losses.get(key)
    for corner, z in CORNERS.items():
        for y in range(3):
            for params in steep_settings(key):
                assert_finite(spec, corner_problem(key, z, y), params, dtype, corner)


@EVERY_LOSS
def test_oblique_parallels_are_finite_in_float32(key):
    # Rounding may push these cosines beyond 1.
    spec = losses.get(key)
    case = problem(key, 5, 7, seed=8, per_class=1)
    for factor in (1.7, -0.3, 1e-6, -1e3):
        case.z = [[factor * x for x in w] for w in case.W]
        for params in steep_settings(key):
            assert_finite(spec, case, params, F32, factor)
            assert_finite(spec, case, params, F64, factor)


@EVERY_LOSS
@pytest.mark.parametrize("factor", [1.7, -0.3])
def test_values_at_oblique_parallels_are_the_oracles(key, factor):
    # An acos near +-1 keeps half the digits: the oracle's, and so the tolerance.
    spec = losses.get(key)
    case = problem(key, 5, 7, seed=8, per_class=1)
    case.z = [[factor * x for x in w] for w in case.W]
    features, labels, state = case.tensors()
    for params in steep_settings(key):
        got = spec.per_sample(features, labels, state, **params)
        angular = "margin" in params and key not in ("cosface", "hinge")
        absolute = 5e-8 * max(8.0, steepness(params)) if angular else 1e-11
        assert_values(got, case.expected(**params), 1e-12, absolute, params)


def assert_finite(spec, case, params, dtype, what):
    """Value and gradients of everything that is trained are finite numbers."""
    features, labels, state = case.tensors(dtype)
    trained = {"features": features, "weights": state.weights}
    if state.bias is not None:
        trained["bias"] = state.bias
    if state.centers is not None:
        trained["centers"] = state.centers
    for tensor in trained.values():
        tensor.requires_grad_()
    value = spec.per_sample(features, labels, state, **params)
    assert torch.isfinite(value).all(), (what, params, value)
    gradients = torch.autograd.grad(value.sum(), trained.values(), allow_unused=True)
    for name, gradient in zip(trained, gradients, strict=True):
        if gradient is not None:
            assert torch.isfinite(gradient).all(), (what, params, name, gradient)


@pytest.mark.parametrize("key", [k for k in KEYS if "features" in ROWS[k].unmoved_by])
def test_the_zero_feature_is_at_a_right_angle_to_every_class(key):
    case = problem(key, 4, 3, seed=9, per_class=1)
    case.z = [[0.0] * 3 for _ in case.z]
    features, labels, state = case.tensors()
    for params in settings(key, 4):
        got = losses.get(key).per_sample(features, labels, state, **params)
        assert_values(got, case.expected(**params), 1e-10, 1e-10, params)


# --- beyond pi -------------------------------------------------------------------


def circle(degrees):
    return [[math.cos(math.radians(a)), math.sin(math.radians(a))] for a in degrees]


@pytest.mark.parametrize("monotone", [True, False])
@pytest.mark.parametrize("key", ["arcface", "camri", "sphereface"])
def test_margins_are_right_all_the_way_round(key, monotone):
    degrees = [a + 0.5 for a in range(0, 360, 3)]
    case = Problem(key, circle(degrees), [0] * len(degrees), circle([0, 120, 240]), None, None, None, None)
    features, labels, state = case.tensors()
    for margin in (2, 4, 7) if key == "sphereface" else (0.3, 0.8, 1.5):
        params = defaults(key) | {"margin": margin, "monotone": monotone}
        got = losses.get(key).per_sample(features, labels, state, **params)
        assert_values(got, case.expected(**params), 1e-10, 1e-11, params)


def test_printed_arcface_falls_again_behind_the_class_and_monotone_does_not():
    degrees = [100.0, 130.0, 160.0, 180.0]
    features = torch.tensor(circle(degrees), dtype=F64)
    state = losses.ClassState(weights=torch.tensor(circle([0.0, 90.0]), dtype=F64))
    labels = torch.zeros(4, dtype=torch.int64)
    # A constant other logit would be needed to see it bare: take the logit out of
    # the loss, which is log(1 + e^(other - true)).
    true = {}
    for monotone in (False, True):
        value = losses.get("arcface").per_sample(
            features, labels, state, scale=1.0, margin=1.0, monotone=monotone
        )
        other = torch.cos(torch.deg2rad(torch.tensor(degrees, dtype=F64) - 90.0))
        true[monotone] = other - torch.log(torch.expm1(value))
    assert (true[False].diff() > 0).any()
    assert (true[True].diff() < 0).all()


# --- soft labels -----------------------------------------------------------------


def importance_cost(K, important, cost):
    return [[oracle.misclassification_cost(k, j, important, cost) for j in range(K)] for k in range(K)]


def smoothed(y, K, amount):
    return [(1.0 - amount) * (k == y) + amount / K for k in range(K)]


@pytest.mark.parametrize("entropy", [0.02, 0.1, 0.3, 1.0])
@pytest.mark.parametrize("amount", [0.1, 0.9])
def test_soft_labels_are_transported_like_the_oracles(amount, entropy):
    K = 4
    case = problem("wasserstein", K, 3, seed=10, per_class=1)
    features, _, state = case.tensors()
    targets = [smoothed(y, K, amount) for y in case.y]
    params = {"important": (1, 2), "cost": 2.5, "entropy": entropy}
    got = losses.get("wasserstein").per_sample(features, torch.tensor(targets, dtype=F64), state, **params)
    expected = []
    for z, t in zip(case.z, targets, strict=True):
        o = oracle.linear(z, case.W, case.b)
        p = [math.exp(oracle.log_probability(o, k)) for k in range(K)]
        expected.append(oracle.wasserstein_soft(p, t, importance_cost(K, (1, 2), 2.5), entropy))
    assert_values(got, expected, 1e-6, 1e-6, params)


@pytest.mark.parametrize("case", SOFT_CASES)
def test_soft_labels_give_the_number_worked_out_by_hand(case):
    # A zero feature gives p = (1/2, 1/2).
    state = losses.ClassState(weights=torch.eye(2, dtype=F64), bias=torch.zeros(2, dtype=F64))
    got = losses.get("wasserstein").per_sample(
        torch.zeros(1, 2, dtype=F64),
        torch.tensor([case.t], dtype=F64),
        state,
        important=0,
        cost=case.cost,
        entropy=case.entropy,
    )
    assert got.item() == pytest.approx(case.expected, rel=1e-12)


def test_one_hot_rows_are_hard_labels():
    case = problem("wasserstein", 4, 3, seed=11)
    features, labels, state = case.tensors()
    spec = losses.get("wasserstein")
    rows = torch.nn.functional.one_hot(labels, 4).double()
    torch.testing.assert_close(
        spec.per_sample(features, rows, state, entropy=0.2),
        spec.per_sample(features, labels, state, entropy=0.2),
        rtol=1e-10,
        atol=1e-10,
    )


def test_smoothing_that_vanishes_leads_to_the_hard_label():
    case = problem("wasserstein", 4, 3, seed=12)
    features, labels, state = case.tensors()
    spec = losses.get("wasserstein")
    hard = spec.per_sample(features, labels, state, entropy=0.2)
    gaps = []
    for amount in (1e-1, 1e-2, 1e-4, 1e-6):
        rows = torch.tensor([smoothed(y, 4, amount) for y in case.y], dtype=F64)
        soft = spec.per_sample(features, rows, state, entropy=0.2)
        gaps.append((soft - hard).abs().max().item())
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-4
