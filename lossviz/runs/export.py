"""Runs as files for elsewhere: config, command, weights, numbers, a program, the images it needs."""

from __future__ import annotations

import csv
import io
import json
import re
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


def script(run: Run) -> str:
    """The run as one PyTorch program that needs no lossviz; RunError until the run has begun."""
    from lossviz.script import Facts, fingerprint, script_of, source_of

    config, now, points = run.config, run.status, run.points()
    final = ""
    if now.state == "finished" and now.device.startswith("CPU") and not now.cohort:
        tensors, _ = run.checkpoint()
        own = ("model.", "adversary.")
        final = fingerprint({n.removeprefix("model."): t for n, t in tensors.items() if n.startswith(own)})
    # Of "20,000 of 60,000 train" images the official files hold others too.
    complete = all(have == whole for have, whole in re.findall(r"([\d,]+) of ([\d,]+)", points.data_found))
    channels, height, width = points.pixels.shape[1:]
    facts = Facts(
        source=source_of(config, complete),
        shape=(channels, height, width),
        class_count=len(points.classes),
        steps=now.steps,
        device=_kind(now.device),
        final=final,
    )
    return script_of(config, facts, run.id)


def _kind(device: str) -> str:
    """torch's name of a device from the name that a reader sees."""
    if device.startswith("CPU"):
        return "cpu"
    return "mps" if "MPS" in device else "cuda"


def images(run: Run) -> bytes:
    """The images that the run trains and tests on, cut and before normalisation, as an .npz.

    images, test_images: uint8 [N, C, H, W]. labels, test_labels: int64 [N]. classes: their names.
    It can be trained on as one's own data. DataError if the data set is no longer to be found.
    """
    import numpy as np

    from lossviz.training.images import load

    made = load(run.config)
    file = io.BytesIO()
    np.savez_compressed(
        file,
        images=made.train.pixels.numpy(),
        labels=made.train.labels.numpy(),
        test_images=made.test.pixels.numpy(),
        test_labels=made.test.labels.numpy(),
        classes=np.array(made.classes),
    )
    return file.getvalue()
