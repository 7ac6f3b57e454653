"""Soft labels of the Wasserstein loss: the plan is the best one wherever the settings may lead."""

from __future__ import annotations

import math

import mpmath
import pytest
import torch

from lossviz import losses

F64 = torch.float64
SPEC = losses.get("wasserstein")
ENTROPIES = (1.0, 0.1, 0.03, 0.01, 1e-3, 1e-5)


def value(logits: torch.Tensor, targets: torch.Tensor, **params: object) -> torch.Tensor:
    """The loss where the logits are the features themselves."""
    K = logits.shape[-1]
    state = losses.ClassState(
        weights=torch.eye(K, dtype=logits.dtype), bias=torch.zeros(K, dtype=logits.dtype)
    )
    return SPEC.per_sample(logits, targets, state, **params)


def problems(K: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits and targets [N, K]; some targets are what is predicted, which Sinkhorn's sweeps cannot do."""
    random = torch.Generator().manual_seed(K)
    logits = 2 * torch.randn(24, K, dtype=F64, generator=random)
    targets = torch.softmax(torch.randn(24, K, dtype=F64, generator=random), -1)
    targets[:4] = torch.softmax(logits[:4], -1)
    targets[4:8] = 0.9 * torch.eye(K, dtype=F64)[0] + 0.1 / K
    targets[8:10] = torch.softmax(logits[8:10] + 1e-9, -1)
    targets[10:12] = 0.0
    targets[10:12, :2] = 0.5
    targets[12:14] = 1 / K
    logits[14:16] = 0.0
    return logits, targets


@pytest.mark.parametrize("entropy", ENTROPIES)
@pytest.mark.parametrize(
    ("K", "important"), [(2, 0), (2, (0, 1)), (3, 1), (6, 0), (6, (0, 2)), (6, range(6))]
)
@pytest.mark.parametrize("cost", [1.0, 1.3, 4.0])
def test_the_plan_has_both_marginals_and_so_is_the_best(
    K: int, important: object, cost: float, entropy: float
) -> None:
    logits, targets = problems(K)
    logits.requires_grad_()
    got = value(logits, targets, important=important, cost=cost, entropy=entropy)
    (slope,) = torch.autograd.grad(got.sum(), logits)
    # By the chain rule the slope is p(f − Σ pf): it tells f up to a constant, the columns then tell g,
    # and a plan e^((f+g−C)/λ) with both marginals is the best there is.
    p = torch.softmax(logits.detach(), -1)
    f = slope / p
    chosen = torch.zeros(K, dtype=torch.bool)
    chosen[torch.tensor(important).reshape(-1) if isinstance(important, int) else list(important)] = True
    C = torch.where(chosen[:, None] | chosen, torch.tensor(cost, dtype=F64), 1.0).fill_diagonal_(0)
    g = entropy * (torch.log(targets) - torch.logsumexp((f[..., None] - C) / entropy, -2))
    plan = torch.exp((f[..., None] + g[:, None] - C) / entropy)
    # f is known to some 10⁻¹⁵, and divided by λ.
    torch.testing.assert_close(plan.sum(-1), p, rtol=0, atol=1e-12 / entropy)
    terms = torch.xlogy(plan, plan) - plan
    torch.testing.assert_close(
        got.detach(), (plan * C + entropy * terms).sum((-1, -2)), rtol=0, atol=1e-11 + 1e-14 / entropy
    )


@pytest.mark.parametrize("entropy", ENTROPIES[:-1])
def test_two_classes_give_the_root_of_the_quadratic_equation(entropy: float) -> None:
    cost = 2.0
    for a, b in ((0.5, 0.5), (0.3, 0.8), (0.25, 0.25 + 1e-9), (1e-6, 0.4), (0.9, 1e-12)):
        logits = torch.tensor([[math.log(a), math.log1p(-a)]], dtype=F64)
        with mpmath.workdps(4000):
            # What stays, x: x(1 − a − b + x) = e^(2C/λ)(a − x)(b − x).
            p, t = mpmath.mpf(a), mpmath.mpf(b)
            k = mpmath.e ** (-2 * mpmath.mpf(cost) / entropy)
            q, r = (p + t) + k * (1 - p - t), p * t
            x = 2 * r / (q + mpmath.sqrt(q * q - 4 * (1 - k) * r))
            parts = (x, p - x, t - x, 1 - p - t + x)
            right = cost * (parts[1] + parts[2]) + entropy * sum(y * (mpmath.log(y) - 1) for y in parts)
        got = value(logits, torch.tensor([[b, 1 - b]], dtype=F64), cost=cost, entropy=entropy)
        assert got.item() == pytest.approx(float(right), abs=1e-12)


def test_samples_under_vmap_have_the_same_values_and_slopes() -> None:
    logits, targets = problems(5)
    for entropy in (0.1, 1e-3):

        def one(z: torch.Tensor, t: torch.Tensor, entropy: float = entropy) -> torch.Tensor:
            return value(z[None], t[None], entropy=entropy)[0]

        slopes, values = torch.func.vmap(torch.func.grad_and_value(one))(logits, targets)
        own = logits.clone().requires_grad_()
        together = value(own, targets, entropy=entropy)
        torch.testing.assert_close(values, together.detach(), rtol=0, atol=1e-12)
        (slope,) = torch.autograd.grad(together.sum(), own)
        torch.testing.assert_close(slopes, slope, rtol=0, atol=1e-8)


def test_float32_is_as_exact_as_its_digits() -> None:
    for K in (2, 10):
        logits, targets = problems(K)
        for scale in (1, 30):
            for entropy in ENTROPIES:
                wide = value(scale * logits, targets, entropy=entropy)
                narrow = value((scale * logits).float(), targets.float(), entropy=entropy)
                torch.testing.assert_close(narrow.double(), wide, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("entropy", [0.0, -0.1])
def test_no_entropy_is_told_with_what_came(entropy: float) -> None:
    with pytest.raises(losses.LossError, match=rf"entropy .*{entropy}"):
        value(torch.zeros(1, 2, dtype=F64), torch.full((1, 2), 0.5, dtype=F64), entropy=entropy)
