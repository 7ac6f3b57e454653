"""The cells of a sweep as rows of a table."""

from __future__ import annotations

import csv
import io
from typing import Any

from lossviz.sweeps.aggregate import important_of, with_important
from lossviz.sweeps.measures import IMPORTANT, MEASURES, RECALL, known
from lossviz.sweeps.store import Sweep


def rows(sweep: Sweep) -> list[dict[str, Any]]:
    """A row for each cell: id, loss, the values on the axes, seeds, state, measures (angles in radians,
    shares in [0, 1]) and recalls; "" where there is no number. All rows have the same names."""
    plan, ended = sweep.plan, sweep.results()
    results = {cell.id: with_important(ended.get(cell.id), important_of(plan, cell)) for cell in plan.cells}
    there = known(result for result in results.values() if result is not None)
    recalls = [m.name for m in there if m.name.startswith(RECALL) or m == IMPORTANT]
    made = []
    for cell in plan.cells:
        row: dict[str, Any] = {"cell": cell.id, "loss": cell.config.loss}
        for axis, at in zip(plan.axes, cell.at, strict=True):
            declared = axis.declared(plan.specs)
            row[axis.name] = "" if at < 0 else declared.write(axis.values[at])
        row |= {"seed": cell.config.seed, "subset_seed": cell.config.subset_seed}
        result = results.get(cell.id)
        row |= {"state": sweep.state(cell), "reason": result.reason if result else ""}
        numbers = result.measures if result else {}
        made.append(row | {name: numbers.get(name, "") for name in (*MEASURES, *recalls)})
    return made


def csv_text(sweep: Sweep) -> str:
    """The rows as the text of a CSV file."""
    text, made = io.StringIO(), rows(sweep)
    table = csv.DictWriter(text, list(made[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(made)
    return text.getvalue()
