"""A sweep as a file to share: a page of its own that opens offline, and from which its cells can be taken
into another store."""

from __future__ import annotations

import base64
import binascii
import functools
import gzip
import html
import io
import zlib
from pathlib import Path
from typing import Any

from lossviz.core.errors import ConfigError, RunError
from lossviz.figures import offline, wire
from lossviz.figures.cells import SHARE, STYLES
from lossviz.figures.module_bundle import bundle as modules
from lossviz.figures.module_bundle import style
from lossviz.runs import files
from lossviz.runs.run import Run
from lossviz.runs.store import RunStore
from lossviz.runs.writer import ROW, RunWriter
from lossviz.sweeps import bundle, results, unpacking
from lossviz.sweeps.plan import Cell
from lossviz.sweeps.results import Result
from lossviz.sweeps.store import Sweep, SweepStore
from lossviz.sweeps.unpacking import Contents
from lossviz.training.images import Points
from lossviz.training.snapshot import Snapshot

# The most bytes of a file that is taken in, and of the sweep in it.
MOST_PAGE, MOST_BYTES = 100 * 2**20, 400 * 2**20
# A folder without features and pixels: seven files, and a block of the disk for each.
FOLDER_BYTES = 40_000
# The note of a cell that was taken in.
ELSEWHERE = "Taken from a shared page: trained elsewhere."
# The element that holds the sweep.
HOLDER = '<script type="text/plain" id="lv-sweep">'


def page(sweep: Sweep) -> str:
    """A sweep as a self-contained HTML page with its sliders; no network. ConfigError where no cell has been
    trained yet."""
    return page_of(bundle.encode(sweep))


def page_of(message: bytes) -> str:
    """The page of a message that `lossviz.sweeps.bundle` made."""
    header: dict[str, Any] = wire.read(message)[0]
    if not any("features" in cell or "counts" in cell for cell in header["cells"]):
        raise ConfigError(f"{header['title']}: no cell has a picture yet; train the sweep first")
    programs = ",\n".join(f'"{name}": {source}' for name, source in header["sources"].items())
    # A fixed time: the same sweep gives the same page.
    packed = base64.b64encode(gzip.compress(message, 9, mtime=0)).decode()
    trained = sum(cell["state"] in ("finished", "diverged", "failed") for cell in header["cells"])
    body = f"""<main id="lv-shared"></main>
<footer>
<p>{trained:,} of {len(header["cells"]):,} cells have been trained, each a small network of its own.
Made with lossviz; everything is in this file, which lossviz takes in as runs again.</p>
<pre>{html.escape(header["command"])}</pre>
</footer>
{HOLDER}{packed}</script>
<script>
"use strict";
{modules(SHARE)}
const programs = {{
{programs}
}};
startShared(document.getElementById("lv-shared"), document.getElementById("lv-sweep").textContent, programs);
</script>"""
    styles = [offline.STYLE.read_text(encoding="utf-8"), style(*STYLES)]
    return offline.document(str(header["title"]), styles, body)


def open_page(path: Path) -> Contents:
    """The sweep of a page that was saved as a file. RunError as of `read`, and where it cannot be read."""
    try:
        with path.open("rb") as file:
            return read(file.read(MOST_PAGE + 1))
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror})") from None


def read(content: bytes) -> Contents:
    """The sweep of a shared page, to look at before it is taken in. Nothing of the page is executed. RunError
    says why it cannot be used."""
    return unpacking.read(_message_in(content))


def disk(found: Contents) -> int:
    """Bytes of the disk that the cells take, at the most, once they are runs."""
    return sum(_disk(result, found.images.get(id)) for id, result in found.results.items())


def _disk(result: Result, images: Points | None) -> int:
    heads = [values for values in (result.weights, result.centers) if values is not None]
    # Features, weights and labels stand in the snapshot and in the result.
    numbers = 8 * (result.features.size + sum(values.size for values in heads)) + 28 * len(result.labels)
    names = 2 * sum(len(name.encode()) + 4 for name in result.classes)
    return FOLDER_BYTES + numbers + names + (0 if images is None else images.pixels.nbytes)


def take_in(found: Contents, store: RunStore, asker: str = "") -> Sweep:
    """Make the cells of a shared page runs of a store, to look at; gives their sweep.

    Each is a folder with its config, its test images, one snapshot and its numbers, as if it had been trained
    here, with a note that it was not; a cell that is there already stays as it is. asker: as of
    `SweepStore.create`. RunError if they cannot be written.
    """
    sweep = SweepStore(store).create(found.plan, asker)
    for cell in found.plan.cells:
        if (result := found.results.get(cell.id)) is not None:
            fill = functools.partial(_fill, cell, result, found.images.get(cell.id))
            store.cell(cell.id, cell.config, fill)
    return sweep


def _message_in(content: bytes) -> bytes:
    """The message that a page holds."""
    if len(content) > MOST_PAGE:
        raise RunError(f"a shared sweep has at most {MOST_PAGE >> 20} MB; this file has more")
    if not content:
        raise RunError("the file is empty; ask for the page once more")
    _, there, rest = content.partition(HOLDER.encode())
    packed, closed, _ = rest.partition(b"</script>")
    if not there:
        raise RunError(
            "this file is no sweep saved as one page, or the beginning of one alone; give the .html as it "
            "was saved"
        )
    if not closed:
        raise RunError(
            f"this page is cut off: it ends in the middle of its sweep, after {len(content):,} bytes; ask "
            "for the whole file"
        )
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(base64.b64decode(packed, validate=True))) as file:
            message = file.read(MOST_BYTES + 1)
    except (binascii.Error, ValueError, OSError, EOFError, zlib.error) as error:
        raise RunError(f"the sweep in this file is damaged and cannot be unpacked ({error!s:.80})") from None
    if len(message) > MOST_BYTES:
        raise RunError(f"the sweep in this file has more than {MOST_BYTES >> 20} MB; that is not taken in")
    return message


def _fill(cell: Cell, result: Result, images: Points | None, folder: Path) -> None:
    """Write into a new run folder what a cell ended with."""
    writer, epochs = RunWriter(Run(folder)), len(result.curve)
    seconds = result.measures.get("seconds", 0.0)
    each = max(1, result.step // max(1, epochs))
    step = each * epochs
    numbers = {name: value for name, value in result.measures.items() if name != "seconds"}
    for epoch, share in enumerate(result.curve, 1):
        last = epoch == epochs
        if last and result.features.size:
            break  # the snapshot brings its own row
        row = {"step": each * epoch, "epoch": epoch, "seconds": round(seconds * epoch / epochs, 3)}
        more = numbers if last else {"test_accuracy": share}
        files.append_line(folder / "metrics.jsonl", {**dict.fromkeys(ROW), **row, **more})
    if images is not None and epochs:
        writer.points(images)
    if result.features.size and epochs:
        shot = Snapshot(
            step=step,
            epoch=float(epochs),
            features=result.features,
            labels=result.labels,
            weights=result.weights,
            bias=result.bias,
            centers=result.centers,
            params=result.params,
            metrics=numbers,
            complete=True,
            loss=cell.config.loss,
        )
        writer.snapshot(shot, seconds, each)
    results.write(writer.run, result)
    writer.tell(
        state=result.state,
        reason=result.reason,
        step=step,
        steps=step if result.ended_well else each * cell.config.epochs,
        epoch=float(epochs),
        progress=1.0,
        seconds=seconds,
        data_found="" if images is None else images.data_found,
        verdicts=(ELSEWHERE,),
    )
