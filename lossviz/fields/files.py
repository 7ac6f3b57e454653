"""Fields as files: arrays for other programs."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

import numpy as np

from lossviz.fields import Field
from lossviz.fields.opening import Opening


def npz(fields: Sequence[Field], openings: Mapping[str, Opening] = MappingProxyType({})) -> bytes:
    """An .npz: x [nx], y [ny], and for each loss its heights [ny, nx] and terms; `about` is JSON.

    openings: of the losses' valleys, by key; in `about`, with arcs in radians.
    """
    arrays: dict[str, np.ndarray] = {"x": fields[0].x, "y": fields[0].y}
    about: dict[str, dict[str, Any]] = {}
    for field in fields:
        key = field.spec.key
        arrays[key] = field.z_yx
        if len(field.terms) > 1:
            arrays.update({f"{key}/{name}": term for name, term in field.terms.items()})
        about[key] = {
            "params": dict(field.params),
            "label": field.label,
            "weights": field.state.weights.tolist(),
            "bias": None if field.state.bias is None else np.asarray(field.state.bias).tolist(),
            "centers": None if field.state.centers is None else field.state.centers.tolist(),
        }
        if key in openings:
            about[key]["opening"] = {**asdict(openings[key]), "degrees": openings[key].degrees}
    arrays["about"] = np.array(json.dumps(about))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def csv(fields: Sequence[Field]) -> bytes:
    """A table with a row a grid point: z1, z2, then one column a loss, with full precision."""
    first = fields[0]
    zx, zy = np.meshgrid(first.x, first.y)
    columns = [zx.ravel(), zy.ravel(), *(field.z_yx.ravel() for field in fields)]
    header = ",".join(["z1", "z2", *(field.spec.key for field in fields)])
    buffer = io.StringIO()
    np.savetxt(buffer, np.stack(columns, -1), delimiter=",", header=header, comments="", fmt="%.17g")
    return buffer.getvalue().encode()
