"""The visitor of a page: who it is, what they may do on this server, and what they start."""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lossviz.core.errors import LossvizError
from lossviz.core.mode import variable
from lossviz.data import Quota
from lossviz.readings import selection
from lossviz.runs import Run, RunStore, permit
from lossviz.runs.limits import Limits
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
