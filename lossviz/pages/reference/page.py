"""Reference: the catalogue: of each loss its picture, formula, parameters, source and what it equals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lossviz import losses
from lossviz.core.query import View
from lossviz.core.settings import Setting
from lossviz.fields.panel import default_panel, default_plane
from lossviz.losses.spec import Family, LossSpec, Reduction
from lossviz.ui.binding import Binding
from lossviz.ui.components import contours
from lossviz.ui.components.contours import frames
from lossviz.ui.page_files import page_file


class ReferenceView(View):
    """The page has no settings; the visitor of a link that has some is told so."""


def show() -> None:
    """Draw the page."""
    bound = Binding("reference", ReferenceView)
    bound.open()
    st.title("Every loss, on one page")
    bound.tell()
    st.markdown(
        f"{len(losses.keys())} losses of five papers. Each picture: three evenly spread classes, samples of "
        "class 0, default parameters; blue is low, yellow high, each panel on its own scale."
    )
    for family in losses.families():
        _show_family(family)
    bound.close()


@st.cache_data(show_spinner=False)
def _frame(keys: tuple[str, ...]) -> bytes:
    plane = default_plane()
    made = [default_panel(losses.get(key), plane, 120) for key in keys]
    return frames.encode(made, plane, frame=1, interactive=False, columns=4)


def _show_family(family: Family) -> None:
    """One family: its question, its pictures side by side, then each loss in words and numbers."""
    specs = losses.of_family(family.key)
    st.header(family.title, anchor=family.key)
    st.markdown(f"*{family.question}*")
    contours.mount(_frame(tuple(spec.key for spec in specs)), key=f"reference.{family.key}")
    for spec in specs:
        with st.container(border=True):
            _details(spec)


def _details(spec: LossSpec) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.subheader(spec.title, anchor=spec.key)
        st.latex(spec.formula)
        st.markdown(spec.notice)
    with right:
        st.markdown(facts(spec))
        st.page_link(page_file("contours"), label="Open in Contours", query_params={"losses": spec.key})


def facts(spec: LossSpec) -> str:
    """Key, parameters, source, needs, invariances and equalities of a loss, as Markdown."""
    names = f"`{spec.key}`" + "".join(f", `{alias}`" for alias in spec.aliases)
    lines = [f"**Name** {names} · **Source** {spec.source}"]
    lines += [_param_line(p) for p in spec.params] or ["No parameters"]
    lines.append(f"**Takes** {_takes(spec)}")
    if spec.invariances:
        lines.append(f"**Unchanged when** {_invariances(spec)}")
    lines += [f"**Equals** {_equals(spec, reduction)}" for reduction in spec.reduces_to]
    return "\n".join(f"- {line}" for line in lines)


def _param_line(p: Setting) -> str:
    if p.kind == "classes":
        allowed = "0 to K−1, one or several"
    elif p.kind == "flag":
        allowed = "yes or no"
    elif p.kind == "matrix":
        allowed = f"K rows of K numbers, {p.low:g} to {p.high:g}"
    else:
        allowed = f"{p.text(p.low)} to {p.text(p.high)}"
    symbol = "" if p.kind == "flag" else f"{p.letter}, "
    training = " (training only)" if p.role == "training" else ""
    return f"**{symbol}`{p.name}`** {p.meaning}{training}: {p.text(p.default)}; {allowed}"


def _takes(spec: LossSpec) -> str:
    bias = {"none": "", "unified": ", one bias b", "diverse": ", a bias b_k for each class"}
    extra = ", class centres C_k" if spec.needs.centers else ""
    extra += ", an adversary" if spec.needs.adversary else ""
    return f"class weights W_k{bias[spec.needs.bias]}{extra}"


def _invariances(spec: LossSpec) -> str:
    words = {"features": "the feature is scaled", "weights": "a weight vector is scaled"}
    return " or ".join(words[name] for name in sorted(spec.invariances))


def _equals(spec: LossSpec, reduction: Reduction) -> str:
    def inside(params: Mapping[str, Any]) -> str:
        return ", ".join(f"{name} = {spec_value(value)}" for name, value in params.items())

    when = f"with {inside(reduction.params)}" if reduction.params else "for every b"
    other = f" ({inside(reduction.to_params)})" if reduction.to_params else ""
    return f"`{losses.get(reduction.to).key}`{other} {when}"


def spec_value(value: Any) -> str:
    """A parameter's value in a sentence."""
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value:g}"
