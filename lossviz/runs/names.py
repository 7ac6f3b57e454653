"""Names of runs, made from their configs alone: titles of panels, labels of lists, differences of runs."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lossviz.core.errors import RunError
from lossviz.runs.run import Run
from lossviz.training.config import SETTINGS, RunConfig

TOGETHER_S = 5  # between runs that were started together
BEFORE = 24  # letters that may stand before a panel's title: with more, the title would not be visible
# Where many panels stand side by side, about 24 letters of a title are visible.
MANY = 3
SHORT = {"Normalised": "Norm.", " cross-entropy": " CE", "Complement objective (COT)": "COT"}


def title(config: RunConfig) -> str:
    """Give the loss and those of its parameters that differ from the default: "ArcFace, m 17.2°"."""
    spec = config.spec
    values = config.loss_params()
    shown = [p for p in spec.acting(values) if p.name in spec.in_title or p.name in config.params]
    parts = [f"{p.letter} {p.text(values[p.name])}" for p in shown if p.kind != "flag"]
    return ", ".join([spec.title, *parts])


def differences(configs: Mapping[str, RunConfig]) -> dict[str, str]:
    """Give for each run, in words, the settings (other than the loss) in which the runs differ: data by their
    name, an empty list not at all. A fork is called "fork at 3"."""
    kept = _differing(configs)
    kept.append({run: f"fork at {c.fork_epoch}" if c.fork_run else "" for run, c in configs.items()})
    return {run: ", ".join(texts[run] for texts in kept if texts[run]) for run in configs}


def _differing(configs: Mapping[str, RunConfig]) -> list[dict[str, str]]:
    """Give, for each setting other than the loss in which the runs differ, its words in each run."""
    kept = []
    for name in SETTINGS:
        values = [getattr(config, name) for config in configs.values()]
        if all(value == values[0] for value in values):
            continue
        texts = {run: _said(name, getattr(config, name)) for run, config in configs.items()}
        if name == "imbalance_ratio":  # without an imbalance it has no meaning
            texts |= {run: "" for run, config in configs.items() if config.imbalance == "none"}
        if name not in ("loss", "fork_run", "fork_epoch") and len(set(texts.values())) > 1:
            kept.append(texts)
    return kept


def _said(name: str, value: Any) -> str:
    """A setting in words: "seed 2", "training images all", "mnist"; "" for an empty list."""
    declared = SETTINGS[name]
    text = declared.zero if value == 0 and declared.zero else declared.write(value)
    return text if name == "data" or not text else f"{declared.title} {text}"


def differing(one: RunConfig, other: RunConfig) -> list[tuple[str, str]]:
    """Give the settings other than the loss in which two runs differ, in words, as (first, second)."""
    return [(texts["one"], texts["other"]) for texts in _differing({"one": one, "other": other})]


def ends(names: Mapping[str, str]) -> dict[str, str]:
    """Give for each run the end of its id if another run has the same name, else "". Where two ends are
    equal, the whole ids."""
    count, tails = Counter(names.values()), {run: run[-4:] for run in names}
    clash = len(set(tails.values())) < len(tails)
    return {run: (run if clash else tails[run]) if count[name] > 1 else "" for run, name in names.items()}


def apart(configs: Mapping[str, RunConfig]) -> dict[str, str]:
    """Give each run the words that tell its panel from others of the same title (`differences`, `ends`)."""
    more = differences(configs)
    end = ends({run: f"{title(config)}, {more[run]}" for run, config in configs.items()})
    return {run: " · ".join(filter(None, [more[run], end[run]])) for run in configs}


def beside(more: str, name: str) -> str:
    """Give a panel's title: the difference `more` comes first, or behind the name if it is long."""
    return " · ".join(filter(None, [more, name] if len(more) <= BEFORE else [name, more]))


def legend(runs: Sequence[Run]) -> dict[str, str]:
    """Give short names that tell the runs apart, by id: the loss, and parameters or settings that differ, as
    "ArcFace, fork at 3"; for equal settings the end of the id. A run that cannot be read has its id."""
    configs = {run.id: run.config for run in runs if not run.problem}
    more = differences(configs)
    full: dict[str, set[str]] = {}
    for config in configs.values():
        full.setdefault(config.spec.title, set()).add(title(config))
    made = {}
    for run, config in configs.items():
        loss = config.spec.title
        made[run] = ", ".join(filter(None, [title(config) if len(full[loss]) > 1 else loss, more[run]]))
    end = ends(made)
    made = {run: " · ".join(filter(None, [text, end[run]])) for run, text in made.items()}
    return made | {run.id: run.id for run in runs if run.problem}


def labels(runs: Sequence[Run], today: str = "") -> dict[str, str]:
    """A label for each run by its id, no two alike: "ArcFace, m 15°, seed 2 · 14:43:10 · mnist".

    A label has, in this order: the loss; its parameters, where runs under the same loss differ in them;
    the settings in which the run differs from those started together with it; the time, with the day
    unless it is today; the data, unless all runs have the same; the end of the id, where all this is equal.
    A control shows about 35 letters. today: the day as in ids, 20261121. A run whose config cannot be read
    has its id as label.
    """
    today = today or time.strftime("%Y%m%d")
    made = {run.id: run.id for run in runs}
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        with contextlib.suppress(RunError):
            groups.setdefault((run.config.loss, run.config.data), []).append(run)
    one_set = len({data for _, data in groups}) == 1
    for same in groups.values():
        names = _losses(same)
        for group, together in _together(same):
            differing = differences({run.id: run.config for run in together})
            for run in group:
                what = ", ".join(part for part in (names[run.id], differing[run.id]) if part)
                where = [] if one_set else [run.config.data]
                made[run.id] = " · ".join([what, _when(run, today), *where])
    count = Counter(made.values())
    tails = {run.id: _tail(run) for run in runs}
    return {id: " · ".join([text, *(tails[id] if count[text] > 1 else ())]) for id, text in made.items()}


def _together(runs: Sequence[Run]) -> Iterator[tuple[list[Run], list[Run]]]:
    """Give the runs of each second, and with them all runs that were made within a few seconds of it."""
    by_second: dict[int, list[Run]] = {}
    for run in runs:
        by_second.setdefault(second(run), []).append(run)
    for when, group in by_second.items():
        near = (by_second.get(when + apart, []) for apart in range(-TOGETHER_S, TOGETHER_S + 1))
        yield group, [run for some in near for run in some]


def short(title: str) -> str:
    """Shorten the long words in a panel's title: "Norm. BCE, unified bias", "Complement CE"."""
    for long, cut in SHORT.items():
        title = title.replace(long, cut)
    return title


def _losses(runs: Sequence[Run]) -> dict[str, str]:
    """Give for each run the name of the loss that all have, and its parameters in which they differ."""
    spec, values = runs[0].config.spec, {run.id: run.config.loss_params() for run in runs}
    first = values[runs[0].id]
    differing = [p for p in spec.params if any(own[p.name] != first[p.name] for own in values.values())]
    return {
        name: ", ".join([spec.title, *(f"{p.letter} {p.text(own[p.name])}" for p in differing)])
        for name, own in values.items()
    }


def _when(run: Run, today: str) -> str:
    """The time at which a run was made, as its id has it; the name of a renamed folder."""
    if not second(run):
        return run.id
    clock = f"{run.id[9:11]}:{run.id[11:13]}:{run.id[13:15]}"
    if run.id[:8] == today:
        return clock
    try:
        day = time.strptime(run.id[:8], "%Y%m%d")
    except ValueError:
        return run.id
    return f"{time.strftime('%d %b %Y', day).lstrip('0')} {clock}"


def _tail(run: Run) -> list[str]:
    """Give the end of an id, which differs from that of every other run of the same second."""
    return [run.id.rpartition("-")[2]] if second(run) else []


def second(run: Run) -> int:
    """When a run was made, in seconds from some day on; 0 for a folder that somebody has renamed."""
    day, clock = run.id[:8], run.id[9:15]
    if not (day + clock).isdigit():
        return 0
    hours, minutes, seconds = int(clock[:2]), int(clock[2:4]), int(clock[4:])
    return ((int(day) * 24 + hours) * 60 + minutes) * 60 + seconds
