"""The library where the system has no fork, no flock, no sessions, no local sockets and no /proc.

What Windows lacks is taken away in a process and in all that it starts; everything is imported, and the
digits are trained and read through the queue, in a store whose path has a space and a letter beyond ASCII.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import lossviz

ROOT = Path(lossviz.__file__).parents[1]

# Python imports this before anything else, in each process that has its folder on PYTHONPATH.
WITHOUT = """
import builtins, io, os, signal, socket, sys
# It has its own ways on each system.
import psutil

for name in ("fcntl", "termios", "grp"):
    sys.modules[name] = None
for module, names in {
    os: ("fork", "forkpty", "setsid", "getsid", "killpg", "getpgid", "nice", "sched_getaffinity",
         "statvfs", "geteuid", "pread", "pwrite", "O_CLOEXEC", "mkfifo"),
    signal: ("SIGKILL", "SIGSTOP", "SIGCONT", "SIGUSR1", "SIGUSR2"),
    socket: ("AF_UNIX",),
}.items():
    for name in names:
        delattr(module, name)

def refusing(real):
    def open(file, *rest, **more):
        if isinstance(file, (str, bytes, os.PathLike)) and os.fsdecode(file).startswith("/proc"):
            frame = sys._getframe(1)
            while "pathlib" in frame.f_code.co_filename:
                frame = frame.f_back
            if "site-packages" not in frame.f_code.co_filename:
                raise FileNotFoundError(2, "there is no /proc", os.fsdecode(file))
        return real(file, *rest, **more)
    return open

builtins.open = io.open = refusing(builtins.open)
os.open = refusing(os.open)
"""

TRAINED = """
import importlib, multiprocessing, os, pkgutil, sys, time
from pathlib import Path

try:
    Path("/proc/self/stat").read_text()
except FileNotFoundError:
    pass
else:
    raise SystemExit("/proc is there")
assert not hasattr(os, "fork")

import lossviz, models
failed = []
for package in (lossviz, models):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)

from lossviz.readings import jobs
from lossviz.runs import RunStore, launcher
from lossviz.training.config import RunConfig

def until(holds):
    end = time.monotonic() + 300
    while not holds():
        assert time.monotonic() < end, [(run.status, run.log.read_text()) for run in store.runs()]
        time.sleep(0.05)

assert launcher.method() == "spawn"
store = RunStore()
run, other = store.create(RunConfig(epochs=1)), store.create(RunConfig(epochs=5000))
store.start([run, other])
until(lambda: run.status.ended)
assert run.status.state == "finished", run.status
job = jobs.extraction(run, None, "test")
until(lambda: job.now.ended)
assert job.now.state == "finished", job.now
until(lambda: other.status.state == "running")
other.ask("stop")
until(lambda: not other.alive)
assert other.status.state == "stopped"
store.delete(other)
assert len(run.metrics()) == 1
print(run.path)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is nothing to take away")
def test_without_what_windows_lacks_everything_is_imported_and_runs_train_and_are_read(
    tmp_path: Path,
) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT)
    place = tmp_path / "läufe und mehr" / "runs"
    environment = {
        **os.environ,
        "LOSSVIZ_RUNS": str(place),
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
        "PYTHONWARNINGS": "ignore:only soft file lock:UserWarning",
    }
    environment.pop("LOSSVIZ_FORKSERVER", None)
    said = subprocess.run(
        [sys.executable, "-c", TRAINED],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.strip().startswith(str(place))
