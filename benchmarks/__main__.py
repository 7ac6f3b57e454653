"""python -m benchmarks [NAME ...]: those named below, or all.

By its name only: two_dimensions, which trains every loss.
"""

from __future__ import annotations

import signal
import sys
import time
import traceback
from types import FrameType

from benchmarks import (
    cells_speed,
    fields_speed,
    flow_speed,
    live_speed,
    load,
    losses_speed,
    metrics_speed,
    page_speed,
    report,
    start_speed,
    sweep_speed,
    train_speed,
    two_dimensions,
)

BENCHMARKS = {
    "fields": fields_speed.run,
    "page": page_speed.run,
    "flow": flow_speed.run,
    "start": start_speed.run,
    "train": train_speed.run,
    "live": live_speed.run,
    "load": load.run,
    "metrics": metrics_speed.run,
    "losses": losses_speed.run,
    "sweep": sweep_speed.run,
    "cells": cells_speed.run,
}
NAMED_ONLY = {"two_dimensions": two_dimensions.run}


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all; 2 for a name that is none, 130 when interrupted."""
    every = BENCHMARKS | NAMED_ONLY
    unknown = [name for name in names if name not in every]
    if unknown:
        report.say(f"no benchmark is called {unknown[0]!r}; there are {', '.join(every)}")
        return 2
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, _interrupt)
    began = time.perf_counter()
    failed = False
    report.say(report.machine())
    try:
        for name in names or BENCHMARKS:
            try:
                every[name]()
            except Exception:  # what broke one benchmark must not hide the others
                failed = True
                report.say(f"the benchmark {name} broke off:\n{traceback.format_exc()}")
    except KeyboardInterrupt:
        report.say("\ninterrupted; the processes started here have been ended")
        return 130
    report.say(f"\n{time.perf_counter() - began:.0f} s in all; {report.machine().splitlines()[0]}")
    return int(failed)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Unwind, so that servers and browsers end too; a second Ctrl-C must not break that off."""
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
