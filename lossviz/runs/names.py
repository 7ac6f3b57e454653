"""Short names for a list of many runs: what tells a run from the others comes first."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence

from lossviz.readings import panels
from lossviz.readings.selection import TOGETHER_S, second
from lossviz.runs.run import Run

# Where many panels stand side by side, about 24 letters are seen of a title.
MANY = 3
SHORT = {"Normalised": "Norm.", " cross-entropy": " CE", "Complement objective (COT)": "COT"}


def labels(runs: Sequence[Run], today: str = "") -> dict[str, str]:
    """A label for each run by its id, no two alike: "ArcFace, m 15°, seed 2 · 14:43:10 · mnist".

    The loss; its parameters, where runs under the same loss differ in them; the settings in which
    runs differ that were started together with it; the time, with the day unless it is today; the
    data, unless all runs have the same; the end of the id, where all this is the same. A control's
    width shows about 35 letters. today: the day as ids have it, 20261121. A run that cannot be read
    is called by its id.
    """
    today = today or time.strftime("%Y%m%d")
    made = {run.id: run.id for run in runs}
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        if not run.problem:
            groups.setdefault((run.config.loss, run.config.data), []).append(run)
    one_set = len({data for _, data in groups}) == 1
    for same in groups.values():
        names = _losses(same)
        for group, together in _together(same):
            differing = panels.differences({run.id: run.config for run in together})
            for run in group:
                what = ", ".join(part for part in (names[run.id], differing[run.id]) if part)
                where = [] if one_set else [run.config.data]
                made[run.id] = " · ".join([what, _when(run, today), *where])
    count = Counter(made.values())
    tails = {run.id: _tail(run) for run in runs}
    return {id: " · ".join([text, *(tails[id] if count[text] > 1 else ())]) for id, text in made.items()}


def _together(runs: Sequence[Run]) -> Iterator[tuple[list[Run], list[Run]]]:
    """The runs of each second, with all that were made within a few seconds of it."""
    by_second: dict[int, list[Run]] = {}
    for run in runs:
        by_second.setdefault(second(run), []).append(run)
    for when, group in by_second.items():
        near = (by_second.get(when + apart, []) for apart in range(-TOGETHER_S, TOGETHER_S + 1))
        yield group, [run for some in near for run in some]


def short(title: str) -> str:
    """The title of a panel with its long words cut: "Norm. BCE, unified bias", "Complement CE"."""
    for long, cut in SHORT.items():
        title = title.replace(long, cut)
    return title


def _losses(runs: Sequence[Run]) -> dict[str, str]:
    """Of runs under one loss: its name, and those of its parameters in which they differ."""
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
    """The end of an id, which no other run of that second has."""
    return [run.id.rpartition("-")[2]] if second(run) else []
