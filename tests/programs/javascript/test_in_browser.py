"""Losses as the browser computes them, against torch in float64, at ten thousand features a loss."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from lossviz import losses
from lossviz.losses import ClassState
from lossviz.programs.javascript import programs
from tests.programs.javascript.test_trace import head

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

POINTS = 10_000
CLASSES, LABEL = 3, 1
# The program is asked for one place at a time, a grid of one node; numbers travel as bytes.
RUN = """([source, values, places]) => {
  const run = new Function(`"use strict"; return ${source};`)();
  const bytes = Uint8Array.from(atob(places), (c) => c.charCodeAt(0));
  const z = new Float64Array(bytes.buffer), a = Float64Array.from(values);
  const out = [0], scores = [[0], [0], [0]], told = new Float64Array(2 * z.length);
  for (let i = 0; i < z.length; i += 2) {
    run(a, [z[i]], [z[i + 1]], out, scores);
    told.set([out[0], scores[0][0], scores[1][0], scores[2][0]], 2 * i);
  }
  let text = "";
  new Uint8Array(told.buffer).forEach((byte) => (text += String.fromCharCode(byte)));
  return btoa(text);
}"""


def told(page: Page, made: Any, values: list[float], z: torch.Tensor) -> np.ndarray:
    """What the browser makes of the places: [N, 4], the height and three logits."""
    places = base64.b64encode(z.numpy().tobytes()).decode()
    answer = page.evaluate(RUN, [made.source, values, places])
    return np.frombuffer(base64.b64decode(answer), dtype=np.float64).reshape(-1, 4)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def features(weights: torch.Tensor) -> torch.Tensor:
    """Random ones of all lengths, and the corners: the origin, on, opposite to and far along weights."""
    generator = torch.Generator().manual_seed(11)
    z = torch.randn(POINTS, 2, generator=generator, dtype=torch.float64)
    z *= 10 ** (4 * torch.rand(POINTS, 1, generator=generator, dtype=torch.float64) - 2)
    corners = torch.cat(
        [torch.zeros(1, 2, dtype=torch.float64), weights, -weights, 1e3 * weights, 1e-12 * weights]
    )
    z[: len(corners)] = corners
    return z


def variants(spec: Any) -> list[dict[str, Any]]:
    """The defaults, and the corners of the parameters: scale 64, γ 512, the ends of the others."""
    corner = {"scale": 64.0, "gamma": 512.0}
    top = {p.name: corner.get(p.name, p.high) for p in spec.params if p.kind == "real"}
    if spec.key in ("cce", "focal"):
        top["gamma"] = spec.param("gamma").low if spec.key == "cce" else spec.param("gamma").high
    flags = [{p.name: not p.default} for p in spec.params if p.kind == "flag"]
    return [{}, top, *flags]


@pytest.mark.parametrize("key", losses.keys())
def test_the_browser_computes_the_loss_itself(key: str, page: Page) -> None:
    spec = losses.get(key)
    state, _ = head(key, CLASSES)
    z = features(state.weights)
    labels = torch.full((POINTS,), LABEL)
    for given in variants(spec):
        params = spec.complete(given, CLASSES)
        elsewhere = ClassState(state.weights + 1, state.bias, state.centers, state.adversary)
        made = programs.program(spec, elsewhere, LABEL, params)
        assert made is not None
        found = told(page, made, programs.values(made, state, params), z)
        expected = spec.per_sample(z, labels, state, **params).numpy()
        scores = spec.logits(z, state, **params).numpy()
        # So small a loss is the rest of a subtraction; relative to what was subtracted it is nothing.
        np.testing.assert_allclose(found[:, 0], expected, rtol=1e-5, atol=1e-13, err_msg=json.dumps(given))
        np.testing.assert_allclose(found[:, 1:], scores, rtol=1e-5, atol=1e-13)


@pytest.mark.parametrize("key", ["center", "bce-u", "wasserstein"])
def test_the_terms_of_a_loss_have_programs_too(key: str, page: Page) -> None:
    spec = losses.get(key)
    state, _ = head(key, CLASSES)
    z = features(state.weights)[:500]
    params = spec.complete({}, CLASSES)
    for name, expected in spec.terms(z, torch.full((500,), LABEL), state, **params).items():
        made = programs.program(spec, state, LABEL, params, name)
        assert made is not None
        found = told(page, made, programs.values(made, state, params), z)[:, 0]
        np.testing.assert_allclose(found, expected.numpy(), rtol=1e-5, atol=1e-13)


def test_a_loss_that_is_not_arithmetic_has_no_program() -> None:
    from dataclasses import replace

    def sorted_logits(z: Any, y: Any, state: Any) -> Any:
        return {"all": torch.sort(z @ state.weights.T).values[:, 0]}

    spec = replace(losses.get("soft-0"), key="odd", terms_function=sorted_logits)
    state, _ = head("soft-0", CLASSES)
    assert programs.program(spec, state, LABEL, {}) is None
