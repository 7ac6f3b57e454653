"""Bundle: a sweep with the results of its cells as one message, from which a browser draws every cell.

The header has the axes, losses and seeds, the code of the losses, and the cells; the arrays beside it have
what each cell ends with. Read by figures/cells/sweep.js; figures/cells/README.md lists the fields.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz import losses
from lossviz.fields.panel import MAX_CLASSES
from lossviz.figures import palette, wire
from lossviz.figures.scatter.packing import colours
from lossviz.programs.javascript import landscape
from lossviz.programs.javascript.flow import important_of
from lossviz.programs.javascript.landscape import Bias
from lossviz.readings.plane import principal
from lossviz.readings.plane_extent import plane_reach
from lossviz.sweeps import counts
from lossviz.sweeps.axes import Axis
from lossviz.sweeps.measures import MEASURES, RECALL
from lossviz.sweeps.plan import Cell, Plan
from lossviz.sweeps.results import Result, in_steps
from lossviz.sweeps.store import Sweep
from lossviz.training.images import Points, choice_of

Array = NDArray[Any]
KIND, FORMAT = "lossviz sweep", 1
# Features of so many dimensions are sent; of more, counts alone.
MOST_DIMENSIONS = 8
WAITING = "waiting"


def encode(sweep: Sweep, current: Mapping[str, Any] | None = None, echo: int = 0) -> bytes:
    """A sweep as it stands, as a message (lossviz.figures.wire).

    current: {"loss": key, "at": [index on each axis], "seed": index of the seeds}, the cell that is shown;
    None for one in the middle. echo: id of the last `rest` that this answers.
    """
    found = sweep.results()
    images: dict[Any, Points | None] = {}
    states = {}
    for cell in sweep.plan.cells:
        if cell.id not in found:
            states[cell.id] = sweep.state(cell)
        elif found[cell.id].features.size and _images_of(cell) not in images:
            images[_images_of(cell)] = sweep.points(cell)
    shown = {cell.id: images.get(_images_of(cell)) for cell in sweep.plan.cells}
    return message(sweep.plan, found, shown, states, current=current, echo=echo)


def _images_of(cell: Cell) -> tuple[Any, ...]:
    """What decides which test images a cell shows."""
    return choice_of(cell.config), cell.config.images_seed, cell.config.points


def message(
    plan: Plan,
    results: Mapping[str, Result],
    images: Mapping[str, Points | None],
    states: Mapping[str, str] | None = None,
    *,
    current: Mapping[str, Any] | None = None,
    echo: int = 0,
) -> bytes:
    """A plan and results by the ids of cells, as a message. images: of each cell, the test images that it
    shows, its features' first. states: of cells without a result; "waiting" if not told."""
    made = _Making(plan)
    cells = [
        made.cell(cell, results.get(cell.id), images.get(cell.id), (states or {}).get(cell.id, WAITING))
        for cell in plan.cells
    ]
    specs = plan.specs
    header = {
        "kind": KIND,
        "format": FORMAT,
        "title": _title(plan),
        "plan": plan.to_values(),
        "command": plan.to_command(),
        "axes": [_axis(axis, plan) for axis in plan.axes],
        "losses": [{"key": s.key, "title": s.title, "learns": s.learns_threshold} for s in specs],
        "seeds": [{"seed": seed, "subset": sub, "text": text} for (seed, sub), text in seeds(plan).items()],
        "measures": [{"name": m.name, "title": m.title, "format": m.format} for m in MEASURES.values()],
        "colours": {**colours(), "sides": {n: palette.sides(n == "dark") for n in ("light", "dark")}},
        "cells": cells,
        "current": None if current is None else dict(current),
        "echo": echo,
        **made.tables([results.get(cell.id) for cell in plan.cells]),
    }
    return wire.message(header)


def _title(plan: Plan) -> str:
    """The title of a plan with the losses as a reader knows them."""
    what = plan.title.partition(": ")[2]
    titles = [spec.title for spec in plan.specs]
    return f"{', '.join(titles[:4])}{f' and {len(titles) - 4} more' if len(titles) > 4 else ''}: {what}"


def _axis(axis: Axis, plan: Plan) -> dict[str, Any]:
    """The header of an axis. of: for each loss what its values are called there; null where it lacks it."""
    of: list[dict[str, Any] | None] = []
    for spec in plan.specs:
        if not axis.of_run and axis.name not in {param.name for param in spec.params}:
            of.append(None)
            continue
        declared = axis.declared([spec])
        letter = declared.letter if declared.symbol else ""
        of.append(
            {"title": declared.title, "letter": letter, "texts": [declared.text(v) for v in axis.values]}
        )
    common = axis.declared(plan.specs)
    values = [v if isinstance(v, (int, float, str)) else common.write(v) for v in axis.values]
    return {"name": axis.name, "title": common.title, "unit": common.unit, "values": values, "of": of}


def seeds(plan: Plan) -> dict[tuple[int, int], str]:
    """The seeds of training and of subsets, in order, and what they are called."""
    several = len(plan.subset_seeds) > 1
    return {
        (seed, subset): f"{seed}, images {subset}" if several else str(seed)
        for subset in plan.subset_seeds
        for seed in plan.seeds
    }


@dataclass
class _Making:
    """What the cells of a message share, gathered while they are made."""

    plan: Plan
    sources: dict[str, str] = field(default_factory=dict)
    programs: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._losses = {key: place for place, key in enumerate(self.plan.losses)}
        self._seeds = {pair: place for place, pair in enumerate(seeds(self.plan))}
        self._image_sets: dict[tuple[Any, ...], int] = {}

    def tables(self, results: Sequence[Result | None]) -> dict[str, Any]:
        """The tables of all cells, and what they refer to by number."""
        classes = max((len(r.weights) for r in results if r is not None), default=0)
        names = [*MEASURES, *(f"{RECALL}{k}" for k in range(classes))]
        told = [{} if r is None else r.measures for r in results]
        curves = [() if r is None else r.curve for r in results]
        longest = max(map(len, curves), default=0)
        padded = [[*curve, *[math.nan] * (longest - len(curve))] for curve in curves]
        values = [[measures.get(name, math.nan) for name in names] for measures in told]
        return {
            "values": np.array(values, np.float32),
            "curves": {"epochs": longest, "values": np.array(padded, np.float32)},
            "programs": self.programs,
            "sources": self.sources,
            "images": self.images,
        }

    def cell(self, cell: Cell, result: Result | None, images: Points | None, state: str) -> dict[str, Any]:
        """The header of one cell."""
        config = cell.config
        made: dict[str, Any] = {
            "id": cell.id,
            "loss": self._losses[config.loss],
            "at": list(cell.at),
            "seed": self._seeds[config.seed, config.subset_seed],
            "state": state if result is None else result.state,
        }
        if result is None:
            return made
        if result.reason:
            made["reason"] = result.reason
        if not result.features.size or not np.isfinite(result.weights).all():
            return made
        return made | self._embedding(cell, result, images)

    def _embedding(self, cell: Cell, result: Result, images: Points | None) -> dict[str, Any]:
        shape = result.weights.shape
        made: dict[str, Any] = {"step": result.step, "images": self._image_set(result, images)}
        if shape[1] > MOST_DIMENSIONS:
            return made | {"counts": counts.places(cell, result)}
        scale, steps = in_steps(result.features)
        made |= {
            "scale": scale,
            "features": steps,
            "weights": result.weights,
            **self._code(cell, result),
        }
        for name in ("bias", "centers"):
            if (values := getattr(result, name)) is not None:
                made[name] = values
        drawn = result.features
        if shape[1] > 3 and (axes := principal(drawn)) is not None:
            made["plane"] = axes.T
            drawn = drawn @ axes
        return made | {"reach": round(plane_reach(drawn, None), 9)}

    def _code(self, cell: Cell, result: Result) -> dict[str, Any]:
        """The program of a cell, by its number, and the parameters that it takes."""
        spec, (classes, dimension) = losses.get(cell.config.loss), result.weights.shape
        params = {**cell.config.loss_params(), **result.params}
        bias: Bias = "none" if result.bias is None else "unified" if len(result.bias) == 1 else "diverse"
        code = landscape.landscape(spec, classes, dimension, params, bias, classes <= MAX_CLASSES)
        if not code.scores:
            return {}
        first = next((i for i, name in enumerate(code.inputs) if name in params), len(code.inputs))
        names = list(code.inputs[first:])
        ids = {part: self._source(getattr(code, part)) for part in ("scores", "own", "other")}
        program = {
            "classes": classes,
            "dimension": dimension,
            "params": names,
            "bias": bias,
            "important": list(important_of(spec, params)),
            **ids,
        }
        if program not in self.programs:
            self.programs.append(program)
        matrices = [params[p.name] for p in spec.params if p.kind == "matrix" and params[p.name] is not None]
        return {
            "program": self.programs.index(program),
            "params": [float(params[name]) for name in names],
            **({"matrices": matrices} if matrices else {}),
        }

    def _source(self, source: str) -> str:
        if not source:
            return ""
        name = landscape.name(source)
        self.sources[name] = source
        return name

    def _image_set(self, result: Result, images: Points | None) -> int:
        """The number of the test images of a cell."""
        classes = len(result.weights)
        points = len(result.labels)
        names = result.classes if len(result.classes) == classes else tuple(map(str, range(classes)))
        made: dict[str, Any] = {
            "classes": list(names),
            "labels": result.labels.astype(np.uint8 if classes <= 256 else np.uint16),
        }
        key: tuple[Any, ...] = (names, result.labels.tobytes())
        if images is not None and np.array_equal(images.labels[:points], result.labels):
            key += (repr(_told(images)), images.indices[:points].tobytes())
            made |= _told(images) | {
                "pixels": images.pixels[:points],
                "indices": images.indices[:points].astype(np.uint32),
            }
        if key not in self._image_sets:
            self._image_sets[key] = len(self.images)
            self.images.append(made)
        return self._image_sets[key]


def _told(images: Points) -> dict[str, Any]:
    """What is known of test images besides their arrays."""
    return {
        "shape": list(images.pixels.shape[1:]),
        "found": images.data_found,
        "train_counts": None if images.train_counts is None else list(images.train_counts),
        "test_count": images.test_count,
        "mean": None if images.mean is None else list(images.mean),
        "std": None if images.std is None else list(images.std),
    }
