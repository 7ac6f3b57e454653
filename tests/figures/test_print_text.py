"""Names in print: as they are, in fonts that have them, and told where there is none."""

from __future__ import annotations

import io
import warnings
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from PIL import Image

from lossviz.figures import print as printed
from lossviz.figures import print_scatter, print_text
from lossviz.figures.scatter import Options, Panel

NOWHERE = "\U0010fffd"  # a character of private use, for which no font is made
ODD = ("$5 to $10", "$_$ {x}^2", "a\\$b", "<b>&amp;", "עברית", "e\u0301", "%{x} 'q' \"d\"")


def panel(names: tuple[str, ...]) -> Panel:
    count = len(names)
    turns = np.linspace(0, 2 * np.pi, count, endpoint=False)
    features = np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)
    return Panel("r", "ArcFace", "", features=features, labels=np.arange(count), classes=names)


def drawing(names: tuple[str, ...]) -> list[str]:
    """The texts of a picture of these classes, as an SVG has them."""
    root = ElementTree.fromstring(print_scatter.save([panel(names)], Options(), "svg"))
    return ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_names_stand_in_a_drawing_as_they_are() -> None:
    assert {*ODD} <= {*drawing(ODD)}


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_no_name_is_taken_for_a_formula(kind: printed.Format) -> None:
    assert print_scatter.save([panel(ODD)], Options(), kind)


def test_what_no_file_may_hold_is_a_replacement_character() -> None:
    assert "a\ufffdb c" in drawing(("a\x1bb\tc", "d"))
    assert "caf\ufffd" in drawing(("caf\udce9", "d"))
    assert print_scatter.save([panel(("caf\udce9", "d"))], Options())


def test_a_long_name_does_not_cross_the_picture() -> None:
    (name,) = [text for text in drawing(("long " * 40, "d")) if text.startswith("long")]
    assert len(name) <= print_scatter.MOST_LETTERS
    assert name.endswith("…")


def test_a_character_that_another_font_has_is_taken_from_it() -> None:
    # Both fonts come with matplotlib.
    first, other = (FT2Font(fontManager.findfont(name)) for name in (print_text.FONT, "STIXGeneral"))
    code = next(code for code in other.get_charmap() if code > 0x1D000 and not first.get_char_index(code))
    text = Text(0, 0, f"a{chr(code)}")
    assert print_text.prepare(text) == ""
    family, own = text.get_fontfamily()
    assert family == print_text.FONT
    assert FT2Font(fontManager.findfont(own)).get_char_index(code)


def test_a_font_whose_file_is_gone_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fontManager, "ttflist", [FontEntry(fname="/gone.ttf", name="AAA Sans")])
    assert print_text.missing_letters("a" + NOWHERE) == NOWHERE


def test_a_character_without_a_font_is_told_in_the_picture_and_by_a_warning() -> None:
    with pytest.warns(printed.FontWarning, match=r"U\+10FFFD"):
        told = print_scatter.save([panel((NOWHERE, "b"))], Options())
    plain = print_scatter.save([panel(("a", "b"))], Options())
    sizes = [Image.open(io.BytesIO(content)).size for content in (told, plain)]
    assert sizes[0][0] == sizes[1][0]
    assert sizes[0][1] > sizes[1][1]


def test_a_drawing_leaves_the_fonts_to_its_reader() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert NOWHERE in drawing((NOWHERE, "b"))


def test_each_frame_of_a_run_has_the_same_size() -> None:
    apart, together = panel((NOWHERE, "b")), panel((NOWHERE, "b"))
    # Where two classes lie on each other the second is not named.
    object.__setattr__(together, "labels", np.array([1, 1]))
    with pytest.warns(printed.FontWarning):
        made = [print_scatter.save([each], Options()) for each in (apart, together)]
    first, second = (Image.open(io.BytesIO(content)).size for content in made)
    assert first == second


def test_marks_that_draw_nothing_of_their_own_need_no_font() -> None:
    assert print_text.missing_letters("a\u200d\u2066b\ufe0f\n") == ""
