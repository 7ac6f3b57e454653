"""Print figures of loss fields, with matplotlib's objects only: no pyplot, no global state.

>>> figure = lossviz.figures.contours([lossviz.fields.compute("arcface", margin=0.4)])
>>> lossviz.figures.save(figure, "arcface.pdf")
"""

from __future__ import annotations

import io
import os
import threading
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from lossviz.core import output
from lossviz.figures import levels, palette, print_marks, print_text
from lossviz.figures.axis import Array
from lossviz.figures.levels import Spacing
from lossviz.figures.plane import check_extents, gap, pair_note, params_note, same_boundaries
from lossviz.figures.print_marks import Strokes
from lossviz.figures.print_page import DPI, Page
from lossviz.figures.print_text import FONT

if TYPE_CHECKING:
    from lossviz.fields import Field
    from lossviz.fields.opening import Opening

Format = Literal["png", "svg", "pdf"]

_METADATA: Mapping[str, dict[str, Any]] = {
    "png": {"Software": "lossviz"},
    "svg": {"Date": None, "Creator": "lossviz"},
    "pdf": {"CreationDate": None, "Creator": "lossviz", "Producer": "lossviz"},
}
_ABOUT: Mapping[str, str] = {"png": "Description", "svg": "Description", "pdf": "Subject"}
_SAVING = threading.Lock()
_STRIP = 0.16  # inches below a figure, for what is said about its fonts


class FontWarning(UserWarning):
    """Characters of a picture stand as boxes, for want of a font."""


class PrintFigure(Figure):
    """A figure that shows itself in a notebook without pyplot.

    names: those that may stand on it; what is said about fonts is then the same for each frame of a run.
    """

    names: Sequence[str] = ()

    def _repr_png_(self) -> bytes:
        return encoded(self, "png")


def contours(
    fields: Sequence[Field],
    *,
    titles: Sequence[str] | None = None,
    notes: Sequence[str] | None = None,
    columns: int | None = None,
    spacing: Spacing = "linear",
    shared: bool = False,
    count: int = 14,
    arrows: Sequence[tuple[Array, Array] | None] | None = None,
    paths: Sequence[Strokes] | None = None,
    openings: Sequence[Opening | None] | None = None,
    centers: bool = False,
    dark: bool = False,
) -> Figure:
    """Small multiples of losses over the plane, one panel a field, all with the same extent.

    titles, notes: one text a field; by default the loss and its parameters. shared: one scale and
    one colour bar for all panels, otherwise each panel has its own. spacing, count: of the bands,
    see `levels.band_edges`. arrows: for each field (points [N, 2], vectors [N, 2]) in units of the
    plane, as `fields.arrows` gives them, or None. paths: for each field a polyline [n, 2], several,
    or None; a ring marks the start, a dot the end. openings: for each field the opening of its valley
    (`lossviz.fields.opening.opening`), or None: circle, line of the level, and angle. centers: draw the class
    centres, where a field has them. Where a loss is not finite the panel is hatched. Raises ValueError.
    """
    fields = list(fields)
    check_extents(fields)
    given_each = {"titles": titles, "notes": notes, "arrows": arrows, "paths": paths, "openings": openings}
    for what, given in given_each.items():
        if given is not None and len(given) != len(fields):
            raise ValueError(f"contours: {what} needs one entry a field; got {len(given)} for {len(fields)}")
    titles = [field.spec.title for field in fields] if titles is None else titles
    notes = [params_note(field) for field in fields] if notes is None else notes
    groups = [fields] * len(fields) if shared else [[field] for field in fields]
    ranges = [levels.shared_range(group) for group in groups]
    colors = palette.loss_colors(count)
    key = print_marks.key(fields, dark, centers, arrows, paths, openings)
    page = Page.of(len(fields), columns, fields[0].extent, shared, notes, len(key), dark, PrintFigure)
    for i, field in enumerate(fields):
        edges = levels.band_edges(*ranges[i], count, spacing)
        axes = page.panel(i, field.extent, titles[i], notes[i])
        print_marks.fill(axes, field.x, field.y, field.z_yx, edges, colors, dark)
        print_marks.boundaries(axes, field.boundaries)
        slopes = None if arrows is None else arrows[i]
        if slopes is not None:
            print_marks.slopes(axes, slopes[0], slopes[1], dark)
        measured = None if openings is None else openings[i]
        if measured is not None:
            print_marks.opening(axes, field, measured, dark)
        print_marks.weights(axes, field, dark)
        if centers and field.state.centers is not None:
            print_marks.centers(axes, field, dark)
        for path in print_marks.several(paths[i] if paths is not None else None):
            print_marks.path(axes, path, dark)
        if not shared or i == 0:
            page.bar(i, edges, colors, levels.ticks(edges, spacing), "loss")
    page.key(key)
    return page.figure


def difference(
    field_a: Field,
    field_b: Field,
    *,
    title: str | None = None,
    note: str | None = None,
    spacing: Spacing = "linear",
    count: int = 15,
    dark: bool = False,
    below: Figure | None = None,
) -> Figure:
    """The loss of `field_a` minus that of `field_b`, both over the same grid, in one panel.

    The map is centred at zero; with an odd count the central band is the neutral colour. The
    weights and boundaries are those of `field_a`; boundaries of `field_b` that differ are dotted.
    below: a figure that grows by it, in place of a new one. Raises ValueError.
    """
    less = gap(field_a, field_b)
    low, high = levels.shared_range([less])
    edges = levels.symmetric_edges(max(abs(low), abs(high)), count, spacing)
    colors = palette.difference_colors(count)
    title = f"{field_a.spec.title} − {field_b.spec.title}" if title is None else title
    note = pair_note(field_a, field_b) if note is None else note
    same = same_boundaries(field_a, field_b)
    key = print_marks.key([field_a], dark, False, None, None)
    if not same:
        key[-1] = (key[-1][0], f"boundary, {field_a.spec.title}")
        key.append((print_marks.boundary_handle(dark, dotted=True), f"boundary, {field_b.spec.title}"))
    page = Page.of(1, 1, field_a.extent, False, [note], len(key), dark, PrintFigure, below)
    axes = page.panel(0, field_a.extent, title, note)
    print_marks.fill(axes, field_a.x, field_a.y, less, edges, colors, dark)
    print_marks.boundaries(axes, field_a.boundaries)
    if not same:
        print_marks.boundaries(axes, field_b.boundaries, dotted=True)
    print_marks.weights(axes, field_a, dark)
    page.bar(0, edges, colors, levels.ticks(edges, spacing), "difference")
    page.key(key)
    return page.figure


def save(
    figure: Figure,
    path_or_buffer: str | os.PathLike[str] | IO[bytes],
    format: Format | None = None,
    *,
    about: str = "",
) -> None:
    """Write a figure as png (200 dots an inch), svg (text stays text) or pdf (fonts embedded).

    format: by default the ending of the path, which may not say another one. about: what it shows,
    written into the file. Texts stand as they are: a dollar sign begins no formula. Characters that no
    font here has are boxes in a png or pdf, which a line below it and a FontWarning say. The same figure
    gives the same bytes each time, on machines with the same fonts. Raises ValueError for another
    format, and then writes nothing.
    """
    path = Path(path_or_buffer) if isinstance(path_or_buffer, (str, os.PathLike)) else None
    if path is not None:
        ending: Any = output.checked(path, tuple(_METADATA) if format is None else (format,), "save")
        format = ending
    content = encoded(figure, format, about)
    if path is not None:
        output.write(path, content, "save")
    else:
        path_or_buffer.write(content)  # type: ignore[union-attr]


def encoded(figure: Figure, format: Format | None, about: str = "") -> bytes:
    """The file that `save` writes."""
    if format is None or format not in _METADATA:
        raise ValueError(f"save: the format must be png, svg or pdf; got {format!r}")
    options: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "lossviz",
        "pdf.fonttype": 42,
        "path.simplify": True,
    }
    metadata = _METADATA[format] | ({_ABOUT[format]: print_text.writable(about)} if about else {})
    buffer = io.BytesIO()
    # matplotlib takes these from its global options only; the lock keeps two threads from mixing them up.
    with _SAVING, rc_context(options):
        names = "".join(getattr(figure, "names", ()))
        missing = "".join(sorted({*print_text.prepare_figure(figure), *print_text.missing_letters(names)}))
        if not missing or format == "svg":
            figure.savefig(buffer, format=format, dpi=DPI, metadata=metadata)
            return buffer.getvalue()
        wide, tall = figure.get_size_inches()
        said = print_text.missing_message(missing)
        line = figure.text(0.06 / wide, (0.04 - _STRIP) / tall, said, size=5.5, family=FONT, color="#b3261e")
        try:
            whole = Bbox([[0, -_STRIP], [wide, tall]])
            figure.savefig(buffer, format=format, dpi=DPI, metadata=metadata, bbox_inches=whole)
        finally:
            line.remove()
    warnings.warn(said, FontWarning, stacklevel=3)
    return buffer.getvalue()
