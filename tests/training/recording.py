"""What a CUDA graph does, on the CPU: the same operations again, on the same memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

# What makes the host wait for a number: a graph cannot hold it.
READS = ("_local_scalar_dense", "is_nonzero", "nonzero", "masked_select", "equal", "unique", "_unique2")


class Recording(TorchDispatchMode):
    """Notes every operation with its operands and results; `again` does them into the same memory.

    Numbers that came from Python stay as they were, as in a graph.
    """

    def __init__(self) -> None:
        super().__init__()
        self.work: list[tuple[Any, tuple[Any, ...], dict[str, Any], list[Tensor]]] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = func._schema.name.removeprefix("aten::")
        masked = name == "index" and any(i is not None and i.dtype == torch.bool for i in args[1])
        if name in READS or masked:
            raise RuntimeError(f"{name} reads a number back, which cannot be captured")
        given = kwargs or {}
        result = func(*args, **given)
        owned = {_memory(t) for t in pytree.tree_leaves((args, given)) if isinstance(t, Tensor)}
        results = [t for t in pytree.tree_leaves(result) if isinstance(t, Tensor)]
        # A view has nothing to do again.
        if func._schema.is_mutable or not all(_memory(t) in owned for t in results):
            self.work.append((func, args, given, results))
        return result

    @torch.no_grad()
    def again(self) -> None:
        """Do everything once more."""
        for func, args, given, results in self.work:
            anew = [t for t in pytree.tree_leaves(func(*args, **given)) if isinstance(t, Tensor)]
            for old, new in zip(results, anew, strict=True):
                if _memory(old) != _memory(new):
                    old.copy_(new)


class Captures:
    """Counts captures and replays. A capture does the work, which one of CUDA does not: the first replay is
    that."""

    def __init__(self) -> None:
        self.captures, self.replays = 0, 0

    def __call__(self, work: Callable[[], None]) -> Callable[[], None]:
        recording = Recording()
        with recording:
            work()
        self.captures += 1

        def replay() -> None:
            self.replays += 1
            if self.replays > 1:
                recording.again()

        return replay


def _memory(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
