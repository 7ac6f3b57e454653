"""The settings of the live page, as a value that travels in a URL: what to train, and what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from lossviz import data, losses
from lossviz.core.errors import SettingError
from lossviz.core.query import View
from lossviz.core.settings import Setting, setting
from lossviz.losses import key_of
from lossviz.losses.spec import LossSpec
from lossviz.readings.view import MOST_RUNS
from lossviz.training.config import SETTINGS, RunConfig
from lossviz.training.declarations import MOST_CLASSES

RACE = ("soft-d", "arcface", "center")
# Kinds whose values have commas within: a sweep varies them, parted by semicolons.
UNVARIED = ("classes", "matrix")
LAYERS = {"field": "Loss", "regions": "Regions", "none": "Nothing"}
CHARTS = {
    "learning": "Loss and accuracy",
    "recall": "Recall per class",
    "schedule": "Rate, margin, scale",
    "threshold": "Bias and threshold",
}


@dataclass(frozen=True)
class LiveView(View):
    """The runs that the live page trains and shows.

    losses, params (by link), settings (of RunConfig, by name; only those that differ): the runs that
    Train starts, one a loss. vary: a setting or a parameter's link and its values, a run for each.
    runs: ids of the runs shown. at: the epoch shown; None: the newest. of_class: whose loss is drawn.
    """

    losses: tuple[str, ...] = setting(
        RACE,
        "names",
        "losses",
        "a run for each, side by side, from the same seed on the same images",
        1,
        MOST_RUNS,
        resolve=key_of,
    )
    runs: tuple[str, ...] = setting((), "names", "runs", low=0, high=MOST_RUNS)
    at: float | None = setting(None, "real", "moment", low=0, high=1e6, decimals=4)
    layer: str = setting(
        "field",
        "choice",
        "behind the points",
        "the loss of a sample of one class at every place of the plane, with the class weights as they are "
        "at this step; or the class that is predicted there",
        choices=LAYERS,
    )
    of_class: int = setting(0, "whole", "loss of class", low=0, high=MOST_CLASSES, link="class")
    chart: str = setting("learning", "choice", "curves", choices=CHARTS)
    shapes: bool = setting(False, "flag", "a shape for each class")
    presentation: bool = setting(False, "flag", "presentation: thick lines, large text")
    params: Mapping[str, Any] = setting({}, "params", "parameters of the losses")
    settings: Mapping[str, Any] = field(default_factory=dict)
    vary: tuple[str, tuple[Any, ...]] = setting(
        ("", ()), "text", "also vary", "a run for each value, for each loss that has it"
    )

    @classmethod
    def declarations(cls) -> Mapping[str, Setting]:
        """The settings of the page and of a run, by name; what is varied is read last."""
        own = dict(super().declarations())
        varied = own.pop("vary")
        return {**own, **{name: each for name, each in SETTINGS.items() if name != "loss"}, "vary": varied}

    def parameters(self) -> Mapping[str, Setting]:
        """Every parameter of the catalogue, by link."""
        return losses.all_parameters(None)

    def get(self, name: str) -> Any:
        """The value of a setting of the page or of the runs."""
        return self.setting(name) if name in SETTINGS else super().get(name)

    def put(self, name: str, value: Any) -> LiveView:
        """The view with one setting changed; a default of the runs leaves the mapping."""
        if name not in SETTINGS:
            return super().put(name, value)
        settings = {k: v for k, v in self.settings.items() if k != name}
        if value != getattr(RunConfig, name):
            settings[name] = value
        return replace(self, settings=settings)

    def text_of(self, name: str) -> str:
        """A setting as text; what is varied as "seed:0,1,2"."""
        return f"{self.vary[0]}:{self.vary_text()}" if name == "vary" else super().text_of(name)

    def with_text(self, name: str, text: str) -> LiveView:
        """The view with one setting as a link gives it."""
        if name != "vary":
            return super().with_text(name, text)
        varied, _, values = text.partition(":")
        return self.with_vary(varied.strip(), values)

    def link_of(self, *names: str) -> str:
        """These settings alone, as the query of a URL."""
        return urlencode(LiveView(**{name: self.get(name) for name in names}).to_query())

    @property
    def classes(self) -> int:
        """K of what would be trained, as far as it is known before the data is read."""
        if self.setting("classes"):
            return len(self.setting("classes"))
        known = data.catalogue().get(self.setting("data"))
        return (known.class_count if known else 10) - len(self.setting("held_out"))

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of those classes; numbers where they are not known."""
        known = data.catalogue().get(self.setting("data"))
        names = known.classes if known else ()
        kept = self.setting("classes") or range(len(names))
        out = self.setting("held_out")
        found = tuple(names[k] for k in kept if k < len(names) and k not in out)
        return found if len(found) == self.classes else tuple(map(str, range(self.classes)))

    def base(self) -> RunConfig:
        """The settings that all runs share."""
        return RunConfig(**self.settings)

    def specs(self) -> list[LossSpec]:
        """The losses to train, in order."""
        return [losses.get(key) for key in self.losses]

    def setting(self, name: str) -> Any:
        """A setting's value."""
        return self.settings.get(name, getattr(RunConfig, name))

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

    def may(self, name: str, *values: Any) -> bool:
        """True if a setting has one of these values in one of the runs."""
        varied, several = self.vary
        return any(value in values for value in (several if varied == name else (self.setting(name),)))

    def acts(self, name: str) -> bool:
        """True if a setting of the runs has an effect beside the others; one that is varied has none."""
        rule = SETTINGS[name].acts
        return self.vary[0] != name and (rule is None or rule(self))

    def used_params(self) -> list[Setting]:
        """The parameters of the losses, each linked one once, in order."""
        return list(losses.parameters(self.specs()).values())

    def varied(self, name: str) -> Setting:
        """The declaration of a setting or a parameter that is varied."""
        return SETTINGS[name] if name in SETTINGS else self.parameters()[name]

    def vary_choices(self) -> list[str]:
        """The names of the settings and the links of the chosen losses' parameters that can be varied."""
        own = [name for name, declared in SETTINGS.items() if declared.sweep]
        return [*own, *(p.link for p in self.used_params() if p.kind not in UNVARIED)]

    def vary_text(self) -> str:
        """The values of `vary` as text, joined by commas."""
        name, values = self.vary
        return ",".join(self.varied(name).write(value) for value in values) if name else ""

    def with_vary(self, name: str, text: str) -> LiveView:
        """The view with `name` varied over the values in `text`; SettingError if they do not do."""
        if not name:
            return replace(self, vary=("", ()))
        subject = self.declaration("vary").subject
        known = [
            *self.vary_choices(),
            *(n for n, p in self.parameters().items() if p.kind not in UNVARIED),
        ]
        if name not in known:
            raise SettingError(
                f"{subject} must be one of {', '.join(self.vary_choices())}; got {name[:40]!r}"
            )
        values = tuple(
            self.varied(name).read(part, f"{subject}: {name}") for part in text.split(",") if part.strip()
        )
        if not 1 <= len(set(values)) == len(values) <= MOST_RUNS:
            raise SettingError(
                f"{subject}: {name} needs 1 to {MOST_RUNS} different values; got {text[:40]!r}"
            )
        return replace(self, vary=(name, values))
