"""The contour page in a real browser, used as a visitor would."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
import torch

from lossviz import losses
from lossviz.losses import ClassState
from lossviz.pages.contours.presets import TWELVE
from lossviz.pages.contours.view import ContourView
from tests.browser.live_page import SIDEWAYS, query_of
from tests.waiting import wait

expect = pytest.importorskip("playwright.sync_api").expect


class Visit:
    """A page of the app in one window."""

    def __init__(self, page, url: str) -> None:
        self.page, self.url = page, url

    def open(self, query: str = "") -> Visit:
        self.page.goto(f"{self.url}/{query}")
        self.page.wait_for_selector("[data-frame]", state="attached")
        self.page.wait_for_selector("text=Reset")
        return self

    def query(self) -> dict[str, str]:
        return query_of(self.page.url)

    def until(self, condition: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        """Wait until the link satisfies a condition; return it."""
        self.page.wait_for_url(lambda url: condition(query_of(url)))
        return self.query()

    def settle(self) -> None:
        """Wait until the page has had nothing to do for a third of a second."""
        self.page.evaluate(
            """() => new Promise((done) => {
              let quiet = 0;
              const timer = setInterval(() => {
                quiet = document.querySelector("[data-test-script-state=notRunning]") ? quiet + 1 : 0;
                if (quiet === 7) { clearInterval(timer); done(); }
              }, 50);
            })"""
        )

    def at(self, x: float, y: float, reach: float = 3.0) -> tuple[float, float]:
        """The pixel of a point of the first plane."""
        box = self.page.locator(".lv-plane").first.bounding_box()
        return (
            box["x"] + (x + reach) / (2 * reach) * box["width"],
            box["y"] + (reach - y) / (2 * reach) * box["height"],
        )

    def slider(self, label: str):
        return self.page.locator(f"input[type=range][aria-label^='{label}']").first


@pytest.fixture
def visit(page, app_url: str) -> Visit:
    return Visit(page, app_url)


def test_the_page_opens_on_four_painted_panels_and_a_drag_and_a_click_change_all_of_them(
    visit: Visit,
) -> None:
    visit.open()
    titles = visit.page.locator("[data-frame]").first.inner_text()
    for title in ("Cross-entropy", "L2-softmax", "Weighted cross-entropy", "ArcFace"):
        assert title in titles
    expect(visit.page.locator(".lv-plane")).to_have_count(4)
    for plane in visit.page.locator(".lv-plane").all():
        expect(plane).to_be_in_viewport(ratio=1)

    # A weight is dragged: one change of the link.
    before = visit.page.evaluate("history.length")
    start, end = visit.at(0.866, -0.5), visit.at(2.0, -2.0)
    visit.page.mouse.move(*start)
    visit.page.mouse.down()
    visit.page.mouse.move(*end, steps=12)
    visit.page.mouse.up()
    query = visit.until(lambda q: "weights" in q)
    moved = [tuple(map(float, p.split(","))) for p in query["weights"].split(";")]
    assert moved[2] == pytest.approx((2.0, -2.0), abs=0.06)
    assert moved[:2] == [(0.0, 1.0), (-0.866, -0.5)]
    assert visit.page.evaluate("history.length") == before + 1
    visit.page.go_back()
    visit.until(lambda q: "weights" not in q)
    visit.settle()

    # A click while pointing keeps earlier changes.
    x, y = visit.at(1.0, -1.0)
    for i in range(6):
        visit.page.mouse.move(x + 3 * i, y)
    visit.page.mouse.click(x, y)
    query = visit.until(lambda q: "start" in q)
    assert tuple(map(float, query["start"].split(","))) == pytest.approx((1.0, -1.0), abs=0.03)
    visit.page.wait_for_selector("text=gradient descent")
    visit.slider("m").focus()
    visit.page.keyboard.press("ArrowRight")
    visit.until(lambda q: q.get("margin") == "23deg")
    visit.settle()
    assert set(visit.query()) == {"start", "margin"}


def test_slider_keys_picture_link_and_history_agree(visit: Visit) -> None:
    visit.page.goto("about:blank")
    before = visit.page.evaluate("history.length")
    visit.open("?losses=arcface")
    # A link that says it as the page would is one step to go back from.
    visit.settle()
    assert visit.page.evaluate("history.length") == before + 1
    slider = visit.slider("m")
    slider.focus()
    visit.page.keyboard.press("ArrowRight")
    visit.until(lambda q: q.get("margin") == "23deg")
    visit.page.wait_for_selector("text=m = 23°")
    visit.page.go_back()
    visit.until(lambda q: "margin" not in q)
    visit.page.wait_for_selector("text=m = 22.5°")
    assert visit.slider("m").input_value() == "22.5"
    visit.page.go_forward()
    visit.page.wait_for_selector("text=m = 23°")

    # Held keys.
    slider.focus()
    for _ in range(25):
        visit.page.keyboard.press("ArrowRight")
    visit.until(lambda q: q.get("margin") == "35.5deg")
    visit.page.wait_for_selector("text=m = 35.5°")
    visit.settle()
    assert visit.query()["margin"] == "35.5deg"
    assert visit.slider("m").input_value() == "35.5"


def test_pointing_shows_the_exact_loss(visit: Visit) -> None:
    visit.open("?losses=arcface,cce")
    x, y = visit.at(1.2, -0.6)
    visit.page.mouse.move(x - 30, y)
    visit.page.mouse.move(x, y, steps=3)
    # The answer to the place where the pointer rests, and nothing asked since.
    there = re.compile(r"z = \(1\.(1[89]|2[012]), −0\.(5[89]|6[012])\)")
    visit.page.locator(".lv-readout[aria-busy=false]").filter(has_text=there).wait_for()
    line = visit.page.get_by_text(there).first
    z = [float(n.replace("−", "-")) for n in re.findall(r"[−\d.]+", line.inner_text())[:2]]
    row = visit.page.locator("tr", has_text="ArcFace").first
    shown = float(row.locator("td").first.inner_text().replace("−", "-"))
    state = ClassState(torch.tensor(ContourView().weights, dtype=torch.float64))
    # the coordinates are shown to two decimals: the loss must lie within what that allows
    corners = torch.tensor([[z[0] + a, z[1] + b] for a in (-0.006, 0.006) for b in (-0.006, 0.006)]).double()
    near = losses.get("arcface").per_sample(corners, torch.zeros(4, dtype=torch.int64), state)
    assert near.min() - 1e-3 <= shown <= near.max() + 1e-3


def test_the_circle_is_dragged_and_the_words_say_what_the_panels_say(visit: Visit) -> None:
    visit.open("?losses=soft-d,arcface&colours=shared")
    angles = visit.page.locator(".lv-opening")
    before = angles.all_inner_texts()
    visit.page.mouse.move(*visit.at(2 * 0.7071, -2 * 0.7071))
    visit.page.mouse.down()
    visit.page.mouse.move(*visit.at(0.8, -0.8), steps=12)
    visit.page.mouse.up()
    query = visit.until(lambda q: "radius" in q)
    assert float(query["radius"]) == pytest.approx(0.8 * 2**0.5, abs=0.06)
    visit.page.wait_for_selector(f"text=on the circle ‖z‖ = {float(query['radius']):.3g}")
    visit.settle()
    after = angles.all_inner_texts()
    assert after[0] != before[0]
    assert after[1] == before[1]
    said = visit.page.get_by_text("At loss 1.1 on the circle").inner_text()
    assert f"{after[0]} under Cross-entropy and {after[1]} under ArcFace" in said
    assert "Angular margin m = 22.5° narrows ArcFace by" in said


@pytest.mark.slow
def test_twelve_panels_paint(visit: Visit) -> None:
    visit.open(f"?losses={','.join(TWELVE)}&gamma=8&bias=1&classes=10&arrows=yes&heights=log")
    assert visit.page.locator(".lv-plane").count() == len(TWELVE)


def test_a_copied_link_shows_the_same_picture(visit: Visit, browser) -> None:
    visit.open("?losses=camri,bce-nu&label=1&scale=8&start=1,1&arrows=yes&colours=shared")
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    other = Visit(context.new_page(), visit.url).open(visit.page.url.removeprefix(visit.url + "/"))
    visit.settle()
    other.settle()
    planes = [each.page.locator(".lv-plane").first for each in (visit, other)]
    wait(lambda: planes[0].screenshot() == planes[1].screenshot())
    context.close()


def test_files_can_be_saved(visit: Visit) -> None:
    visit.open("?losses=focal")
    visit.page.get_by_text("Save: pictures, arrays, programs").click()

    def saved(name: str) -> bytes:
        with visit.page.expect_download() as started:
            visit.page.get_by_role("button", name=name).click()
        return started.value.path().read_bytes()

    table = np.genfromtxt(io.BytesIO(saved("Arrays .csv")), delimiter=",", names=True)
    assert table.dtype.names == ("z1", "z2", "focal")
    assert "focal" in np.load(io.BytesIO(saved("Arrays .npz")), allow_pickle=False).files
    starts = {name: saved(name)[:5] for name in ("PNG", "SVG", "PDF")}
    assert starts == {"PNG": b"\x89PNG\r", "SVG": b"<?xml", "PDF": b"%PDF-"}


@pytest.mark.parametrize("path", ["", "reference"])
def test_a_phone_is_not_scrolled_sideways_and_shows_a_slider_with_the_picture(
    phone, app_url: str, path: str
) -> None:
    visit = Visit(phone, app_url)
    phone.goto(f"{app_url}/{path}")
    phone.wait_for_selector("[data-frame]", state="attached")
    visit.settle()
    assert phone.evaluate(SIDEWAYS) <= 0
    for label in () if path else ("m", "s"):
        slider = visit.slider(label)
        slider.evaluate("element => element.scrollIntoView({ block: 'center' })")
        expect(phone.locator(".lv-plane").first).to_be_in_viewport(ratio=1)
        expect(slider.locator("xpath=ancestor::div[@data-rac][1]")).to_be_in_viewport(ratio=1)


def test_two_tabs_do_not_disturb_each_other(visit: Visit, desk) -> None:
    visit.open("?losses=arcface")
    other = Visit(desk.new_page(), visit.url).open("?losses=hinge")
    other.slider("Δ").focus()
    other.page.keyboard.press("ArrowRight")
    other.until(lambda q: "hinge-margin" in q)
    assert visit.query() == {"losses": "arcface"}
    visit.slider("m").focus()
    visit.page.keyboard.press("ArrowRight")
    visit.until(lambda q: q.get("margin") == "23deg")
    assert other.query().get("losses") == "hinge"


def test_the_first_page_opens_by_its_name_too_with_the_settings_of_the_link(app_url: str, page) -> None:
    visit = Visit(page, app_url).open("contours?losses=arcface&margin=30deg")
    visit.settle()
    assert visit.query() == {"losses": "arcface", "margin": "30deg"}
    expect(page.locator(".lv-title")).to_have_text(["ArcFace"])
    expect(page.get_by_role("dialog")).to_have_count(0)
