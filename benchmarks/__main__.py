"""python -m benchmarks [fields] [page] [start]: all benchmarks, or those named."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType

from benchmarks import fields_speed, page_speed, report, start_speed

BENCHMARKS = {
    "fields": fields_speed.run,
    "page": page_speed.run,
    "start": start_speed.run,
}


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all; 2 for a name that is none, 130 when interrupted."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        report.say(f"no benchmark is called {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
        return 2
    # A polite end unwinds like Ctrl-C, so that servers and browsers end too.
    signal.signal(signal.SIGTERM, _interrupt)
    began = time.perf_counter()
    report.say(report.machine())
    try:
        for name in names or BENCHMARKS:
            BENCHMARKS[name]()
    except KeyboardInterrupt:
        report.say("\ninterrupted; the processes started here have been ended")
        return 130
    report.say(f"\n{time.perf_counter() - began:.0f} s in all; {report.machine().splitlines()[0]}")
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
