"""A section of a reading page as one record: its title, how it is read, what it shows, its controls.

>>> @SECTIONS.add("collapse", "Neural collapse", "Each measure is 0 where collapse is complete.")
... def _collapse(data):
...     yield "collapse", collapse.collapse_chart(data.readings)
...     yield collapse.collapse_text(data.readings)
...     yield "neural-collapse", collapse.collapse_table(data.readings)

`lossviz.ui.reading.sections` shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from lossviz.figures.chart import Chart
from lossviz.figures.table import Table
from lossviz.readings.reading import Reading
from lossviz.readings.view import ReadView
from lossviz.runs import Run

V_co = TypeVar("V_co", bound=ReadView, covariant=True)


@dataclass(frozen=True)
class PageData(Generic[V_co]):
    """The data of a section: the settings of its page, readings with the same classes, the runs of the page,
    the important classes."""

    view: V_co
    readings: Sequence[Reading]
    runs: Sequence[Run]
    important: Sequence[int] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes; none without readings."""
        return self.readings[0].classes if self.readings else ()


D = TypeVar("D", bound=PageData[Any])


@dataclass(frozen=True)
class Text:
    """A text. kind: the element of Streamlit. bold: set before it. each: sentences in a list below it."""

    text: str
    kind: Literal["markdown", "caption", "info", "warning"] = "markdown"
    bold: str = ""
    each: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Fold:
    """Parts that are made when the visitor opens the fold."""

    label: str
    parts: Callable[[], Iterable[Part]]


@dataclass(frozen=True, eq=False)
class Own:
    """A part, or a control, that the page draws itself with Streamlit, and what it needs for it."""

    name: str
    data: Any = None


# A chart or a table comes with the name of its files. A text alone is a paragraph, an empty one nothing.
Part = str | Text | tuple[str, Chart | Table] | Fold | Own


class Control:
    """The control of a setting. arguments: those of `lossviz.ui.control.control` beside the declaration;
    typed: a number is typed instead of moved."""

    def __init__(self, name: str, typed: bool = False, **arguments: Any) -> None:
        self.name, self.typed, self.arguments = name, typed, arguments


@dataclass(frozen=True)
class Section(Generic[D]):
    """One section of a reading page.

    how: a line on how it is read. parts: its charts, texts and tables in their order. controls: its settings;
    a name alone is a control as it is declared. whole: all readings are shown at once, not those of the
    same images together.
    """

    title: str
    how: str | Callable[[D], str]
    parts: Callable[[D], Iterable[Part]]
    controls: Callable[[D], Iterable[str | Control | Own]]
    whole: bool


class Sections(dict[str, Section[D]]):
    """The sections of a page by key, in their order. whole: each shows all readings at once."""

    def __init__(self, whole: bool = False) -> None:
        super().__init__()
        self.whole = whole

    def add(
        self,
        key: str,
        title: str,
        how: str | Callable[[D], str],
        controls: Callable[[D], Iterable[str | Control | Own]] = lambda data: (),
        whole: bool = False,
    ) -> Callable[[Callable[[D], Iterable[Part]]], None]:
        """Decorate the function that makes the parts of a section."""

        def keep(parts: Callable[[D], Iterable[Part]]) -> None:
            self[key] = Section(title, how, parts, controls, whole or self.whole)

        return keep

    @property
    def titles(self) -> dict[str, str]:
        """The titles by key, as the choices of a setting."""
        return {key: section.title for key, section in self.items()}
