"""The form of a new sweep: losses, axes, seeds, what all cells share; its cost before the press."""

from __future__ import annotations

import streamlit as st

import models
from lossviz import data, losses
from lossviz.core.errors import LossvizError
from lossviz.pages.sweep.presets import preset_of, presets
from lossviz.pages.sweep.view import VARIED, SweepView, of_plan, usual
from lossviz.runs import RunStore, permit
from lossviz.sweeps import Plan, cost
from lossviz.ui import visit
from lossviz.ui.binding import Binding, plain, sentence
from lossviz.ui.control import control, preset, text_control


def show(bound: Binding[SweepView]) -> None:
    """Draw the form; Start trains what it says."""
    known = presets()
    own = preset_of(bound.view)
    name = None if own is None else own.name
    preset(bound, known, name, lambda now, new: now.with_form(known[new].view), label="Try")
    titles = {key: spec.title for key, spec in losses.catalogue().items()}
    control(bound, "losses", change=SweepView.with_losses, options=titles, words=titles)
    for number, slot in enumerate(VARIED, 1):
        if number == 1 or bound.view.get(VARIED[number - 2]) or bound.view.get(slot):
            _axis(bound, slot, number)
    left, right = st.columns(2)
    with left:
        _typed(bound, "seeds")
    with right:
        _typed(bound, "subset_seeds")
    _shared(bound)
    _start(bound)


def _axis(bound: Binding[SweepView], slot: str, number: int) -> None:
    """The setting that a slot varies, and its values."""
    view = bound.view
    offered = view.may_vary()
    now = view.varied(slot)
    taken = {view.varied(other) for other in VARIED if other != slot}
    titles = {"": "nothing else"} | {
        name: declared.label for name, declared in offered.items() if name not in taken or name == now
    }
    if now and now not in titles:
        titles[now] = f"{now} (of no loss here)"

    def choose(then: SweepView, name: str) -> SweepView:
        return then.with_axis(slot, name, usual(then.may_vary()[name]) if name else "")

    label = "Vary" if number == 1 else "And vary"
    bound.control(
        st.selectbox, f"{slot} name", now, choose, label, list(titles), format_func=lambda n: titles.get(n, n)
    )
    if now:
        declared = view.declaration(slot)
        values = str(view.get(slot)).partition("=")[2]
        text_control(
            bound,
            st.text_input,
            slot,
            values,
            lambda then, text: then.with_axis(slot, now, text),
            f"Values {number}",
            label_visibility="collapsed",
            help=declared.help,
        )


def _typed(bound: Binding[SweepView], name: str) -> None:
    """A text that is checked as part of the plan."""
    declared = bound.view.declaration(name)

    def change(now: SweepView, text: str) -> SweepView:
        then = now.with_setting(name, text.strip())
        then.plan()
        return then

    label = declared.label
    text_control(bound, st.text_input, name, bound.view.get(name), change, label, help=declared.help)


def _shared(bound: Binding[SweepView]) -> None:
    """The settings that all cells share; what an axis varies has no control."""
    varied = {bound.view.varied(slot) for slot in VARIED}
    titles = {key: spec.title for key, spec in data.catalogue().items()}
    if "data" not in varied:
        control(bound, "data", options=titles, words=titles, help=None)
    left, right = st.columns(2)
    with left:
        if "epochs" not in varied:
            control(bound, "epochs", st.number_input)
    with right:
        if "dimension" not in varied:
            control(bound, "dimension", st.number_input)
    for _ in bound.folded("What all cells share"):
        nets = {key: spec.title for key, spec in models.catalogue().items()}
        if "net" not in varied:
            control(bound, "net", options=nets, words=nets, help=None)
        if "train_images" not in varied:
            control(bound, "train_images", st.number_input)
        _typed(bound, "more")


def _start(bound: Binding[SweepView]) -> None:
    try:
        plan = bound.view.plan()
    except LossvizError as error:
        st.error(plain(sentence(f"{error}.")))
        return
    label = f"Train {len(plan.cells):,} cells"
    start(bound, plan, label, "start", type="primary", width="stretch")
    costs(plan)
    st.caption("The same from a terminal:")
    st.code(plan.to_command(), language="bash", wrap_lines=True)


def costs(plan: Plan) -> None:
    """The cost of a plan, and why it may not be trained here."""
    runs = RunStore()
    try:
        first = plan.cells[0].config
        if problem := permit.path_problem(first.data, visit.mode()):
            st.warning(plain(sentence(f"{problem}.")))
            return
        st.caption(plain(f"{cost.of(plan, runs).words}."))
        for problem in permit.problems([first], visit.mode(), runs):
            st.warning(plain(f"{sentence(problem)}."))
    except LossvizError as error:
        st.warning(plain(sentence(f"{error}.")))


def start(bound: Binding[SweepView], plan: Plan, label: str, key: str, **options: str) -> None:
    """Draw a button that starts a plan and shows its sweep."""

    def press() -> None:
        sweep = visit.start_sweep(plan)
        form = of_plan(plan)
        known = None if form is None else preset_of(form)
        bound.view = bound.view.of_sweep(sweep.id).shown_as(SweepView() if known is None else known.view)

    bound.press(label, key, press, icon=":material/play_arrow:", **options)


def of_sweep(bound: Binding[SweepView], plan: Plan) -> None:
    """The plan of a sweep as a command, and the button that takes its settings into the form."""
    st.code(plan.to_command(), language="bash", wrap_lines=True)
    asked = of_plan(plan)
    if asked is not None:
        bound.button("Take its settings into the form", lambda now: now.with_form(asked), "take")
