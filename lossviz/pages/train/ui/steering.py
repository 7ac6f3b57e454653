"""Pause, step, resume, stop; a fork; and the list of runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from lossviz import losses
from lossviz.core.errors import LossvizError, RunError
from lossviz.core.text import percent
from lossviz.pages.train.ui import remedies
from lossviz.pages.train.view import LiveView
from lossviz.readings.failures import troubles
from lossviz.readings.view import MOST_RUNS
from lossviz.runs import Run, RunStatus, RunStore
from lossviz.runs.names import labels
from lossviz.ui import visit
from lossviz.ui.binding import Binding, plain
from lossviz.ui.control import control

LISTED = 30
NAMED = 5


def buttons(bound: Binding[LiveView], runs: Sequence[Run]) -> None:
    """Draw the buttons that act on all runs shown at once; only those that have an effect now."""
    now = {run.id: run.status for run in runs}
    runs = [run for run in runs if not run.problem and visit.may_steer(run)]
    can: dict[str, tuple[str, list[Run], Callable[[Run], object]]] = {
        "Pause": (":material/pause:", in_state(runs, now, ("starting", "running")), lambda r: r.ask("pause")),
        "Resume": (
            ":material/play_arrow:",
            [r for r in runs if now[r.id].resumable or now[r.id].state == "paused"],
            visit.resume,
        ),
        "Step": (":material/skip_next:", in_state(runs, now, ("paused",)), lambda r: r.ask("step")),
        "Stop": (
            ":material/stop:",
            in_state(runs, now, ("queued", "starting", "running", "paused")),
            lambda r: r.ask("stop"),
        ),
        "End": (":material/dangerous:", [r for r in runs if now[r.id].silent], RunStore().end),
    }
    shown = {name: entry for name, entry in can.items() if entry[1]}
    if not shown:
        return
    for name, (icon, which, act) in shown.items():
        bound.press(
            name,
            f"do {name}",
            _all,
            *(bound, which, act),
            icon=icon,
            help=f"{name}: {len(which)} of {len(runs)} runs shown" if len(runs) > 1 else None,
        )


def in_state(runs: Sequence[Run], now: dict[str, RunStatus], states: tuple[str, ...]) -> list[Run]:
    """The runs in one of the states, in the order of the states. Queued runs must be stopped first: once the
    one that trains is stopped, a queued one would take its place and begin to load its data."""
    found = [run for run in runs if now[run.id].state in states]
    return sorted(found, key=lambda run: states.index(now[run.id].state))


def _all(bound: Binding[LiveView], runs: Sequence[Run], act: Callable[[Run], object]) -> None:
    """Do it to all runs; a run for which it fails is named, the others go on."""
    st.session_state.pop("live.error", None)
    said = []
    for run in runs:
        try:
            act(run)
        except (LossvizError, OSError) as error:
            said.append(str(error))
    if said:
        st.session_state["live.error"] = ". ".join(text.rstrip(".") for text in said)
    bound.touch()


def show_problems(runs: Sequence[Run]) -> None:
    """Tell the reader why a run has ended, what went wrong with it, and what would help."""
    for problem in (*(run.problem for run in runs if run.problem), *troubles(runs)):
        st.error(plain(problem))
    remedies.of_runs(runs)


def fork(bound: Binding[LiveView], runs: Sequence[Run]) -> None:
    """Go on from an epoch of a run with another loss."""
    able = {run.id: run for run in runs if not run.problem and run.epochs()}
    if not able:
        st.caption("A run can be forked once its first epoch is done.")
        return
    label = labels(list(able.values()))
    run = able[
        bound.pick(st.selectbox, "fork run", next(iter(able)), "Run", list(able), format_func=label.get)
    ]
    last = max(run.config.epochs - 1, 1)
    epochs = [epoch for epoch in run.epochs() if epoch <= last] or [run.epochs()[0]]
    half = min(epochs, key=lambda e: abs(e - run.config.epochs / 2))
    epoch = bound.pick(st.selectbox, f"fork epoch {run.id}", half, "After epoch", epochs)
    specs = losses.catalogue()
    titles = {key: spec.title for key, spec in specs.items()}
    first = next(key for key, spec in specs.items() if spec.asks == "margin")
    loss = bound.pick(
        st.selectbox, "fork loss", first, "Go on with the loss", list(titles), format_func=titles.get
    )

    def press() -> None:
        try:
            changes = {"loss": loss, "fork_run": run.id, "fork_epoch": int(epoch)}
            if run.config.epochs <= epoch:
                changes["epochs"] = run.config.epochs + epoch
            (made,) = visit.start([run.config.but(**changes)])
        except (LossvizError, OSError) as error:
            st.session_state["live.error"] = str(error)
            bound.touch()
            return
        kept = tuple(r for r in bound.view.runs if r != made)[: MOST_RUNS - 1]
        bound.view = replace(bound.view, runs=(*kept, made), at=None)

    bound.press("Fork", "fork", press, icon=":material/fork_right:", width="stretch")


def listed(bound: Binding[LiveView], store: RunStore) -> None:
    """All runs kept here: choose which are shown; delete."""
    try:
        runs = store.runs()
    except RunError as error:
        st.caption(plain(str(error)))
        return
    strange = [run.id for run in runs if not run.is_run]
    runs = [run for run in runs if run.id not in strange]
    if strange:
        more = f" and {len(strange) - NAMED} more" if len(strange) > NAMED else ""
        st.caption(plain(f"Folders here that are no runs: {', '.join(strange[:NAMED])}{more}."))
    if not runs:
        st.caption("No runs yet.")
        return
    told = labels(runs)
    shown = [name for name in bound.view.runs if name in told]

    def choose(now: LiveView, chosen: tuple[str, ...]) -> LiveView:
        return replace(now, runs=chosen, at=None) if chosen else now

    label = f"Shown, of {len(runs)} runs"
    control(bound, "runs", now=shown, change=choose, options=told, words=told, label=label)
    rows = [_row(run, told[run.id]) for run in runs[:LISTED]]
    st.dataframe(rows, hide_index=True, width="stretch", height=min(38 + 35 * len(rows), 300))
    if len(runs) > LISTED:
        st.caption(f"The newest {LISTED} are listed.")
    ended = [run for run in runs if (run.status.ended or run.problem) and visit.may_steer(run)]
    names = {run.id: told[run.id] for run in ended}
    if visit.mode().shared:
        st.caption(visit.OTHERS)
    gone = bound.pick(
        st.selectbox,
        "gone",
        None,
        "Delete",
        list(names),
        format_func=names.get,
        placeholder="a run that has ended",
    )
    if gone:
        which = [run for run in ended if run.id == gone]
        bound.press("Delete for good", "delete", _all, bound, which, store.delete, icon=":material/delete:")


def _row(run: Run, label: str) -> dict[str, object]:
    """A line of the table; what tells runs apart comes first, the column is narrow."""
    now = run.status
    if run.problem:
        return {"loss": "", "test": "", "state": run.problem, "epoch": "", "data": "", "run": run.id}
    try:
        last = run.metrics()[-1:] or [{}]
    except RunError:
        last = [{}]  # deleted a moment ago
    accuracy = last[0].get("test_accuracy")
    return {
        "loss": label.partition(" · ")[0],
        "test": percent(accuracy) if isinstance(accuracy, float) else "",
        "state": now.word,
        "epoch": f"{now.epoch:.1f}".removesuffix(".0") + f" of {now.epochs}",
        "data": run.config.data,
        "run": run.id,
    }
