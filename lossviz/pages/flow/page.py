"""Flow: free features under gradient descent, to see what geometry a loss wants."""

from __future__ import annotations

import streamlit as st

from lossviz.pages.flow.ui import controls, flow
from lossviz.pages.flow.view import FlowView, preset_of
from lossviz.ui.binding import Binding

HOW = "Every dot is a feature that follows its own loss; arrows are class weights, crosses centres."


def show() -> None:
    """Draw the page."""
    bound = Binding("flow", FlowView)
    bound.open()
    left, right = st.columns([5, 2], gap="medium")
    with left:
        st.title("What geometry does a loss want?")
        with st.container(key="how"):
            st.caption(HOW)
        bound.tell()
        flow.mount(flow.encode(bound.view), key="flow.picture")
        _notice(bound.view)
    with right:
        controls.show(bound)
        bound.button("Reset all", lambda now: FlowView.from_query({})[0], width="stretch")
    bound.close()


def _notice(view: FlowView) -> None:
    """The sentence on a named flow; of others nothing is known."""
    preset = preset_of(view)
    if preset is not None:
        st.markdown(f"**{preset.notice}**")
    st.caption(
        f"No network: {view.particles} free features of {view.classes} classes in {view.dimension}-D, "
        f"seed {view.seed}, in float64. NC1, gaps and accuracies are of these features, not of test images."
    )
