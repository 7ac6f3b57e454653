"""Charts of plotly in windows of every width, in a browser that says it is a laptop's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lossviz.runs import Run
from tests.browser.live_page import SIDEWAYS

PHONE, TABLET, LAPTOP = 390, 768, 1366
# The texts of charts that stand over each other or leave their figure: turned boxes, without their air.
OVERPRINTED = """() => {
  const corners = (text) => {
    const { x, y, width, height } = text.getBBox(), m = text.getScreenCTM();
    const [air, lead] = [Math.min(1, width / 4), Math.min(3, height / 4)];
    const [left, right, top, bottom] = [x + air, x + width - air, y + lead, y + height - lead];
    return [[left, top], [right, top], [right, bottom], [left, bottom]]
      .map(([a, b]) => [m.a * a + m.c * b + m.e, m.b * a + m.d * b + m.f]);
  };
  const parted = (p, q) => [p, q].some((box) => [0, 1].some((i) => {
    const [nx, ny] = [box[i + 1][1] - box[i][1], box[i][0] - box[i + 1][0]];
    const [a, b] = [p, q].map((one) => one.map(([x, y]) => x * nx + y * ny));
    return Math.max(...a) <= Math.min(...b) || Math.max(...b) <= Math.min(...a);
  }));
  const found = [];
  for (const plot of document.querySelectorAll(".js-plotly-plot")) {
    const frame = plot.getBoundingClientRect();
    const written = (text) => text.textContent.trim() && text.checkVisibility();
    const texts = [...plot.querySelectorAll("svg text")].filter(written);
    const boxes = texts.map(corners);
    boxes.forEach((box, i) => {
      const leaves = box.some(([x]) => x < frame.left - 1 || x > frame.right + 1);
      if (leaves) found.push(`${texts[i].textContent} leaves`);
      for (let j = 0; j < i; j++) {
        if (!parted(box, boxes[j])) found.push(`${texts[i].textContent} over ${texts[j].textContent}`);
      }
    });
  }
  return found;
}"""
# How many panels of the first chart stand side by side.
COLUMNS = """() => {
  const { layout } = document.querySelector(".js-plotly-plot") ?? {};
  const axes = Object.keys(layout ?? {}).filter((key) => /^xaxis/.test(key));
  return new Set(axes.map((key) => layout[key].domain?.[0].toFixed(3))).size;
}"""


@pytest.fixture(scope="module")
def six(finished: Callable[..., Run]) -> list[str]:
    """The ids of six short runs on the digits."""
    losses = ("soft-d", "soft-u", "bce-nu", "arcface", "camri", "cce")
    return [finished(loss=loss, dimension=8, epochs=1, train_images=100, batch=50).id for loss in losses]


class Window:
    """A window on a page of charts, and the messages that it sends."""

    def __init__(self, page: Any, url: str) -> None:
        self.page, self.url, self.sent = page, url, 0
        self.page.on("websocket", lambda socket: socket.on("framesent", self._told))

    def _told(self, _: object) -> None:
        self.sent += 1

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.wait_for_function(
            "[...document.querySelectorAll('.st-key-width [data-px]')]"
            ".some(e => +e.dataset.px === e.clientWidth)"
        )

    def has_columns(self, *counts: int) -> None:
        self.page.wait_for_function(f"[{','.join(map(str, counts))}].includes(({COLUMNS})())")

    def is_readable(self) -> None:
        """Nothing stands over anything else, once it has come to rest."""
        self.page.wait_for_function(f"({OVERPRINTED})().length === 0")
        assert self.page.evaluate(SIDEWAYS) <= 0


@pytest.fixture
def window(page: Any, app_url: str) -> Window:
    return Window(page, app_url)


def test_charts_follow_the_window_with_a_message_for_each_layout(window: Window, six: list[str]) -> None:
    page = window.page
    # A cookie that somebody else wrote says nothing.
    page.context.add_cookies([{"name": "lossviz_width", "value": "1e9", "url": window.url}])
    page.goto(f"{window.url}/uniform?runs={','.join(six)}&section=matrix")
    window.has_columns(3)
    window.is_readable()
    link, before = page.url, window.sent
    window.resize(LAPTOP - 20)
    window.resize(LAPTOP + 20)
    assert window.sent == before
    for width, columns in ((TABLET, (2, 3)), (PHONE, (1,)), (1920, (3,))):
        before = window.sent
        window.resize(width)
        window.has_columns(*columns)
        window.is_readable()
        assert window.sent <= before + 1
    # At 400 % a window of a laptop has a quarter of the pixels.
    zoomed = {"width": LAPTOP // 4, "height": 400, "deviceScaleFactor": 2, "mobile": False}
    page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", zoomed)
    window.has_columns(1)
    window.is_readable()
    assert page.url == link
    # The next visit begins with the width of the last.
    window.sent = 0
    page.reload()
    window.has_columns(1)
    window.is_readable()
    assert window.sent == 1


@pytest.mark.parametrize(
    "path",
    [
        "angles?runs={two}",
        pytest.param("uniform?runs={two}&section=ranges&presentation=yes", marks=pytest.mark.slow),
        pytest.param("doctor?section=probability", marks=pytest.mark.slow),
        "?beside=angle",
    ],
)
def test_charts_can_be_read_in_a_narrow_window(window: Window, six: list[str], path: str) -> None:
    page = window.page
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{window.url}/{path.format(two=','.join(six[:2]))}")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    window.has_columns(1)
    window.is_readable()
