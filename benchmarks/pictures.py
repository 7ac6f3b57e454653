"""The pictures of the README, taken from the running app: `make pictures`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from benchmarks import served
from lossviz.presets import presets

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = Path(__file__).parent / "pictures"
TRAIN_TIMEOUT_S = 180.0


@dataclass(frozen=True)
class Shot:
    """One picture: where, how large, which theme, what is done or waited for first."""

    name: str
    path: str
    width: int = 1366
    height: int = 768
    dark: bool = False
    phone: bool = False
    point_at: tuple[float, float] | None = None
    trains: bool = False


def _link(preset: str, **changes: str) -> str:
    return "?" + urlencode({**presets()[preset].view.to_query(), **changes})


SHOTS = (
    Shot("contours", "", height=820, point_at=(0.72, 0.62)),
    Shot("twelve", _link("Uniform: the twelve"), height=1000),
    Shot("target", _link("Beyond θ + m = π"), height=1390),
    Shot("dark", _link("Centroid", start="1.6,-1.8", arrows="yes"), height=760, dark=True),
    Shot("phone", "?losses=arcface,bce-nu&gamma=8", 390, 844, dark=True, phone=True),
    Shot("reference", "reference", height=1000),
    Shot("train", "train", height=1010, trains=True),
    Shot("regions", "train?layer=regions&chart=recall", height=1010, dark=True, trains=True),
)


def take(browser: Browser, url: str, shot: Shot) -> Path:
    """Open the page, wait until it is painted and still, and keep a PNG."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.dark else "light",
        is_mobile=shot.phone,
        has_touch=shot.phone,
        device_scale_factor=2 if shot.phone else 1,
    )
    page = context.new_page()
    page.goto(f"{url}/{shot.path}")
    served.painted(page)
    if shot.trains:
        # The runs that the page starts by itself, to their end.
        ended = ".*: ".join([r"[\d.]+ s on "] * 3)
        page.wait_for_selector(f"text=/: {ended}/", timeout=1e3 * TRAIN_TIMEOUT_S)
    page.wait_for_timeout(2500)
    if shot.point_at is not None:
        box = page.locator(".lv-plane").first.bounding_box()
        assert box is not None
        x, y = shot.point_at
        page.mouse.move(box["x"] + x * box["width"] - 9, box["y"] + y * box["height"])
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=3)
    page.wait_for_timeout(1500)
    out = FOLDER / f"{shot.name}.png"
    page.screenshot(path=str(out))
    context.close()
    return out


def main() -> int:
    """Take all pictures, or those named as arguments."""
    FOLDER.mkdir(exist_ok=True)
    wanted = set(sys.argv[1:]) or {shot.name for shot in SHOTS}
    with served.app() as url, served.browser() as browser:
        for shot in SHOTS:
            if shot.name in wanted:
                out = take(browser, url, shot)
                print(f"{out.relative_to(FOLDER.parent.parent)}: {out.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
