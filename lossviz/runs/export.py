"""Runs as files for elsewhere: the config, the command, the weights, the numbers."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from lossviz.errors import RunError
from lossviz.runs import files
from lossviz.runs.run import Run


def config_json(run: Run) -> str:
    """The config as JSON: every setting, defaults too."""
    return run.config.to_json() + "\n"


def command(run: Run) -> str:
    """The command line that trains the same run."""
    return run.config.to_command() + "\n"


def weights(run: Run) -> bytes:
    """The network and the head (class weights, bias, centres) as safetensors, without what only
    training needs; config and class names are in its metadata. RunError before the first checkpoint.
    """
    tensors, facts = run.checkpoint()
    kept = {
        name.removeprefix("model."): value for name, value in tensors.items() if name.startswith("model.")
    }
    if not kept:
        raise RunError(f"{run.id}: its checkpoint holds no network; was it written by another version?")
    about = {
        "config": json.loads(run.config.to_json()),
        "classes": run.points().classes,
        "step": facts.get("step"),
    }
    return files.encode_tensors(kept, about)


def metrics_csv(run: Run) -> str:
    """A row an epoch, a column a measure; what was not measured is empty."""
    rows = run.metrics()
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    table: Any = csv.writer(text, lineterminator="\n")
    table.writerow(names)
    for row in rows:
        values = (row.get(name) for name in names)
        table.writerow(["" if v is None or v != v else v for v in values])
    return text.getvalue()
