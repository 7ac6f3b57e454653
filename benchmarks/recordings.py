"""The moving pictures of the README, recorded from the running app: `make recordings`.

Every frame is taken when the page has got to a fixed place (a step of the flow, a position of the
pointer), not by the clock, so that a recording shows the same on every machine.
"""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from benchmarks import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).parent / "pictures"
WIDTH = 800
FRAMES_A_SECOND = 12.5
HOLD_S = 1.6  # the last frame stays, to be looked at
QUALITY = 70
WINDOW = {"width": 1280, "height": 720}
SIZE_LIMIT = 1_500_000

POINTER = ((0, 0), (0, 17), (4, 13), (7, 20), (10, 19), (7, 12), (12, 12))
STEP_KEYS = """(e, count) => {
  const press = () => e.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  for (let n = 0; n < count; n++) press();
}"""
NEXT_PICTURES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def assemble(
    frames: Sequence[Image.Image], out: Path, *, per_second: float = FRAMES_A_SECOND, hold: float = HOLD_S
) -> Path:
    """Write frames as one looping animated WebP, WIDTH wide at most; the last one stays for `hold` s.

    Frames of different sizes are a ValueError, as are none.
    """
    if not frames or len({frame.size for frame in frames}) > 1:
        raise ValueError(f"frames must be of one size, and at least one; got {[f.size for f in frames][:5]}")
    width, height = frames[0].size
    size = (min(WIDTH, width), round(height * min(WIDTH, width) / width))
    made = [frame.convert("RGB").resize(size, Image.Resampling.LANCZOS) for frame in frames]
    each = round(1000 / per_second)
    # Frames that are alike become one longer frame: counts and times then stay as they were told.
    made[0].save(
        out,
        save_all=True,
        append_images=made[1:],
        duration=[*[each] * (len(made) - 1), round(1000 * hold)],
        loop=0,
        quality=QUALITY,
        method=6,
        minimize_size=False,
        allow_mixed=False,
    )
    return out


def with_pointer(frame: Image.Image, x: float, y: float, down: bool) -> Image.Image:
    """The frame with a mouse pointer whose tip is at (x, y); down: a ring around it."""
    marked = frame.convert("RGB")
    draw = ImageDraw.Draw(marked)
    if down:
        draw.ellipse([x - 13, y - 13, x + 13, y + 13], outline=(28, 111, 209), width=3)
    draw.polygon([(x + dx, y + dy) for dx, dy in POINTER], fill=(20, 20, 20), outline=(255, 255, 255))
    return marked


def photograph(page: Page, box: tuple[float, float, float, float]) -> Image.Image:
    """The part (x, y, width, height) of the window, after what was asked for is drawn."""
    page.evaluate(NEXT_PICTURES)
    clip = dict(zip(("x", "y", "width", "height"), box, strict=True))
    return Image.open(io.BytesIO(page.screenshot(clip=clip)))  # type: ignore[arg-type]


def dragging(browser: Browser, url: str) -> Iterator[Image.Image]:
    """A class weight led round the origin under four losses, then the margin turned."""
    page = browser.new_page(viewport=WINDOW)  # type: ignore[arg-type]
    page.goto(f"{url}/?losses=soft-0,arcface,cosface,camri")
    served.painted(page)
    page.wait_for_timeout(2000)
    box = (0.0, 60.0, float(WINDOW["width"]), float(WINDOW["height"] - 60))
    handle, plane = page.locator("[data-handle='weight:1']").first, page.locator(".lv-plane").first
    tip, home = handle.bounding_box(), plane.bounding_box()
    assert tip is not None
    assert home is not None
    x, y = tip["x"] + tip["width"] / 2, tip["y"] + tip["height"] / 2
    cx, cy = home["x"] + home["width"] / 2, home["y"] + home["height"] / 2
    radius, start = math.hypot(x - cx, y - cy), math.atan2(y - cy, x - cx)

    def at(x: float, y: float, down: bool) -> Image.Image:
        return with_pointer(photograph(page, box), x - box[0], y - box[1], down)

    for share in range(5):
        px, py = x + 60 * (1 - share / 4), y + 70 * (1 - share / 4)
        page.mouse.move(px, py)
        yield at(px, py, False)
    page.mouse.down()
    for n in range(52):
        turned = start + 1.1 * math.sin(2 * math.pi * n / 51)
        length = radius * (1 + 0.25 * math.sin(math.pi * n / 51))
        px, py = cx + length * math.cos(turned), cy + length * math.sin(turned)
        page.mouse.move(px, py)
        yield at(px, py, True)
    page.mouse.up()
    page.wait_for_timeout(1500)
    yield from _slider(page, at)
    page.close()


def _slider(page: Page, at: Callable[[float, float, bool], Image.Image]) -> Iterator[Image.Image]:
    # The thumb that is seen is around the range input, and the track around that.
    control = page.locator("[class*=st-key-contours-param-margin] input[type=range]").first
    thumb, track = (control.locator(f"xpath=ancestor::div[@data-rac][{n}]").bounding_box() for n in (1, 2))
    assert thumb is not None
    assert track is not None
    x, y = thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2
    page.mouse.move(x, y)
    yield at(x, y, False)
    page.mouse.down()
    reach = 0.62 * track["width"]
    for n in range(40):
        px = x + reach * (0.5 - 0.5 * math.cos(2 * math.pi * n / 39))
        page.mouse.move(px, y)
        yield at(px, y, True)
    page.mouse.up()
    page.wait_for_timeout(1500)
    yield at(px, y, False)


def flowing(browser: Browser, url: str) -> Iterator[Image.Image]:
    """From a cloud to a ring of beams: ArcFace with an annealed margin."""
    page = browser.new_page(viewport=WINDOW)  # type: ignore[arg-type]
    page.goto(f"{url}/flow?loss=arcface&margin=0.3&seed=1")
    page.locator(".lv-flow[data-step]").wait_for()
    page.wait_for_timeout(1500)
    plane = page.locator(".lv-flow .lv-plane")
    plane.evaluate("""(e) => {
      for (const key of [" ", "r"]) e.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    }""")
    around, buttons = (page.locator(name).bounding_box() for name in (".lv-flow", ".lv-flow .lv-buttons"))
    assert around is not None
    assert buttons is not None
    below = buttons["y"] + buttons["height"]
    box = (around["x"] - 8, around["y"] - 6, around["width"] + 16, below - around["y"] + 12)
    yield photograph(page, box)
    for count in [2] * 20 + [3] * 20 + [4] * 15 + [8] * 15 + [16] * 10:
        plane.evaluate(STEP_KEYS, count)
        yield photograph(page, box)
    page.close()


RECORDINGS = {"dragging": dragging, "flowing": flowing}


def main() -> int:
    """Make all recordings, or those named as arguments; 1 where one is larger than a README may hold."""
    wanted = set(sys.argv[1:]) or set(RECORDINGS)
    failed = False
    with served.browser() as browser, served.app() as url:
        for name, record in RECORDINGS.items():
            if name not in wanted:
                continue
            out = assemble(list(record(browser, url)), FOLDER / f"{name}.webp")
            size = out.stat().st_size
            failed |= size > SIZE_LIMIT
            print(f"{out.relative_to(FOLDER.parent.parent)}: {size / 1e3:.0f} kB")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
