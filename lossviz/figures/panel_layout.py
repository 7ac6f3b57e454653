"""The texts around one panel, for a plot of a given size: titles, names of rules and lines, categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lossviz.figures.axis import Range
from lossviz.figures.label_layout import rows_above, spread_apart
from lossviz.figures.panel import Anchor, Mark, Panel
from lossviz.figures.screen_theme import BOLD, NAME, ROW, TEXT
from lossviz.figures.text_width import text_width, wrapped


@dataclass
class PanelLayout:
    """A panel with a plot of so many pixels. numbers: whether the axes x and y have numbers."""

    panel: Panel
    width: float
    height: float
    ends: tuple[Range, Range]
    numbers: tuple[bool, bool]

    def __post_init__(self) -> None:
        self.title = wrapped(self.panel.title, self.width, BOLD)
        last = text_width(self.title[-1], BOLD) if self.title else self.width
        # The note stands beside the title where there is room, from note_at on.
        self.beside, self.note_at = last + text_width(self.panel.note, TEXT) + 22 <= self.width, last + 10
        note = [self.panel.note] if self.beside else wrapped(self.panel.note, self.width, TEXT)
        self.note = [line for line in note if line]
        self.rules = self._rules()
        self.rule_rows = 1 + max((row for *_, row in self.rules), default=-1)

    def _rules(self) -> list[tuple[Mark, float, Anchor, int]]:
        """The marks named above the plot: place on x, the end of the name that is there, and its row."""
        found = self.panel.top_names() if self.panel.flat else []
        widths = [text_width(mark.name, NAME) for mark, _ in found]
        places = [self.width * self.panel.x.share(at, self.ends[0]) for _, at in found]
        anchors, rows = rows_above(places, widths, self.width)
        return [(*named, anchor, row) for named, anchor, row in zip(found, anchors, rows, strict=True)]

    @property
    def x_title(self) -> list[str]:
        """The title of x in lines that fit below the plot; it may reach a little beyond."""
        return wrapped(self.panel.x.label, self.width + 40, TEXT)

    @property
    def slanted(self) -> bool:
        """True where the categories along x do not fit level."""
        names = self.panel.categories("x")
        wide = longest(names)
        return wide > self.width / max(1, len(names)) - 4 and wide > 30

    def every(self, name: str) -> int:
        """The step from one category of an axis that is written to the next."""
        names = self.panel.categories(name)
        slot = (self.width if name == "x" else self.height) / max(1, len(names))
        return every(slot, 15.0 if name == "y" else 20.0 if self.slanted else longest(names) + 6)

    def most_ticks(self, name: str, most: int) -> int:
        """The number of ticks that an axis has room for, at most so many."""
        if name == "y":
            return most
        return min(most, max(2, int(self.width // (36 + text_width(self.panel.x.suffix, NAME)))))

    def end_names(self, lines: bool) -> list[tuple[Mark, float]]:
        """The marks named at the right side, and how high up each name stands, 0..1; names are moved apart.

        lines: False where lines are named in the legend.
        """
        found = self.panel.end_names(lines) if self.panel.flat else []
        shares = [self.panel.y.share(at, self.ends[1]) for _, at in found]
        wanted = [min(max(share, 0.0), 1.0) * self.height for share in shares]
        places = spread_apart(wanted, ROW, self.height)
        return [(mark, place / self.height) for (mark, _), place in zip(found, places, strict=True)]


def longest(texts: Sequence[str]) -> float:
    """The width of the longest text in pixels, in the size of names."""
    return max((text_width(text, NAME) for text in texts), default=0.0)


def every(slot: float, needed: float) -> int:
    """The step from one name to the next for which there is room."""
    return next((n for n in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500) if n * slot >= needed), 1000)
