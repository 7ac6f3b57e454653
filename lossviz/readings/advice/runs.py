"""Trained runs as the doctor sees them: their setting as a view, and the verdicts on them."""

from __future__ import annotations

from collections.abc import Sequence

from lossviz import data
from lossviz.core.errors import LossvizError, RunError
from lossviz.metrics.bounds.margins import MOST_CLASSES, MOST_DIMENSIONS
from lossviz.readings.advice import verdict, verdicts
from lossviz.readings.advice.question import ASKS, DoctorView
from lossviz.runs.run import Run
from lossviz.runs.status import RunStatus
from lossviz.training.config import RunConfig

NAMED = 3


def sorted_out(runs: Sequence[Run]) -> tuple[list[Run], str]:
    """(The runs that can be read, a message on those that cannot): "" if all can. Three are named, the
    others only counted."""
    known = [(run, run.problem) for run in runs]
    wrong = [problem for _, problem in known if problem]
    if not wrong:
        return [run for run, _ in known], ""
    more = f"{len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
    told = ". ".join(part.rstrip(".") for part in (*wrong[:NAMED], more) if part)
    return (
        [run for run, problem in known if not problem],
        f"{len(wrong)} of {len(known)} runs kept here could not be read. {told}. "
        "All are listed, and can be deleted, under Runs on the page Train.",
    )


def classes_of(run: Run) -> int:
    """K: as the run has it once it has begun, else by its config and the catalogue; 0 where nobody knows."""
    try:
        return len(run.points().classes)
    except RunError:
        pass
    config = run.config
    known = data.catalogue().get(config.data)
    return len(config.classes) or (known.class_count - len(config.held_out) if known else 0)


def view_of(config: RunConfig, classes: int) -> DoctorView | None:
    """The setting of a run; None where its loss asks for nothing, or it is outside what is judged."""
    if config.loss not in ASKS or not 2 <= classes <= MOST_CLASSES:
        return None
    if not 2 <= config.dimension <= MOST_DIMENSIONS:
        return None
    view = DoctorView(loss=config.loss, classes=classes, dimension=config.dimension)
    values = config.loss_params()
    for param in view.used_params():
        view = view.with_param(param.link, values[param.name])
    if view.important is not None:
        chosen = values["important"]
        view = view.with_setting("cared", 1 if isinstance(chosen, int) else min(len(chosen), classes))
    return view


def setting(view: DoctorView, said: Sequence[str]) -> str:
    """A note on a run's setting, to go with `said`, the verdicts on the run; "" for a margin that does not
    fit, since the verdicts say so already."""
    found = verdict.verdict(view)
    if found.answer == "does not fit":
        return ""
    merged = verdicts.merge_state(said) == "merged" and view.asks == "margin"
    if merged and found.answer == "fits with room":
        return f"The margin is not why they merged. {found.sentence}"
    if merged and found.answer == "tight":
        return f"The margin may be why they merged. {found.sentence}"
    return found.sentence


def verdicts_of(run: Run, now: RunStatus | None = None) -> list[str]:
    """The verdicts on a run, each sentence once: on its images and files, its setting, and classes that have
    merged. now: its status, if it was read already."""
    said = list((now or run.status).verdicts)
    try:
        classes = classes_of(run)
        said += verdicts.before(run.config, classes) if classes else ()
        said += verdicts.of_rows(run.config, run.points().classes, run.metrics())
    except RunError:
        pass  # it has not begun, or cannot be read
    except LossvizError as error:
        said.append(str(error))
    return list(dict.fromkeys(said))
