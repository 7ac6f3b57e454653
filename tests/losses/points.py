"""Random class states and settings, as plain lists for the oracle and as tensors.

Everything is drawn from a seed, as lists of floats, so that the oracle and the
library are given the very same numbers.
"""

import math
import random
from dataclasses import dataclass

import torch

from lossviz import losses
from tests.losses import oracle
from tests.losses.cases import ROWS


class TanhAdversary(torch.nn.Module):
    """2K logits A tanh(z) + a: small, curved, and easy to write twice."""

    def __init__(self, A, a, dtype):
        super().__init__()
        self.A = torch.nn.Parameter(torch.tensor(A, dtype=dtype))
        self.a = torch.nn.Parameter(torch.tensor(a, dtype=dtype))

    def forward(self, features):
        return torch.tanh(features) @ self.A.T + self.a


class ConstantAdversary(torch.nn.Module):
    """The same 2K logits for every feature."""

    def __init__(self, logits, dtype=torch.float64):
        super().__init__()
        self.register_buffer("logits", torch.tensor(logits, dtype=dtype))

    def forward(self, features):
        return self.logits.expand(len(features), -1)


@dataclass
class Problem:
    """Features, labels and a class state, as lists."""

    key: str
    z: list  # [N][d]
    y: list  # [N]
    W: list  # [K][d]
    b: object  # None, float, [K]
    C: list | None  # [K][d]
    A: list | None  # [2K][d]
    a: list | None  # [2K]

    def adversary(self, z):
        h = [math.tanh(x) for x in z]
        return [oracle.dot(row, h) + shift for row, shift in zip(self.A, self.a, strict=True)]

    def rounded(self):
        """The same problem with every number rounded to float32."""

        def round_(x):
            if x is None:
                return None
            if isinstance(x, list):
                return [round_(v) for v in x]
            return torch.tensor(x, dtype=torch.float32).item()

        lists = [round_(v) for v in (self.z, self.W, self.b, self.C, self.A, self.a)]
        z, W, b, C, A, a = lists
        return Problem(self.key, z, self.y, W, b, C, A, a)

    def expected(self, **params):
        """What the oracle says of every sample."""
        return [
            oracle.reference(self.key, z, y, self.W, self.b, self.C, self.adversary, **params)
            for z, y in zip(self.z, self.y, strict=True)
        ]

    def tensors(self, dtype=torch.float64):
        """features [N, d], labels [N], state."""
        row = ROWS[self.key]
        state = losses.ClassState(
            weights=torch.tensor(self.W, dtype=dtype),
            bias=None if self.b is None else torch.tensor(self.b, dtype=dtype),
            centers=None if self.C is None else torch.tensor(self.C, dtype=dtype),
            adversary=TanhAdversary(self.A, self.a, dtype) if row.adversary else None,
        )
        return torch.tensor(self.z, dtype=dtype), torch.tensor(self.y), state


def vector(generator, d, spread=1.0):
    return [generator.gauss(0.0, spread) for _ in range(d)]


def matrix(generator, n, d, spread=1.0):
    return [vector(generator, d, spread) for _ in range(n)]


def problem(key, K, d, seed=0, per_class=2, spread=1.5):
    """A random problem with every class as the label `per_class` times."""
    generator = random.Random(f"{key} {K} {d} {seed}")
    row = ROWS[key]
    y = [k for k in range(K) for _ in range(per_class)]
    bias = {"none": None, "unified": generator.gauss(0.0, 1.0), "diverse": vector(generator, K)}[row.bias]
    return Problem(
        key=key,
        z=matrix(generator, len(y), d, spread),
        y=y,
        W=matrix(generator, K, d),
        b=bias,
        C=matrix(generator, K, d) if row.centers else None,
        A=matrix(generator, 2 * K, d) if row.adversary else None,
        a=vector(generator, 2 * K) if row.adversary else None,
    )


def costs(generator, K):
    """A random cost matrix: zeros on the diagonal, and one between two classes."""
    found = [[0.0 if y == k else generator.uniform(0.0, 9.0) for k in range(K)] for y in range(K)]
    found[0][1] = 0.0
    return tuple(map(tuple, found))


def defaults(key):
    """The default of every parameter."""
    return {name: default for name, (default, _, _) in ROWS[key].params.items()}


def numeric(key):
    """The names of the parameters that are numbers on a scale."""
    return [name for name, (_, low, _) in ROWS[key].params.items() if low is not None]


def settings(key, K, seed=0):
    """Parameter settings: defaults, both ends, switches both ways, random ones."""
    generator = random.Random(f"{key} {K} {seed}")
    ranges = ROWS[key].params
    everyone = tuple(range(K))
    found = [defaults(key)]
    for end in (1, 2):
        found.append(defaults(key) | {name: ranges[name][end] for name in numeric(key)})
    if key == "sphereface":
        found += [{"margin": m, "monotone": on} for m in range(1, 9) for on in (True, False)]
        return found
    for trial in range(3):
        drawn = defaults(key)
        for name, (default, low, high) in ranges.items():
            if isinstance(default, bool):
                drawn[name] = (trial % 2 == 0) != default
            elif name == "important":
                drawn[name] = [K - 1, (0, K - 1), everyone][trial]
            elif name == "costs":
                drawn[name] = None if trial == 0 else costs(generator, K)
            else:
                drawn[name] = generator.uniform(low, high)
        found.append(drawn)
    # No parameters, no need to say it six times.
    return [s for i, s in enumerate(found) if s not in found[:i]]
