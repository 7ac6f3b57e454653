"""Runs as files for elsewhere: config, command, weights, numbers, a program, the images it needs."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lossviz.core.errors import ProgramError, RunError
from lossviz.runs import files
from lossviz.runs.run import Run
from lossviz.runs.store import word

if TYPE_CHECKING:
    from lossviz.data import Found

# The endings that the file of each export may have, the usual one first.
ENDINGS = {
    "config": ("json",),
    "command": ("sh", "txt"),
    "weights": ("safetensors",),
    "metrics": ("csv",),
    "script": ("py",),
    "images": ("npz",),
    "html": ("html", "htm"),
    "frame": ("png", "svg", "pdf"),
    "frames": ("zip",),
}


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
    """The run as one PyTorch program that needs no lossviz; RunError until the run has begun, and for
    a fork of a run that is gone."""
    from lossviz.programs.run_script import script_of
    from lossviz.programs.standalone import Facts, fingerprint

    runs = lineage(run)
    for each in runs:
        if not each.status.steps:
            raise RunError(f"{each.id}: has no script yet; the run has not begun")
    final = ""
    alone = all(r.status.device.startswith("CPU") and not r.status.cohort for r in runs)
    if run.status.state == "finished" and alone:
        tensors, _ = run.checkpoint()
        own = ("model.", "adversary.")
        final = fingerprint({n.removeprefix("model."): t for n, t in tensors.items() if n.startswith(own)})
    points = run.points()
    channels, height, width = points.pixels.shape[1:]
    facts = Facts((channels, height, width), len(points.classes), run.status.steps, final)
    configs = [each.config.but(device=_kind(each.status.device)) for each in runs]
    files = _files(run)
    if files is not None:
        # The script may have no code that reads a rare form of files (such as own folders of pictures).
        with contextlib.suppress(ProgramError):
            return script_of(configs, facts, files, word(run))
    return script_of(configs, facts, None, word(run))


def lineage(run: Run) -> list[Run]:
    """The runs that a run goes back to, the first one first, itself last: one, unless it is a fork.

    RunError where one of them is gone: what it was trained with is then not known.
    """
    runs = [run]
    while runs[0].config.fork_run:
        config = runs[0].config
        origin = Run(run.path.parent / config.fork_run)
        if origin in runs or origin.problem:
            raise RunError(
                f"{run.id}: has no script. It goes on from epoch {config.fork_epoch} of {config.fork_run}, "
                "which a script would have to train first, and that run is not among the runs here any "
                "more. Weights, config and numbers can be saved."
            )
        runs.insert(0, origin)
    return runs


def needs_images(run: Run) -> bool:
    """True if the script of a run reads the .npz of `images`, for want of official files of its images."""
    return _files(run) is None


def _files(run: Run) -> Found | None:
    """The official files with the images of a run."""
    from lossviz.programs.run_script import files_of

    # A name like "20,000 of 60,000 train" means a part: the official files hold other images too.
    counts = re.findall(r"([\d,]+) of ([\d,]+)", run.points().data_found)
    return files_of(run.config, complete=all(have == whole for have, whole in counts))


def _kind(device: str) -> str:
    """torch's name of a device from the name that a reader sees."""
    if device.startswith("CPU"):
        return "cpu"
    return "mps" if "MPS" in device else "cuda"


def images(run: Run, progress: Callable[[str, float], None] | None = None) -> bytes:
    """The images that the run trains and tests on, cut and before normalisation, as an .npz.

    images, test_images: uint8 [N, C, H, W]. labels, test_labels: int64 [N]. classes: their names.
    The file can be used as own data for training. DataError if the data set is no longer to be found.
    """
    import numpy as np

    from lossviz.training.images import load

    made = load(run.config, progress)
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
