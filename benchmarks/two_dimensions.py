"""Every loss of the catalogue on ten digits in two dimensions: writes docs/two-dimensions.md.

`python -m benchmarks two_dimensions`: 5 seeds of each loss with its default recipe, and one with the recipe
switched off. A run that was measured before with the same config is not trained again; delete
docs/two-dimensions.json to measure all anew.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.report import heading, machine, say
from lossviz import losses
from lossviz.core import cores
from lossviz.figures import palette
from lossviz.losses.spec import LossSpec
from lossviz.metrics import uniform
from lossviz.metrics.bounds.margins import largest
from lossviz.training import RunConfig
from lossviz.training.recipes import PLAIN, facts_in_effect, value_of
from lossviz.training.trainer import Trainer

Array = NDArray[Any]
DOCS = Path(__file__).parent.parent / "docs"
KEPT, PAGE, PICTURES = "two-dimensions.json", "two-dimensions.md", "two-dimensions"
SEEDS, EPOCHS, GOAL = 5, 8, 0.95
PIXELS = 150


def run(folder: Path = DOCS) -> None:
    """Train what has not been measured, write the page, and say how many losses reach the goal."""
    heading("Every loss in two dimensions: MNIST, ten digits")
    cells = [*_cells()]
    known = _known(folder)
    open_ = [config for config in cells if _key(config) not in known]
    say(f"{len(cells)} runs, {len(open_)} of them to train")
    workers = max(1, min(cores.count(), len(open_)))
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        made = pool.map(_cell, [config.to_query() for config in open_])
        for number, (config, told) in enumerate(zip(open_, made, strict=True), 1):
            pixels = told.pop("pixels")
            known[_key(config)] = told
            (folder / KEPT).write_text(json.dumps(known, indent=0))
            if pixels is not None:
                _save(folder / PICTURES / f"{config.loss}.png", pixels)
            say(f"{number}/{len(open_)} {config.loss} seed {config.seed}: {100 * told['sample']:.1f} %")
    used = {_key(config): known[_key(config)] for config in cells}
    (folder / KEPT).write_text(json.dumps(used, indent=0))
    (folder / PAGE).write_text(_page(used))
    reached = [spec.key for spec in losses.catalogue().values() if _lowest(spec, used) >= GOAL]
    say(f"{len(reached)} of {len(losses.catalogue())} losses reach {100 * GOAL:g} % with {SEEDS} seeds")


def config_of(spec: LossSpec, seed: int, recipe: bool = True) -> RunConfig:
    """A run at the catalogue's default parameters; a margin on the cosine stays below its bound.

    recipe: as the loss's recipe says, or with all of it switched off.
    """
    bound = largest("cosine-margin", 10, 2).low
    params = {p.name: 0.15 for p in spec.params if p.link == "cosine-margin" and p.default >= bound}
    config = RunConfig(data="mnist", loss=spec.key, params=params, seed=seed, epochs=EPOCHS)
    return config if recipe else config.but(**PLAIN)


def _key(config: RunConfig) -> str:
    """All that determines a run here: its command, and what of the recipe it has."""
    said = config.to_command().removeprefix("python -m lossviz train ")
    return ", ".join([said, *(f"{name} {value_of(config, name)}" for name in PLAIN)])


def _cells() -> Iterator[RunConfig]:
    for spec in losses.catalogue().values():
        for seed in range(SEEDS):
            yield config_of(spec, seed)
        if facts_in_effect(config_of(spec, 0)):
            yield config_of(spec, 0, recipe=False)


def _known(folder: Path) -> dict[str, dict[str, Any]]:
    try:
        found: dict[str, dict[str, Any]] = json.loads((folder / KEPT).read_text())
    except (OSError, ValueError):
        return {}
    return found


def _cell(query: dict[str, str]) -> dict[str, Any]:
    """Accuracies on all test images, the bias and the seconds of one run; the picture of the first seed."""
    config = RunConfig.from_query(query)
    began = time.perf_counter()
    trainer = Trainer(config)
    while not trainer.done:
        trainer.advance()
    seconds = time.perf_counter() - began
    trainer.model.eval()
    with torch.inference_mode():
        parts = [(trainer.model(images), labels) for images, labels in trainer.images.test_batches()]
        features, labels = (torch.cat(list(column)) for column in zip(*parts, strict=True))
        state = trainer.model.state(trainer.adversary)
        logits = config.spec.logits_function(features, state, **config.loss_params())
    told = uniform.evaluate(logits.numpy(), labels.numpy())
    bias = trainer.model.bias
    first = config.seed == 0 and (bool(facts_in_effect(config)) or not config.spec.recipe)
    return {
        "sample": told.sample_wise,
        "class": told.class_wise,
        "uniform": told.uniform,
        "bias": None if bias is None else float(bias.detach().mean()),
        "seconds": round(seconds, 1),
        "stopped": trainer.stopped,
        "pixels": _picture(features.numpy(), labels.numpy(), state.weights.detach().numpy())
        if first
        else None,
    }


def _picture(features: Array, labels: Array, weights: Array) -> Array:
    """The embedding with the class weights as rays, uint8 [P, P, 4]: 2,000 images, equal aspect."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1, 1), dpi=PIXELS, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    shown, own = features[:2000], labels[:2000]
    colors = [palette.class_color(k) for k in own]
    axes.scatter(shown[:, 0], shown[:, 1], s=1.0, lw=0, c=colors)
    reach = 1.1 * float(np.quantile(np.linalg.norm(shown, axis=-1), 0.99))
    for number, ray in enumerate(weights):
        ray = 0.95 * reach * ray / max(float(np.linalg.norm(ray)), 1e-9)
        axes.plot([0, ray[0]], [0, ray[1]], lw=0.7, color=palette.class_color(number))
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


def _save(path: Path, pixels: Array) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).convert("RGB").quantize(64).save(path, optimize=True)


def _lowest(spec: LossSpec, known: dict[str, dict[str, Any]]) -> float:
    return min(known[_key(config_of(spec, seed))]["sample"] for seed in range(SEEDS))


def _page(known: dict[str, dict[str, Any]]) -> str:
    """The table of all losses, in Markdown."""
    specs = list(losses.catalogue().values())
    reached = sum(_lowest(spec, known) >= GOAL for spec in specs)
    lines = [
        "# Every loss on ten digits in two dimensions",
        "",
        "MNIST (60,000 images to train, 10,000 to test), the small network, "
        f"{EPOCHS} epochs, the catalogue's default parameters (CosFace at m = 0.15: ten classes in 2-D allow "
        f"less than {largest('cosine-margin', 10, 2).low:.2f}), seeds 0 to {SEEDS - 1}. Made by "
        "`python -m benchmarks two_dimensions`.",
        "",
        f"**{reached} of {len(specs)} losses reach {100 * GOAL:g} % test accuracy with each of the {SEEDS} "
        "seeds.** Accuracies in percent, of all 10,000 test images: A_SW each sample by its own threshold "
        "(the usual accuracy), A_CW each class by its best, A_Uni all by the best single one; mean over "
        "seeds, and for A_SW the lowest. Before: A_SW with the recipe switched off, seed 0. Pictures: seed "
        "0, the first 2,000 test images, rays along the class weights.",
        "",
        "| loss | embedding | before | A_SW, mean | lowest | A_CW | A_Uni | mean bias | s a run | recipe |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for spec in specs:
        each = [known[_key(config_of(spec, seed))] for seed in range(SEEDS)]
        recipe = facts_in_effect(config_of(spec, 0))
        before = known[_key(config_of(spec, 0, recipe=False))]["sample"] if recipe else None
        mean = {name: statistics.mean(one[name] for one in each) for name in ("sample", "class", "uniform")}
        bias = "" if each[0]["bias"] is None else f"{statistics.mean(o['bias'] for o in each):.2f}"
        cells = [
            f"**{spec.title}** `{spec.key}`",
            f"![{spec.title}]({PICTURES}/{spec.key}.png)",
            "as now" if before is None else f"{100 * before:.1f}",
            f"{100 * mean['sample']:.1f}",
            f"{100 * _lowest(spec, known):.1f}",
            f"{100 * mean['class']:.1f}",
            f"{100 * mean['uniform']:.1f}",
            bias.replace("-", "−"),
            f"{statistics.median(one['seconds'] for one in each):.0f}",
            ", ".join(f"`{name}={fact.value}`" for name, fact in recipe.items()) or "none",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "## Why", "", *_reasons(specs), "", "## What does not learn", "", *_cautions(specs)]
    return "\n".join([*lines, "", f"Machine: {machine()}", ""])


def _reasons(specs: Sequence[LossSpec]) -> list[str]:
    said: dict[str, list[str]] = {}
    for spec in specs:
        for name, fact in spec.recipe.items():
            said.setdefault(f"`{name}={fact.value}`: {fact.reason}", []).append(f"`{spec.key}`")
    return [f"- {text} ({', '.join(keys)})" for text, keys in said.items()]


def _cautions(specs: Sequence[LossSpec]) -> list[str]:
    return [f"- `{spec.key}`: {spec.caution}" for spec in specs if spec.caution] or ["Nothing."]
