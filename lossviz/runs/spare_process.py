"""The spare process: imports what a worker imports, then forks a worker for each request.

It never computes: threads of arithmetic and a GPU's driver do not survive a fork. Where there is a
GPU, or a thread, it does not fork but starts new processes, and says so.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import socket
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from lossviz.core.errors import LossvizError
from lossviz.runs import files, process

IDLE_S = 600.0
REAP_EACH_S = 1.0
LONGEST = 1 << 20  # bytes of a request
# Of the workers that live, where they say what they have to say.
_logs: dict[int, Path] = {}


def serve(idle_s: float = IDLE_S) -> int:
    """Answer requests on standard input, a socket, until its other end closes or nothing was asked
    and no worker lived for `idle_s` seconds; the exit status.

    The first message is "ready" or "unable". A request is JSON: the folders of the runs, the worker's
    environment, its working directory, and whether to answer with its process number (0: none).
    """
    line = socket.socket(fileno=os.dup(0))
    _put(os.open(os.devnull, os.O_RDONLY), 0)
    forks = _prepared()
    with contextlib.suppress(BrokenPipeError):
        line.send(b"ready" if forks else b"unable")
        asked = time.monotonic()
        while True:
            working = _working()
            if working:
                asked = time.monotonic()
            left = asked + idle_s - time.monotonic()
            if left <= 0:
                return 0
            if not select.select([line], [], [], REAP_EACH_S if working else left)[0]:
                continue
            message = line.recv(LONGEST)
            if not message:
                return 0
            asked = time.monotonic()
            request = json.loads(message)
            pid = _fork(request, line) if forks else 0
            if request["answer"]:
                line.send(str(pid).encode())
            elif not pid:
                _start_anew(request)
    return 0


def _prepared() -> bool:
    """Import what a worker needs up to its first frame; whether this process may be forked."""
    try:
        import models
        from lossviz import data, losses

        for catalogue in (losses.catalogue, models.catalogue, data.catalogue):
            catalogue()
        for name in ("worker", "export"):
            importlib.import_module(f"lossviz.runs.{name}")
        for name in ("lossviz.training.trainer", "safetensors.torch",
                     "safetensors.numpy", "numpy.random", "numpy.ctypeslib", "numpy.ma"):  # fmt: skip
            importlib.import_module(name)
        # What lies here stays shared with the workers: nothing of it is moved by their collections.
        gc.collect()
        gc.freeze()
        return _may_fork()
    except Exception:
        # A new process will say in its log what is wrong.
        return False


def _may_fork() -> bool:
    import torch

    pid = os.fork()
    if not pid:
        # Asked here, since asking may wake the driver.
        found = True
        try:
            found = torch.cuda.is_available()
        finally:
            os._exit(int(found))
    if os.waitpid(pid, 0)[1] != 0:
        return False
    # NumPy's threads end before a fork and come back when they are needed; others would be lost.
    return len(os.listdir("/proc/self/task")) == 1


def _fork(request: Mapping[str, Any], line: socket.socket) -> int:
    """The process number of a new worker; 0 if the system allows none."""
    try:
        pid = os.fork()
    except OSError:
        return 0
    if not pid:
        line.close()
        _work(request)
    _logs[pid] = Path(request["folders"][0]) / "worker.log"
    return pid


def _work(request: Mapping[str, Any]) -> NoReturn:
    """Be the worker, as if begun by itself: own session, own log, the asker's environment."""
    status = 1
    try:
        os.setsid()
        folders = _settled(request)
        log = files.opened(folders[0] / "worker.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(log, 1)
        _put(log, 2)
        from lossviz.runs import worker

        status = worker.serve(folders)
    except LossvizError as error:
        print(f"lossviz: {error}", file=sys.stderr)
        status = 2
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


def _start_anew(request: Mapping[str, Any]) -> None:
    """A new process for runs whose asker does not wait: it has told this one's number as theirs."""
    from lossviz.runs import Run, launch
    from lossviz.runs.lock import held

    folders = _settled(request)
    with contextlib.suppress(LossvizError, OSError), held(folders[0].parent / ".lock"):
        runs = [Run(folder) for folder in folders if folder.is_dir()]
        if runs:
            launch.start_worker([(run, run.status) for run in runs])


def _settled(request: Mapping[str, Any]) -> Sequence[Path]:
    """Take the asker's environment and working directory; the folders of the runs."""
    os.environ.clear()
    os.environ.update(request["environment"])
    with contextlib.suppress(OSError):
        os.chdir(request["place"])
    return [Path(folder) for folder in request["folders"]]


def _working() -> bool:
    """Whether a worker lives; those that have ended are let go."""
    try:
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            process.note_end(_logs.pop(ended[0], None), ended[1])
    except ChildProcessError:
        return False
    return True


def _put(handle: int, number: int) -> None:
    """Have a file under this number, and under no other."""
    os.dup2(handle, number)
    os.close(handle)
