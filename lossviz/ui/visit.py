"""The visitor of a page: who it is, what they may do on this server, and what they start."""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lossviz.core.errors import LossvizError
from lossviz.core.mode import variable
from lossviz.data import Quota
from lossviz.readings import selection
from lossviz.runs import Run, RunStore, permit
from lossviz.runs.limits import Limits
from lossviz.sweeps import Plan, Sweep, SweepStore
from lossviz.sweeps.results import ENDED
from lossviz.training.config import RunConfig
from lossviz.ui.guard import VISITOR
from lossviz.ui.modes import mode

OTHERS = "On a shared server only who started a run steers and deletes it."

_guard = threading.Lock()
# The runs that were started from each address, while this server runs.
_started: defaultdict[str, list[Run]] = defaultdict(list)


def name() -> str:
    """Give the visitor's name, as the status of a run keeps it: made from the browser's cookie, else from
    this session; "" on one's own machine. It tells whose a run is; the cookie cannot be found from it."""
    if not mode().shared:
        return ""
    context = get_script_run_ctx()
    known = st.context.cookies.get(VISITOR) or (context.session_id if context else "")
    return hashlib.sha256(known.encode()).hexdigest()[:16] if known else "nobody"


def may_steer(run: Run) -> bool:
    """True if the visitor may pause, stop, resume or delete a run."""
    return not mode().shared or (not run.problem and run.status.asker == name())


def limits() -> Limits:
    """Give the limits that the store sets for the visitor's runs."""
    most = mode().limits
    return Limits(waiting=most.whole("waiting"), own=most.whole("visitor"), asker=name())


def quota() -> Quota:
    """Give the quota of the files that visitors upload."""
    most = mode().limits
    return Quota(most.uploads, most.uploaded * 1e9)


def start(configs: Sequence[RunConfig]) -> tuple[str, ...]:
    """Make and start runs for the visitor, and give their ids. Pages start runs only through this.

    LossvizError if the runs are not allowed; then none is left behind.
    """
    store = RunStore()
    permit.check(configs, mode(), store)
    with _guard:
        began = _room(len(configs))
        ids = selection.start_all(store, configs, limits())
        began += [Run(store.path / id) for id in ids]
    return ids


def resume(run: Run) -> None:
    """Go on with a run for the visitor; LossvizError if that is not allowed."""
    if not may_steer(run):
        raise LossvizError(OTHERS)
    store = RunStore()
    if run.status.state != "paused":
        permit.check([run.config], mode(), store)
    with _guard:
        if run.status.state != "paused":
            store.check_resumable(run)
        began = _room(1)
        store.resume(run, limits())
        began.append(run)


def may_steer_sweep(sweep: Sweep) -> bool:
    """True if the visitor may pause, resume or delete a sweep."""
    return not mode().shared or sweep.asker == name()


def sweep_limits(sweep: Sweep) -> Limits:
    """Give the limits for the processes of a sweep, whoever has it go on."""
    return Limits(going=mode().limits.whole("jobs"), asker=sweep.asker)


def start_sweep(plan: Plan) -> Sweep:
    """Make and start a sweep for the visitor. LossvizError if its cells are not allowed, or too many; then
    none is begun."""
    store = SweepStore()
    check_sweep(plan, store)
    sweep = store.create(plan, name())
    sweep.start(limits=sweep_limits(sweep))
    return sweep


def resume_sweep(sweep: Sweep, at_once: int | None = None, again: bool = False) -> None:
    """Go on with a sweep, with so many cells at once; LossvizError if that is not allowed."""
    if not may_steer_sweep(sweep):
        raise LossvizError(OTHERS)
    check_sweep(sweep.plan, SweepStore())
    if sweep.wanted:
        sweep.pause()
    sweep.start(at_once, sweep_limits(sweep), again)


def open_sweep(content: bytes) -> Sweep:
    """Take a sweep that was saved as one page into the store for the visitor. LossvizError if it cannot be
    used, or not on this server."""
    from lossviz.sweeps import share

    store, found = RunStore(), share.read(content)
    cells = {cell.id for cell in found.plan.cells}
    for other in SweepStore(store).sweeps():
        # Its cells are trained once for all: nobody brings results into the sweep of another.
        theirs = not may_steer_sweep(other) and not other.problem
        if theirs and cells & {cell.id for cell in other.plan.cells}:
            raise LossvizError(
                f"somebody else on this server has a sweep with cells of this page ({other.id}); look at "
                "that one, or open the page on a server of your own"
            )
    if any(permit.path_problem(cell.config.data, mode()) for cell in found.plan.cells):
        raise LossvizError(
            "this sweep is of images in a folder of its machine; on a shared server sweeps of data sets and "
            "of uploads are opened"
        )
    permit.check_store(store, mode().limits, share.disk(found))
    return share.take_in(found, store, name())


def check_sweep(plan: Plan, store: SweepStore) -> None:
    """Raise LossvizError if the cells of a plan may not be trained on this server."""
    going = [each for each in store.sweeps() if each.id != plan.id and not each.problem and each.wanted]
    most = mode().limits.whole("waiting")
    if most is not None:
        waiting = sum(each.standing().total - each.standing().ended for each in going)
        own = Sweep(store.path / plan.id)
        added = sum(own.state(cell) not in ENDED for cell in plan.cells)
        if waiting + added > most:
            raise LossvizError(
                f"at most {most} cells of sweeps may wait on this server ({variable('waiting')}); {waiting} "
                f"do, and {added:,} would be added. Nothing was started: choose fewer values, or wait"
            )
    # The seeds of a cell change nothing that is checked.
    configs = {replace(cell.config, seed=0, subset_seed=0): None for cell in plan.cells}
    permit.check(list(configs), mode(), store.runs)


def _room(count: int) -> list[Run]:
    """Give the waiting runs that were started from the visitor's address; LossvizError if, with `count`
    more, too many would wait. Behind a proxy all visitors may have one address; on loopback there is none."""
    address = (st.context.ip_address or "") if mode().shared else ""
    began = _started[address]
    began[:] = [run for run in began if run.path.is_dir() and run.status.state == "queued"]
    most = mode().limits.client
    if address and len(began) + count > most:
        raise LossvizError(
            f"at most {most:g} runs that were started from one address may wait ({variable('client')}); "
            f"{len(began)} do. Nothing was started: wait until some have ended"
        )
    return began
