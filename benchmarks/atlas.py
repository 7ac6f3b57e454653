"""The atlas of the project, trained: `make atlas`.

Its cells lie in the folder `atlas-runs`, so that a run of this that was killed goes on; what is kept of them
is written beside the plans, in lossviz/sweeps/atlas.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import lossviz
from lossviz.runs import RunStore
from lossviz.sweeps import Sweep, SweepStore, atlas
from lossviz.sweeps.atlas.presets import ENTRIES

RUNS = Path("atlas-runs")
COMMAND = "make atlas"
LOOK_EACH_S = 2.0


def main() -> int:
    """Train what is missing, write the files; gives 1 where a cell could not be trained."""
    store, began = SweepStore(RunStore(RUNS.resolve())), time.monotonic()
    made = {name: store.create(entry.plan()) for name, entry in ENTRIES.items()}
    for name, sweep in made.items():
        sweep.start()
        _tell(name, sweep)
    cells = {cell.id: sweep.result(cell) for sweep in made.values() for cell in sweep.plan.cells}
    failed = [id for id, result in cells.items() if result is None or result.state == "failed"]
    if failed:
        print(
            f"{len(failed)} cells failed, {failed[0]} among them; the files are as they were", file=sys.stderr
        )
        return 1
    size = sum(atlas.write(name, sweep).stat().st_size for name, sweep in made.items())
    seconds = sum(r.measures.get("seconds", 0.0) for r in cells.values() if r is not None)
    told = atlas.Making(
        command=COMMAND,
        versions={
            "lossviz": lossviz.__version__,
            "Python": platform.python_version(),
            **{name: version(name) for name in ("torch", "numpy", "scikit-learn")},
        },
        machine=f"{platform.system()} {platform.machine()}",
        day=datetime.now(UTC).date().isoformat(),
        cells=len(cells),
        seconds=round(seconds),
    )
    (atlas.FILES / "made.json").write_text(json.dumps(asdict(told), indent=2) + "\n", encoding="utf-8")
    settings = len({c.config.but(seed=0).to_json() for s in made.values() for c in s.plan.cells})
    print(
        f"{settings} settings, {len(cells):,} cells, {size / 1e6:.2f} MB, "
        f"{(time.monotonic() - began) / 60:.0f} min now"
    )
    return 0


def _tell(name: str, sweep: Sweep) -> None:
    told = ""
    for now in sweep.watch(LOOK_EACH_S):
        if now.words != told:
            told = now.words
            print(f"{name}: {told}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
