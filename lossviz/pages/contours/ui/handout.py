"""A contour view as one file that works anywhere: drag, turn the sliders; no server, no network."""

from __future__ import annotations

import base64
import html
import math
from pathlib import Path
from typing import Any

import torch

from lossviz.core.errors import LossvizError
from lossviz.core.settings import Setting
from lossviz.figures import offline
from lossviz.figures.module_bundle import bundle, style
from lossviz.pages.contours import panels, side_plots, valleys
from lossviz.pages.contours.ui import controls
from lossviz.pages.contours.view import ContourView
from lossviz.ui.components import contours
from lossviz.ui.components.contours import frames

# Points a side of the grids in the file: coarse, since the browser draws fine ones over them at once.
COARSE = 24
_CONTOURS = Path(contours.__file__).parent


def page(view: ContourView) -> str:
    """The view as a self-contained HTML page, with sliders for the real parameters and the bias.

    LossvizError where a loss cannot be drawn by a browser alone.
    """
    made = panels.panels(view, COARSE, torch.float32)
    codes = {panel.key: frames.program(panel) for panel in made}
    for panel in made:
        if codes[panel.key] is None:
            raise LossvizError(
                f"{panel.title}: cannot be drawn by a browser alone, so it cannot be handed out; leave it "
                "out of the view, or save a picture"
            )
    sliders = _sliders(view)
    points = frames.resolution(len(made))
    content = frames.encode(made, view.plane(), frame=1, sliders=sliders, alone=points)
    losses = ",\n".join(f'"{code.id}": {code.source}' for code in codes.values() if code is not None)
    titles = [spec.title for spec in view.specs()]
    question = ", ".join(titles) if len(titles) <= 4 else f"{len(titles)} losses side by side"
    notices = "".join(
        f"<p><b>{html.escape(s.title)}.</b> {html.escape(s.notice)}</p>\n" for s in view.specs()
    )
    circle = ", or the dot on the circle" if view.opening else ""
    if view.opening:
        notices = f"<p>As handed out: {html.escape(' '.join(valleys.sentences(view)))}</p>\n" + notices
    body = f"""<p class="lv-how">The loss of a sample of class {view.label} over the plane of 2-D features.
Drag an arrow to move its class weight{circle}; point for exact values.</p>
<div class="lv-controls">
{"".join(_control(slider) for slider in sliders)}<button type="button" id="lv-reset">Reset</button>
</div>
<main id="lv-handout"></main>
{_second(view)}<footer>
{notices}<p>Made with lossviz; the page computes the losses itself.</p>
</footer>
<script type="text/plain" id="lv-frame">{base64.b64encode(content).decode()}</script>
<script>
"use strict";
{bundle(_CONTOURS / "handout.js")}
const losses = {{
{losses}
}};
const text = atob(document.getElementById("lv-frame").textContent);
const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
const picture = startHandout(document.getElementById("lv-handout"), bytes, losses);
</script>"""
    styles = [(_CONTOURS / "handout.css").read_text(encoding="utf-8"), style(_CONTOURS / "contours.css")]
    return offline.document(question, styles, body)


def _second(view: ContourView) -> str:
    """The second picture as it is when the page is made; "" where the view has none."""
    figure = side_plots.print_figure(view)
    if figure is None:
        return ""
    from lossviz.figures.print import encoded

    data = base64.b64encode(encoded(figure, "png")).decode()
    said = html.escape(side_plots.caption(view))
    return (
        f'<figure class="lv-second"><img alt="{said}" src="data:image/png;base64,{data}">'
        f"<figcaption>{said} As handed out.</figcaption></figure>\n"
    )


def _sliders(view: ContourView) -> list[dict[str, Any]]:
    """The page's sliders, with what stands beside them and where they start."""
    declared = {param.link: param for param in view.used_params()}
    now = {link: view.get_param(link) for link in declared}
    declared |= {name: view.declaration(name) for name in ("bias", "radius", "level")}
    now |= {"bias": view.bias, "radius": view.circle, "level": view.edge}
    return [
        {
            **each,
            "unit": declared[each["link"]].unit,
            "label": f"{declared[each['link']].letter}: {declared[each['link']].title}",
            "now": float(now[each["link"]]),
        }
        for each in controls.sliders(view, "handout")
        if each["link"] in declared
    ]


def _control(slider: dict[str, Any]) -> str:
    name, now = slider["key"], slider["now"]
    if "values" in slider:
        low, high, step = 0.0, len(slider["values"]) - 1.0, 1.0
        place = float(slider["values"].index(now))
    else:
        low, high, place = slider["low"], slider["high"], now
        step = math.radians(0.5) if slider["unit"] == "rad" else (high - low) / 200
    text = html.escape(Setting(unit=slider["unit"]).text(now))
    ends = f'min="{low!r}" max="{high!r}" step="{step!r}" value="{place!r}"'
    # The classes are those by which the picture finds a slider of the app.
    return (
        f'<div class="stElementContainer st-key-{name}-1">'
        f'<label for="{name}">{html.escape(slider["label"])}</label>'
        f'<input type="range" id="{name}" data-key="{name}" {ends}> '
        f'<output for="{name}" data-start="{text}">{text}</output></div>\n'
    )
