"""What a loss and a network declare about themselves.

One declaration feeds everything that needs to know: the slider, the error message, the property
tests, the reference page, the command line and the sweeps. Nothing here computes a loss.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal

from lossviz.core.errors import LossError, LossTypeError
from lossviz.losses.checks import check_inputs, full_precision, readable_value

if TYPE_CHECKING:
    from torch import Tensor, nn

_LETTERS = {
    r"\gamma": "γ", r"\lambda": "λ", r"\kappa": "κ", r"\alpha": "α", r"\beta": "β", r"\Delta": "Δ",
    "^{fn}": "ᶠⁿ", "^{fp}": "ᶠᵖ",
}  # fmt: skip

Kind = Literal["real", "whole", "flag", "classes"]


@dataclass(frozen=True)
class Param:
    """One parameter of a loss.

    `link` names the meaning: parameters of different losses with the same link are one control on
    a page. `high` is None for class numbers, whose limit is the number of classes. A parameter with
    the role "training" acts on training only and has no effect on the value. `title` is its short
    name on a control, `meaning` what it does.
    """

    name: str
    symbol: str
    default: float | int | bool
    low: float | None = None
    high: float | None = None
    unit: str = ""
    meaning: str = ""
    kind: Kind = "real"
    spacing: Literal["linear", "log"] = "linear"
    link: str = ""
    sweep: tuple[float, ...] = ()
    role: Literal["loss", "training"] = "loss"
    title: str = ""

    def __post_init__(self) -> None:
        if not self.link:
            object.__setattr__(self, "link", self.name)
        if not self.title:
            object.__setattr__(self, "title", self.name.replace("_", " "))

    @property
    def letter(self) -> str:
        """The symbol as plain text: 'γ', 'm', 'cᶠⁿ'."""
        text = re.sub(r"\\text\{(\w+)\}", r"\1", self.symbol)
        for command, letter in _LETTERS.items():
            text = text.replace(command, letter)
        return text.replace("{", "").replace("}", "")

    @property
    def label(self) -> str:
        """What its control is called: 'm: angular margin, degrees'."""
        if self.kind == "flag":
            return self.title[:1].upper() + self.title[1:]
        if self.kind == "classes":
            return f"{self.letter}: important class, or several"
        return f"{self.letter}: {self.title}{', degrees' if self.unit == 'rad' else ''}"

    def text(self, value: Any) -> str:
        """The value for a reader: angles in degrees, classes as numbers, flags as yes or no."""
        if self.kind == "flag":
            return "yes" if value else "no"
        if self.kind == "classes":
            return ", ".join(str(k) for k in ([value] if isinstance(value, Integral) else value))
        if self.unit == "rad":
            return f"{math.degrees(value):.4g}°"
        return f"{float(value):.4g}".replace("-", "−")

    @property
    def rule(self) -> str:
        """The allowed values, as part of a sentence."""
        if self.kind == "flag":
            return "be true or false"
        if self.kind == "classes":
            return "be one class number or several different ones"
        what = "be a whole number in" if self.kind == "whole" else "lie in"
        unit = {"rad": " radians", "": ""}.get(self.unit, f" {self.unit}")
        return f"{what} [{_short(self.low)}, {_short(self.high)}]{unit}"

    def check(self, owner: str, value: Any, classes: int | None = None) -> None:
        """Raise LossError unless `value` (a Python value) is allowed; `classes` is K where known."""
        if self.kind == "flag":
            if not _is_flag(value):
                raise LossTypeError(f"{owner}: {self.name} must {self.rule}; got {value!r}")
        elif self.kind == "classes":
            self._check_classes(owner, value, classes)
        else:
            self._check_number(owner, value)

    def _check_number(self, owner: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, Real):
            raise LossTypeError(
                f"{owner}: {self.name} must {self.rule}; got {value!r} ({type(value).__name__})"
            )
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        assert self.low is not None
        assert self.high is not None
        slack = 1e-6 * max(abs(self.low), abs(self.high))  # what float32 rounds away
        inside = self.low - slack <= number <= self.high + slack
        if not inside or (self.kind == "whole" and number != round(number)):
            hint = ""
            if self.unit == "rad" and 1.01 * self.high < number <= 360:
                hint = f" (is that in degrees? {number:g}° is {math.radians(number):.4g} radians)"
            raise LossError(f"{owner}: {self.name} must {self.rule}; got {number:g}{hint}")

    def _check_classes(self, owner: str, value: Any, classes: int | None) -> None:
        several = [value] if isinstance(value, Integral) else value
        if (
            isinstance(value, (bool, str, bytes, Mapping))
            or not isinstance(several, Iterable)
            or any(isinstance(k, bool) or not isinstance(k, Integral) for k in several)
        ):
            raise LossTypeError(f"{owner}: {self.name} must {self.rule}; got {value!r}")
        numbers = list(several)
        if not numbers or len(set(numbers)) != len(numbers):
            raise LossError(f"{owner}: {self.name} must {self.rule}; got {value!r}")
        top = "K-1" if classes is None else str(classes - 1)
        for k in numbers:
            if k < 0 or (classes is not None and k >= classes):
                raise LossError(f"{owner}: {self.name} must lie in 0..{top}; got {k}")


@dataclass(frozen=True)
class Needs:
    """What a loss takes from the class state besides the weights."""

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
    """What a setting of a run is by default ("auto") for a loss in two dimensions, and why, in a sentence.

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
    too.
    """

    key: str
    title: str
    family: str
    source: str
    template: str
    notice: str
    terms_function: Callable[..., dict[str, Tensor]]
    logits_function: Callable[..., Tensor]
    params: tuple[Param, ...] = ()
    aliases: tuple[str, ...] = ()
    needs: Needs = Needs()
    invariances: frozenset[str] = frozenset()
    reduces_to: tuple[Reduction, ...] = ()
    soft_labels: bool = False
    of_probability: bool = False
    target_logit: bool = False
    composite: bool = False
    schedule: tuple[Param, ...] = ()
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

    @property
    def formula(self) -> str:
        """The loss of one sample in LaTeX, with the parameters' symbols."""
        return self._fill({})

    def formula_with(self, **params: Any) -> str:
        """The formula in LaTeX with these values in place of the parameters' symbols."""
        return self._fill(params)

    def _fill(self, values: Mapping[str, Any]) -> str:
        symbols = {p.name: p for p in self.params}

        def replace(match: re.Match[str]) -> str:
            name = match.group(1)
            param = symbols[name]
            return latex_value(param, values[name]) if name in values else param.symbol

        return re.sub(r"<(\w+)>", replace, self.template)

    def param(self, name: str) -> Param:
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
                p.check(self.key, value, classes)
                if p.kind == "real" and full[p.name] is value:
                    full[p.name] = float(value)
                if p.kind == "classes" and full[p.name] is value:
                    one = isinstance(value, Integral)
                    full[p.name] = int(value) if one else tuple(int(k) for k in value)
        return full

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


def latex_value(param: Param, value: Any) -> str:
    """A parameter's value as LaTeX: angles as decimals, classes as numbers, flags as words."""
    if param.kind == "flag":
        return r"\text{true}" if value else r"\text{false}"
    if param.kind == "classes":
        numbers = [value] if isinstance(value, Integral) else list(value)
        inside = ",".join(str(int(k)) for k in numbers)
        return inside if len(numbers) == 1 else rf"\{{{inside}\}}"
    return f"{float(value):.4g}" if float(value) >= 0 else f"({float(value):.4g})"


def _wide(values: Any) -> Any:
    """Half-precision tensors as float32: margins and exponentials need the digits."""
    half = hasattr(values, "dtype") and values.dtype.itemsize < 4
    return values.float() if half else values


def _wide_state(state: Any) -> Any:
    if state.weights.dtype.itemsize >= 4:
        return state
    return replace(state, weights=_wide(state.weights), bias=_wide(state.bias), centers=_wide(state.centers))


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool) or type(value).__name__ == "bool_"


def _short(number: float | None) -> str:
    return "?" if number is None else f"{number:.4g}"
