"""The declarations of losses and networks.

Nothing here computes a loss.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

from lossviz.core.errors import LossTypeError
from lossviz.core.matrices import Matrix
from lossviz.core.settings import Setting
from lossviz.losses.checks import check_inputs, full_precision, readable_value

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Needs:
    """The parts of the class state that a loss takes besides the weights."""

    bias: Literal["none", "unified", "diverse"] = "none"
    subtracted: bool = False  # the bias is a threshold on the metrics, not added to them
    centers: bool = False
    adversary: bool = False


@dataclass(frozen=True)
class Reduction:
    """With `params`, the loss equals the loss `to` with `to_params`."""

    to: str
    params: Mapping[str, Any]
    to_params: Mapping[str, Any]


@dataclass(frozen=True)
class Anneal:
    """A parameter that, in training, moves from `start` to `end`, or to the value it was given."""

    name: str
    start: float
    end: float | None = None


@dataclass(frozen=True)
class Fact:
    """The default ("auto") of a setting of a run for a loss in two dimensions, and the reason, in a sentence.

    everywhere: in any number of dimensions.
    """

    value: str
    reason: str
    everywhere: bool = False


@dataclass(frozen=True)
class Family:
    """A group of losses that are shown and compared together; `order` sorts the catalogue."""

    key: str
    title: str
    order: int
    question: str


@dataclass(frozen=True)
class LossSpec:
    """A classification loss: its formula, its parameters and the functions that compute it.

    `terms_function(features, labels, state, **params)` returns the named terms, each [N]; their
    sum is the loss. `logits_function(features, state, **params)` returns [N, K] without margin,
    for predictions. Both are pure, do not branch on values, and are unchecked: call `terms`,
    `per_sample` and `logits`, which check, unless the inputs were checked before.

    of_probability: built on the softmax probabilities of these logits, so that it can be drawn
    against p_y. target_logit: the cross-entropy of these logits with only the true one changed.
    composite: has several terms. soft_labels: takes target probabilities [N, K] as labels too.
    invariances: of "features" and "weights", those whose positive scaling changes nothing.
    schedule: parameters that only a training schedule moves; left out, they take their defaults.
    anneals: what rises from a mild start when training anneals. objective: how a batch is trained.
    recipe: what helps in training, by the setting of a run. caution: what ten classes in two dimensions
    do not learn whatever the recipe, as measured, and what to change; "" where they learn.

    asks: what it needs of K directions in d dimensions: room for its margin, a probability that its scale
    allows, a threshold that its γ allows; "" where nothing limits it. corollary: Corollary 1 of paper 002
    says which γ can separate K classes. learns_threshold: its bias is held against each metric, and so
    learned as a threshold. bounded_below: nothing that training moves makes it ever smaller. teaches_from:
    the classes below which it is 0 everywhere. in_title: parameters that a title gives at their defaults
    too. matrix_template: of the formula, once a matrix stands in place of one of its numbers. short_form:
    that number: the cost of all confusions with an important class, where all others cost 1.
    """

    key: str
    title: str
    family: str
    source: str
    template: str
    notice: str
    terms_function: Callable[..., dict[str, Tensor]]
    logits_function: Callable[..., Tensor]
    params: tuple[Setting, ...] = ()
    aliases: tuple[str, ...] = ()
    needs: Needs = Needs()
    invariances: frozenset[str] = frozenset()
    reduces_to: tuple[Reduction, ...] = ()
    soft_labels: bool = False
    of_probability: bool = False
    target_logit: bool = False
    composite: bool = False
    schedule: tuple[Setting, ...] = ()
    anneals: tuple[Anneal, ...] = ()
    objective: Literal["joint", "complement", "adversarial"] = "joint"
    recipe: Mapping[str, Fact] = field(default_factory=dict, hash=False)
    caution: str = ""
    asks: Literal["", "margin", "probability", "threshold"] = ""
    corollary: bool = False
    learns_threshold: bool = False
    bounded_below: bool = True
    teaches_from: int = 2
    in_title: tuple[str, ...] = ()
    matrix_template: str = ""
    short_form: str = ""

    @property
    def formula(self) -> str:
        """The loss of one sample in LaTeX, with the parameters' symbols."""
        return self.formula_with()

    def formula_with(self, **values: Any) -> str:
        """The formula in LaTeX with these values in place of the parameters' symbols."""
        symbols = {p.name: p for p in self.params}

        def replace(match: re.Match[str]) -> str:
            name = match.group(1)
            param = symbols[name]
            return latex_value(param, values[name]) if name in values else param.symbol

        template = self.matrix_template if self._has_matrix(values) else self.template
        return re.sub(r"<(\w+)>", replace, template)

    def acting(self, values: Mapping[str, Any]) -> tuple[Setting, ...]:
        """The parameters that act with these values, by name: a matrix stands in place of its short form."""
        given = self._has_matrix(values)
        return tuple(p for p in self.params if not (given and p.name == self.short_form))

    def _has_matrix(self, values: Mapping[str, Any]) -> bool:
        return any(p.kind == "matrix" and values.get(p.name) is not None for p in self.params)

    def param(self, name: str) -> Setting:
        """The declaration of one parameter; LossError when the loss has none of that name."""
        for param in (*self.params, *self.schedule):
            if param.name == name:
                return param
        has = ", ".join(p.name for p in self.params) or "no parameters"
        raise LossTypeError(f"{self.key}: unknown parameter {name!r}; it has {has}")

    def complete(self, params: Mapping[str, Any], classes: int | None = None) -> dict[str, Any]:
        """All parameters by name, defaults filled in and Python values checked.

        Those of the schedule are among them only where they are given.
        """
        for name in params:
            self.param(name)
        scheduled = tuple(p for p in self.schedule if p.name in params)
        full = {p.name: params.get(p.name, p.default) for p in (*self.params, *scheduled)}
        for p in (*self.params, *scheduled):
            known, value = readable_value(full[p.name])
            if known:
                checked = p.check(value, self.key, classes)
                if full[p.name] is value:
                    full[p.name] = checked
        return full

    def full_matrix(self, params: Mapping[str, Any], classes: int) -> Matrix:
        """The matrix that the short form stands for, true class first."""
        values = self.complete(params)
        chosen = values["important"]
        important = {chosen} if isinstance(chosen, Integral) else set(chosen)
        cost = float(values[self.short_form])
        return tuple(
            tuple(0.0 if y == k else cost if {y, k} & important else 1.0 for k in range(classes))
            for y in range(classes)
        )

    def terms(self, features: Tensor, labels: Tensor, state: Any, **params: Any) -> dict[str, Tensor]:
        """The named terms of the loss, each [N]; they add up to `per_sample`.

        features: [N, d]. labels: [N], whole numbers in 0..K-1 (or, where `soft_labels` is set,
        [N, K] target probabilities). state: ClassState with weights [K, d]. Raises LossError.
        """
        full = check_inputs(self, features, labels, state, params)
        with full_precision(features):
            whole = labels if labels.is_floating_point() else labels.long()
            return self.terms_function(_wide(features), whole, _wide_state(state), **full)

    def per_sample(self, features: Tensor, labels: Tensor, state: Any, **params: Any) -> Tensor:
        """The loss of each sample, [N], not reduced; arguments as for `terms`."""
        return total(self.terms(features, labels, state, **params))

    def logits(self, features: Tensor, state: Any, **params: Any) -> Tensor:
        """Scores for predictions, [N, K]: the classifier's outputs without any margin."""
        full = check_inputs(self, features, None, state, params)
        with full_precision(features):
            return self.logits_function(_wide(features), _wide_state(state), **full)


@dataclass(frozen=True)
class NetSpec:
    """A network: `build(**shape)` makes a fresh torch module with random weights.

    For an image network the shape is `channels`, `size` (pixels a side, at least `smallest`) and
    `dimension` (of the embedding). `note` says in a sentence what it is good for; `order` sorts
    the catalogue, quick ones first.
    """

    key: str
    title: str
    source: str
    build: Callable[..., nn.Module]
    smallest: int = 8
    note: str = ""
    order: int = 0


def total(terms: Mapping[str, Tensor]) -> Tensor:
    """The sum of the terms of a loss."""
    parts = list(terms.values())
    value = parts[0]
    for part in parts[1:]:
        value = value + part
    return value


def latex_value(param: Setting, value: Any) -> str:
    """A parameter's value as LaTeX: angles as decimals, classes as numbers, flags as words."""
    if param.kind == "flag":
        return r"\text{true}" if value else r"\text{false}"
    if param.kind == "classes":
        numbers = [value] if isinstance(value, Integral) else list(value)
        inside = ",".join(str(int(k)) for k in numbers)
        return inside if len(numbers) == 1 else rf"\{{{inside}\}}"
    if param.kind == "matrix":
        # As the paper has it: a column for each true class.
        rows = (" & ".join(f"{number:.4g}" for number in row) for row in zip(*value, strict=True))
        return r"\begin{pmatrix}" + r" \\ ".join(rows) + r"\end{pmatrix}"
    return f"{float(value):.4g}" if float(value) >= 0 else f"({float(value):.4g})"


def _wide(values: Any) -> Any:
    """Half-precision tensors as float32: margins and exponentials need the digits."""
    half = hasattr(values, "dtype") and values.dtype.itemsize < 4
    return values.float() if half else values


def _wide_state(state: Any) -> Any:
    if state.weights.dtype.itemsize >= 4:
        return state
    return replace(state, weights=_wide(state.weights), bias=_wide(state.bias), centers=_wide(state.centers))
