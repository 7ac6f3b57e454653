"""A page that holds one component, and a handle on it for the tests."""

import base64
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import lossviz
from lossviz.figures import module_bundle
from lossviz.figures.scatter import STYLE
from lossviz.pages.contours.ui import readout
from lossviz.pages.flow.ui import flow
from lossviz.ui.components import contours, curves, scatter, threshold, watch
from tests.browser.component.embeddings import frame
from tests.browser.component.frames import LIGHT, frame_bytes
from tests.waiting import PATIENCE_S

LIBRARY = Path(lossviz.__file__).parent
ORIGIN = "http://lossviz.test"
COMPONENTS = {
    component.__name__.rpartition(".")[2]: Path(component.__file__).parent
    for component in (contours, curves, flow, readout, scatter, threshold, watch)
}


# Milliseconds of the scripts' constants: what was not answered is not given up while a busy machine draws,
# and what is asked for every second is asked for often.
TIMES = {"RESEND_MS": 600_000, "FORGET_MS": 600_000, "HOLD_MS": 600_000}
TIMES |= {"LOOK_EVERY_MS": 40, "CURVES_EVERY_MS": 40}


def style(name: str) -> str:
    """The style sheet of a component."""
    file = STYLE if name == "scatter" else COMPONENTS[name] / f"{name}.css"
    return module_bundle.style(file)


def modules(name: str) -> str:
    """The modules of a component as they are on disk, each a scope of its own, with names in place of paths.

    The app loads them in one bundle; here one that forgot an import would fail.
    """
    texts = {}
    for file in module_bundle.modules(COMPONENTS[name] / "main.js"):

        def named(found: re.Match, folder: Path = file.parent) -> str:
            return f'from "{(folder / found[1]).resolve().relative_to(LIBRARY).as_posix()}"'

        text = patient(file.read_text(encoding="utf-8"))
        texts[file.relative_to(LIBRARY).as_posix()] = re.sub(r'from "(\.[^"]+)"', named, text)
    return json.dumps(texts)


def patient(script: str) -> str:
    """The script with the times of TIMES."""
    for name, milliseconds in TIMES.items():
        script = re.sub(rf"const {name} = \d+;", f"const {name} = {milliseconds};", script)
    return script


@pytest.fixture
def impatient(monkeypatch):
    """What has no answer is given up as soon as for a visitor."""
    for name in ("RESEND_MS", "FORGET_MS", "HOLD_MS"):
        monkeypatch.delitem(TIMES, name)


@pytest.fixture
def drafts_stay(monkeypatch):
    """A draft is redrawn in full when a test lets the time of the page go by."""
    monkeypatch.setitem(TIMES, "REFINE_MS", 3000)


class ComponentPage:
    """One mounted component: send it frames, read what it drew and what it asked for."""

    def __init__(self, page, name: str):
        self.page = page
        self.name = name
        self.errors: list[str] = []
        page.on("pageerror", self._page_error)
        page.on("console", self._console)

    def _page_error(self, error):
        self.errors.append(str(error))

    def _console(self, line):
        if line.type == "error":
            self.errors.append(line.text)

    def close(self):
        """End the component and leave the page to the next test, which opens a new document in it: a process
        of the browser that goes on is cheaper than the next one."""
        self.page.mouse.up()
        self.page.remove_listener("pageerror", self._page_error)
        self.page.remove_listener("console", self._console)
        self.page.evaluate("n => window.cleanups(n).forEach((end) => end?.())", self.name)
        self.page.mouse.move(0, 0)
        self.page.unroute_all()

    def open(self, variables: dict | None = None):
        self.page.route(f"{ORIGIN}/**", self._serve)
        self.page.goto(f"{ORIGIN}/harness.html")
        self.page.wait_for_function("window.ready")
        self.page.evaluate("([name, v]) => window.mount(name, v)", [self.name, variables or LIGHT])
        return self

    def _serve(self, route):
        file = Path(route.request.url.removeprefix(ORIGIN).lstrip("/").split("?")[0])
        if file.name == "harness.html":
            body, kind = (Path(__file__).parent / file).read_text(encoding="utf-8"), "text/html"
        elif file.stem not in COMPONENTS:
            return route.fulfill(status=404, body="")
        elif file.suffix == ".css":
            body, kind = style(file.stem), "text/css"
        else:
            body, kind = modules(file.stem), "application/json"
        return route.fulfill(body=body, content_type=f"{kind}; charset=utf-8")

    def send(self, header: dict, grids, *, wait: bool = True):
        """Deliver a frame as Streamlit does; by default wait until it is on the screen."""
        return self.send_bytes(frame_bytes(header, grids), header["frame"] if wait else None)

    def send_bytes(self, data: bytes, frame: int | None):
        """Deliver the bytes of a frame; wait until it is on the screen, unless its number is None."""
        self.page.evaluate("([n, b]) => window.send(n, b)", [self.name, base64.b64encode(data).decode()])
        if frame is not None:
            self.wait_frame(frame)
        return self

    def call(self, header: dict | None):
        """Deliver a message without arrays (the readout component), or nothing."""
        if header is None:
            self.page.evaluate("n => window.call(n, null)", self.name)
        else:
            self.send_bytes(frame_bytes(header, ()), None)

    def wait_frame(self, frame: int):
        self.page.wait_for_function(
            "([n, f]) => window.shadow(n).querySelector(`.lv-${n}`)?.dataset.frame === String(f)",
            arg=[self.name, frame],
        )

    def js(self, body: str, arg=None):
        """Evaluate JavaScript with `root` (the shadow root) and `arg` in reach."""
        return self.page.evaluate(
            f"([n, arg]) => {{ const root = window.shadow(n); {body} }}", [self.name, arg]
        )

    def triggers(self, event: str | None = None) -> list:
        """What was told to Streamlit; a first trigger leaves a turn of the event loop later."""
        self.page.evaluate("new Promise((done) => setTimeout(done, 1))")
        everything = self.page.evaluate("n => window.triggers(n)", self.name)
        return [value for name, value in everything if event in (None, name)]

    def window_events(self, name: str) -> list:
        return [detail for found, detail in self.page.evaluate("window.events") if found == name]

    def times(self, name: str) -> list[float]:
        """When a trigger was set, or an event was on the window, in milliseconds."""
        return [when for found, when in self.page.evaluate("window.times") if found == name]

    def settle(self):
        """Wait until what was asked for is drawn: what is drawn at all comes with the next screen frame."""
        frames = "requestAnimationFrame(() => requestAnimationFrame(done))"
        self.page.evaluate(f"new Promise((done) => {frames})")

    def pass_time(self, milliseconds: int):
        """Let time of the page go by: what was due before has happened then, however busy the machine."""
        self.page.evaluate("ms => new Promise((done) => setTimeout(done, ms))", milliseconds)

    def until(self, what):
        """Wait until something holds, here or at the routes of the test."""
        end = time.monotonic() + PATIENCE_S
        while not what():
            assert time.monotonic() < end, self.page.locator(f".lv-{self.name}").inner_text()
            self.page.wait_for_timeout(20)

    def wait_triggers(self, event: str, count: int):
        """Wait until an event was told so many times."""
        self.page.wait_for_function(
            "([n, e, count]) => window.triggers(n).filter(([name]) => name === e).length >= count",
            arg=[self.name, event, count],
        )

    def wait_event(self, name: str):
        """Wait until this is the last event on the window."""
        self.page.wait_for_function("(n) => window.events.at(-1)?.[0] === n", arg=name)

    def plane_box(self, i: int = 0) -> dict:
        return self.page.locator(".lv-plane").nth(i).bounding_box()

    def at(self, header: dict, x: float, y: float, i: int = 0) -> tuple[float, float]:
        """Window coordinates of a point of the feature plane."""
        box = self.plane_box(i)
        x0, x1, y0, y1 = header["extent"]
        return box["x"] + (x - x0) / (x1 - x0) * box["width"], box["y"] + (y1 - y) / (y1 - y0) * box["height"]

    def colour(self, header: dict, x: float, y: float, i: int = 0) -> tuple[int, int, int]:
        """Colour of the fill (with isolines and boundaries) at a point of the plane."""
        return tuple(self.pixel(*self.at(header, x, y, i), i=i)[:3])

    def pixel(self, x: float, y: float, canvas: str = "base", i: int = 0) -> list[int]:
        """Red, green, blue and opacity of a canvas at a point of the window."""
        return self.js(
            """const c = root.querySelectorAll('.lv-' + arg[0])[arg[1]], b = c.getBoundingClientRect();
               const at = [(arg[2] - b.left) * c.width / b.width, (arg[3] - b.top) * c.height / b.height];
               return [...c.getContext('2d').getImageData(...at, 1, 1).data];""",
            [canvas, i, x, y],
        )

    def canvas(self, canvas: str = "base", i: int = 0) -> np.ndarray:
        """Red, green, blue and opacity of every pixel of a canvas, [height, width, 4]."""
        width, height, text = self.js(
            """const c = root.querySelectorAll('.lv-' + arg[0])[arg[1]];
               const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
               let text = '';
               for (let i = 0; i < d.length; i += 8192)
                 text += String.fromCharCode(...d.subarray(i, i + 8192));
               return [c.width, c.height, btoa(text)];""",
            [canvas, i],
        )
        return np.frombuffer(base64.b64decode(text), np.uint8).astype(int).reshape(height, width, 4)

    def inked(self, colour: str, i: int = 0, within: int = 3, opacity: int = 250) -> np.ndarray:
        """The places [(x, y)] of a canvas, in its pixels, where there is a colour."""
        shown = self.canvas("base", i)
        wanted = [int(colour[n : n + 2], 16) for n in (1, 3, 5)]
        found = (np.abs(shown[:, :, :3] - wanted) < within).all(-1) & (shown[:, :, 3] > opacity)
        return np.argwhere(found)[:, ::-1]

    def texts(self, draw: Callable[[], object]) -> list[tuple[str, float, float, float]]:
        """The texts that are drawn, on their way to the canvas: each with its place and its width."""
        self.page.evaluate(
            """() => { window.texts = [];
               const pen = CanvasRenderingContext2D.prototype, draw = pen.fillText;
               pen.fillText = function (text, x, y, ...rest) {
                 window.texts.push([text, x, y, this.measureText(text).width]);
                 draw.call(this, text, x, y, ...rest); }; }"""
        )
        draw()
        return [tuple(each) for each in self.page.evaluate("window.texts")]


@pytest.fixture(scope="session")
def pages(browser):
    """Pages by device scale and touch, opened once: opening them takes longer than most tests."""
    opened = {}

    def page(scale, touch):
        if (scale, touch) not in opened:
            opened[scale, touch] = browser.new_context(device_scale_factor=scale, has_touch=touch).new_page()
        return opened[scale, touch]

    yield page
    for each in opened.values():
        each.context.close()


@pytest.fixture
def component_page(pages):
    """A function that opens a component in a fresh document: component_page("contours", width=...).

    Afterwards nothing has gone wrong in any of them; a test that expects it takes it out of `errors`.
    """
    opened = []

    def open_page(
        name="contours", *, width=1100, height=700, variables=None, scale=1, touch=False
    ) -> ComponentPage:
        page = pages(scale, touch)
        page.set_viewport_size({"width": width, "height": height})
        opened.append(ComponentPage(page, name))
        return opened[-1].open(variables)

    yield open_page
    for view in opened:
        view.close()
    assert [error for view in opened for error in view.errors] == []


@pytest.fixture
def scatter(component_page):
    """A function that opens the scatter with a first frame."""

    def open_scatter(data=None, **page):
        return component_page("scatter", **page).send_bytes(frame() if data is None else data, 1)

    return open_scatter
