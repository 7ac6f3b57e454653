"""A loss at one feature as scalar arithmetic, traced from the very function that trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_unflatten

from lossviz.core.errors import LossError
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec, total
from lossviz.programs.javascript.scalars import Graph, Scalar
from lossviz.programs.javascript.tensors import Tensors

Array = NDArray[Any]


class NotTraceableError(LossError):
    """The loss does something that is not arithmetic on scalars; the server has to evaluate it."""


@dataclass(frozen=True)
class Traced:
    """The loss and the logits of one feature.

    inputs: names in the order in which the values are given: z1, z2, ..., then W0_1, W0_2, ... of the
    class weights, b or b0, b1, ..., C0_1, ... of the centres, and `params`: the entries of a matrix
    (costs0_0, costs0_1, ...), and the real parameters by name. loss: one scalar, the sum of `terms`; logits:
    K of them; all made by `graph`.
    """

    graph: Graph
    inputs: tuple[str, ...]
    params: tuple[str, ...]
    loss: Scalar
    terms: Mapping[str, Scalar]
    logits: tuple[Scalar, ...]


def trace(spec: LossSpec, state: ClassState, label: int, params: Mapping[str, Any] | None = None) -> Traced:
    """The loss of a sample of class `label`: the arithmetic, with feature, class state, matrices and real
    parameters as inputs.

    Shapes (K, d, which kind of bias), label, flags, whole numbers and class numbers are fixed, and whether
    there is a matrix. The
    numbers in `state` and `params` are only those at which the tracing runs. NotTraceableError names
    the operation that has no scalar form.
    """
    classes, dimension = state.weights.shape
    full = spec.complete(params or {}, classes)
    moving = [p.name for p in (*spec.params, *spec.schedule) if p.kind == "real" and p.name in full]
    matrices = [p.name for p in spec.params if p.kind == "matrix" and full[p.name] is not None]
    fixed = {name: value for name, value in full.items() if name not in (*moving, *matrices)}
    bias = None if state.bias is None else torch.as_tensor(state.bias, dtype=torch.float64)
    tensors: dict[str, torch.Tensor] = {
        "z": torch.full((1, dimension), 0.5, dtype=torch.float64),
        "W": state.weights.detach().double(),
    }
    if bias is not None:
        tensors["b"] = bias
    if state.centers is not None:
        tensors["C"] = state.centers.detach().double()
    of_state = sum(tensor.numel() for tensor in tensors.values())
    tensors |= {name: torch.as_tensor(full[name], dtype=torch.float64) for name in matrices}
    names = list(tensors)
    values = [*tensors.values(), *(torch.tensor(float(full[n]), dtype=torch.float64) for n in moving)]
    labels = torch.tensor([label])

    def run(*args: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        held = dict(zip(names, args, strict=False))
        told = {**fixed, **{name: held[name] for name in matrices}}
        told |= zip(moving, args[len(names) :], strict=True)
        now = ClassState(held["W"], held.get("b"), held.get("C"), state.adversary)
        return spec.terms(held["z"], labels, now, **told), spec.logits(held["z"], now, **told)

    graph = Graph()
    inputs: list[str] = []
    arrays = []
    for name, tensor in zip([*names, *moving], values, strict=True):
        array = np.empty(tuple(tensor.shape), dtype=object)
        for place in np.ndindex(array.shape):
            text = _name(name, place)
            inputs.append(text)
            array[place] = graph.input(text)
        arrays.append(array)
    try:
        with torch.no_grad(), _Watch(Tensors(graph)) as watch:
            for tensor, array in zip(values, arrays, strict=True):
                watch.keep(tensor, array)
            terms, logits = run(*values)
            loss = watch.array(total(terms))
            parts = {name: graph.number(watch.array(term).reshape(-1)[0]) for name, term in terms.items()}
            scores = tuple(watch.array(logits).reshape(-1))
    except NotImplementedError as error:
        raise NotTraceableError(f"{spec.key}: cannot be drawn by the browser itself ({error})") from None
    return Traced(
        graph, tuple(inputs), tuple(inputs[of_state:]), graph.number(loss.reshape(-1)[0]), parts, scores
    )


def entries(name: str, matrix: Sequence[Sequence[float]]) -> dict[str, float]:
    """The numbers of a matrix by the names that they have among the inputs."""
    return {_name(name, (i, j)): float(each) for i, row in enumerate(matrix) for j, each in enumerate(row)}


def _name(name: str, place: tuple[int, ...]) -> str:
    if name == "z":
        return f"z{place[1] + 1}"
    if len(place) == 2:
        return f"{name}{place[0]}_{place[1] + (name in ('W', 'C'))}"
    return name + "".join(map(str, place))


class _Watch(TorchDispatchMode):
    """Follows every operation of torch on the inputs, and does the same on arrays of scalars.

    The operations themselves run too, at the numbers given: what depends on no input stays a number.
    """

    def __init__(self, tensors: Tensors) -> None:
        super().__init__()
        self.tensors = tensors
        # By identity; the tensors are kept, so that no other one gets the same.
        self._known: dict[int, tuple[torch.Tensor, Array]] = {}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """False: nothing here is compiled. To skip the compiler torch would import it at the first trace, and
        the app's first picture would wait a second for that."""
        return False

    def keep(self, tensor: torch.Tensor, array: Array) -> None:
        """Say what a tensor stands for."""
        self._known[id(tensor)] = (tensor, array)

    def array(self, value: Any) -> Any:
        """The array of scalars that a tensor stands for, or, if it depends on no input, its numbers."""
        return self._known[id(value)][1] if id(value) in self._known else self.tensors.array(value)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        flat, structure = tree_flatten((args, kwargs or {}))
        if any(id(value) in self._known for value in flat):
            known = (self._known[id(v)][1] if id(v) in self._known else v for v in flat)
            symbolic, named = tree_unflatten(list(known), structure)
            made = self.tensors.call(func.overloadpacket.__name__, *symbolic, **named)
            if made.shape != tuple(out.shape):
                raise NotImplementedError(f"{func}: made {made.shape} of {tuple(out.shape)}")
            self.keep(out, made)
        return out
