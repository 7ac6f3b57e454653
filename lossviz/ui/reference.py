"""The reference: for each loss its picture, formula, parameters, source and what it equals."""

from __future__ import annotations

from typing import Any

import streamlit as st
import torch

from lossviz import losses, pictures
from lossviz.spec import Family, LossSpec, Param
from lossviz.ui import contours, frames
from lossviz.views import ContourView


@st.cache_data(show_spinner=False)
def _frame(keys: tuple[str, ...]) -> bytes:
    view = ContourView(losses=keys)
    made = pictures.panels(view, 120, torch.float32)
    return frames.encode(made, view, frame=1, interactive=False)


def show_family(family: Family) -> None:
    """One family: its question, its pictures side by side, and each loss in detail."""
    specs = losses.of_family(family.key)
    st.header(family.title, anchor=family.key)
    st.markdown(f"*{family.question}*")
    contours.mount(_frame(tuple(spec.key for spec in specs)), key=f"reference.{family.key}")
    for spec in specs:
        with st.expander(f"{spec.title} · `{spec.key}`"):
            _details(spec)


def _details(spec: LossSpec) -> None:
    st.latex(spec.formula)
    st.markdown(spec.notice)
    if spec.params:
        st.table([_row(p) for p in spec.params])
    facts = [f"**Source** {spec.source}"]
    if spec.aliases:
        facts.append("**Also called** " + ", ".join(f"`{a}`" for a in spec.aliases))
    facts.append("**Takes** " + _takes(spec))
    facts.append("**Unchanged when** " + _invariances(spec))
    for reduction in spec.reduces_to:
        facts.append("**Equals** " + _equals(spec, reduction))
    st.markdown("  \n".join(facts))
    query = ContourView(losses=(spec.key,)).to_query()
    st.page_link("pages/contours.py", label="Open in Contours", query_params=query)


def _row(p: Param) -> dict[str, Any]:
    if p.kind == "classes":
        allowed = "0 to K−1, one or several"
    elif p.kind == "flag":
        allowed = "yes, no"
    else:
        allowed = f"{p.text(p.low)} to {p.text(p.high)}"
    return {
        "symbol": p.letter,
        "name": p.name,
        "default": p.text(p.default),
        "allowed": allowed,
        "meaning": p.meaning,
    }


def _takes(spec: LossSpec) -> str:
    bias = {"none": "", "unified": ", one bias b", "diverse": ", a bias b_k for each class"}
    extra = ", class centres" if spec.needs.centers else ""
    extra += ", an adversary" if spec.needs.adversary else ""
    return f"class weights W_k{bias[spec.needs.bias]}{extra}"


def _invariances(spec: LossSpec) -> str:
    words = {"features": "the feature is scaled", "weights": "a weight vector is scaled"}
    return " or ".join(words[name] for name in sorted(spec.invariances)) or "nothing is scaled"


def _equals(spec: LossSpec, reduction: Any) -> str:
    def inside(params: Any) -> str:
        return ", ".join(f"{name} = {value:g}" for name, value in params.items())

    left = f"with {inside(reduction.params)}" if reduction.params else "for every b"
    right = f"`{losses.get(reduction.to).key}`"
    return f"{right} {left}" + (f" ({inside(reduction.to_params)})" if reduction.to_params else "")
