"""What the contour picture computes in the browser against what Python computes: bands, and the opening."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lossviz import losses
from lossviz.figures import levels
from lossviz.pages.contours import valleys
from lossviz.pages.contours.view import ContourView
from lossviz.programs.javascript import programs
from lossviz.ui.components import contours
from tests.javascript import CANVAS, call

VALLEY = Path(contours.__file__).parent / "valley.js"
MEASURED = """(all) => all.map(({ source, circles }) => {
  const run = new Function(`"use strict"; return ${source};`)();
  return circles.map(({ inputs, ...circle }) => module.measuredArcs(run, inputs, circle));
})"""


def test_the_browser_chooses_the_bands_of_the_server() -> None:
    ranges = [(0.5, 3.0), (1e-9, 4.0), (0.0, 2.0), (-3.0, 1.0)]
    given = [(*ends, 14, spacing) for ends in ranges for spacing in ("linear", "log")]
    found = call(CANVAS / "bands.js", "(given) => given.map((each) => module.bandEdges(...each))", given)
    for each, edges in zip(given, found, strict=True):
        expected = levels.band_edges(*each)  # type: ignore[arg-type]
        np.testing.assert_allclose(edges, expected, rtol=1e-9, atol=1e-12, err_msg=str(each))


def test_the_browser_finds_the_arcs_that_python_finds() -> None:
    given, wanted = [], []
    for spec in losses.catalogue().values():
        weights = ((0.3, 1.2), (-1.0, -0.4), (0.8, -0.9))
        base = ContourView(losses=(spec.key,), weights=weights, bias=0.4, biases=(0.5, -0.3, 0.0), radius=1.7)
        circles, arcs, sources = [], [], set()
        for level in (0.02, 0.7, 1.1, 5.0):
            view = replace(base, level=level)
            state, values = view.state(spec), view.values(spec)
            code = programs.program(spec, state, view.label, values)
            assert code is not None
            sources.add(code.source)
            inputs = programs.values(code, state, values)
            circles.append({"inputs": inputs, "radius": view.circle, "level": level})
            arcs.append([pytest.approx(list(arc), abs=1e-6) for arc in valleys.of_loss(view, spec).arcs])
        (source,) = sources
        given.append({"source": source, "circles": circles})
        wanted.append(arcs)
    assert dict(zip(losses.keys(), call(VALLEY, MEASURED, given), strict=True)) == dict(
        zip(losses.keys(), wanted, strict=True)
    )
