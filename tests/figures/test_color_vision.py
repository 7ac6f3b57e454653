"""What stays apart for eyes without one kind of cones, and from the page: CIEDE2000, written out by hand.

Thresholds: two colours side by side are told apart from a difference of about 2; on dots of five pixels and
lines of two, far from each other, ten is asked for. Contrast 3:1 is WCAG 2.2's for graphics.
"""

from __future__ import annotations

import itertools
import math

import pytest

from lossviz.figures import palette
from tests.figures.test_palette import DEFICIENCIES, linear, seen_with

NORMAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
EYES = {"normal": NORMAL, **DEFICIENCIES}
SMALL_MARKS = 10.0
NEIGHBOURS = 3.0

Lab = tuple[float, float, float]


def cielab(rgb: list[float]) -> Lab:
    """CIELAB under D65 of linear sRGB."""
    x = (0.4124564 * rgb[0] + 0.3575761 * rgb[1] + 0.1804375 * rgb[2]) / 0.95047
    y = 0.2126729 * rgb[0] + 0.7151522 * rgb[1] + 0.0721750 * rgb[2]
    z = (0.0193339 * rgb[0] + 0.1191920 * rgb[1] + 0.9503041 * rgb[2]) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def ciede2000(one: Lab, two: Lab) -> float:
    """The colour difference as Sharma, Wu and Dalal 2005 write it, all weights one."""
    (l1, a1, b1), (l2, a2, b2) = one, two
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean**7 / (mean**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = (math.degrees(math.atan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    middle = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    t = (
        1
        - 0.17 * math.cos(math.radians(middle - 30))
        + 0.24 * math.cos(math.radians(2 * middle))
        + 0.32 * math.cos(math.radians(3 * middle + 6))
        - 0.20 * math.cos(math.radians(4 * middle - 63))
    )
    rotation = -2 * math.sqrt(chroma**7 / (chroma**7 + 25**7))
    rotation *= math.sin(math.radians(60 * math.exp(-(((middle - 275) / 25) ** 2))))
    dl = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2))
    dc, dh = (c2 - c1) / (1 + 0.045 * chroma), hue / (1 + 0.015 * chroma * t)
    return math.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh)


def difference(eye: str, one: str, two: str) -> float:
    return ciede2000(*(cielab(seen_with(EYES[eye], color)) for color in (one, two)))


def least(eye: str, colors: tuple[str, ...]) -> float:
    return min(difference(eye, *pair) for pair in itertools.combinations(colors, 2))


@pytest.mark.parametrize(
    ("one", "two", "published"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_agrees_with_published_pairs(one: Lab, two: Lab, published: float) -> None:
    assert ciede2000(one, two) == pytest.approx(published, abs=1e-4)


@pytest.mark.parametrize("eye", EYES)
def test_the_ten_class_colors_stay_apart(eye: str) -> None:
    assert least(eye, palette.CLASS_COLORS) > SMALL_MARKS


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("eye", EYES)
def test_the_eight_curve_colors_stay_apart(eye: str, dark: bool) -> None:
    assert least(eye, palette.curve_colors(dark)) > SMALL_MARKS


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("eye", EYES)
def test_positive_and_negative_metrics_stay_apart(eye: str, dark: bool) -> None:
    assert least(eye, palette.sides(dark)) > 4 * SMALL_MARKS


@pytest.mark.parametrize("eye", EYES)
def test_neighbours_on_the_loss_map_stay_apart(eye: str) -> None:
    pairs = itertools.pairwise(palette.loss_colors(14))
    assert min(difference(eye, *pair) for pair in pairs) > NEIGHBOURS


@pytest.mark.parametrize("eye", EYES)
def test_the_signs_of_equally_large_differences_stay_apart(eye: str) -> None:
    colors = palette.difference_colors(13)
    pairs = list(zip(colors[:6], colors[:-7:-1], strict=True))
    assert min(difference(eye, *pair) for pair in pairs[:5]) > SMALL_MARKS
    assert difference(eye, *pairs[5]) > NEIGHBOURS


@pytest.mark.parametrize("dark", [False, True])
def test_marks_of_all_classes_stand_out_from_the_page(dark: bool) -> None:
    ground = palette.theme(dark).background
    for color in palette.CLASS_COLORS:
        outline = palette.outline(color, dark)
        assert palette.contrast(outline, ground) >= 3
        assert outline == color or palette.contrast(color, ground) < 3
    for color in palette.sides(dark):
        assert palette.contrast(color, ground) >= 3


def test_dark_and_light_pages_give_a_curve_the_same_hue() -> None:
    for light, dark in zip(palette.curve_colors()[1:], palette.curve_colors(True)[1:], strict=True):
        hues = [math.atan2(b, a) for _, a, b in palette.oklab([light, dark])]
        assert abs(math.remainder(hues[0] - hues[1], 2 * math.pi)) < math.radians(4)


def test_the_matrices_keep_white_white() -> None:
    for matrix in DEFICIENCIES.values():
        assert seen_with(matrix, "#ffffff") == pytest.approx(linear("#ffffff"), abs=2e-3)
