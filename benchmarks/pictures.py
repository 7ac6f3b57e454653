"""The pictures of the README, taken from the running app: `make pictures`.

Those of reading pages show the runs of a study. Where LOSSVIZ_RUNS names a folder that holds them, they
are taken from there; else they are trained first, some minutes each.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from benchmarks import served
from lossviz.pages.contours.presets import presets
from lossviz.readings import selection, studies
from lossviz.runs import RunStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = Path(__file__).parent / "pictures"
TRAIN_TIMEOUT_S = 180.0


@dataclass(frozen=True)
class Shot:
    """One picture: where, how large, which theme, what is done or waited for first (a selector; the contours,
    where none is given)."""

    name: str
    path: str
    width: int = 1366
    height: int = 768
    dark: bool = False
    phone: bool = False
    point_at: tuple[float, float] | None = None
    trains: bool = False
    study: str = ""
    wait: str = ""


def _link(preset: str, **changes: str) -> str:
    return "?" + urlencode({**presets()[preset].view.to_query(), **changes})


CHART = ".js-plotly-plot .main-svg"
FIVE = "Five losses, MNIST"
SHOTS = (
    Shot("contours", "", height=820, point_at=(0.72, 0.62)),
    Shot("twelve", _link("Uniform: the twelve"), height=1000),
    Shot("target", _link("Beyond θ + m = π"), height=1390),
    Shot("dark", _link("Centroid", start="1.6,-1.8", arrows="yes"), height=760, dark=True),
    Shot("phone", "?losses=arcface,bce-nu&gamma=8", 390, 844, dark=True, phone=True),
    Shot("train", "train", height=1010, trains=True),
    Shot("regions", "train?layer=regions&chart=recall", height=1010, dark=True, trains=True),
    Shot("atlas", "sweep", height=900, wait=".lv-cells[data-quality=full]"),
    Shot("doctor", "doctor", height=880, wait=CHART),
    Shot("angles", "angles", study="A margin for one class, MNIST"),
    Shot("uniform", "uniform", height=800, study="Softmax against BCE, MNIST"),
    Shot("embeddings", "embeddings", study=FIVE),
    Shot("important", "important?section=difference&second=2", height=720, study=FIVE),
    Shot("imbalance", "imbalance", height=720, dark=True, study="A long tail, MNIST"),
)


def take(browser: Browser, url: str, shot: Shot, store: RunStore) -> Path:
    """Open the page, wait until it is painted and still, and keep a PNG."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.dark else "light",
        is_mobile=shot.phone,
        has_touch=shot.phone,
        device_scale_factor=2 if shot.phone else 1,
    )
    page = context.new_page()
    if shot.study:
        joint = "&" if "?" in shot.path else "?"
        page.goto(f"{url}/{shot.path}{joint}runs={','.join(_runs_of(shot.study, store))}")
        page.wait_for_selector(f"{CHART}, canvas", timeout=60_000)
    else:
        if shot.trains:
            # The runs that the plain page starts by itself, to their end; then without the word to a first
            # visitor, who reads where runs are kept.
            page.goto(f"{url}/train")
            ended = ".*".join([r": [\d.]+ s"] * 3)
            page.wait_for_selector(f"text=/{ended}/", timeout=1e3 * TRAIN_TIMEOUT_S)
        page.goto(f"{url}/{shot.path}")
        if shot.wait:
            page.wait_for_selector(shot.wait, timeout=60_000)
        else:
            served.painted(page)
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


def _runs_of(name: str, store: RunStore) -> list[str]:
    """The finished runs of a study, trained now where they are not there."""
    study = studies.studies()[name]
    known = {run.config.to_json(): run.id for run in store.runs() if run.status.state == "finished"}
    ids = [known.get(config.to_json(), "") for config in study.configs]
    if not all(ids):
        ids = list(selection.start_all(store, study.configs))
        while any(not store.get(run).status.ended for run in ids):
            store.start_waiting()
            time.sleep(1)
    return ids


def main() -> int:
    """Take all pictures, or those named as arguments."""
    FOLDER.mkdir(exist_ok=True)
    wanted = set(sys.argv[1:]) or {shot.name for shot in SHOTS}
    kept = RunStore()
    with served.browser() as browser:
        for shot in SHOTS:
            if shot.name not in wanted:
                continue
            # The train page shows the newest runs: it gets a folder of its own.
            with served.app(kept.path if shot.study else None) as url:
                out = take(browser, url, shot, kept)
                print(f"{out.relative_to(FOLDER.parent.parent)}: {out.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
