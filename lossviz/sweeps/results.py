"""Results of cells: the numbers and the embedding that a cell ends with, in one small file of its folder."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.core.errors import LossvizError, RunError
from lossviz.core.matrices import tuples
from lossviz.metrics import angular, clusters
from lossviz.runs import files
from lossviz.runs.run import Run
from lossviz.sweeps.measures import MEASURES, RECALL
from lossviz.training.snapshot import Snapshot

Array = NDArray[Any]

FILE = "result.safetensors"
# Points of the embedding that are kept, the first of those shown: as balanced over the classes as can be.
POINTS = 400
_STEPS = 32_767
ENDED = ("finished", "diverged", "failed")


@dataclass(frozen=True, eq=False)
class Result:
    """A cell at its end.

    state: "finished", "diverged" or "failed"; reason: why, of the latter two. measures: numbers by the names
    of MEASURES, and recall_k; on all test images unless the embedding is needed, then on its points. curve:
    test accuracy after each epoch. features: [P, d], of the first test images shown. labels: [P]. weights:
    [K, d]. bias: None, [1] or [K]. centers: None or [K, d]. params: those of the loss at the end. step: of
    training, at which that was.
    Without an embedding (failed before the first epoch) the arrays are empty.
    """

    state: str
    reason: str = ""
    measures: Mapping[str, float] = field(default_factory=dict)
    curve: tuple[float, ...] = ()
    features: Array = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    labels: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    weights: Array = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    bias: Array | None = None
    centers: Array | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    step: int = 0

    @property
    def ended_well(self) -> bool:
        """True if it was trained to its end."""
        return self.state == "finished"


def of(run: Run) -> Result | None:
    """The result of a cell; None while it has none. It is written where that has not been done."""
    path = run.path / FILE
    with contextlib.suppress(RunError):
        return _results(path)
    state = run.status.state
    if state not in ENDED:
        return None
    made = measured(run)
    with contextlib.suppress(OSError):
        write(run, made)
    return made


def write(run: Run, result: Result) -> None:
    """Write the result of a cell. OSError as the system gives it."""
    files.replace_file(run.path / FILE, encode(result))


def measured(run: Run) -> Result:
    """The result of a run that has ended, from its folder."""
    now = run.status
    rows = run.metrics()
    curve = tuple(float(row["test_accuracy"] or 0.0) for row in rows if "test_accuracy" in row)
    result = Result(state=now.state, reason=now.reason, curve=curve)
    frames = run.frames()
    if not frames or not rows:
        return result
    with contextlib.suppress(LossvizError):
        shot, points = run.snapshot(frames[-1]), run.points()
        return _with_embedding(result, shot, rows[-1], points.classes)
    return result


def _with_embedding(
    result: Result, shot: Snapshot, row: Mapping[str, Any], classes: tuple[str, ...]
) -> Result:
    shown = shot.features[:POINTS], shot.labels[:POINTS]
    names = [*MEASURES, *(name for name in row if name.startswith(RECALL))]
    numbers = {name: row.get(name) for name in names} | _of_embedding(
        shot.features, shot.labels, shot.weights
    )
    return Result(
        state=result.state,
        reason=result.reason,
        measures={n: float(v) for n, v in numbers.items() if v is not None and math.isfinite(v)},
        curve=result.curve,
        features=shown[0],
        labels=shown[1],
        weights=shot.weights,
        bias=shot.bias,
        centers=shot.centers,
        params=shot.params,
        classes=classes,
        step=shot.step,
    )


def _of_embedding(features: Array, labels: Array, weights: Array) -> dict[str, float]:
    """The measures that need the embedding: silhouette, angular_spread and smallest_gap (radians)."""
    if not np.isfinite(features).all() or not np.isfinite(weights).all():
        return {}
    own = angular.own_and_other(features, weights, labels).own
    between = angular.angles(weights, weights)
    np.fill_diagonal(between, math.inf)
    return {
        "silhouette": clusters.silhouette(features, labels, len(weights)).value,
        "angular_spread": float(own.mean()),
        "smallest_gap": float(between.min()) if len(weights) > 1 else math.nan,
    }


def in_steps(features: Array) -> tuple[float, Array]:
    """Features as int16 and what one step is: 1/32,767 of the largest finite one."""
    largest = float(np.abs(features[np.isfinite(features)]).max(initial=0.0))
    scale = largest / _STEPS or 1.0
    steps = np.round(np.nan_to_num(features / scale, posinf=_STEPS, neginf=-_STEPS))
    return scale, np.clip(steps, -_STEPS, _STEPS).astype(np.int16)


def encode(result: Result) -> bytes:
    """The file of a result: features in steps of 1/32,767 of the largest, all else as it is."""
    scale, steps = in_steps(result.features)
    arrays: dict[str, Array] = {
        "features": steps,
        "labels": result.labels.astype(np.int32),
        "weights": result.weights.astype(np.float32),
        "curve": np.asarray(result.curve, np.float32),
    }
    for name in ("bias", "centers"):
        if (values := getattr(result, name)) is not None:
            arrays[name] = np.asarray(values, np.float32)
    facts = {
        "format": 1,
        "scale": scale,
        "state": result.state,
        "reason": result.reason,
        "measures": dict(result.measures),
        "params": dict(result.params),
        "classes": list(result.classes),
        "step": result.step,
    }
    return files.encode_arrays(arrays, facts)


def _read(path: Any) -> Result:
    arrays, facts = files.read_arrays(path)
    try:
        return Result(
            state=str(facts["state"]),
            reason=str(facts["reason"]),
            measures={str(name): float(value) for name, value in facts["measures"].items()},
            curve=tuple(map(float, arrays["curve"])),
            features=arrays["features"].astype(np.float32) * np.float32(facts["scale"]),
            labels=arrays["labels"].astype(np.int64),
            weights=arrays["weights"],
            bias=arrays.get("bias"),
            centers=arrays.get("centers"),
            params={name: tuples(value) for name, value in facts["params"].items()},
            classes=tuple(map(str, facts["classes"])),
            step=int(facts.get("step", 0)),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RunError(f"{path.parent.name}: {FILE} is damaged ({error!r:.80})") from None


_results = files.Parsed(_read, most=2**14)
