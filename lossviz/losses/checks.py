"""The checks of a loss's inputs, and the words for what is wrong.

Shapes and Python values are always checked. Values inside tensors are checked only where reading
them is free and possible: on the CPU, outside vmap, grad and tracing. On a GPU reading a value
would stop the host until the device has caught up.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import _get_current_dispatch_mode

from lossviz.core.errors import LossError, LossTypeError

if TYPE_CHECKING:
    from lossviz.losses.spec import LossSpec
    from lossviz.losses.state import ClassState


_AS_IT_IS = nullcontext()


def readable(tensor: Tensor) -> bool:
    """The values of a tensor can be read at no cost: it is plain, on the CPU, and not traced."""
    return (
        type(tensor) in (Tensor, torch.nn.Parameter)
        and tensor.device.type == "cpu"
        and not torch._C._functorch.is_functorch_wrapped_tensor(tensor)
        and not torch.compiler.is_compiling()
        and _get_current_dispatch_mode() is None
    )


def readable_value(value: Any) -> tuple[bool, Any]:
    """(whether it can be checked now, the value as a Python object)."""
    if not isinstance(value, Tensor):
        return True, value
    if not readable(value):
        return False, None
    return True, value.tolist()


def full_precision(features: Tensor) -> AbstractContextManager[Any]:
    """Switches autocast off around a loss: margins are computed in float32 or better."""
    if not torch._C._is_any_autocast_enabled():
        return _AS_IT_IS
    device = features.device.type
    if torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device):
        return torch.autocast(device, enabled=False)
    return _AS_IT_IS


def check_inputs(
    spec: LossSpec,
    features: Tensor,
    labels: Tensor | None,
    state: ClassState,
    params: Mapping[str, Any],
) -> dict[str, Any]:
    """Check everything a loss is given; return its parameters, completed.

    Raises LossError with the loss, the thing, the rule and what came.
    """
    key = spec.key
    weights = getattr(state, "weights", None)
    if weights is None or not hasattr(state, "bias"):
        raise LossTypeError(
            f"{key}: state must be a losses.ClassState with weights [K, d]; got {type(state).__name__}"
        )
    _check_floats(key, "features", features, "[N, d]", 2)
    _check_floats(key, "weights", weights, "[K, d]", 2)
    classes, dimension = weights.shape
    if classes < 2:
        raise LossError(f"{key}: weights must have at least 2 classes (rows); got {classes}")
    if features.shape[1] != dimension:
        raise LossError(
            f"{key}: features [N, d] and weights [K, d] must share d; "
            f"got {tuple(features.shape)} and {tuple(weights.shape)}"
        )
    if _widened(features.dtype) != _widened(weights.dtype):
        raise LossTypeError(
            f"{key}: features and weights must have one dtype; got {features.dtype} and {weights.dtype}"
        )
    if labels is not None:
        _check_labels(spec, labels, features.shape[0], classes)
    full = spec.complete(params, classes)
    _check_state(spec, state, full, labels is not None)
    return full


def _widened(dtype: torch.dtype) -> torch.dtype:
    """The dtype in which a loss computes: half precision becomes float32."""
    return dtype if dtype.itemsize >= 4 else torch.float32


def _check_floats(key: str, name: str, value: Any, shape: str, dimensions: int) -> None:
    if not isinstance(value, Tensor) or not value.is_floating_point():
        came = value.dtype if isinstance(value, Tensor) else type(value).__name__
        raise LossTypeError(f"{key}: {name} must be a floating-point tensor {shape}; got {came}")
    if value.dim() != dimensions:
        raise LossError(f"{key}: {name} must have shape {shape}; got {tuple(value.shape)}")


def _check_labels(spec: LossSpec, labels: Any, samples: int, classes: int) -> None:
    key = spec.key
    if not isinstance(labels, Tensor) or labels.dtype == torch.bool or labels.is_complex():
        came = labels.dtype if isinstance(labels, Tensor) else type(labels).__name__
        raise LossTypeError(f"{key}: labels must be a tensor of whole numbers [N]; got {came}")
    if labels.is_floating_point():
        if not spec.soft_labels:
            raise LossTypeError(f"{key}: labels must be whole numbers [N] (torch.int64); got {labels.dtype}")
        if labels.shape != (samples, classes):
            raise LossError(
                f"{key}: soft labels must have shape [N, K] = ({samples}, {classes}); "
                f"got {tuple(labels.shape)}"
            )
        if readable(labels) and samples:
            sums = labels.sum(-1)
            low = float(labels.detach().min())
            # not (… <= …) so that NaN is refused too
            if not (low >= 0 and float((sums - 1).abs().max()) <= 1e-4):
                raise LossError(
                    f"{key}: soft labels must be probabilities that sum to 1 in each row; "
                    f"got values from {low:g} and row sums up to {float(sums.max()):g}"
                )
        return
    if labels.shape != (samples,):
        raise LossError(
            f"{key}: labels must have shape [N] = ({samples},), one for each feature; "
            f"got {tuple(labels.shape)}"
        )
    if readable(labels) and samples:
        least, most = torch.aminmax(labels.long())
        low, high = int(least), int(most)
        if low < 0 or high >= classes:
            raise LossError(
                f"{key}: labels must lie in 0..{classes - 1} for {classes} classes; "
                f"got {low if low < 0 else high}"
            )


def _check_state(spec: LossSpec, state: ClassState, params: Mapping[str, Any], loss: bool) -> None:
    """`loss`: whether the loss itself is asked for; predictions need no centres and no adversary."""
    key, classes = spec.key, state.weights.shape[0]
    if spec.needs.bias != "none" and state.bias is not None:
        number = isinstance(state.bias, (int, float)) and not isinstance(state.bias, bool)
        if not number and not (isinstance(state.bias, Tensor) and not state.bias.is_complex()):
            came = type(state.bias).__name__
            raise LossTypeError(f"{key}: bias must be None, a number or a tensor; got {came}")
        shape = tuple(state.bias.shape) if isinstance(state.bias, Tensor) else ()
        if spec.needs.bias == "unified" and shape not in ((), (1,)):
            raise LossError(
                f"{key}: its bias is one number for all classes; got shape {shape}. "
                f"For one bias per class take the loss with 'd' in its name."
            )
        if spec.needs.bias == "diverse" and shape not in ((), (1,), (classes,)):
            raise LossError(f"{key}: bias must have shape [K] = ({classes},); got {shape}")
    if not loss:
        return
    off = isinstance(params.get("lam"), (int, float)) and params["lam"] == 0
    if spec.needs.centers and not off:
        if state.centers is None:
            raise LossError(f"{key}: needs class centers [K, d] in the state; got none")
        _check_floats(key, "centers", state.centers, "[K, d]", 2)
        if state.centers.shape != state.weights.shape:
            raise LossError(
                f"{key}: centers must have the shape of the weights [K, d] = "
                f"{tuple(state.weights.shape)}; got {tuple(state.centers.shape)}"
            )
    if spec.needs.adversary and not off and not callable(state.adversary):
        raise LossError(f"{key}: needs an adversary in the state (features [N, d] -> 2K logits); got none")
