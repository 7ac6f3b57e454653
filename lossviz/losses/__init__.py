"""The catalogue: every loss of the five papers as a pure function of one feature and its label.

One file a family; each exports FAMILY and LOSSES. A new file in this folder, or a new entry in a
LOSSES tuple, is found by itself and shows on every page, in the reference and in the tests.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache

from lossviz.core.errors import LossError, UnknownLossError
from lossviz.core.settings import Setting
from lossviz.losses._ops import complement_entropy, unit
from lossviz.losses.spec import Family, LossSpec
from lossviz.losses.state import ClassState

__all__ = [
    "ClassState",
    "LossError",
    "all_parameters",
    "catalogue",
    "complement_entropy",
    "families",
    "for_classes",
    "get",
    "key_of",
    "keys",
    "of_family",
    "parameters",
    "unit",
]


@cache
def _modules() -> tuple[tuple[Family, tuple[LossSpec, ...]], ...]:
    known: dict[str, Family] = {}
    specs: dict[str, list[LossSpec]] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        family = getattr(module, "FAMILY", None)
        if family is not None:
            known[family.key] = family
        for spec in getattr(module, "LOSSES", ()):
            specs.setdefault(spec.family, []).append(spec)
    for key, members in specs.items():
        if key not in known:
            raise LossError(
                f"losses: {members[0].key} is of the family {key!r}, which no file declares; "
                f"known are {', '.join(sorted(known))}. Declare it as FAMILY beside the loss."
            )
    order = sorted(specs, key=lambda key: (known[key].order, key))
    return tuple((known[key], tuple(specs[key])) for key in order)


@cache
def catalogue() -> dict[str, LossSpec]:
    """All losses by key, in the order of the catalogue."""
    return {spec.key: spec for _, specs in _modules() for spec in specs}


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for spec in catalogue().values():
        for name in (spec.key, *spec.aliases):
            if name in names:
                raise LossError(f"losses: the name {name!r} stands for {names[name]} and {spec.key}")
            names[name] = spec.key
    return names


def keys() -> list[str]:
    """The keys of all losses, in the order of the catalogue."""
    return list(catalogue())


def get(key: str) -> LossSpec:
    """The loss with this key or alias; UnknownLossError names the nearest ones."""
    import difflib

    names = _names()
    name = str(key).strip().lower().replace("_", "-")
    if name in names:
        return catalogue()[names[name]]
    near = difflib.get_close_matches(name, names, n=3)
    every = "the reference page and `python -m lossviz losses` list all"
    hint = f"did you mean {', '.join(near)}?" if near else every
    raise UnknownLossError(f"no loss is called {str(key)[:60]!r}; {hint}")


def families() -> list[Family]:
    """The families, in the order of the catalogue."""
    return [family for family, _ in _modules()]


def of_family(key: str) -> list[LossSpec]:
    """The losses of one family."""
    return [spec for family, specs in _modules() if family.key == key for spec in specs]


def key_of(name: str) -> str:
    """The key of the loss with this key or alias; UnknownLossError names the nearest ones."""
    return get(name).key


def parameters(specs: Iterable[LossSpec]) -> dict[str, Setting]:
    """The parameters of losses by their links; the first declaration of each stands for all."""
    found: dict[str, Setting] = {}
    for spec in specs:
        for param in spec.params:
            found.setdefault(param.link, param)
    return found


@cache
def all_parameters(classes: int | None) -> dict[str, Setting]:
    """The parameters of the catalogue by their links, for a number of classes; None: not known."""
    return for_classes(parameters(catalogue().values()), classes)


def for_classes(params: Mapping[str, Setting], classes: int | None) -> dict[str, Setting]:
    """The same parameters for a number of classes; None: not known."""
    return {link: param.for_classes(classes) for link, param in params.items()}
