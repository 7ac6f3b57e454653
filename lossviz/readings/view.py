"""What a reading page shows, as a value that travels in a URL: which runs or file, when, and how.

A page's own settings are dataclass fields made with `setting`; everything else follows from their
declarations: the URL, the check, the control.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from lossviz.core.errors import LossvizError, ReadingError
from lossviz.core.query import labelled, number, number_text, unknown_settings, within
from lossviz.core.settings import Declared, Setting, setting
from lossviz.pages.train.view import MOST_PANELS, read_runs

__all__ = ["MOST_RUNS", "PARTS", "ReadView", "setting"]

MOST_RUNS = MOST_PANELS
PARTS = {"shown": "Images shown in training", "test": "All test images", "train": "Training images"}


@dataclass(frozen=True)
class ReadView(Declared):
    """The settings that all reading pages share.

    runs: ids, side by side. file: an own .npz instead of runs, as a path or as "upload:<id>". at: the
    epoch; None: the newest. part: one of PARTS. presentation: for a projector.
    """

    runs: tuple[str, ...] = ()
    file: str = ""
    at: float | None = None
    part: str = "shown"
    presentation: bool = setting(
        False, "flag", "presentation", "larger texts and thicker lines, for a projector"
    )

    @classmethod
    def default(cls, name: str) -> Any:
        """What a setting is when nobody has said."""
        return next(f.default for f in fields(cls) if f.name == name)

    def with_setting(self, name: str, value: Any) -> Self:
        """The view with one of the page's own settings changed; ConfigError with the rule."""
        return replace(self, **{name: self.settings()[name].check(name, value)})

    def with_sources_of(self, other: ReadView) -> Self:
        """The view with the runs, the file, the epoch and the images of another page's, and as large."""
        return replace(
            self, runs=other.runs, file=other.file, at=other.at, part=other.part,
            presentation=other.presentation,
        )  # fmt: skip

    def to_query(self) -> dict[str, str]:
        """What differs from the default view, as URL parameters."""
        query = {
            "runs": ",".join(self.runs),
            "file": self.file,
            "at": "" if self.at is None else number_text(round(self.at, 4)),
            "part": "" if self.part == "shown" else self.part,
        }
        for name, declared in self.settings().items():
            value = getattr(self, name)
            if value != self.default(name):
                query[name] = declared.write(value) or "none"
        return {name: text for name, text in query.items() if text}

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """(the view, what was wrong in words); a wrong setting keeps its default."""
        left, problems = dict(query), list[str]()

        def take(name: str, parse: Callable[[str], Any]) -> dict[str, Any]:
            text = left.pop(name, None)
            if text is None:
                return {}
            try:
                return {name: parse(text)}
            except LossvizError as error:
                problems.append(f"{error}; the default is shown")
                return {}

        runs, wrong = read_runs(left.pop("runs", ""))
        problems += wrong
        said = {"runs": runs} | take("file", _file) | take("at", _epoch) | take("part", _part)
        for name, declared in cls.settings().items():
            said |= take(name, _reader(name, declared))
        problems += unknown_settings(left)
        return cls(**said), problems


def _file(text: str) -> str:
    if len(text) > 4096 or "\0" in text:
        raise ReadingError(f"{labelled('Or a path', 'file')} must be the path of an .npz; got something else")
    return text.strip()


def _epoch(text: str) -> float:
    named = labelled("After epoch", "at")
    return float(within(number(named, text), 0, 1e6, named))


def _part(text: str) -> str:
    if text not in PARTS:
        named = labelled("Images", "part")
        raise ReadingError(f"{named} must be one of {', '.join(PARTS)}; got {text[:40]!r}")
    return text


def _reader(name: str, declared: Setting) -> Callable[[str], Any]:
    """How a setting is read, told as its control is called; no numbers at all are written "none"."""
    named = labelled(declared.label, name)
    if declared.kind == "numbers":
        return lambda text: () if text == "none" else declared.read(named, text)
    return lambda text: declared.read(named, text)
