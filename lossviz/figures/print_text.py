"""Texts in print: shown as they are, in fonts that have their letters.

Every figure passes `prepare` before it is measured or saved, so a name with dollar signs is no formula
and a name in Chinese is no row of boxes where the machine has a font for it.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

FONT = "DejaVu Sans"  # comes with matplotlib, so it is the same on every machine
BOXES = "Last Resort High-Efficiency"  # likewise; draws a box for every character
# What no file of XML may hold and no font draws: controls, halves of a character, non-characters.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_MOST_NAMED = 6
# Fonts whose characters are boxes, coloured, or others than their numbers say.
_NO_TEXT = re.compile("Last Resort|Color Emoji|NonUnicode|^cm[a-z]+[0-9]")
# A font that has a letter need not have it in bold; matplotlib's log says so each time.
logging.getLogger("matplotlib.font_manager").addFilter(lambda r: "find font weight" not in r.getMessage())


def writable(text: str) -> str:
    """The text with � for what cannot be written; a tab is a space."""
    return _UNWRITABLE.sub("\ufffd", text.replace("\t", " "))


def prepare(text: Text) -> str:
    """Make a text show itself: no formulas, fonts for all its characters. Gives those without a font."""
    text.set_parse_math(False)
    text.set_text(writable(text.get_text()))
    homes = _homes(_foreign(text.get_text()))
    if not homes:
        return ""
    families = dict.fromkeys(homes[letter] for letter in text.get_text() if homes.get(letter))
    missing = _without(homes)
    text.set_fontfamily([FONT, *map(str, families), *([BOXES] if missing else [])])
    return missing


def missing_letters(text: str) -> str:
    """The characters of a text that no font here has."""
    return _without(_homes(_foreign(writable(text))))


def _foreign(text: str) -> frozenset[str]:
    """The characters that FONT has not."""
    return frozenset({letter for letter in text if not _silent(letter)} - _own_letters())


def _without(homes: dict[str, str | None]) -> str:
    return "".join(sorted(letter for letter, home in homes.items() if home is None))


def prepare_figure(figure: Figure) -> str:
    """`prepare` for every text of a figure; gives all characters without a font."""
    drawn: Iterable[Text] = figure.findobj(Text)
    return "".join(sorted(set("".join(map(prepare, drawn)))))


def missing_message(letters: str) -> str:
    """A sentence about characters without a font, in characters that every font has."""
    codes = [f"U+{ord(letter):04X}" for letter in letters]
    more = f" and {len(codes) - _MOST_NAMED} more" if len(codes) > _MOST_NAMED else ""
    return (
        f"No font on this machine has {', '.join(codes[:_MOST_NAMED])}{more}: install one that has, "
        "or save an SVG, which uses the fonts of its reader."
    )


def _silent(letter: str) -> bool:
    """True for a character that draws nothing of its own: breaks, joiners, directions, variants."""
    return letter == "\n" or unicodedata.category(letter) == "Cf" or "\ufe00" <= letter <= "\ufe0f"


@lru_cache(maxsize=1)
def _own_letters() -> frozenset[str]:
    own = fontManager.findfont(FONT, fallback_to_default=True)
    return frozenset(map(chr, FT2Font(own).get_charmap()))


@lru_cache(maxsize=256)
def _homes(letters: frozenset[str]) -> dict[str, str | None]:
    """For each character a family that has it, upright and without serifs where there is one, or None."""
    fonts = [font for font in fontManager.ttflist if not _NO_TEXT.search(font.name)]
    fonts.sort(key=lambda f: (f.style != "normal", str(f.weight) != "400", "Sans" not in f.name, f.name))
    homes: dict[str, str | None] = dict.fromkeys(letters)
    tried: set[str] = set()
    for font in fonts:
        if all(homes.values()):
            break
        if font.name in tried:
            continue
        tried.add(font.name)
        try:
            face = FT2Font(font.fname, face_index=font.index)
        except (OSError, RuntimeError):
            continue  # gone, or damaged
        homes |= {k: font.name for k, v in homes.items() if v is None and face.get_char_index(ord(k))}
    return homes
