"""Runs as a sequence of frames, for a page or pictures that replay them without the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lossviz.core.errors import RunError
from lossviz.figures import animation
from lossviz.figures.scatter import Options, Panel, Timeline
from lossviz.pages.train.view import LiveView
from lossviz.readings import panels
from lossviz.readings.advice.runs import verdicts_of
from lossviz.runs import Run
from lossviz.runs import names as run_names
from lossviz.runs.names import legend

if TYPE_CHECKING:
    from lossviz.figures.print import Format

Array = NDArray[Any]
# Called with the work that is being done, in words, and the share of all work that is done.
Progress = Callable[[str, float], None]
# Enough to see everything move; a page of three runs stays below some megabytes.
MOST_FRAMES = 120
GRID = 40
# The share of the time for pictures that computing takes. The rest is drawing.
COMPUTING = 0.1


def _silent(what: str, share: float) -> None:
    pass


def frames(
    runs: Sequence[Run],
    view: LiveView,
    most: int = MOST_FRAMES,
    at: float | None = None,
    progress: Progress = _silent,
) -> tuple[list[list[Panel]], Timeline]:
    """The panels of each frame, and the timeline: that of the run with the most epochs.

    With more than `most` frames, evenly chosen ones, the last among them. at: only the frame of this
    epoch. RunError without any frame.
    """
    reference = max(runs, key=lambda run: (run.status.epoch, run.id), default=None)
    steps = reference.frames() if reference else []
    if not reference or not steps:
        raise RunError("There is no frame yet; wait for the first one, then save.")
    per_epoch = reference.status.steps_per_epoch or 1.0
    if at is not None:
        chosen = [steps[panels.frame_at(steps, per_epoch, at) or 0]]
    else:
        places = np.unique(np.linspace(0, len(steps) - 1, min(most, len(steps))).round().astype(int))
        chosen = [steps[place] for place in places]
    epochs = [step / per_epoch for step in chosen]
    more = run_names.apart({run.id: run.config for run in runs})
    looks = [(run, run.frames()) for run in runs]
    made = []
    for done, epoch in enumerate(epochs, 1):
        made.append(_panels(looks, view, epoch, more))
        progress(f"frame {done} of {len(epochs)}", done / len(epochs))
    return made, Timeline(steps=chosen, epochs=epochs)


def _panels(
    looks: Sequence[tuple[Run, list[int]]], view: LiveView, epoch: float, more: Mapping[str, str]
) -> list[Panel]:
    made = []
    for run, steps in looks:
        at = panels.frame_at(steps, run.status.steps_per_epoch or 1.0, epoch)
        if at is None:
            made.append(panels.empty(run, run.status, more=more[run.id]))
            continue
        shot = run.snapshot(steps[at])
        made.append(
            panels.panel(
                run,
                shot,
                run.points(),
                run.status,
                said=verdicts_of(run),
                layer=view.layer,
                of_class=view.of_class,
                more=more[run.id],
                grid=GRID,
            )
        )
    return made


def options(view: LiveView) -> Options:
    """The options with which the panels of a view are drawn."""
    return Options(
        layer=view.layer,  # type: ignore[arg-type]
        of_class=view.of_class if view.layer == "field" else None,
        shapes=view.shapes,
        linked=False,
        presentation=view.presentation,
    )


def about(runs: Sequence[Run]) -> list[str]:
    """Describe each run of the pictures in a sentence, with its number of test images."""
    said, names = [], legend(runs)
    for run in runs:
        points = run.points()
        first, last = run.frames()[:1], run.frames()[-1:]
        counts = {len(run.snapshot(step).features) for step in (*first, *last)}
        shown = " to ".join(f"{n:,}" for n in sorted(counts))
        said.append(
            f"{names[run.id]}: {run.config.net} network, {run.config.dimension} dimensions, "
            f"{run.config.epochs} epochs on {run.config.data} ({points.data_found}); seed {run.config.seed}. "
            f"Each dot is a test image ({shown} of them, as many of each class as can be)."
        )
    return said


def page(runs: Sequence[Run], view: LiveView, progress: Progress = _silent) -> str:
    """The animated page."""
    made, timeline = frames(runs, view, progress=progress)
    return animation.page(
        "lossviz: " + ", ".join(legend(runs).values()),
        made,
        timeline,
        about=about(runs),
        command="\n".join(run.config.to_command() for run in runs),
        options=options(view),
        images=_images(runs),
    )


def _images(runs: Sequence[Run]) -> Array | None:
    """The images of the points, where all runs show the same ones and they are small."""
    first = runs[0].points()
    same = all(np.array_equal(run.points().indices, first.indices) for run in runs)
    return first.pixels.transpose(0, 2, 3, 1) if same and first.pixels.nbytes < 2_000_000 else None


def pictures(runs: Sequence[Run], view: LiveView, progress: Progress = _silent) -> bytes:
    """The frames as PNG files in a zip."""
    made, timeline = frames(
        runs, view, progress=lambda what, share: progress(f"{what} computed", COMPUTING * share)
    )

    def drawn(done: int, of: int) -> None:
        progress(f"frame {done} of {of} drawn", COMPUTING + (1 - COMPUTING) * done / of)

    return animation.png_frames(made, timeline, options=options(view), progress=drawn)


def picture(runs: Sequence[Run], view: LiveView, progress: Progress = _silent, kind: Format = "png") -> bytes:
    """One frame as a png, svg or pdf: that of the view's epoch, or the last."""
    from lossviz.figures import print_scatter

    newest = max(run.status.epoch for run in runs)
    made, _ = frames(runs, view, at=newest if view.at is None else view.at, progress=progress)
    return print_scatter.save(made[0], options(view), kind)
