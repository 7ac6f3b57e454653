"""Links: a view of a page as text and back, by the declarations of its settings.

A link holds what differs from the view that one would have without it. What cannot be read keeps its
default, and a sentence says why, in the same words on every page.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

from lossviz.core.errors import ConfigError, LossvizError
from lossviz.core.kinds import KINDS
from lossviz.core.settings import Declared, Setting

_LEFT_OUT = "it was left out"


@dataclass(frozen=True)
class View(Declared):
    """The settings of a page as a value that travels in a link.

    The fields of a view are settings, in the order in which a link is read: a setting on which others depend
    comes before them. A view whose settings have rules of their own overrides `declaration` (limits that
    depend on other settings) or `put` (other settings that follow a change).
    """

    @classmethod
    def initial(cls) -> Self:
        """The view of the page as it opens."""
        return cls()

    def declaration(self, name: str) -> Setting:
        """The declaration of a setting, with the limits that it has beside the others."""
        return self.declarations()[name]

    def parameters(self) -> Mapping[str, Setting]:
        """The declarations of the parameters that a link of this view may hold, by link."""
        return {}

    def get(self, name: str) -> Any:
        """The value of a setting."""
        return getattr(self, name)

    def get_param(self, link: str) -> Any:
        """The value of a parameter."""
        return self.get("params").get(link, self.parameters()[link].default)

    def put(self, name: str, value: Any) -> Self:
        """The view with one setting changed to a value that was checked."""
        return replace(self, **{name: value})

    def with_setting(self, name: str, value: Any) -> Self:
        """The view with one setting changed; SettingError with the rule."""
        return self.put(name, self.declaration(name).check(value))

    def with_param(self, link: str, value: Any) -> Self:
        """The view with one parameter changed; a default leaves the mapping."""
        params = {name: kept for name, kept in self.get("params").items() if name != link}
        if value != self.parameters()[link].default:
            params[link] = value
        return replace(self, **{"params": params})  # noqa: PIE804 (a view without parameters has no such field)

    def text_of(self, name: str) -> str:
        """A setting as text; no numbers at all are "none"."""
        return self.declaration(name).write(self.get(name)) or "none"

    def with_text(self, name: str, text: str) -> Self:
        """The view with one setting as a link gives it; SettingError with the rule."""
        declared = self.declaration(name)
        return self.put(name, declared.read(text, declared.subject))

    def to_query(self) -> dict[str, str]:
        """Give as URL parameters the settings that differ from those of a link without them."""
        view, query = self.initial(), dict[str, str]()
        for name, declared in self.declarations().items():
            if declared.kind == "params":
                for link, param in self.parameters().items():
                    if self.get_param(link) != view.get_param(link):
                        query[link] = param.write(self.get_param(link))
                        view = view.with_param(link, self.get_param(link))
            elif self.get(name) != view.get(name):
                query[declared.link] = self.text_of(name)
                view = view.put(name, self.get(name))
        return query

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """(the view, what was wrong in words); a wrong setting keeps its default."""
        view, problems = _view_and_problems(cls, query)
        return view, [f"{problem.text}; {problem.consequence}" for problem in problems]

    @classmethod
    def from_exact_query(cls, query: Mapping[str, str]) -> Self:
        """The view; ConfigError with all that is wrong."""
        view, problems = _view_and_problems(cls, query)
        if problems:
            raise ConfigError("; ".join(problem.text for problem in problems))
        return view


AnyView = TypeVar("AnyView", bound=View)


@dataclass(frozen=True)
class Preset(Generic[AnyView]):
    """A named view of a page, and what to notice in it."""

    name: str
    view: AnyView
    notice: str


@dataclass(frozen=True)
class _Problem:
    """What is wrong with a setting of a link, and what follows for the view."""

    text: str
    consequence: str = "the default is shown"


def _view_and_problems(kind: type[AnyView], query: Mapping[str, str]) -> tuple[AnyView, list[_Problem]]:
    view, left, problems = kind.initial(), dict(query), list[_Problem]()
    for name, declared in kind.declarations().items():
        if declared.kind == "params":
            for link, param in view.parameters().items():
                if link in left:
                    try:
                        view = view.with_param(link, param.read(left.pop(link), param.subject))
                    except LossvizError as error:
                        problems.append(_Problem(str(error)))
        elif declared.link in left:
            view, wrong = _with_text(view, name, left.pop(declared.link))
            problems += wrong
    return view, problems + [_Problem(_unknown(name), _LEFT_OUT) for name in left]


def _with_text(view: AnyView, name: str, text: str) -> tuple[AnyView, list[_Problem]]:
    declared = view.declaration(name)
    try:
        if declared.kind == "names" and declared.low != declared.high:
            names, problems = _read_names(declared, text)
            return (view.put(name, names) if names else view), problems
        return view.with_text(name, text), []
    except LossvizError as error:
        return view, [_Problem(str(error))]


def _read_names(setting: Setting, text: str) -> tuple[tuple[str, ...], list[_Problem]]:
    """(the words of a text that the setting takes, what was wrong with the others)."""
    kind, names, problems = KINDS["names"], list[str](), list[_Problem]()
    for word in kind.parse(setting, text, setting.subject):
        try:
            names += kind.normalize(setting, (word,))
        except LossvizError as error:
            problems.append(_Problem(f"{setting.subject}: {error}", _LEFT_OUT))
    names = list(dict.fromkeys(names))
    most = int(setting.high or len(names))
    if names[most:]:
        rule = f"{setting.subject} must name at most {most}; got {len(names)}"
        problems.append(_Problem(rule, f"left out: {', '.join(names[most:])[:200]}"))
    if len(names) < (setting.low or 0) and not problems:
        problems.append(_Problem(f"{setting.subject} must {kind.rule(setting)}"))
    return tuple(names[:most]), problems


def _unknown(name: str) -> str:
    return f"unknown setting {name[:40]!r} in the link"


def unknown_settings(names: Iterable[str]) -> list[str]:
    """A sentence for each name in a link that its page does not have."""
    return [f"{_unknown(name)}; {_LEFT_OUT}" for name in names]


def repeated_settings(names: Iterable[str]) -> list[str]:
    """A sentence for each name that a link gives more than once."""
    return [f"setting {name[:40]!r} is given twice in the link; the last one counts" for name in names]


def briefly(problems: Sequence[str], most: int = 5) -> list[str]:
    """The first problems of a link, and how many more there are."""
    left = len(problems) - most
    if left <= 0:
        return list(problems)
    return [*problems[:most], f"and {left:,} more in the link: left out, or the default is shown"]


def refuse_unknown(given: Iterable[str], known: Iterable[str]) -> None:
    """ConfigError for a name that is not among the known ones, with those that are near."""
    names = sorted(known)
    for name in given:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=2)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)}"
            raise ConfigError(f"unknown setting {name[:40]!r}; {hint}")
