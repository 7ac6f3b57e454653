"""What must hold of the losses whatever their formulas: equalities between them,
symmetries, bounds, derivatives, and the transformations of torch."""

import math

import pytest
import torch
from torch.func import functional_call, vmap
from torch.func import grad as functional_grad
from torch.fx.experimental.proxy_tensor import make_fx

from lossviz import losses
from tests.losses import oracle
from tests.losses.cases import KEYS, ROWS
from tests.losses.points import numeric, problem, settings

EVERY_LOSS = pytest.mark.parametrize("key", KEYS)
EVERY_K = pytest.mark.parametrize("K", [2, 3, 6])
F64 = torch.float64
D = 3


def value(key, given, **params):
    features, labels, state = given
    return losses.get(key).per_sample(features, labels, state, **params)


def everything(K, seed=0):
    """features, labels, and a state with diverse bias, centres and an adversary."""
    case = problem("adversarial", K, D, seed=f"identity {seed}", per_class=4)
    features, labels, state = case.tensors()
    _, _, other = problem("center", K, D, seed=f"identity {seed}").tensors()
    return features, labels, with_state(state, centers=other.centers)


def with_state(state, **changes):
    """The class state with some of its tensors replaced."""
    kept = {
        "weights": state.weights,
        "bias": state.bias,
        "centers": state.centers,
        "adversary": state.adversary,
    }
    return losses.ClassState(**(kept | changes))


def same(a, b, rtol=1e-11, atol=1e-11):
    torch.testing.assert_close(a, b, rtol=rtol, atol=atol)


# --- equalities between losses ---------------------------------------------------


@EVERY_K
def test_zero_margin_arcface_and_cosface_are_l2_softmax_and_soft_n0(K):
    given = everything(K)
    for scale in (1.0, 16.0, 64.0):
        l2 = value("l2-softmax", given, scale=scale)
        same(value("soft-n0", given, gamma=scale), l2)
        same(value("cosface", given, scale=scale, margin=0.0), l2)
        for monotone in (True, False):
            zero = {"scale": scale, "margin": 0.0, "monotone": monotone}
            same(value("arcface", given, **zero), l2)
            same(value("camri", given, important=1, **zero), l2)


@EVERY_K
def test_camri_with_every_class_important_is_arcface(K):
    given = everything(K)
    for monotone in (True, False):
        margin = {"scale": 20.0, "margin": 0.9, "monotone": monotone}
        same(value("camri", given, important=tuple(range(K)), **margin), value("arcface", given, **margin))


@EVERY_K
def test_camri_is_arcface_on_the_important_class_and_l2_softmax_elsewhere(K):
    given = everything(K)
    margin = {"scale": 20.0, "margin": 0.9, "monotone": False}
    got = value("camri", given, important=1, **margin)
    important = given[1] == 1
    same(got[important], value("arcface", given, **margin)[important])
    same(got[~important], value("l2-softmax", given, scale=20.0)[~important])


@EVERY_K
def test_sphereface_with_margin_one_is_modified_softmax(K):
    given = everything(K)
    for monotone in (True, False):
        same(value("sphereface", given, margin=1, monotone=monotone), value("modified-softmax", given))


@EVERY_K
@pytest.mark.parametrize(
    ("key", "params"),
    [
        ("focal", {"gamma": 0.0}),
        ("cce", {"gamma": 0.0}),
        ("weighted-ce", {"weight": 1.0}),
        ("center", {"lam": 0.0}),
        ("pc", {"lam": 0.0}),
        ("adversarial", {"lam": 0.0}),
    ],
)
def test_losses_without_their_extra_are_cross_entropy(K, key, params):
    given = everything(K)
    same(value(key, given, **params), value("cross-entropy", given))


@EVERY_K
@pytest.mark.parametrize("b", [-40.0, -1.3, 0.0, 2.0, 300.0])
def test_a_unified_bias_changes_no_softmax(K, b):
    features, labels, state = everything(K)
    given = features, labels, with_state(state, bias=torch.tensor(b, dtype=F64))
    same(value("soft-u", given), value("soft-0", given))
    same(value("soft-nu", given, gamma=50.0), value("soft-n0", given, gamma=50.0))


@EVERY_K
def test_bce_with_no_bias_at_all_is_bce_with_bias_zero(K):
    features, labels, state = everything(K)
    bare = value("bce-0", (features, labels, state))
    zeros = features, labels, with_state(state, bias=torch.zeros(K, dtype=F64))
    zero = features, labels, with_state(state, bias=torch.zeros((), dtype=F64))
    same(value("bce-u", zero), bare)
    same(value("bce-d", zeros), bare)
    same(value("bce-di", zeros), bare)
    normalised = value("bce-n0", zero, gamma=30.0)
    same(value("bce-nu", zero, gamma=30.0), normalised)
    same(value("bce-nd", zeros, gamma=30.0), normalised)


@EVERY_K
def test_equal_biases_are_one_bias(K):
    features, labels, state = everything(K)
    one = features, labels, with_state(state, bias=torch.tensor(0.7, dtype=F64))
    equal = features, labels, with_state(state, bias=torch.full((K,), 0.7, dtype=F64))
    same(value("soft-d", equal), value("soft-u", one))
    same(value("bce-d", equal), value("bce-u", one))
    same(value("bce-nd", equal, gamma=9.0), value("bce-nu", one, gamma=9.0))
    # A threshold is minus the bias of a linear classifier.
    minus = features, labels, with_state(state, bias=torch.full((K,), -0.7, dtype=F64))
    same(value("bce-di", minus), value("bce-u", one))


@EVERY_K
def test_wasserstein_with_unit_costs_and_no_entropy_is_one_minus_p(K):
    given = everything(K)
    p = torch.exp(-value("cross-entropy", given))
    same(value("wasserstein", given, cost=1.0, entropy=0.0), 1.0 - p)


@EVERY_K
def test_unit_costs_forget_which_class_is_important(K):
    given = everything(K)
    for key, params in (
        ("crwwce", {"fn_cost": 1.0, "fp_cost": 1.0}),
        ("wasserstein", {"cost": 1.0, "entropy": 0.3}),
        ("weighted-ce", {"weight": 1.0}),
    ):
        one = value(key, given, important=0, **params)
        same(value(key, given, important=1, **params), one)
        same(value(key, given, important=(0, 1), **params), one)


@EVERY_K
def test_cce_at_minus_one_is_cot_and_adds_a_multiple_of_its_complement(K):
    given = everything(K)
    features, labels, state = given
    same(value("cce", given, gamma=-1.0), value("cot", given, balanced=True))
    terms = losses.get("cot").terms(features, labels, state, balanced=True)
    for gamma in (-50.0, -3.0):
        same(value("cce", given, gamma=gamma), terms["primary"] - gamma * terms["complement"])


def test_with_two_classes_there_is_no_complement_to_level():
    given = everything(2)
    zero = torch.zeros(len(given[1]), dtype=F64)
    for alpha in (0.0, 0.2, 1.0):
        same(value("gce", given, alpha=alpha), zero)
    for balanced in (True, False):
        same(value("cot", given, balanced=balanced), value("cross-entropy", given))
    same(value("cce", given, gamma=-50.0), value("cross-entropy", given))


def test_with_two_classes_weighted_parts_are_all_cross_entropy():
    # K = 2: log(1 - p_other) is log p_y.
    given = everything(2)
    ce = value("cross-entropy", given)
    got = value("crwwce", given, important=0, fn_cost=4.0, fp_cost=2.0)
    same(got, ce * torch.where(given[1] == 0, 4.0 + 2.0, 1.0 + 2.0))


# --- symmetries ------------------------------------------------------------------


class Turned(torch.nn.Module):
    """An adversary for features that were turned by R: turns them back first."""

    def __init__(self, adversary, R):
        super().__init__()
        self.adversary, self.R = adversary, R

    def forward(self, features):
        return self.adversary(features @ self.R)


class Relabelled(torch.nn.Module):
    """An adversary whose anchor and non-anchor classes were both permuted."""

    def __init__(self, adversary, order):
        super().__init__()
        self.adversary = adversary
        self.order = torch.cat([order, order + len(order)])

    def forward(self, features):
        return self.adversary(features)[:, self.order]


@EVERY_LOSS
def test_turning_features_weights_and_centres_together_changes_nothing(key):
    features, labels, state = problem(key, 4, D, seed="turn", per_class=4).tensors()
    generator = torch.Generator().manual_seed(3)
    R, _ = torch.linalg.qr(torch.randn(D, D, dtype=F64, generator=generator))
    turned = with_state(
        state,
        weights=state.weights @ R.T,
        centers=None if state.centers is None else state.centers @ R.T,
        adversary=None if state.adversary is None else Turned(state.adversary, R),
    )
    for params in settings(key, 4):
        same(
            value(key, (features @ R.T, labels, turned), **params),
            value(key, (features, labels, state), **params),
            atol=1e-9,
        )


@pytest.mark.parametrize("key", ["crwwce", "wasserstein"])
def test_the_short_form_is_the_matrix_that_it_stands_for(key):
    K, spec = 5, losses.get(key)
    inputs = problem(key, K, D, seed="short", per_class=3).tensors()
    for params in settings(key, K):
        if params["costs"] is None:
            full = spec.full_matrix(params, K)
            cost = params["cost" if key == "wasserstein" else "fp_cost"]
            assert [list(row) for row in full] == oracle.costs_between(K, params["important"], cost, None)
            assert torch.equal(value(key, inputs, **params), value(key, inputs, **{**params, "costs": full}))


def test_a_matrix_has_no_part_in_soft_labels():
    features, labels, state = problem("wasserstein", 3, D).tensors()
    soft = torch.nn.functional.one_hot(labels, 3).to(F64)
    with pytest.raises(losses.LossError, match="soft labels take the short form"):
        losses.get("wasserstein").per_sample(features, soft, state, costs=1 - torch.eye(3))


@EVERY_LOSS
def test_renaming_the_classes_changes_nothing(key):
    K = 5
    features, labels, state = problem(key, K, D, seed="rename", per_class=3).tensors()
    # New class k is old class order[k]; old class c is new class place[c].
    order = torch.tensor([3, 0, 4, 2, 1])
    place = torch.argsort(order)
    diverse = state.bias is not None and state.bias.ndim == 1
    renamed = with_state(
        state,
        weights=state.weights[order],
        bias=state.bias[order] if diverse else state.bias,
        centers=None if state.centers is None else state.centers[order],
        adversary=None if state.adversary is None else Relabelled(state.adversary, order),
    )
    for params in settings(key, K):
        changed = dict(params)
        if "important" in params:
            old = params["important"]
            single = isinstance(old, int)
            new = [int(place[c]) for c in ((old,) if single else old)]
            changed["important"] = new[0] if single else tuple(new)
        if params.get("costs") is not None:
            changed["costs"] = torch.tensor(params["costs"], dtype=F64)[order][:, order]
        same(
            value(key, (features, place[labels], renamed), **changed),
            value(key, (features, labels, state), **params),
        )


def stretched(key, what, seed):
    """A problem and the same one with features or weights longer or shorter."""
    features, labels, state = problem(key, 4, D, seed=seed, per_class=4).tensors()
    generator = torch.Generator().manual_seed(5)
    rows = len(features) if what == "features" else 4
    factors = torch.exp(torch.randn(rows, 1, dtype=F64, generator=generator))
    if what == "features":
        return (features, labels, state), (factors * features, labels, state)
    longer = with_state(state, weights=factors * state.weights)
    return (features, labels, state), (features, labels, longer)


@EVERY_LOSS
@pytest.mark.parametrize("what", ["features", "weights"])
def test_lengths_matter_exactly_where_no_invariance_is_declared(key, what):
    spec = losses.get(key)
    assert set(spec.invariances) == set(ROWS[key].unmoved_by)
    before, after = stretched(key, what, "stretch")
    for params in settings(key, 4):
        a, b = value(key, before, **params), value(key, after, **params)
        if what in spec.invariances:
            same(a, b, atol=1e-9)
        else:
            assert (a - b).abs().max() > 1e-3, params


@EVERY_LOSS
def test_a_sample_does_not_feel_its_neighbours(key):
    features, labels, state = problem(key, 4, D, seed="alone").tensors()
    together = value(key, (features, labels, state))
    backwards = value(key, (features.flip(0), labels.flip(0), state)).flip(0)
    alone = torch.cat([value(key, (z[None], y[None], state)) for z, y in zip(features, labels, strict=True)])
    same(together, backwards, rtol=1e-12)
    same(together, alone, rtol=1e-12)


@EVERY_LOSS
def test_asking_twice_gives_the_same_and_leaves_the_inputs_alone(key):
    features, labels, state = problem(key, 4, D, seed="twice").tensors()
    inputs = [features, labels, state.weights, state.bias, state.centers]
    before = [x.clone() for x in inputs if x is not None]
    first = value(key, (features, labels, state))
    assert torch.equal(first, value(key, (features, labels, state)))
    for x, y in zip(before, (x for x in inputs if x is not None), strict=True):
        assert torch.equal(x, y)


# --- bounds ----------------------------------------------------------------------


def extreme(K, spread):
    """Many samples, from timid to certain."""
    case = problem("focal", K, D, seed=f"bounds {spread}", per_class=60, spread=spread)
    return case.tensors()


@EVERY_K
@pytest.mark.parametrize("spread", [0.01, 1.0, 10.0, 1000.0])
def test_bounds_hold_from_timid_to_certain(K, spread):
    given = extreme(K, spread)
    features, labels, state = given
    ce = value("cross-entropy", given)
    slack = 1e-12 * (1.0 + ce)
    assert (ce >= 0).all()
    for alpha in (0.0, 0.2, 1.0):
        gce = value("gce", given, alpha=alpha)
        assert (gce <= 0).all()
        assert (gce >= -1 - 1e-12).all()
    terms = losses.get("cot").terms(features, labels, state, balanced=False)
    entropy = -terms["complement"]
    assert (entropy >= 0).all()
    assert (entropy <= math.log(K - 1) + 1e-12).all()
    previous = ce
    for gamma in (0.5, 2.0, 10.0):
        focal = value("focal", given, gamma=gamma)
        assert (focal >= 0).all()
        assert (focal <= previous + slack).all()
        previous = focal
    p = torch.exp(-ce)
    moved = value("wasserstein", given, cost=2.0, entropy=0.0)
    assert (moved >= 1 - p - 1e-12).all()
    assert (moved <= 2 * (1 - p) + 1e-12).all()
    assert (value("weighted-ce", given, weight=4.0) <= 4 * ce + slack).all()
    assert (value("crwwce", given) >= ce - slack).all()
    assert (value("hinge", given) >= 0).all()


@EVERY_K
def test_margins_only_ever_add_to_the_loss(K):
    # Up to pi: beyond, the printed ArcFace turns back, which is why `monotone` is.
    given = everything(K)
    l2 = value("l2-softmax", given, scale=16.0)
    slack = 1e-12 * (1 + l2)
    for margin in (0.1, 0.8, 1.5):
        arc = value("arcface", given, scale=16.0, margin=margin, monotone=True)
        cos = value("cosface", given, scale=16.0, margin=min(margin, 1.0))
        camri = value("camri", given, scale=16.0, margin=margin, monotone=True)
        assert (arc >= l2 - slack).all()
        assert (cos >= l2 - slack).all()
        assert (camri >= l2 - slack).all()
        assert (camri <= arc + slack).all()
    modified = value("modified-softmax", given)
    for margin in (2, 4, 8):
        sphere = value("sphereface", given, margin=margin, monotone=True)
        assert (sphere >= modified - 1e-12 * (1 + modified)).all()


@EVERY_K
def test_the_adversary_adds_at_most_lambda(K):
    given = everything(K)
    gap = value("adversarial", given, lam=3.0) - value("cross-entropy", given)
    assert (gap.abs() <= 3.0).all()
    assert (gap.abs() > 0).all()


# --- derivatives -----------------------------------------------------------------


def trained(key, state):
    """The tensors of a class state that are trained, by name."""
    named = {"weights": state.weights, "bias": state.bias, "centers": state.centers}
    return {name: tensor for name, tensor in named.items() if tensor is not None}


def checkable(key, K=3):
    """Defaults, and a random setting with every switch thrown."""
    found = settings(key, K)
    return [found[0]] + [s for s in found[3:5] if s != found[0]]


@EVERY_LOSS
def test_gradients_are_the_finite_differences(key):
    features, labels, state = problem(key, 3, 2, seed="gradient", per_class=1, spread=1.0).tensors()
    tensors = trained(key, state)
    inputs = [x.clone().requires_grad_() for x in (features, *tensors.values())]
    for params in checkable(key):

        def per_sample(z, *rest, params=params):
            changed = with_state(state, **dict(zip(tensors, rest, strict=True)))
            return value(key, (z, labels, changed), **params)

        # A steep cosine (gamma up to 512) has large third derivatives.
        assert torch.autograd.gradcheck(per_sample, inputs, eps=1e-7, atol=1e-4, rtol=1e-4)


def test_gradients_of_soft_transport_are_the_finite_differences():
    features, labels, state = problem("wasserstein", 3, 2, seed="soft").tensors()
    targets = 0.8 * torch.nn.functional.one_hot(labels, 3).double() + 0.2 / 3

    def per_sample(z, W, b):
        changed = with_state(state, weights=W, bias=b)
        return value("wasserstein", (z, targets, changed), entropy=0.3)

    inputs = [x.clone().requires_grad_() for x in (features, state.weights, state.bias)]
    assert torch.autograd.gradcheck(per_sample, inputs, eps=1e-6, atol=1e-5, rtol=1e-4)


@EVERY_LOSS
def test_functional_gradients_are_those_of_autograd(key):
    features, labels, state = problem(key, 3, D, seed="functional").tensors()

    def one(z, y):
        return value(key, (z[None], y[None], state))[0]

    leaf = features.clone().requires_grad_()
    expected = torch.autograd.grad(value(key, (leaf, labels, state)).sum(), leaf)[0]
    for z, y, gradient in zip(features, labels, expected, strict=True):
        same(functional_grad(one)(z, y), gradient)
    same(vmap(functional_grad(one))(features, labels), expected)


# --- number types ----------------------------------------------------------------


@EVERY_LOSS
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_number_types_are_kept(key, dtype):
    spec = losses.get(key)
    features, labels, state = problem(key, 3, D, seed="types").tensors(dtype)
    for params in settings(key, 3):
        assert spec.per_sample(features, labels, state, **params).dtype == dtype
        assert spec.logits(features, state, **params).dtype == dtype
        for term in spec.terms(features, labels, state, **params).values():
            assert term.dtype == dtype


@pytest.mark.parametrize("key", [k for k in KEYS if "important" in ROWS[k].params])
def test_important_classes_of_many_models_at_once_are_those_of_each(key):
    given = problem(key, 4, D, seed="cohort").tensors()
    got = vmap(lambda important: value(key, given, important=important))(torch.arange(4))
    same(got, torch.stack([value(key, given, important=k) for k in range(4)]))


# --- tracing ---------------------------------------------------------------------


def one_sample(key, module, params):
    """The loss of one feature as a function of nothing but tensors."""
    fixed = {name: v for name, v in params.items() if name not in numeric(key)}

    def one(z, y, tensors, network, sliders):
        def adversary(features):
            return functional_call(module, network, (features,))

        state = losses.ClassState(
            **({"bias": None, "centers": None} | tensors), adversary=None if module is None else adversary
        )
        return value(key, (z[None], y[None], state), **fixed, **sliders)[0]

    return one


@EVERY_LOSS
def test_a_trace_of_one_feature_is_the_loss_everywhere(key):
    """Numbers too are traced, so that a slider needs no new trace; the tensors of the trace have no values
    that a branch could ask for."""
    features, labels, state = problem(key, 3, 2, seed="trace", per_class=4).tensors()
    tensors = trained(key, state)
    network = {} if state.adversary is None else dict(state.adversary.named_parameters())
    for params in checkable(key):
        sliders = {name: torch.tensor(float(params[name]), dtype=F64) for name in numeric(key)}
        one = one_sample(key, state.adversary, params)
        arguments = (tensors, network, sliders)
        with torch.no_grad():
            traced = make_fx(one, tracing_mode="fake")(features[0], labels[0], *arguments)
            got = [traced(z, y, *arguments) for z, y in zip(features, labels, strict=True)]
            expected = value(key, (features, labels, state), **params)
        same(torch.stack(got), expected)


@pytest.mark.parametrize("turn", [0.0, math.pi])
def test_arcface_on_the_line_of_its_own_weight_slopes_midway_between_both_sides(turn):
    # There the sine has a kink; what rounding leaves of it must not choose a side.
    at = torch.linspace(0.1, 6.2, 200, dtype=torch.float64)
    circle = lambda angle: torch.stack([torch.cos(angle), torch.sin(angle)], -1)  # noqa: E731
    weights = torch.stack([1.7 * circle(at), circle(at + 2.0), circle(at - 1.5)], 1)

    def slope(features, head):
        one = losses.get("arcface").per_sample(features[None], torch.tensor([0]), losses.ClassState(head))
        return one[0]

    slopes = vmap(functional_grad(slope))
    on = slopes(math.cos(turn) * weights[:, 0], weights)
    sides = [slopes(1.7 * circle(at + turn + aside), weights) for aside in (-1e-7, 1e-7)]
    torch.testing.assert_close(on, (sides[0] + sides[1]) / 2, rtol=0, atol=1e-5)
