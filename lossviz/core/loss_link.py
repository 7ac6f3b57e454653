"""The link of a page that shows one loss: its settings and the parameters of the loss, to and from text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, Self, TypeVar

from lossviz.core.errors import LossvizError
from lossviz.core.query import labelled, linked_value, param_text
from lossviz.core.settings import Setting
from lossviz.losses.spec import LossSpec, Param
from lossviz.pages.contours.view_texts import linked_params


class OneLoss(Protocol):
    """A view of one loss."""

    @property
    def params(self) -> Mapping[str, Any]:
        """Values by the parameters' link, those that are not default."""

    @property
    def classes(self) -> int:
        """How many classes there are."""

    @property
    def spec(self) -> LossSpec:
        """The loss."""

    @classmethod
    def settings(cls) -> dict[str, Setting]:
        """The settings by name."""

    def with_setting(self, name: str, value: Any) -> Self:
        """The view with one setting changed; LossvizError with the rule."""

    def with_param(self, link: str, value: Any) -> Self:
        """The view with one parameter changed; LossvizError with the rule."""


AnyView = TypeVar("AnyView", bound=OneLoss)


def params_with(view: OneLoss, link: str, value: Any) -> dict[str, Any]:
    """The parameters of a view with one set; a default leaves the mapping."""
    params = {k: v for k, v in view.params.items() if k != link}
    default = next(p.default for p in view.spec.params if p.link == link)
    return params if value == default else {**params, link: value}


def to_query(view: OneLoss, usual: Mapping[str, Any]) -> dict[str, str]:
    """What differs from the usual, as URL parameters. usual: the settings and `params` of the page as it
    opens; those parameters count for its own loss alone."""
    query = {
        name: declared.write(getattr(view, name))
        for name, declared in view.settings().items()
        if getattr(view, name) != usual[name]
    }
    known = linked_params()
    before = {} if "loss" in query else usual["params"]
    for link in {**view.params, **before}:
        default = known[link].default
        value = view.params.get(link, default)
        if "loss" in query or value != before.get(link, default):
            query[link] = param_text(known[link], value)
    return query


def read_settings(view: AnyView, names: Iterable[str], left: dict[str, str], problems: list[str]) -> AnyView:
    """The view with these settings as they stand in `left`, which lose their place there. What cannot be
    read keeps its default, and `problems` says why, naming the setting as its control does."""
    for name in names:
        if name in left:
            text, declared = left.pop(name), view.settings()[name]
            named = labelled(declared.label, name)
            try:
                view = view.with_setting(name, declared.read(named, text))
            except LossvizError as error:
                problems.append(f"{_said(str(error), name, named)}; the default is shown")
    return view


def _said(told: str, name: str, named: str) -> str:
    """What a view says of a setting that can be read and does not go, in the words of the page."""
    if told.startswith(f"{name} "):
        return named + told.removeprefix(name)
    return told if told.startswith(named) else f"{named}: {told.removeprefix('losses: ')}"


def read_params(view: AnyView, params: Iterable[Param], left: dict[str, str], problems: list[str]) -> AnyView:
    """The same for parameters of the loss."""
    for param in params:
        if param.link in left:
            text = left.pop(param.link)
            try:
                view = view.with_param(param.link, linked_value(param, text, view.classes))
            except LossvizError as error:
                problems.append(f"{error}; the default is shown")
    return view
