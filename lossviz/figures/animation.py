"""A run as one file that plays anywhere: an animated page, or its frames as pictures.

>>> from lossviz.figures import animation
>>> html = animation.page("ArcFace on digits", frames, timeline)
"""

from __future__ import annotations

import base64
import html
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lossviz.figures import offline
from lossviz.figures.module_bundle import bundle, style
from lossviz.figures.scatter import STYLE, Options, Panel, Timeline
from lossviz.figures.scatter.packing import header, panel_header
from lossviz.figures.scatter.panel import Array, is_images
from lossviz.figures.wire import message


def page(
    title: str,
    frames: Sequence[Sequence[Panel]],
    timeline: Timeline,
    *,
    about: Sequence[str] = (),
    command: str = "",
    options: Options | None = None,
    images: Array | None = None,
) -> str:
    """A self-contained HTML page that replays runs: play, scrub, zoom, point; no network.

    frames: for each step of the timeline its panels, the same runs each time. about: paragraphs
    under the picture: what it is, the data, sample sizes. command: what made the run. images:
    uint8 [P, H, W] or [P, H, W, C], shown where a point is picked. A panel without a reach takes
    the largest that its run needs. Features take 8 bytes a point and frame, a third more as text:
    100 frames of 500 points are about 0.8 MB. Raises ValueError.
    """
    _check(frames, timeline)
    options = replace(options or Options(), interactive=True)
    reaches = _reaches(frames)
    steady = [_with_reach(panels, reaches) for panels in frames]
    common = header([], timeline, options)
    story = {
        "common": {name: common[name] for name in ("options", "colours")} | {"message": ""},
        "timeline": common["timeline"],
        "frames": [{"panels": [panel_header(p, options) for p in panels]} for panels in steady],
        "images": None if images is None else _images(images),
    }
    paragraphs = "".join(f"<p>{html.escape(text)}</p>\n" for text in about)
    code = f"<pre>{html.escape(command)}</pre>\n" if command else ""
    body = f"""<main id="lv-replay"></main>
<footer>
{paragraphs}{code}</footer>
<script type="text/plain" id="lv-story">{base64.b64encode(message(story)).decode()}</script>
<script>
"use strict";
{bundle(STYLE.with_name("replay.js"))}
</script>"""
    styles = [offline.STYLE.read_text(encoding="utf-8"), style(STYLE)]
    return offline.document(title, styles, body)


def png_frames(
    frames: Sequence[Sequence[Panel]],
    timeline: Timeline,
    *,
    options: Options | None = None,
    dark: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> bytes:
    """The frames as a zip of PNG files in print style: `frame-00012-step-000480.png`.

    All have the same size, for any program that joins pictures. progress: called with (done, all)
    after each. Raises ValueError.
    """
    from lossviz.figures import print_scatter

    _check(frames, timeline)
    options = options or Options()
    reaches = _reaches(frames)
    packed = io.BytesIO()
    # PNG is compressed already.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for i, (panels, step) in enumerate(zip(frames, timeline.steps, strict=True)):
            picture = print_scatter.save(_with_reach(panels, reaches), options, dark=dark)
            # A fixed date: the same frames give the same bytes.
            entry = zipfile.ZipInfo(f"frame-{i:05d}-step-{step:06d}.png", (1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, picture)
            if progress is not None:
                progress(i + 1, len(frames))
    return packed.getvalue()


def _check(frames: Sequence[Sequence[Panel]], timeline: Timeline) -> None:
    if not frames or not frames[0]:
        raise ValueError("animation: at least one frame with one panel is needed; got none")
    if len(frames) != len(timeline.steps):
        raise ValueError(
            "animation: the timeline needs one step a frame; "
            f"got {len(timeline.steps)} steps for {len(frames)} frames"
        )
    runs = [panel.run for panel in frames[0]]
    for i, panels in enumerate(frames):
        if [panel.run for panel in panels] != runs:
            raise ValueError(
                f"animation: every frame must show the same runs; frame 0 has {runs}, "
                f"frame {i} has {[panel.run for panel in panels]}"
            )


def _reaches(frames: Sequence[Sequence[Panel]]) -> dict[str, float]:
    """For each run the reach that holds all its points in all frames, so that axes stand still."""
    largest: dict[str, float] = {}
    for panel in (panel for panels in frames for panel in panels):
        if panel.features is not None and panel.features.size:
            sizes = np.abs(panel.features[np.isfinite(panel.features)])
            own = 1.08 * float(sizes.max(initial=0.0))
            largest[panel.run] = max(largest.get(panel.run, 0.0), own)
    return {run: reach or 1.0 for run, reach in largest.items()}


def _with_reach(panels: Sequence[Panel], reaches: dict[str, float]) -> list[Panel]:
    return [p if p.reach is not None else replace(p, reach=reaches.get(p.run, 1.0)) for p in panels]


def _images(images: Array) -> dict[str, Any]:
    if not is_images(images):
        raise ValueError(
            "animation: images must be uint8 [P, H, W] or [P, H, W, C] with C 1 or 3; "
            f"got {images.dtype} {list(images.shape)}"
        )
    return {
        "pixels": images,
        "count": len(images),
        "height": images.shape[1],
        "width": images.shape[2],
        "channels": 1 if images.ndim == 3 else images.shape[3],
    }
