"""The checks of the inputs of metrics: shapes, ranges and finite values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics.vectors import Array


def plain(name: str, given: Any) -> Array:
    """`given` as an array of numpy in this machine's memory, whatever holds it; MetricError if nothing can.

    Tensors with or without a gradient, on any device, sparse or quantised; lists of them; tables and
    columns of pandas; arrays and lists. Not copied where numpy can share the memory. Types that numpy does
    not calculate with everywhere become the nearest that it does: bfloat16 and 8 bits float32, longdouble
    float64. A masked entry is a missing number and refused.
    """
    try:
        several = isinstance(given, (list, tuple)) and any(hasattr(part, "detach") for part in given)
        found = np.asarray([_dense(part) for part in given] if several else _dense(given))
    except MetricError as error:
        raise MetricError(f"{name} {error}") from None
    except Exception as error:
        # Rows of several lengths, a device that is gone: each library has errors of its own.
        told = str(error).partition("\n")[0][:120]
        raise MetricError(
            f"{name} must be an array of numbers; this cannot be read as one ({told})"
        ) from None
    if found.dtype.kind == "O" and {type(value) for value in found.flat} <= {int, float}:
        found = np.array(found.tolist())
    if found.dtype == np.longdouble:
        with np.errstate(over="ignore"):
            found = found.astype(np.float64, copy=False)
    return found.astype(found.dtype.newbyteorder("="), copy=False)


def _dense(given: Any) -> Any:
    """A tensor as an array; anything else as it is, unless parts of it are masked."""
    if np.ma.isMaskedArray(given) and np.ma.is_masked(given):
        masked = int(np.count_nonzero(np.ma.getmaskarray(given)))
        raise MetricError(
            f"must hold every number; {masked} are masked. Fill them in, or leave the samples out"
        )
    if not hasattr(given, "detach"):
        return given
    # Whoever gives a tensor has imported torch; measuring arrays does not.
    tensor = given.detach()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.is_sparse or "sparse" in str(tensor.layout):
        tensor = tensor.to_dense()
    narrow = tensor.is_floating_point() and str(tensor.dtype)[6:] not in ("float16", "float32", "float64")
    tensor = (tensor.float() if narrow else tensor).cpu()
    return tensor.resolve_conj().resolve_neg().numpy()


def vectors(name: str, values: ArrayLike, shape: str = "[N, d]") -> Array:
    """`values` as an array of finite numbers with two axes and at least one entry, else MetricError.

    Nothing is copied where an array comes in; floats keep their width.
    """
    array = plain(name, values)
    if array.dtype.kind not in "fiu":
        raise MetricError(f"{name} must be real numbers {shape}; got {array.dtype}")
    if array.ndim != 2:
        raise MetricError(f"{name} must have shape {shape}; got {array.shape}")
    if not array.size:
        raise MetricError(f"{name} {shape} must hold at least one number; got shape {array.shape}")
    _finite(name, array)
    return array


def values(name: str, given: ArrayLike, shape: str = "[N]") -> Array:
    """`given` as float64 with one axis and at least one entry; NaN is allowed, infinity is not."""
    array = plain(name, given)
    if array.dtype.kind not in "fiu" or array.ndim != 1 or not array.size:
        raise MetricError(
            f"{name} must be real numbers {shape}, at least one; got {array.dtype} {array.shape}"
        )
    if np.isinf(array).any():
        raise MetricError(f"{name} must not be infinite; got {np.isinf(array).sum()} infinite values")
    return array.astype(np.float64)


def _finite(name: str, array: Array) -> None:
    bad = ~np.isfinite(array).all(1)
    if bad.any():
        raise MetricError(
            f"{name} must be finite; {np.count_nonzero(bad)} of {len(array)} rows hold NaN or infinity, "
            f"the first is row {int(np.argmax(bad))} (a run that diverged? take an earlier epoch)"
        )


def class_numbers(name: str, numbers: ArrayLike, samples: int, classes: int) -> Array:
    """`numbers` as int64 [N] within 0..K−1, else MetricError."""
    array = plain(name, numbers)
    if array.dtype.kind not in "iu":
        raise MetricError(f"{name} must be whole numbers [N]; got {array.dtype}")
    if array.shape != (samples,):
        raise MetricError(f"{name} must have shape [N] = ({samples},); got {array.shape}")
    _at_least_one(classes)
    if samples and (array.min() < 0 or array.max() >= classes):
        came = array.min() if array.min() < 0 else array.max()
        raise MetricError(f"{name} must lie in 0..{classes - 1} for {classes} classes; got {came}")
    return array.astype(np.int64, copy=False)


def labelled(features: ArrayLike, labels: ArrayLike, classes: int) -> tuple[Array, Array]:
    """Features [N, d] and their labels [N], both checked."""
    rows = vectors("features", features)
    return rows, class_numbers("labels", labels, len(rows), classes)


def against(features: ArrayLike, weights: ArrayLike) -> tuple[Array, Array]:
    """Features [N, d] and class weights [K, d] of one dimension, both checked."""
    rows, columns = vectors("features", features), vectors("weights", weights, "[K, d]")
    if rows.shape[1] != columns.shape[1]:
        raise MetricError(
            f"features [N, d] and weights [K, d] must share d; got {rows.shape} and {columns.shape}"
        )
    return rows, columns


def important_classes(important: int | Sequence[int], classes: int) -> tuple[int, ...]:
    """The important classes, one number or several, as sorted numbers within 0..K−1."""
    given = np.atleast_1d(plain("important", important))
    if given.dtype.kind not in "iu" and given.size:
        raise MetricError(f"important must be whole numbers of classes; got {given.dtype}")
    numbers = tuple(sorted({int(k) for k in given.reshape(-1)}))
    if not numbers or numbers[0] < 0 or numbers[-1] >= classes:
        came = given.reshape(-1)[:8].tolist() or "none"
        raise MetricError(f"important must name one class or several in 0..{classes - 1}; got {came}")
    return numbers


def _at_least_one(classes: int) -> None:
    if not isinstance(classes, (int, np.integer)):
        raise MetricError(f"classes must be a whole number; got {type(classes).__name__} {classes!s:.40}")
    if classes < 1:
        raise MetricError(f"classes must be at least 1; got {classes}")
