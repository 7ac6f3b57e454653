"""A sweep out of a message that `bundle` made: its plan, and what is known of each cell. Nothing in it is
trusted: a message may come from anywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.core.errors import LossvizError, RunError
from lossviz.figures import wire
from lossviz.runs import shown_samples
from lossviz.sweeps import bundle, results
from lossviz.sweeps.measures import MEASURES, RECALL
from lossviz.sweeps.plan import Cell, Plan
from lossviz.sweeps.results import Result
from lossviz.training.images import Points

Array = NDArray[Any]
MOST_WORDS, MOST_STEP = 500, 10**9
# The most bytes of the header, and of all arrays once they are read: cells may name the same one.
MOST_HEADER, MOST_ARRAYS = 64 * 2**20, 400 * 2**20


@dataclass(frozen=True, eq=False)
class Contents:
    """plan; results and images by the ids that cells have here. A cell that was not trained has neither; one
    whose features were not sent has a result with measures alone."""

    plan: Plan
    results: Mapping[str, Result]
    images: Mapping[str, Points]


def read(message: bytes) -> Contents:
    """The contents of a message. RunError says why it cannot be used."""
    try:
        header, array = wire.read(message, MOST_HEADER)
        if header["kind"] != bundle.KIND:
            raise ValueError(f"its kind is {header['kind']!r:.40}")
        if header["format"] != bundle.FORMAT:
            raise RunError(
                f"it was written by another version (format {header['format']!r:.20}, this one reads "
                f"{bundle.FORMAT}); update lossviz to open it"
            )
        return _Reading(header, array).contents()
    except LossvizError as error:
        raise RunError(f"the sweep in the file cannot be used: {error}") from None
    except (
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise RunError(f"the sweep in the file is damaged ({type(error).__name__}: {error!s:.120})") from None


class _Reading:
    """A header, and the arrays of its places."""

    def __init__(self, header: Mapping[str, Any], array: wire.Reader) -> None:
        self.header, self._array = header, array
        self._left = MOST_ARRAYS
        self.plan = Plan.from_values(header["plan"])
        if len(header["images"]) > len(self.plan.cells):
            raise ValueError(f"{len(header['images'])} sets of images for {len(self.plan.cells)} cells")
        self.images = [self._points(told) for told in header["images"]]

    def array(self, place: Any) -> Array:
        """The array at a place."""
        made = self._array(place)
        self._left -= made.nbytes
        if self._left < 0:
            raise ValueError(f"arrays of more than {MOST_ARRAYS >> 20} MB")
        return made

    def contents(self) -> Contents:
        """What the message holds."""
        header, plan = self.header, self.plan
        if len(header["cells"]) != len(plan.cells):
            raise ValueError(f"{len(header['cells'])} cells of a plan that has {len(plan.cells)}")
        count = len(plan.cells)
        values = self.array(header["values"]).reshape(count, -1)
        curves = self.array(header["curves"]["values"]).reshape(count, -1)
        seeds = [(each["seed"], each["subset"]) for each in header["seeds"]]
        ours = {_place(cell): cell for cell in plan.cells}
        found: dict[str, Result] = {}
        images: dict[str, Points] = {}
        for told, measures, curve in zip(header["cells"], values, curves, strict=True):
            loss = plan.losses[_index(told["loss"], len(plan.losses))]
            seed = seeds[_index(told["seed"], len(seeds))]
            cell = ours[loss, tuple(told["at"]), *seed]
            if told["state"] not in results.ENDED:
                continue
            found[cell.id] = self._result(cell, told, measures, curve)
            if "images" in told:
                images[cell.id] = self.images[_index(told["images"], len(self.images))]
        return Contents(plan, found, images)

    def _result(self, cell: Cell, told: Mapping[str, Any], measures: Array, curve: Array) -> Result:
        names = [*MEASURES, *(f"{RECALL}{k}" for k in range(len(measures) - len(MEASURES)))]
        numbers = {n: float(v) for n, v in zip(names, measures, strict=True) if math.isfinite(v)}
        accuracies = tuple(float(v) for v in curve if math.isfinite(v))
        if len(accuracies) > cell.config.epochs:
            raise ValueError(f"{len(accuracies)} epochs of a cell that has {cell.config.epochs}")
        result = Result(
            state=told["state"],
            reason=str(told.get("reason", ""))[:MOST_WORDS],
            measures=numbers,
            curve=accuracies,
            step=_index(told.get("step", 0), MOST_STEP),
        )
        return self._with_embedding(result, cell, told) if "features" in told else result

    def _with_embedding(self, result: Result, cell: Cell, told: Mapping[str, Any]) -> Result:
        images = self.images[_index(told["images"], len(self.images))]
        points, classes, dimension = len(images.labels), len(images.classes), cell.config.dimension
        scale = float(told["scale"])
        if not (math.isfinite(scale) and scale > 0):
            raise ValueError(f"a scale of {scale}")
        features = self.array(told["features"]).reshape(points, dimension)
        heads = {n: self.array(told[n]) for n in ("weights", "bias", "centers") if n in told}
        if not all(np.isfinite(values).all() for values in heads.values()):
            raise ValueError("numbers that are not finite")
        if (bias := heads.get("bias")) is not None and len(bias) not in (1, classes):
            raise ValueError(f"{len(bias)} biases of {classes} classes")
        centers = heads.get("centers")
        return Result(
            **{name: getattr(result, name) for name in ("state", "reason", "measures", "curve", "step")},
            features=features.astype(np.float32) * np.float32(scale),
            labels=images.labels,
            weights=heads["weights"].reshape(classes, dimension),
            bias=bias,
            centers=None if centers is None else centers.reshape(classes, dimension),
            params=self._params(cell, told),
            classes=images.classes,
        )

    def _params(self, cell: Cell, told: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters at the end: those of the config, with the numbers that training had moved."""
        params = dict(cell.config.loss_params())
        if "program" not in told:
            return params
        names = self.header["programs"][_index(told["program"], len(self.header["programs"]))]["params"]
        moved = {str(n): float(v) for n, v in zip(names, told["params"], strict=True)}
        return cell.config.spec.complete({**params, **moved})

    def _points(self, told: Mapping[str, Any]) -> Points:
        """Test images; black ones of one pixel where there are none."""
        labels = self.array(told["labels"]).astype(np.int64)
        facts = {name: told.get(name) for name in ("classes", "train_counts", "test_count", "mean", "std")}
        if len(labels) > results.POINTS:
            raise ValueError(f"{len(labels)} images of a cell, which shows {results.POINTS}")
        facts["data_found"] = str(told.get("found", ""))[:MOST_WORDS]
        classes = told["classes"]
        if not 1 <= len(classes) <= 2**16 or any(len(str(name)) > MOST_WORDS for name in classes):
            raise ValueError("names of classes")
        if "pixels" in told:
            channels, height, width = (_index(side, 2**14) for side in told["shape"])
            pixels = self.array(told["pixels"]).reshape(len(labels), channels, height, width)
            indices = self.array(told["indices"]).astype(np.int64)
        else:
            pixels, indices = np.zeros((len(labels), 1, 1, 1), np.uint8), np.arange(len(labels))
        return shown_samples.from_arrays({"pixels": pixels, "labels": labels, "indices": indices}, facts)


def _place(cell: Cell) -> tuple[Any, ...]:
    return cell.config.loss, cell.at, cell.config.seed, cell.config.subset_seed


def _index(value: Any, most: int) -> int:
    """A whole number from 0 up to `most`, which is not included; ValueError for anything else."""
    if type(value) is not int or not 0 <= value < most:
        raise ValueError(f"{value!r:.20} is no whole number from 0 to {most - 1}")
    return value
