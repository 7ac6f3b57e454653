"""The places of the points as files: CSV to read, NPZ to compute with."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np

from lossviz.figures.table import cell
from lossviz.pages.embeddings.projected_points import ProjectedPoints
from lossviz.readings.reading import Array

AXES = ("x", "y", "z")


def csv_text(projected: Sequence[ProjectedPoints]) -> str:
    """A row for each point of each run; what is not known is an empty cell.

    sample: its place in the part of the data set, or in the file.
    """
    dims = max(p.points.shape[1] for p in projected)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    heads = ["run", "run_id", "epoch", "part", "sample", "label", "prediction", "loss", "projection"]
    writer.writerow([*heads, *AXES[:dims]])
    for each in projected:
        reading, classes = each.reading, each.reading.classes
        fixed = [cell(reading.name), reading.run_id, f"{reading.epoch:g}", reading.part]
        taken, losses, samples = each.predictions, reading.loss_values, _numbers(each)
        for row, (place, label, point) in enumerate(zip(each.places, each.labels, each.points, strict=True)):
            writer.writerow(
                [
                    *fixed,
                    int(samples[row]),
                    cell(classes[label]),
                    "" if taken is None else cell(classes[taken[row]]),
                    "" if losses is None else f"{losses[place]:.7g}",
                    each.how,
                    *(f"{value:.7g}" for value in point),
                ]
            )
    return written.getvalue()


def npz_bytes(projected: Sequence[ProjectedPoints]) -> bytes:
    """For run n, counted from 0: points_n [P, 2 or 3], samples_n, labels_n [P], and, where they are known,
    predictions_n and losses_n; runs, run_ids, how and epochs in the order of the runs; classes_n."""
    arrays: dict[str, Array] = {
        "runs": np.array([p.reading.name for p in projected]),
        "run_ids": np.array([p.reading.run_id for p in projected]),
        "how": np.array([p.how for p in projected]),
        "epochs": np.array([p.reading.epoch for p in projected]),
    }
    for n, each in enumerate(projected):
        arrays |= {
            f"points_{n}": each.points,
            f"samples_{n}": _numbers(each),
            f"labels_{n}": each.labels,
            f"classes_{n}": np.array(each.reading.classes),
        }
        if (taken := each.predictions) is not None:
            arrays[f"predictions_{n}"] = taken
        if each.reading.loss_values is not None:
            arrays[f"losses_{n}"] = each.reading.loss_values[each.places]
    written = io.BytesIO()
    np.savez_compressed(written, **arrays)  # type: ignore[arg-type]
    return written.getvalue()


def _numbers(projected: ProjectedPoints) -> Array:
    """The numbers of the samples in the data set's part, or in the file."""
    indices = projected.reading.indices
    return projected.places if indices is None else np.asarray(indices)[projected.places]
