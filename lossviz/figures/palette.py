"""Every colour of lossviz, for pages, print and browser alike.

The maps are built here in OKLab, the perceptual space of Björn Ottosson
(https://bottosson.github.io/posts/oklab/): L is the lightness in 0..1, a runs green to red, b blue
to yellow, and the distance of two colours is about how different they look. A colour is `#rrggbb`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# Petroff's accessible sequence of ten (arXiv:2107.02270); the position is the class number.
CLASS_COLORS: tuple[str, ...] = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)

# Between the bands of a loss map; of a path and a circle on it, white in a dark casing on every page.
ISOLINE, ISOLINE_SHARE = "#081024", 0.42
WHITE, BLACK = "#ffffff", "#0a0c14"

# Hue in degrees, then lightness and chroma on light and on dark pages; found by a search for the largest
# least CIEDE2000 difference that normal, protan, deutan and tritan eyes see, in both themes.
_CURVES = (
    (285.0, (0.52, 0.17), (0.68, 0.17)),
    (100.0, (0.56, 0.10), (0.82, 0.17)),
    (170.0, (0.54, 0.13), (0.68, 0.17)),
    (340.0, (0.50, 0.13), (0.66, 0.17)),
    (115.0, (0.42, 0.10), (0.68, 0.13)),
    (165.0, (0.42, 0.10), (0.88, 0.13)),
    (295.0, (0.32, 0.17), (0.82, 0.10)),
)


@dataclass(frozen=True)
class Theme:
    """The colours of a page and of what is drawn over a loss map on it.

    `muted`: secondary text; `border`, `grid`: lines without meaning. `own`, `other`: the weight vectors of
    the true class and of the others; `edge`: the line of one loss around a valley, and the arc on which the
    loss is lower. Each is drawn in a `casing`, because no colour stands out on all of a map; shares are
    opacities. `region_share`: of a class's colour in its region.
    """

    background: str
    secondary_background: str
    text: str
    muted: str
    primary: str
    link: str
    border: str
    grid: str
    own: str
    other: str
    edge: str
    boundary: str
    casing: str
    casing_share: float
    boundary_casing_share: float
    region_share: float


LIGHT = Theme(
    background="#ffffff",
    secondary_background="#f2f5f9",
    text="#1a2230",
    muted="#566072",
    primary="#1f5fc4",
    link="#1b56b3",
    border="#ccd4de",
    grid="#e2e7ee",
    own="#d62728",
    other="#16181d",
    edge="#c2008c",
    boundary="#53575e",
    casing="#ffffff",
    casing_share=0.88,
    boundary_casing_share=0.55,
    region_share=0.30,
)
# `primary` is the text of slider values and chosen segments, so it must stand out from the page and
# from its own tint of it. On it, in primary buttons and tags, the page writes with `background`.
DARK = Theme(
    background="#0a0d13",
    secondary_background="#181e28",
    text="#e7ebf0",
    muted="#a3adbb",
    primary="#3a81e7",
    link="#86b0f7",
    border="#38424f",
    grid="#29323d",
    own="#ff4b3e",
    other="#f4f4f6",
    edge="#ff4fc3",
    boundary="#cfd2d8",
    casing="#0a0c12",
    casing_share=0.85,
    boundary_casing_share=0.62,
    region_share=0.34,
)


def theme(dark: bool) -> Theme:
    """The colours of the dark or of the light theme."""
    return DARK if dark else LIGHT


def browser_themes() -> dict[str, dict[str, Any]]:
    """What the pictures in the browser draw with in the light and the dark theme, as CSS colours."""
    return {name: _browser_theme(theme(name == "dark")) for name in ("light", "dark")}


def _browser_theme(theme: Theme) -> dict[str, Any]:
    return {
        "own": theme.own,
        "other": theme.other,
        "edge": theme.edge,
        "boundary": theme.boundary,
        "casing": translucent(theme.casing, theme.casing_share),
        "boundaryCasing": translucent(theme.casing, theme.boundary_casing_share),
        "isoline": translucent(ISOLINE, ISOLINE_SHARE),
        "white": WHITE,
        "black": BLACK,
        "regionShare": theme.region_share,
    }


def translucent(color: str, share: float = 0.72) -> str:
    """A colour that lets a little through, as CSS."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"


def class_color(k: int) -> str:
    """The colour of class `k`, counted from 0. After ten classes the colours repeat."""
    if k < 0:
        raise ValueError(f"palette: a class number counts from 0; got {k}")
    return CLASS_COLORS[k % len(CLASS_COLORS)]


def loss_colors(n: int) -> list[str]:
    """`n` colours for low to high loss: deep blue, teal, green, yellow.

    Neighbours are equally far apart in OKLab and equally far in lightness, so that equal steps of
    the loss look equal, in grey and to colour-blind eyes too.
    """
    return _hexes(_resample(_loss_path(), _shares(n)))


def difference_colors(n: int) -> list[str]:
    """`n` colours for negative to positive differences: violet, near-white, brown.

    Both halves darken evenly from the centre. With an odd `n` the middle colour is the neutral
    one; with an even `n` the middle of the two central bands is.
    """
    violet, brown = _difference_paths()
    shares = 2 * _shares(n) - 1
    below, above = _resample(violet, np.abs(shares)), _resample(brown, np.abs(shares))
    return _hexes(np.where(shares[:, None] < 0, below, above))


@functools.cache
def curve_colors(dark: bool = False) -> tuple[str, ...]:
    """Eight colours for the curves of different losses, dark or light enough to be text on the page.

    They are no class colours, and no red: that belongs to the own weight vector. Hues that eyes
    without one kind of cones confuse differ in lightness; a curve has its hue in both themes.
    """
    return (theme(dark).text, *(_in_gamut(*shades[dark], hue) for hue, *shades in _CURVES))


def sides(dark: bool = False) -> tuple[str, str]:
    """Blue for positive metrics, those of the own class; orange for negative ones."""
    lightness = 0.76 if dark else 0.53
    return _in_gamut(lightness, 0.135, 250), _in_gamut(lightness + 0.04, 0.15, 52)


@functools.lru_cache(maxsize=256)
def outline(color: str, dark: bool = False) -> str:
    """The colour around a small mark on the page: of its hue, with at least 3:1 against the ground."""
    return _apart(color, theme(dark).background, 3.0)


def mixed(color: str, ground: str, share: float) -> str:
    """`share` of a colour on a ground, mixed in OKLab."""
    one, two = oklab([color, ground])
    return _hexes((share * one + (1 - share) * two)[None])[0]


def readable(color: str, ground: str) -> str:
    """The colour as text on a ground: darker or lighter by as much as 4.5:1 needs, of the same hue."""
    return _apart(color, ground, 4.5)


def _apart(color: str, ground: str, least: float) -> str:
    lightness, a, b = (float(value) for value in oklab([color])[0])
    step = -0.01 if oklab([ground])[0, 0] > 0.5 else 0.01
    while contrast(color, ground) < least and 0 < lightness < 1:
        lightness += step
        color = _in_gamut(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)))
    return color


def contrast(one: str, two: str) -> float:
    """The contrast ratio of two colours by WCAG 2: 1 (equal) to 21 (black on white)."""
    low, high = sorted(float(_linear(color) @ (0.2126, 0.7152, 0.0722)) for color in (one, two))
    return (high + 0.05) / (low + 0.05)


def oklab(colors: Sequence[str]) -> Array:
    """L, a, b of colours: [n, 3]."""
    linear = np.stack([_linear(color) for color in colors])
    return np.asarray(np.cbrt(linear @ _CONES.T) @ _LAB.T)


# Linear sRGB to cone responses, and their cube roots to L, a, b: the two matrices that define OKLab.
_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _linear(color: str) -> Array:
    """`#rrggbb` as linear sRGB [3]."""
    encoded = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _to_linear(lab: Array) -> Array:
    """L, a, b [n, 3] as linear sRGB [n, 3]; outside 0..1 where no screen can show the colour."""
    cones = np.linalg.solve(_LAB, lab.T) ** 3
    return np.asarray(np.linalg.solve(_CONES, cones).T)


def _hexes(lab: Array) -> list[str]:
    """L, a, b [n, 3] as `#rrggbb`, clipped to what a screen can show."""
    linear = np.clip(_to_linear(lab), 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return ["#" + "".join(f"{round(255 * float(c)):02x}" for c in color) for color in encoded]


def _in_gamut(lightness: float, chroma: float, hue: float) -> str:
    """The colour of this hue in degrees, with less chroma where a screen needs that."""
    while True:
        lab = np.array([[lightness, *_polar(chroma, hue)]])
        linear = _to_linear(lab)
        if chroma <= 0 or (linear.min() >= 0 and linear.max() <= 1):
            return _hexes(lab)[0]
        chroma -= 0.002


def _polar(chroma: float, hue: float) -> tuple[float, float]:
    """a and b from the distance to grey and the hue in degrees."""
    return chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))


def _shares(n: int) -> Array:
    if n < 1:
        raise ValueError(f"palette: at least one colour is needed; got n = {n}")
    return np.linspace(0, 1, n) if n > 1 else np.array([0.5])


def _bend(start: Sequence[float], pull: Sequence[float], end: Sequence[float]) -> Array:
    """A curve [n, 2] in the a-b plane from `start` to `end`, drawn towards `pull`."""
    t = np.linspace(0, 1, 2001)[:, None]
    return np.asarray(
        (1 - t) ** 2 * np.array(start) + 2 * t * (1 - t) * np.array(pull) + t**2 * np.array(end)
    )


def _resample(path: tuple[tuple[float, float], Array], shares: Array) -> Array:
    """Points [n, 3] on a path at these shares of its length; lightness rises in proportion.

    Constant speed in a-b and in L is constant speed in OKLab.
    """
    (low, high), curve = path
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    at = shares * length[-1]
    a, b = (np.interp(at, length, curve[:, i]) for i in (0, 1))
    return np.stack([low + (high - low) * shares, a, b], -1)


@functools.cache
def _loss_path() -> tuple[tuple[float, float], Array]:
    # The pull towards green keeps away from grey as far as the screen's poor dark cyans allow.
    return (0.38, 0.93), _bend(_polar(0.16, 265), (-0.174, 0.05), _polar(0.17, 105))


@functools.cache
def _difference_paths() -> tuple[tuple[tuple[float, float], Array], ...]:
    light, dark = 0.965, 0.47
    centre = (0.0, 0.0)
    violet = _bend(centre, _polar(0.10, 302), _polar(0.185, 294))
    brown = _bend(centre, _polar(0.15, 74), _polar(0.13, 49))
    return ((light, dark), violet), ((light, dark), brown)
