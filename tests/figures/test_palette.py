"""The oracle shares no code with the palette: scalar arithmetic and CIE lightness, not OKLab matrices."""

from __future__ import annotations

import itertools
import math
import tomllib
from pathlib import Path

import pytest

from lossviz.fields import Field
from lossviz.figures import palette

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"

# Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB.
DEFICIENCIES = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(color: str) -> list[float]:
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def lightness(rgb: list[float]) -> float:
    """CIE L*, 0..100."""
    y = min(max(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2], 0.0), 1.0)
    return 116 * y ** (1 / 3) - 16 if y > 216 / 24389 else 24389 / 27 * y


def seen_with(matrix: tuple[tuple[float, ...], ...], color: str) -> list[float]:
    rgb = linear(color)
    return [min(max(sum(m * c for m, c in zip(row, rgb, strict=True)), 0.0), 1.0) for row in matrix]


def oklab(color: str) -> tuple[float, float, float]:
    """OKLab as its author writes it for a C program."""
    r, g, b = linear(color)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def mixed(over: str, under: str, share: float) -> str:
    channels = [(int(over[i : i + 2], 16), int(under[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(share * o + (1 - share) * u):02x}" for o, u in channels)


def distances(colors: list[str]) -> list[float]:
    labs = [oklab(color) for color in colors]
    return [math.dist(a, b) for a, b in itertools.pairwise(labs)]


def hue(color: str) -> float:
    _, a, b = oklab(color)
    return math.degrees(math.atan2(b, a)) % 360


def test_oklab_agrees_with_published_values() -> None:
    white, red = palette.oklab(["#ffffff", "#ff0000"])
    assert white == pytest.approx([1, 0, 0], abs=1e-6)
    assert red == pytest.approx([0.62796, 0.22486, 0.12585], abs=1e-5)


def test_class_colors_are_petroffs_ten() -> None:
    import matplotlib.style
    from matplotlib.colors import to_hex

    cycle = matplotlib.style.library["petroff10"]["axes.prop_cycle"]
    assert list(palette.CLASS_COLORS) == [to_hex(entry["color"]) for entry in cycle]


def test_class_colors_repeat_after_ten() -> None:
    assert palette.class_color(13) == palette.class_color(3)
    with pytest.raises(ValueError, match="counts from 0; got -1"):
        palette.class_color(-1)


@pytest.mark.parametrize("n", [8, 14, 40])
def test_loss_map_has_even_steps(n: int) -> None:
    colors = palette.loss_colors(n)
    steps = distances(colors)
    rounding = 0.006  # of colours to 8 bits
    assert max(steps) - min(steps) < rounding
    rises = [b[0] - a[0] for a, b in itertools.pairwise(oklab(c) for c in colors)]
    assert min(rises) > 0
    assert max(rises) - min(rises) < rounding


def test_loss_map_runs_from_blue_to_yellow_without_purple() -> None:
    colors = palette.loss_colors(64)
    assert 255 < hue(colors[0]) < 275
    assert 98 < hue(colors[-1]) < 112
    hues = [hue(color) for color in colors]
    assert all(b <= a + 0.8 for a, b in itertools.pairwise(hues))  # one way round, never through purple


@pytest.mark.parametrize("kind", DEFICIENCIES)
def test_loss_map_keeps_its_order_for_color_blind_eyes(kind: str) -> None:
    seen = [lightness(seen_with(DEFICIENCIES[kind], color)) for color in palette.loss_colors(14)]
    rises = [b - a for a, b in itertools.pairwise(seen)]
    assert min(rises) > 1.5


@pytest.mark.parametrize("kind", DEFICIENCIES)
def test_difference_map_darkens_outwards_for_color_blind_eyes(kind: str) -> None:
    seen = [lightness(seen_with(DEFICIENCIES[kind], color)) for color in palette.difference_colors(13)]
    assert all(b > a for a, b in itertools.pairwise(seen[:7]))
    assert all(b < a for a, b in itertools.pairwise(seen[6:]))


def test_difference_map_has_a_neutral_centre_and_even_steps() -> None:
    colors = palette.difference_colors(15)
    middle = colors[7]
    assert middle[1:3] == middle[3:5] == middle[5:7]
    steps = distances(colors)
    assert max(steps) - min(steps) < 0.008
    assert oklab(colors[0])[0] == pytest.approx(oklab(colors[-1])[0], abs=0.01)
    assert 285 < hue(colors[0]) < 310
    assert 40 < hue(colors[-1]) < 75


def test_difference_map_shares_no_color_with_the_loss_map() -> None:
    pairs = itertools.product(palette.difference_colors(15), palette.loss_colors(60))
    assert min(math.dist(oklab(a), oklab(b)) for a, b in pairs) > 0.05


@pytest.mark.parametrize("make", [palette.loss_colors, palette.difference_colors])
def test_maps_give_as_many_colors_as_asked(make: object) -> None:
    for n in (1, 2, 15):
        colors = make(n)  # type: ignore[operator]
        assert len(set(colors)) == n
        assert all(len(c) == 7 and c.startswith("#") for c in colors)
    with pytest.raises(ValueError, match="at least one colour"):
        make(0)  # type: ignore[operator]


def test_contrast_agrees_with_wcag_examples() -> None:
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert palette.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", [palette.LIGHT, palette.DARK])
def test_text_stands_out_in_both_themes(theme: palette.Theme) -> None:
    for text in (theme.text, theme.muted, theme.link):
        assert palette.contrast(text, theme.background) >= 4.5
        assert palette.contrast(text, theme.secondary_background) >= 4.5
    assert palette.contrast(theme.primary, theme.background) >= 4.5  # values beside sliders
    tint = mixed(theme.primary, theme.background, 0.1)  # behind a chosen segment
    assert palette.contrast(theme.primary, tint) >= 4.5
    assert palette.contrast(theme.own, theme.background) >= 3
    assert palette.contrast(theme.boundary, theme.background) >= 3


@pytest.mark.parametrize("dark", [False, True])
def test_curve_colors_are_readable_text_and_no_class_colors(dark: bool) -> None:
    colors = palette.curve_colors(dark)
    background = palette.theme(dark).background
    assert all(palette.contrast(color, background) >= 4.5 for color in colors)
    assert not set(colors) & set(palette.CLASS_COLORS)


def test_own_weight_is_red_and_marks_stand_out_from_their_casing() -> None:
    for theme in (palette.LIGHT, palette.DARK):
        assert 10 < hue(theme.own) < 35
        assert palette.contrast(theme.own, theme.casing) >= 4.5
        assert palette.contrast(theme.other, theme.casing) >= 15


def test_streamlit_theme_has_the_palettes_colors() -> None:
    config = tomllib.loads(CONFIG.read_text())["theme"]
    assert config["chartCategoricalColors"] == list(palette.CLASS_COLORS)
    assert config["chartSequentialColors"] == palette.loss_colors(10)
    assert config["chartDivergingColors"] == palette.difference_colors(10)
    for name, theme in (("light", palette.LIGHT), ("dark", palette.DARK)):
        assert config[name] == {
            "backgroundColor": theme.background,
            "secondaryBackgroundColor": theme.secondary_background,
            "textColor": theme.text,
            "primaryColor": theme.primary,
            "linkColor": theme.link,
            "borderColor": theme.border,
            "dataframeBorderColor": theme.border,
        }


def test_streamlit_knows_every_option_of_the_config() -> None:
    from streamlit import config as options

    known = set(options._config_options_template)
    for section, entries in tomllib.loads(CONFIG.read_text()).items():
        for key, value in entries.items():
            names = (
                [f"{section}.{key}.{inner}" for inner in value]
                if isinstance(value, dict)
                else [f"{section}.{key}"]
            )
            assert set(names) <= known


def test_isolines_and_boundaries_have_one_colour_in_print_on_the_screen_and_in_the_browser(
    four: list[Field],
) -> None:
    from matplotlib.colors import to_hex

    from lossviz.figures import print as printed
    from lossviz.figures import screen

    def hex_and_share(css: str) -> tuple[str, float]:
        *channels, share = css.removeprefix("rgba(").removesuffix(")").split(",")
        return "#" + "".join(f"{int(channel):02x}" for channel in channels), float(share)

    browser = palette.browser_themes()["light"]
    panel = next(axes for axes in printed.contours(four).axes if axes.get_label() == "panel")
    drawn = {str(each.get_label()): each for each in panel.collections}
    color, share = hex_and_share(browser["isoline"])
    assert {to_hex(code) for code in drawn["isolines"].get_edgecolor()} == {color}
    assert drawn["isolines"].get_alpha() == share
    assert {to_hex(code) for code in drawn["boundaries"].get_edgecolor()} == {browser["boundary"]}
    filled, *others = screen.difference(four[0], four[1]).data
    assert filled.line.color == browser["isoline"]
    assert browser["boundary"] in {trace.line.color for trace in others}
    assert screen.surface(four[0]).data[0].contours.z.color == browser["isoline"]
