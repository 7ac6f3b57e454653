"""Values of settings, drawn from their declarations."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from lossviz import losses
from lossviz.core.errors import LossvizError
from lossviz.core.query import View
from lossviz.core.settings import Setting

# A name in a link: no comma, which joins, and no space at its ends, which is trimmed.
NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,30}", fullmatch=True)


def values(setting: Setting) -> st.SearchStrategy[Any]:
    """Any value that a setting takes."""
    words = NAME if setting.resolve is not losses.key_of else st.sampled_from(losses.keys())
    low, high = setting.low or 0, setting.high if setting.high is not None else 9
    digits = 6 if setting.decimals is None else setting.decimals
    real = st.floats(low, high, allow_nan=False).map(lambda v: v + 0.0)
    if setting.decimals is not None:  # a link holds no more
        real = real.map(lambda v: round(v, digits))
    whole = st.integers(int(low), int(min(high, 10**9)))
    coordinate = st.floats(low, high, allow_nan=False).map(lambda v: round(v, 4) + 0.0)
    point = st.tuples(coordinate, coordinate)

    def several(each: st.SearchStrategy[Any], most: float) -> st.SearchStrategy[Any]:
        return st.lists(each, min_size=int(low), max_size=int(most)).map(tuple)

    @st.composite
    def matrix(draw: st.DrawFn) -> Any:
        size = setting.count or draw(st.integers(2, 4))
        return tuple(tuple(0.0 if i == j else draw(real) for j in range(size)) for i in range(size))

    return {
        "flag": st.booleans(),
        "choice": st.sampled_from(list(setting.choices) or [""]),
        "text": words,
        "real": real,
        "whole": whole,
        "numbers": st.lists(whole, max_size=4, unique=True).map(tuple),
        "classes": whole | st.lists(whole, min_size=2, max_size=4, unique=True).map(tuple),
        "reals": st.lists(real, min_size=setting.count, max_size=setting.count).map(tuple),
        "matrix": st.none() | matrix(),
        "points": st.lists(point, min_size=setting.count, max_size=setting.count).map(tuple)
        if setting.count
        else point,
        "names": several(words, setting.high or 5).map(
            lambda found: found if low == high else tuple(dict.fromkeys(found))
        )
        if setting.kind == "names"
        else st.nothing(),
    }[setting.kind]


@st.composite
def views(draw: st.DrawFn, kind: type[View]) -> View:
    """Any view of a page: each of its settings as it opens, or drawn."""
    view = kind.initial()
    for name, declared in kind.declarations().items():
        if declared.kind == "params":
            known = list(view.parameters().values())
            for param in draw(st.lists(st.sampled_from(known), max_size=4)) if known else ():
                view = view.with_param(param.link, draw(values(param)))
        elif name != "vary" and draw(st.booleans()):
            try:
                view = view.with_setting(name, draw(values(view.declaration(name))))
            except LossvizError:
                continue  # a loss that a page does without
    return view
