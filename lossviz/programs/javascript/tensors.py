"""torch's operations on arrays of scalars: what a traced loss is made of.

An array is a NumPy object array whose entries are Scalars, so that broadcasting and indexing are
NumPy's own. Each entry of OPERATIONS does what the ATen operation of that name does.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lossviz.programs.javascript.scalars import Graph, Scalar

Array = NDArray[Any]


class Tensors:
    """The operations, for the scalars of one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def array(self, value: Any) -> Array:
        """A tensor, a number or an array as an array of scalars."""
        if isinstance(value, np.ndarray) and value.dtype == object:
            return value
        if isinstance(value, Scalar):
            return _boxed(value)
        plain = value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
        made = np.empty(plain.shape, dtype=object)
        for place in np.ndindex(plain.shape):
            made[place] = self.graph.constant(plain[place].item())
        return made

    def call(self, name: str, *args: Any, **options: Any) -> Any:
        """The result of the ATen operation `name`; NotImplementedError for one that is not known."""
        found = getattr(self, f"aten_{name}", None)
        if found is not None:
            return found(*args, **options)
        if name in _ELEMENTWISE:
            return self.each(_ELEMENTWISE[name], *args)
        raise NotImplementedError(name)

    def each(self, op: str, *args: Any) -> Array:
        run = np.frompyfunc(functools.partial(self.graph.apply, op), len(args), 1)
        return _boxed(run(*map(self.array, args)))

    def fold(self, op: str, values: Array, dims: Any, keepdim: bool) -> Array:
        """`op` over some dimensions, pairwise from the left."""
        axes = _axes(dims, values.ndim)
        kept = [i for i in range(values.ndim) if i not in axes]
        moved = values.transpose(*kept, *axes).reshape([values.shape[i] for i in kept] + [-1])
        out = np.empty(moved.shape[:-1], dtype=object)
        start = self.graph.constant(
            {"add": 0.0, "max": -math.inf, "min": math.inf, "or": False, "and": True}[op]
        )
        for place in np.ndindex(out.shape):
            out[place] = functools.reduce(lambda a, b: self.graph.apply(op, a, b), moved[place], start)
        if keepdim:
            out = out.reshape([1 if i in axes else n for i, n in enumerate(values.shape)])
        return out

    # --- arithmetic that is not one operation an entry

    def aten_add(self, a: Any, b: Any, alpha: Any = 1) -> Array:
        return self.each("add", a, b if alpha == 1 else self.each("mul", b, alpha))

    def aten_sub(self, a: Any, b: Any, alpha: Any = 1) -> Array:
        return self.each("sub", a, b if alpha == 1 else self.each("mul", b, alpha))

    def aten_rsub(self, a: Any, b: Any, alpha: Any = 1) -> Array:
        return self.aten_sub(b, a, alpha)

    def aten_gt(self, a: Any, b: Any) -> Array:
        return self.each("lt", b, a)

    def aten_ge(self, a: Any, b: Any) -> Array:
        return self.each("le", b, a)

    def aten_rsqrt(self, a: Any) -> Array:
        return self.each("div", 1.0, self.each("sqrt", a))

    def aten_reciprocal(self, a: Any) -> Array:
        return self.each("div", 1.0, a)

    def aten_relu(self, a: Any) -> Array:
        return self.each("max", a, 0.0)

    def aten_clamp(self, a: Any, low: Any = None, high: Any = None, **named: Any) -> Array:
        low, high = named.get("min", low), named.get("max", high)
        a = a if low is None else self.each("max", a, low)
        return self.array(a) if high is None else self.each("min", a, high)

    aten_clamp_min = aten_clamp

    def aten_where(self, test: Any, yes: Any, no: Any) -> Array:
        run = np.frompyfunc(lambda t, a, b: self.graph.where(self.graph.truth(t), a, b), 3, 1)
        return _boxed(run(*map(self.array, (test, yes, no))))

    def aten_mm(self, a: Any, b: Any) -> Array:
        a, b = self.array(a), self.array(b)
        products = self.each("mul", a[:, :, None], b[None, :, :])
        return self.fold("add", products, (1,), False)

    def aten_bmm(self, a: Any, b: Any) -> Array:
        a, b = self.array(a), self.array(b)
        return np.stack([self.aten_mm(x, y) for x, y in zip(a, b, strict=True)])

    def aten_mv(self, a: Any, b: Any) -> Array:
        return self.aten_mm(a, self.array(b)[:, None])[:, 0]

    def aten_addmm(self, c: Any, a: Any, b: Any, beta: Any = 1, alpha: Any = 1) -> Array:
        return self.aten_add(self.each("mul", c, beta), self.each("mul", self.aten_mm(a, b), alpha))

    def aten_softplus(self, a: Any, beta: float = 1.0, threshold: float = 20.0) -> Array:
        if beta != 1:
            raise NotImplementedError("softplus with another slope than 1")
        # The smaller of the two, so that nothing overflows in the branch that is not taken.
        grown = self.each("log1p", self.each("exp", self.each("min", a, threshold)))
        return self.aten_where(self.each("lt", threshold, a), a, grown)

    def aten_remainder(self, a: Any, b: Any) -> Array:
        whole = self.each("floor", self.each("div", a, b))
        return self.each("sub", a, self.each("mul", whole, b))

    # --- over dimensions

    def aten_linalg_vector_norm(
        self, a: Any, ord: float = 2, dims: Any = None, keepdim: bool = False, dtype: Any = None
    ) -> Array:
        if ord != 2:
            raise NotImplementedError("a norm of another order than 2")
        squares = self.fold("add", self.each("mul", a, a), dims, keepdim)
        # As in torch the slope at 0 is 0, where that of the square root is infinite.
        zero = self.each("eq", squares, 0.0)
        return self.aten_where(zero, 0.0, self.each("sqrt", self.aten_where(zero, 1.0, squares)))

    def aten__cdist_forward(self, a: Any, b: Any, p: float, mode: Any = None) -> Array:
        apart = self.each("sub", self.array(a)[:, None, :], self.array(b)[None, :, :])
        return self.aten_linalg_vector_norm(apart, p, -1)

    def aten_sum(self, a: Any, dims: Any = None, keepdim: bool = False, dtype: Any = None) -> Array:
        return self.fold("add", self.aten__to_copy(a, dtype), dims, keepdim)

    def aten_mean(self, a: Any, dims: Any = None, keepdim: bool = False, dtype: Any = None) -> Array:
        a = self.array(a)
        count = math.prod(a.shape[i] for i in _axes(dims, a.ndim))
        return self.each("div", self.fold("add", a, dims, keepdim), float(count))

    def aten_amax(self, a: Any, dims: Any = None, keepdim: bool = False) -> Array:
        return self.fold("max", self.array(a), dims, keepdim)

    def aten_amin(self, a: Any, dims: Any = None, keepdim: bool = False) -> Array:
        return self.fold("min", self.array(a), dims, keepdim)

    def aten_any(self, a: Any, dims: Any = None, keepdim: bool = False) -> Array:
        return self.fold("or", self.array(a), dims, keepdim)

    def aten_all(self, a: Any, dims: Any = None, keepdim: bool = False) -> Array:
        return self.fold("and", self.array(a), dims, keepdim)

    def aten_logsumexp(self, a: Any, dims: Any, keepdim: bool = False) -> Array:
        a = self.array(a)
        top = self.fold("max", a, dims, True)
        # Where all are −∞, or one is ∞, the sum is that number itself.
        top = self.aten_where(self.each("isinf", top), 0.0, top)
        total = self.aten_sum(self.each("exp", self.aten_sub(a, top)), dims, True)
        out = self.aten_add(self.each("log", total), top)
        return out if keepdim else self.aten_squeeze(out, dims)

    def aten__log_softmax(self, a: Any, dim: int, half_to_float: bool = False) -> Array:
        a = self.array(a)
        shifted = self.aten_sub(a, self.fold("max", a, dim, True))
        return self.aten_sub(shifted, self.each("log", self.aten_sum(self.each("exp", shifted), dim, True)))

    def aten__softmax(self, a: Any, dim: int, half_to_float: bool = False) -> Array:
        a = self.array(a)
        raised = self.each("exp", self.aten_sub(a, self.fold("max", a, dim, True)))
        return self.each("div", raised, self.aten_sum(raised, dim, True))

    # --- shapes

    def aten_view(self, a: Any, shape: Any) -> Array:
        return self.array(a).reshape(shape)

    aten_reshape = aten__unsafe_view = aten_view

    def aten_unsqueeze(self, a: Any, dim: int) -> Array:
        a = self.array(a)
        return np.expand_dims(a, dim)

    def aten_squeeze(self, a: Any, dim: Any = None) -> Array:
        a = self.array(a)
        axes = [i for i in _axes(dim, a.ndim) if a.shape[i] == 1]
        return a.reshape([n for i, n in enumerate(a.shape) if i not in axes])

    def aten_expand(self, a: Any, shape: Any, implicit: bool = False) -> Array:
        a = self.array(a)
        ahead = len(shape) - a.ndim
        return np.broadcast_to(a, [a.shape[i - ahead] if n == -1 else n for i, n in enumerate(shape)])

    def aten_permute(self, a: Any, dims: Any) -> Array:
        return self.array(a).transpose(dims)

    def aten_transpose(self, a: Any, one: int, other: int) -> Array:
        return self.array(a).swapaxes(one, other)

    def aten_t(self, a: Any) -> Array:
        return self.array(a).T

    def aten_select(self, a: Any, dim: int, index: int) -> Array:
        return _boxed(self.array(a).take(index, dim))

    def aten_slice(self, a: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Array:
        a = self.array(a)
        place: list[slice] = [slice(None)] * a.ndim
        place[dim] = slice(start, None if end is None or end > 2**60 else end, step)
        return a[tuple(place)]

    def aten_index(self, a: Any, indices: Any) -> Array:
        return _boxed(self.array(a)[tuple(slice(None) if i is None else _whole(i) for i in indices)])

    def aten_gather(self, a: Any, dim: int, index: Any, sparse_grad: bool = False) -> Array:
        return np.take_along_axis(self.array(a), _whole(index), dim)

    def aten_scatter(self, a: Any, dim: int, index: Any, value: Any) -> Array:
        made = self.array(a).copy()
        np.put_along_axis(made, _whole(index), self.array(value), dim)
        return made

    def aten_index_select(self, a: Any, dim: int, index: Any) -> Array:
        return self.array(a).take(_whole(index), dim)

    def aten_cat(self, parts: Any, dim: int = 0) -> Array:
        return np.concatenate([self.array(p) for p in parts], dim)

    def aten_full_like(self, a: Any, value: Any, **options: Any) -> Array:
        return np.broadcast_to(self.array(value), self.array(a).shape)

    def aten_ones_like(self, a: Any, **options: Any) -> Array:
        return self.aten_full_like(a, 1.0)

    def aten_zeros_like(self, a: Any, **options: Any) -> Array:
        return self.aten_full_like(a, 0.0)

    def aten_new_zeros(self, a: Any, shape: Any, **options: Any) -> Array:
        return np.broadcast_to(self.array(0.0), shape)

    def aten_scalar_tensor(self, value: Any, **options: Any) -> Array:
        return self.array(value)

    def aten_clone(self, a: Any, **options: Any) -> Array:
        return self.array(a)

    aten_detach = aten_alias = aten_contiguous = aten_lift_fresh_copy = aten_clone

    def aten__to_copy(self, a: Any, dtype: torch.dtype | None = None, **options: Any) -> Array:
        a = self.array(a)
        change = self.graph.truth if dtype is torch.bool else self.graph.number
        return a if dtype is None else _boxed(np.frompyfunc(change, 1, 1)(a))


_SAME_NAME = (
    *("mul", "div", "neg", "pow", "exp", "log", "log1p", "expm1", "sqrt", "abs", "floor", "sign", "round"),
    *("sin", "cos", "tan", "acos", "asin", "atan", "tanh", "lt", "le", "eq", "ne", "isnan", "isinf"),
)
_ELEMENTWISE = {name: name for name in _SAME_NAME} | {
    "minimum": "min",
    "maximum": "max",
    "logical_and": "and",
    "logical_or": "or",
    "logical_not": "not",
    "bitwise_and": "and",
    "bitwise_or": "or",
    "bitwise_not": "not",
}


def _boxed(value: Any) -> Array:
    """An array, also of a single scalar."""
    if isinstance(value, np.ndarray):
        return value
    made = np.empty((), dtype=object)
    made[()] = value
    return made


def _axes(dims: Any, count: int) -> list[int]:
    if dims is None or (isinstance(dims, (list, tuple)) and not dims):
        return list(range(count))
    several = [dims] if isinstance(dims, int) else dims
    return sorted(d % count if count else 0 for d in several)


def _whole(index: Any) -> Array:
    """Places that are known when the loss is traced."""
    if isinstance(index, torch.Tensor):
        return index.numpy()
    raise NotImplementedError("an index that depends on the feature")
