"""The settings of the live page, as a value that travels in a URL: what to train, and what is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from lossviz import data, losses
from lossviz.core.errors import LossvizError
from lossviz.core.query import (
    flag,
    labelled,
    linked_value,
    number,
    number_text,
    param_text,
    param_value,
    unknown_settings,
    whole,
    within,
)
from lossviz.losses.spec import LossSpec, Param
from lossviz.pages.contours.view_texts import linked_params, read_losses
from lossviz.training.config import MOST_CLASSES, SETTINGS, RunConfig

MOST_PANELS = 6
RACE = ("soft-d", "arcface", "center")
LAYERS = {"field": "Loss", "regions": "Regions", "none": "Nothing"}
CHARTS = {
    "learning": "Loss and accuracy",
    "recall": "Recall per class",
    "schedule": "Rate, margin, scale",
    "threshold": "Bias and threshold",
}
# What the controls are called, on the page and in what is said of a link.
LABELS = {
    "at": "Moment",
    "layer": "Behind the points",
    "class": "Loss of class",
    "chart": "Curves",
    "shapes": "A shape for each class",
    "presentation": "Presentation: thick lines, large text",
    "vary": "Also vary",
}
# What can be given several values at once, besides the losses: a run for each.
VARIED = (
    "anneal", "weight_init", "weight_rate", "seed", "dimension", "optimizer", "rate", "bias_init",
    "bias_start", "bias_rate", "normalize", "net",
)  # fmt: skip


@dataclass(frozen=True)
class LiveView:
    """What the live page trains and shows.

    losses, params (by link), settings (of RunConfig, by name; only those that differ): what Train
    starts, one run a loss. vary: a setting or a parameter's link and its values, a run for each.
    runs: ids of the runs shown. at: the epoch shown; None: the newest. of_class: whose loss is drawn.
    """

    losses: tuple[str, ...] = RACE
    params: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    vary: tuple[str, tuple[Any, ...]] = ("", ())
    runs: tuple[str, ...] = ()
    at: float | None = None
    layer: str = "field"
    of_class: int = 0
    chart: str = "learning"
    shapes: bool = False
    presentation: bool = False

    @property
    def classes(self) -> int:
        """K of what would be trained, as far as it is known before the data is read."""
        if self.setting("classes"):
            return len(self.setting("classes"))
        known = data.catalogue().get(self.setting("data"))
        return (known.class_count if known else 10) - len(self.setting("held_out"))

    def base(self) -> RunConfig:
        """The settings that all runs share."""
        return RunConfig(**self.settings)

    def specs(self) -> list[LossSpec]:
        """The losses to train, in order."""
        return [losses.get(key) for key in self.losses]

    def setting(self, name: str) -> Any:
        """A setting's value."""
        return self.settings.get(name, getattr(RunConfig, name))

    def used_params(self) -> list[Param]:
        """The parameters of the losses, each linked one once, in order."""
        found: dict[str, Param] = {}
        for spec in self.specs():
            for p in spec.params:
                found.setdefault(p.link, p)
        return list(found.values())

    def configs(self) -> list[RunConfig]:
        """The runs that Train starts; LossvizError tells what is not allowed."""
        made = []
        for spec in self.specs():
            links = {p.link: p for p in spec.params}
            own = {links[link].name: value for link, value in self.params.items() if link in links}
            config = RunConfig(loss=spec.key, params=own, **self.settings)
            name, values = self.vary
            if name in SETTINGS:
                made += [config.but(**{name: value}) for value in values]
            elif name in links:
                made += [config.but(params={**own, links[name].name: value}) for value in values]
            else:
                made.append(config)
        return made

    def with_param(self, link: str, value: Any) -> LiveView:
        """The view with one linked parameter set; a default value leaves the mapping."""
        params = {k: v for k, v in self.params.items() if k != link}
        if value != linked_params()[link].default:
            params[link] = value
        return replace(self, params=params)

    def with_setting(self, name: str, value: Any) -> LiveView:
        """The view with one setting of the runs set; a default value leaves the mapping."""
        settings = {k: v for k, v in self.settings.items() if k != name}
        checked = SETTINGS[name].check(name, value)
        if checked != getattr(RunConfig, name):
            settings[name] = checked
        return replace(self, settings=settings)

    def vary_choices(self) -> list[str]:
        """What can be varied: settings, and the parameters of the losses chosen, by link."""
        return [*VARIED, *(p.link for p in self.used_params() if p.kind != "classes")]

    def vary_text(self) -> str:
        """The values of `vary` as text, joined by commas."""
        name, values = self.vary
        return ",".join(_one(name).write(value) for value in values) if name else ""

    def with_vary(self, name: str, text: str) -> LiveView:
        """The view with `name` varied over the values in `text`; LossvizError if they do not do."""
        if not name:
            return replace(self, vary=("", ()))
        named = labelled(LABELS["vary"], "vary")
        if name not in VARIED and name not in linked_params():
            raise LossvizError(f"{named} must be one of {', '.join(self.vary_choices())}; got {name[:40]!r}")
        values = tuple(_one(name).read(name, part) for part in text.split(",") if part.strip())
        if not 1 <= len(set(values)) == len(values) <= MOST_PANELS:
            raise LossvizError(
                f"{named}: {name} needs 1 to {MOST_PANELS} different values; got {text[:40]!r}"
            )
        return replace(self, vary=(name, values))

    def to_query(self) -> dict[str, str]:
        """What differs from the default view, as URL parameters."""
        query = {
            "runs": ",".join(self.runs),
            "at": "" if self.at is None else number_text(round(self.at, 4)),
            "layer": "" if self.layer == "field" else self.layer,
            "class": "" if self.of_class == 0 else str(self.of_class),
            "chart": "" if self.chart == "learning" else self.chart,
            "shapes": "yes" if self.shapes else "",
            "presentation": "yes" if self.presentation else "",
            "losses": "" if self.losses == RACE else ",".join(self.losses),
            "vary": f"{self.vary[0]}:{self.vary_text()}" if self.vary[0] else "",
        }
        query |= {name: SETTINGS[name].write(value) for name, value in self.settings.items()}
        query |= {link: param_text(linked_params()[link], value) for link, value in self.params.items()}
        return {name: text for name, text in query.items() if text}

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[LiveView, list[str]]:
        """(the view, what was wrong in words); a wrong setting keeps its default."""
        reader = _Reader(query)
        return reader.read(), reader.problems


class _Value:
    """How one varied value is written and read, be it a setting or a parameter."""

    def __init__(self, write: Callable[[Any], str], read: Callable[[str, str], Any]) -> None:
        self.write, self.read = write, read


def _one(name: str) -> _Value:
    if name in SETTINGS:
        return _Value(SETTINGS[name].write, SETTINGS[name].read)
    param = linked_params()[name]
    return _Value(
        lambda value: param_text(param, value),
        lambda _, text: param_value(param, text, MOST_CLASSES),
    )


class _Reader:
    """Reads a query setting by setting; collects what is wrong instead of stopping."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self.query = dict(query)
        self.problems: list[str] = []

    def read(self) -> LiveView:
        start = LiveView()
        view = replace(
            start,
            losses=self.several("losses", RACE, partial(read_losses, most=MOST_PANELS)),
            runs=self.several("runs", (), read_runs),
            at=self.named("at", None, lambda name, t: within(number(name, t), 0, 1e6, name)),
            layer=self.named("layer", "field", lambda name, t: _among(name, t, LAYERS)),
            of_class=self.named("class", 0, lambda name, t: within(whole(name, t), 0, MOST_CLASSES, name)),
            chart=self.named("chart", "learning", lambda name, t: _among(name, t, CHARTS)),
            shapes=self.named("shapes", False, flag),
            presentation=self.named("presentation", False, flag),
        )
        for link, param in linked_params().items():
            value = self.take(link, param.default, partial(linked_value, param, classes=MOST_CLASSES))
            view = view.with_param(link, value)
        for name, declared in SETTINGS.items():
            if name in self.query and name != "loss":
                value = self.take(name, None, partial(declared.read, labelled(declared.label, name)))
                view = view if value is None else view.with_setting(name, value)
        text = self.query.pop("vary", "")
        if text:
            name, _, values = text.partition(":")
            view = self.tried(lambda: view.with_vary(name.strip(), values), view)
        self.problems += unknown_settings(self.query)
        return view

    def named(self, name: str, default: Any, parse: Callable[[str, str], Any]) -> Any:
        """The value of a control, of which `parse` is given the name for a message."""
        return self.take(name, default, partial(parse, labelled(LABELS[name], name)))

    def several(
        self, name: str, default: tuple[str, ...], read: Callable[[str], tuple[tuple[str, ...], list[str]]]
    ) -> tuple[str, ...]:
        """What of a list can be read; what cannot is noted."""
        text = self.query.pop(name, None)
        found, problems = ((), []) if text is None else read(text)
        self.problems += problems
        return found or default

    def take(self, name: str, default: Any, parse: Callable[[str], Any]) -> Any:
        """A setting's value, or its default with the problem noted."""
        text = self.query.pop(name, None)
        return default if text is None else self.tried(lambda: parse(text), default)

    def tried(self, make: Callable[[], Any], default: Any) -> Any:
        """What `make` gives, or the default with the problem noted."""
        try:
            return make()
        except LossvizError as error:
            self.problems.append(f"{error}; the default is shown")
            return default


def read_runs(text: str) -> tuple[tuple[str, ...], list[str]]:
    """(the ids of runs that a link names, what was wrong in words): those beyond the sixth are left out."""
    found = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if len(found) <= MOST_PANELS:
        return found, []
    told = f"“Runs”: at most {MOST_PANELS} can be side by side; got {len(found)}, the last were left out"
    return found[:MOST_PANELS], [told]


def _among(name: str, text: str, allowed: Mapping[str, str]) -> str:
    if text not in allowed:
        raise LossvizError(f"{name} must be one of {', '.join(allowed)}; got {text[:40]!r}")
    return text
