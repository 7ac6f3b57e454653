"""A run at one step as a panel of the scatter: points, guesses, losses, the landscape behind them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from lossviz.core.errors import LossvizError
from lossviz.core.text import fixed, number_text, percent
from lossviz.fields import grid_features
from lossviz.figures.levels import band_edges, shared_range
from lossviz.figures.scatter import Panel
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec, total
from lossviz.readings.advice.verdicts import merge_state
from lossviz.readings.plane import axes_of, share
from lossviz.readings.plane_extent import reach_at
from lossviz.readings.reading import Array
from lossviz.runs import names
from lossviz.runs.run import Run
from lossviz.runs.status import RunStatus
from lossviz.training.config import RunConfig
from lossviz.training.images import Points
from lossviz.training.snapshot import Snapshot, spec_of

GRID = 72
LONG = 80  # letters of a reason in a panel without points; the message below the picture has them all
TROUBLED = ("failed", "lost", "diverged")
PLAIN = ("running", "finished")  # nothing is said of these


def note(config: RunConfig, shot: Snapshot | None, tested: Mapping[str, Any] | None) -> str:
    """Give the state of the run: epoch, test accuracy, what is annealed, the share that has the margin."""
    if shot is None:
        return ""
    parts = [f"epoch {fixed(shot.epoch)}".removesuffix(".0") + f"/{config.epochs}"]
    accuracy = (tested or {}).get("test_accuracy")
    if isinstance(accuracy, float) and math.isfinite(accuracy):
        parts.append(f"test {percent(accuracy)}")
    spec, target = spec_of(config, shot), {**config.loss_params()}
    for move in spec.anneals:
        value = shot.params.get(move.name)
        end = target.get(move.name, move.end)
        if value is not None and value != end:
            param = spec.param(move.name)
            text = f"{fixed(math.degrees(value))}°" if param.unit == "rad" else f"{value:.3g}"
            parts.append(f"{param.letter} {text}")
    share = (tested or {}).get("margin_share")
    if spec is config.spec and isinstance(share, float) and math.isfinite(share) and target.get("margin"):
        parts.append(f"m: {percent(share, 0)}")
    return " · ".join(parts)


def warning(now: RunStatus, verdicts: Sequence[str], tested: Mapping[str, Any] | None) -> str | None:
    """The reason why a run has ended before its time, else the verdicts on it, the newest first, in one line:
    "1 and 8 have merged (+2 pairs)"; None without either.

    A verdict on merged classes, or ones that have not parted yet, shows only at frames where it holds.
    """
    if now.state in TROUBLED and now.reason:
        return now.reason
    if not verdicts:
        return None
    merged = bool((tested or {}).get("merged_pairs"))
    said = [text for text in reversed(verdicts) if merged or not merge_state([text])]
    heads = [text.partition(": ")[0].removeprefix("Classes ") for text in said]
    return " · ".join(head.replace(" (and ", " (+").replace(" more pair", " pair") for head in heads)


def state_words(now: RunStatus, before: int) -> str:
    """The state in a few words, for a panel without points or its corner."""
    if now.state == "queued" and before < 0:
        return "starting"
    if now.state == "queued":
        return (
            "waiting in the queue" + (f", {before} before it" if before else "")
            if now.queued
            else "not started"
        )
    if now.silent:
        return "does not answer"
    if now.state == "starting" and now.reason:
        return now.reason
    return "" if now.state in PLAIN else now.state


def last_tested(run: Run, step: int) -> Mapping[str, Any] | None:
    """The last line of metrics at or before a step."""
    rows = [row for row in run.metrics() if isinstance(row.get("step"), int) and row["step"] <= step]
    return rows[-1] if rows else None


def empty(run: Run, now: RunStatus, before: int = 0, more: str = "") -> Panel:
    """A panel for a run without a frame: why, in words. more: as in `panel`."""
    if run.problem:
        return Panel(run=run.id, title=run.id, state="cannot be read: damaged, or of another version")
    words = state_words(now, before) or "first frame in a moment"
    if now.reason and now.state in (*TROUBLED, "stopped"):
        rest = " … (all of it below)"
        words = f"{now.state}: {textwrap.shorten(now.reason, LONG + len(rest), placeholder=rest)}"
    return Panel(run=run.id, title=names.beside(more, names.title(run.config)), state=words)


def panel(
    run: Run,
    shot: Snapshot,
    points: Points,
    now: RunStatus,
    *,
    said: Sequence[str] = (),
    layer: str = "field",
    of_class: int = 0,
    more: str = "",
    grid: int = GRID,
) -> Panel:
    """One run at one snapshot. said: the verdicts, in sentences. more: how this panel differs from the
    others, before the title, or behind it if long. grid: places a side at which the loss or the prediction
    is computed."""
    config = run.config
    spec, state = spec_of(config, shot), shot.state()
    classes = points.classes
    features, weights, centers = shot.features, shot.weights, shot.centers
    with torch.inference_mode():
        guesses, values = _judged(spec, shot, state)
    name = (
        names.title(config)
        if spec is config.spec
        else f"{spec.title}, before the fork to {config.spec.title}"
    )
    tested = last_tested(run, shot.step)
    stands = note(config, shot, tested)
    words = state_words(now, 0)
    stands = f"{words} · {stands}" if words else stands
    if features.shape[1] not in (2, 3):
        features, weights, centers, told = _plane(run, now, shot)
        stands = f"{stands} · {told}"
    reach = reach_at(run, shot.step, shot.features)
    shown: dict[str, Any] = {}
    if shot.features.shape[1] == 2 and layer != "none":
        shown = ground(spec, state, shot.params, reach, layer, min(of_class, len(classes) - 1), grid)
    return Panel(
        run=run.id,
        title=names.beside(more, name),
        note=stands,
        warning=warning(now, said, tested),
        classes=classes,
        features=features.astype(np.float32, copy=False),
        labels=shot.labels,
        predictions=guesses,
        losses=values,
        numbers=points.indices[: len(features)],
        weights=weights,
        centers=centers,
        reach=reach,
        **shown,
    )


def _judged(spec: LossSpec, shot: Snapshot, state: ClassState) -> tuple[Array, Array]:
    """The predicted class and the loss of each point."""
    features, labels = torch.tensor(shot.features), torch.tensor(shot.labels)
    guesses = spec.logits_function(features, state, **shot.params).argmax(-1)
    values = total(spec.terms_function(features, labels, state, **shot.params))
    return guesses.numpy(), values.numpy()


def ground(
    spec: LossSpec,
    state: ClassState,
    params: Mapping[str, Any],
    reach: float,
    layer: str,
    of_class: int,
    side: int = GRID,
) -> dict[str, Any]:
    """Compute the layer behind the points: the loss of a class over the plane, or the class that wins."""
    grid = grid_features((-reach, reach, -reach, reach), side, torch.float32)
    with torch.inference_mode():
        if layer == "regions":
            best = spec.logits_function(grid, state, **params).argmax(-1)
            return {"regions": best.reshape(side, side).to(torch.int32).numpy()}
        labels = torch.full((len(grid),), of_class)
        values = total(spec.terms_function(grid, labels, state, **params)).reshape(side, side).numpy()
    low, high = shared_range([values])
    return {"field": values, "levels": tuple(band_edges(low, high).tolist())}


def _plane(run: Run, now: RunStatus, shot: Snapshot) -> tuple[Array, Array, Array | None, str]:
    """Features, weights and centres on the two axes of the run, and which these are."""
    features, weights, centers = shot.features, shot.weights, shot.centers
    if features.shape[1] == 1:
        pad = lambda a: np.concatenate([a, np.zeros_like(a)], -1)  # noqa: E731
        return pad(features), pad(weights), None if centers is None else pad(centers), "one dimension"
    found = axes_of(run, now, features.shape[1])
    of = "" if found.epoch == shot.epoch else f", axes of epoch {found.epoch:.3g}"
    # The number comes first, since a narrow panel cuts off the end.
    told = (
        f"PCA {100 * share(features, found.axes):.0f} % of the variance of {features.shape[1]} dimensions{of}"
    )
    axes = found.axes
    return features @ axes, weights @ axes, None if centers is None else centers @ axes, told


def point_lines(run: Run, shot: Snapshot, points: Points, index: int) -> list[str]:
    """Describe one point in lines: its label, the guess, its loss, its place."""
    if not 0 <= index < len(shot.features):
        raise LossvizError(f"point: there are {len(shot.features)} in this frame; got number {index}")
    with torch.inference_mode():
        guesses, values = _judged(spec_of(run.config, shot), shot, shot.state())
    own, guess = points.classes[points.labels[index]], points.classes[guesses[index]]
    where = ", ".join(number_text(v, 3) for v in shot.features[index][:3])
    said = f"taken for {guess}" if guess != own else "recognised"
    return [
        f"{own} · {said}",
        f"loss {values[index]:.3g}",
        f"z = ({where})",
        f"test image {points.indices[index]:,}",
    ]


@lru_cache(maxsize=24)
def snapshot(run: Run, step: int) -> Snapshot:
    """A run's snapshot, kept for who looks again at the same picture; snapshots do not change.

    Few are kept: in 4,096 dimensions one takes 32 MB.
    """
    return run.snapshot(step)


def frame_at(steps: Sequence[int], steps_per_epoch: float, epoch: float | None) -> int | None:
    """The index of the frame nearest below an epoch, or of the last; None without frames."""
    if not steps:
        return None
    if epoch is None:
        return len(steps) - 1
    wanted = epoch * steps_per_epoch + 1e-6
    return max(0, sum(step <= wanted for step in steps) - 1)
