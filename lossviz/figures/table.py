"""A table of results: for the page, as CSV and as LaTeX.

>>> recall = Column("recall", report.recall, "percent", best="high")
>>> Table("Recall of each class", (Column("class", names), recall), note="n = 10,000 test images").latex()
"""

from __future__ import annotations

import csv
import io
import math
import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lossviz.core.errors import LossvizError
from lossviz.core.text import fixed, number_text
from lossviz.figures.axis import Array

Kind = Literal["text", "count", "number", "percent", "angle"]

_FACTOR = {"percent": 100.0, "angle": 180 / math.pi}
_UNIT = {"percent": "%", "angle": "°"}
_RAW_UNIT = {"percent": "fraction", "angle": "rad"}
_DECIMALS = {"count": 0, "percent": 1, "angle": 1}
_MISSING = "–"
_STYLED = 200_000  # pandas styles no more than 262,144 cells


@dataclass(frozen=True, eq=False)
class Column:
    """One column: values [n], as the measures give them.

    kind: "text"; "count", whole numbers with thousands set off; "number"; "percent", fractions in 0..1,
    shown as per cent; "angle", radians, shown in degrees. digits: decimals; None is 1 for per cent and
    angles, and four significant digits for a number. unit: of a number, written behind the name.
    best: which values are set in bold in LaTeX. shown: how the values of a numeric column are read, where
    they differ in how many digits are known; a CSV has the values.
    """

    name: str
    values: Array | Sequence[Any]
    kind: Kind = "text"
    digits: int | None = None
    unit: str = ""
    best: Literal["high", "low"] | None = None
    shown: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The name with the unit of what is shown."""
        unit = _UNIT.get(self.kind, self.unit)
        return f"{self.name} ({unit})" if unit else self.name

    @property
    def raw_heading(self) -> str:
        """The name with the unit of the values."""
        unit = _RAW_UNIT.get(self.kind, self.unit)
        return f"{self.name} ({unit})" if unit else self.name

    @property
    def numbers(self) -> Array:
        """The values in the unit in which they are shown, float64 [n]."""
        values = [math.nan if value is None else value for value in self.values]
        return np.asarray(values, dtype=np.float64) * _FACTOR.get(self.kind, 1.0)

    def texts(self) -> list[str]:
        """The values as they are read; "–" where there is none."""
        if self.kind == "text":
            return [_MISSING if _is_missing(value) else str(value) for value in self.values]
        if self.shown:
            return list(self.shown)
        return [self.text(value) for value in self.numbers.tolist()]

    def text(self, number: float) -> str:
        """One of `numbers` as it is read."""
        digits = _DECIMALS.get(self.kind) if self.digits is None else self.digits
        return number_text(number) if digits is None else fixed(number, digits, thousands=True)

    def bold(self) -> list[bool]:
        """Mark the best values, among two or more; values that read the same are equally good."""
        texts, numbers = self.texts(), self.numbers if self.best else np.array([])
        finite = numbers[np.isfinite(numbers)]
        if len(finite) < 2:
            return [False] * len(texts)
        top = finite.max() if self.best == "high" else finite.min()
        best = texts[int(np.flatnonzero(numbers == top)[0])]
        return [text == best for text in texts]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length under a title. note: the sample, as "n = 10,000 test images"."""

    title: str
    columns: tuple[Column, ...]
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))
        lengths = {column.name: len(column.values) for column in self.columns}
        if len(lengths) < len(self.columns):
            names = [column.name for column in self.columns]
            twice = sorted({name for name in names if names.count(name) > 1})
            raise LossvizError(f"table: each column needs a name of its own; got {', '.join(twice)} twice")
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} {count}" for name, count in lengths.items())
            raise LossvizError(f"table: the columns must be equally long; got {told}")

    @property
    def raw_units(self) -> tuple[str, ...]:
        """The units of the measures that are shown in others: "fraction", "rad"."""
        return tuple(dict.fromkeys(_RAW_UNIT[c.kind] for c in self.columns if c.kind in _RAW_UNIT))

    def csv(self, raw: bool = False) -> str:
        """The numbers in the units in which they are shown, to ten digits. NaN is an empty cell.

        raw: at full precision, as the measures give them: fractions, radians. A text that a spreadsheet would
        take for a formula, "=1+1", has an apostrophe before it.
        """
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(cell(column.raw_heading if raw else column.heading) for column in self.columns)
        cells = [
            [cell(value) for value in column.values]
            if raw or column.kind not in _FACTOR
            else ["" if math.isnan(value) else f"{value:.10g}" for value in column.numbers.tolist()]
            for column in self.columns
        ]
        writer.writerows(zip(*cells, strict=True))
        return written.getvalue()

    def latex(self) -> str:
        """The table as it is shown, for a paper: booktabs, best values in bold, the sample in the caption."""
        import pandas as pd  # type: ignore[import-untyped]

        best = "Best in bold." if any(any(column.bold()) for column in self.columns) else ""
        caption = " ".join(_sentence(text) for text in (self.title, self.note, best) if text)
        cells = {escaped(column.heading): _bold_texts(column) for column in self.columns}
        # At the start of a row a bracket would begin a length, a star another kind of end, of the row before.
        cells = {_no_option(heading): list(map(_no_option, texts)) for heading, texts in cells.items()}
        with pd.option_context("styler.render.max_elements", sys.maxsize):
            table = (
                pd.DataFrame(cells)
                .style.hide(axis="index")
                .to_latex(
                    hrules=True,
                    caption=escaped(caption),
                    column_format="".join("l" if column.kind == "text" else "r" for column in self.columns),
                    position_float="centering",
                )
            )
        named = caption + "".join(c.heading + "".join(c.texts()) for c in self.columns)
        known = _LATEX.keys() | _SUPERSCRIPTS.keys()
        foreign = sorted(letter for letter in set(named) - known if ord(letter) > _PDFLATEX)
        fonts = f"% needs lualatex or xelatex, and a font that has {''.join(foreign)}\n" if foreign else ""
        return f"% needs \\usepackage{{booktabs}}\n{fonts}{table}"

    def frame(self) -> Any:
        """A pandas DataFrame for the page: numbers stay numbers, in the units of the headings."""
        import pandas as pd

        return pd.DataFrame(
            {c.heading: list(c.values) if c.kind == "text" else c.numbers for c in self.columns}
        )

    def styled(self) -> Any:
        """The frame with its numbers as `texts` reads them, the best in bold; a huge one as it is."""
        frame = self.frame()
        if frame.size > _STYLED:
            return frame
        numeric = [column for column in self.columns if column.kind != "text"]
        forms = {column.heading: _reader(column) for column in numeric}
        bold = {column.heading: column.bold() for column in numeric if any(column.bold())}
        return frame.style.format(forms, na_rep=_MISSING).apply(
            lambda column: ["font-weight: bold" if best else "" for best in bold[column.name]],
            subset=list(bold),
        )


def _reader(column: Column) -> Callable[[float], str]:
    """The text of one of the numbers of a column."""
    texts = dict(zip(column.numbers.tolist(), column.texts(), strict=True))
    return lambda number: texts[float(number)]


def escaped(text: str) -> str:
    """A text for LaTeX: its special characters as themselves, Greek letters and signs as formulas."""
    parts = re.split(f"([{''.join(_SUPERSCRIPTS)}]+)", re.sub("(?<=-)(?=-)|(?<=')(?=')", _APART, text))
    return "".join(
        f"$^{{{''.join(_SUPERSCRIPTS[c] for c in part)}}}$"
        if part and part[0] in _SUPERSCRIPTS
        else "".join(_LATEX.get(c, c) for c in part)
        for part in parts
    )


def _no_option(text: str) -> str:
    return "{}" + text if text.startswith(("[", "*")) else text


def cell(value: Any) -> Any:
    """A value of a CSV; a text that a spreadsheet would take for a formula has an apostrophe before it."""
    if isinstance(value, str) and value.startswith(_FORMULA) and not _reads_as_number(value):
        return "'" + value
    return "" if _is_missing(value) else value


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _bold_texts(column: Column) -> list[str]:
    pairs = zip(column.texts(), column.bold(), strict=True)
    return [rf"\textbf{{{escaped(text)}}}" if bold else escaped(text) for text, bold in pairs]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else text + "."


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, (float, np.floating)) and math.isnan(value))


def _greek(letter: str) -> str:
    """The LaTeX name of a Greek letter."""
    name = unicodedata.name(letter).split()[-1].lower().replace("lamda", "lambda")
    return name.capitalize() if letter.isupper() else name


_APART = "\u2060"  # between two signs that LaTeX would join to a dash or a quotation mark
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PDFLATEX = 0x17F  # the last letter that every LaTeX takes as it is
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: "\\" + character for character in "&%$#_{}"},
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': r"\symbol{34}",
    _APART: "{}",
    **dict.fromkeys("\n\r\t", " "),
    "–": "--",
    "—": "---",
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "°": r"$^\circ$",
    "∞": r"$\infty$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "→": r"$\to$",
    "‖": r"$\Vert$",
    **{sub: f"$_{i}$" for i, sub in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    **{letter: rf"$\{_greek(letter)}$" for letter in "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ"},
}
