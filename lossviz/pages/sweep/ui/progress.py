"""How a sweep stands: its progress, pause and resume, the most cells at once, and its end."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.pages.sweep.ui import form
from lossviz.pages.sweep.view import SweepView
from lossviz.runs import jobs
from lossviz.sweeps import Sweep, SweepStore
from lossviz.sweeps.engine import RAY
from lossviz.sweeps.store import MAKES, Standing
from lossviz.ui import visit
from lossviz.ui.binding import Binding, plain, sentence
from lossviz.ui.components import watch

# The page is drawn anew so many times at most while a sweep goes on.
DRAWN = 40


def show(bound: Binding[SweepView], sweep: Sweep) -> Standing:
    """Draw how it stands, and the buttons that steer it; it goes on when someone looks."""
    with contextlib.suppress(LossvizError, OSError):
        sweep.keep_going(visit.sweep_limits(sweep))
    now = sweep.standing()
    if now.problem:
        st.warning(plain(sentence(f"{now.problem}.")))
    if now.wanted and not now.done:
        # A state is drawn as long as it is the same word; the lines are renewed between.
        watch.mount(
            ("sweep", sweep.path),
            partial(_look, sweep),
            drawn=_word(now),
            key="sweep.watch",
            on_changed=bound.touch,
        )
    elif not now.done:
        st.caption(plain(f"{now.word.capitalize()}: {now.words}."))
    if visit.may_steer_sweep(sweep):
        _steer(bound, sweep, now)
    return now


def _look(sweep: Sweep) -> watch.News:
    with contextlib.suppress(LossvizError, OSError):
        sweep.keep_going(visit.sweep_limits(sweep))
    now = sweep.standing()
    share = now.ended / max(1, now.total)
    return watch.News(_word(now), [watch.Line(f"{now.word.capitalize()}: {now.words}.", share)])


def _word(now: Standing) -> str:
    return f"{now.word} {DRAWN * now.ended // max(1, now.total)} {now.problem}"


def _steer(bound: Binding[SweepView], sweep: Sweep, now: Standing) -> None:
    failed = now.cells["failed"]
    if now.done and not failed:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="sweep.steer"):
        most = max(1, jobs.cap(MAKES))
        at_once = sweep.at_once
        if sweep.engine.name != RAY:  # a cluster has as many places as it has
            at_once = bound.pick(
                st.number_input, "at once", min(at_once, most), "Cells at once", 1, most, width=150
            )
        if now.wanted and not now.done:
            bound.press("Pause", "pause", sweep.pause, icon=":material/pause:")
            if at_once != sweep.at_once:
                bound.press(
                    f"Go on with {at_once} at once",
                    "cap",
                    visit.resume_sweep,
                    sweep,
                    at_once,
                    icon=":material/speed:",
                )
        elif not now.done:
            act = partial(visit.resume_sweep, sweep, at_once)
            bound.press("Resume", "resume", act, type="primary", icon=":material/play_arrow:")
        if failed and not (now.wanted and not now.done):
            act = partial(visit.resume_sweep, sweep, at_once, again=True)
            bound.press(f"Try {failed:,} failed again", "again", act, icon=":material/refresh:")


def folded(bound: Binding[SweepView], store: SweepStore, sweep: Sweep) -> None:
    """The plan of a sweep as a command, its settings for the form, and its deletion."""
    form.of_sweep(bound, sweep.plan)
    if not visit.may_steer_sweep(sweep):
        st.caption(visit.OTHERS)
        return

    def delete(cells: bool) -> None:
        if not visit.may_steer_sweep(sweep):
            raise LossvizError(visit.OTHERS)
        store.delete(sweep, cells=cells)
        bound.view = replace(bound.view, sweep="", cell="", columns="", rows="")

    with st.popover("Delete", icon=":material/delete:"):
        st.markdown("Delete this sweep for good? Cells that another sweep has stay in any case.")
        bound.press("Delete the sweep, keep its cells", "delete", delete, False)
        bound.press("Delete it with its cells", "delete cells", delete, True)
