"""Starting a worker process: its own session, low priority, arithmetic that waits without spinning."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import lossviz
from lossviz.runs import process, status
from lossviz.runs.run import Run
from lossviz.runs.status import RunStatus


def start_worker(group: Sequence[tuple[Run, RunStatus]]) -> bool:
    """Start the worker of a run, or of a cohort; the caller holds the store's lock.

    False where it could not be started; the status then tells why.
    """
    try:
        child = _spawn([run.path for run, _ in group])
    except OSError as error:
        for run, now in group:
            reason = f"its process could not be started ({error.strerror}); resume it to try again"
            status.write(run.path / "status.json", now.but(state="failed", reason=reason, queued=0))
        return False
    process.adopt(child)
    begun = process.started(child.pid)
    for run, now in group:
        starting = now.but(
            state="starting", queued=0, pid=child.pid, pid_started=begun, host=process.host(), reason=""
        )
        status.write(run.path / "status.json", starting)
    return True


def _spawn(folders: Sequence[Path]) -> subprocess.Popen[bytes]:
    root = str(Path(lossviz.__file__).parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        # Threads that wait by spinning starve the page and other workers.
        "OMP_WAIT_POLICY": "PASSIVE",
        "GOMP_SPINCOUNT": "0",
    }
    with (folders[0] / "worker.log").open("ab") as log:
        log.write(f"\n--- {time.strftime('%Y-%m-%d %H:%M:%S')} started\n".encode())
        log.flush()
        return subprocess.Popen(
            [sys.executable, "-m", "lossviz", "worker", *map(str, folders)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            close_fds=True,
            start_new_session=True,
        )
