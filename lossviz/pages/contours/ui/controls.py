"""Controls made from the declarations of the losses, for the contour page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from lossviz import losses
from lossviz.core.errors import LossError, LossvizError
from lossviz.core.query import parse_points, points_lines
from lossviz.pages.contours.presets import presets
from lossviz.pages.contours.view import ContourView, even_points, random_points
from lossviz.pages.contours.view_texts import LABELS, MAX_CLASSES, MIN_CLASSES, WEIGHT_LIMIT
from lossviz.runs import names as run_names
from lossviz.ui import choices, param_controls
from lossviz.ui.binding import Binding, plain
from lossviz.ui.param_controls import bias_stops, level_stops, radius_stops, stops


def preset_choice(bound: Binding[ContourView]) -> None:
    """The presets; any other view is called your own."""
    view, known = bound.view, presets()
    plain = replace(view, presentation=False)
    name = next((p.name for p in known.values() if p.view == plain), None)

    def taken(now: ContourView, chosen: str) -> ContourView:
        return replace(known[chosen].view, presentation=now.presentation)

    choices.preset(bound, list(known), name, taken)


def loss_choice(bound: Binding[ContourView]) -> None:
    """Any set of losses."""
    titles = {key: spec.title for key, spec in losses.catalogue().items()}

    def choose(now: ContourView, chosen: list[str]) -> ContourView:
        return replace(now, losses=tuple(chosen)) if chosen else now

    bound.control(
        st.multiselect,
        "losses",
        list(bound.view.losses),
        choose,
        LABELS["losses"],
        list(titles),
        format_func=titles.get,
        help="Any set, drawn over the same plane.",
    )


def label_choice(bound: Binding[ContourView]) -> None:
    """The class of the samples."""

    def choose(now: ContourView, chosen: int | None) -> ContourView:
        return now if chosen is None else replace(now, label=chosen)

    bound.control(
        st.segmented_control,
        "label",
        bound.view.label,
        choose,
        LABELS["label"],
        list(range(bound.view.classes)),
        required=True,
        wrap=True,
    )


def bias_controls(bound: Binding[ContourView]) -> None:
    """One bias, or one a class; shown only where a shown loss takes it."""
    view = bound.view
    kinds = {spec.needs.bias for spec in view.specs()}
    if "unified" in kinds:
        bound.control(
            st.select_slider,
            "bias",
            view.bias,
            lambda now, new: replace(now, bias=float(new)),
            LABELS["bias"],
            bias_stops(view.bias),
            format_func=lambda v: f"{v:g}",
            help="For the losses with one bias. Added by linear, subtracted by normalised classifiers.",
        )
    if "diverse" in kinds:
        for _ in bound.folded(LABELS["biases"]):
            for k in range(view.classes):

                def set_bias(now: ContourView, new: float, k: int = k) -> ContourView:
                    changed = (float(new) if i == k else b for i, b in enumerate(now.biases))
                    return replace(now, biases=tuple(changed))

                bound.control(
                    st.select_slider,
                    f"bias {k}",
                    view.biases[k],
                    set_bias,
                    f"b{k}",
                    bias_stops(view.biases[k]),
                    format_func=lambda v: f"{v:g}",
                )


def circle_controls(bound: Binding[ContourView]) -> None:
    """The circle, and the loss at the valley's edge; shown where something is measured there."""
    view = bound.view
    if view.opening or view.beside in ("angle", "target"):
        bound.control(
            st.select_slider,
            "radius",
            view.circle,
            lambda now, new: replace(now, radius=float(new)),
            LABELS["radius"],
            radius_stops(view.circle),
            format_func=lambda v: f"{v:g}",
            help="The opening angle is measured on this circle, and the charts against an angle follow it.",
        )
    if view.opening:
        bound.control(
            st.select_slider,
            "level",
            view.edge,
            lambda now, new: replace(now, level=float(new)),
            LABELS["level"],
            level_stops(view.edge),
            format_func=lambda v: f"{v:.4g}",
            help="The valley is where the loss is lower than this. At first the loss of a guess, log K.",
        )


def sliders(view: ContourView) -> list[dict[str, object]]:
    """The sliders that the picture follows while they are dragged: parameters, biases, circle and level."""
    found = param_controls.sliders("contours", view)
    kinds = {spec.needs.bias for spec in view.specs()}
    if view.opening:
        found.append({"key": "contours-radius", "link": "radius", "values": radius_stops(view.circle)})
        found.append({"key": "contours-level", "link": "level", "values": level_stops(view.edge)})
    if "unified" in kinds:
        found.append({"key": "contours-bias", "link": "bias", "values": bias_stops(view.bias)})
    if "diverse" in kinds:
        found += [
            {"key": f"contours-bias-{k}", "link": f"bias {k}", "values": bias_stops(b)}
            for k, b in enumerate(view.biases)
        ]
    return found


def weight_controls(bound: Binding[ContourView]) -> None:
    """Number of classes; weights evenly spread, random or typed in (or dragged in the picture)."""
    view = bound.view
    bound.control(
        st.slider,
        "classes",
        view.classes,
        lambda now, new: now.with_classes(int(new)),
        LABELS["classes"],
        MIN_CLASSES,
        MAX_CLASSES,
    )
    left, right = st.columns(2)
    with left:
        bound.button(
            "Spread evenly", lambda now: replace(now, weights=even_points(now.classes)), width="stretch"
        )
    with right:
        bound.button(
            "Random",
            lambda now: replace(now, weights=random_points(now.classes, bound.picked("weight seed", 0))),
            width="stretch",
        )
    bound.pick(st.number_input, "weight seed", 0, "Seed of random weights", 0, 9999)
    _from_run(bound)
    points_input(bound, "weights", f"{LABELS['weights']}: z₁, z₂ of each class, a line each", view.weights)
    if any(s.needs.centers or s.needs.adversary for s in view.specs()):
        points_input(
            bound, "centers", f"{LABELS['centers']}: z₁, z₂ of each class, a line each", view.centers
        )


def _from_run(bound: Binding[ContourView]) -> None:
    """The class weights, biases and centres of a trained run, at its last frame."""
    # Only an open fold asks for runs; what reads them is not needed before.
    from lossviz.pages.contours import from_run
    from lossviz.runs import RunStore

    able = {run.id: run for run in from_run.suitable(RunStore())}
    if not able:
        st.caption("Train a run in two dimensions, and its class weights can be taken over here.")
        return
    names = {
        name: f"{run_names.title(run.config)} · {run.config.data} · {name[:15]}" for name, run in able.items()
    }
    chosen = bound.pick(
        st.selectbox, "run", next(iter(names)), "From a trained run", list(names), format_func=names.get
    )

    def take(now: ContourView) -> ContourView:
        run = able[chosen]
        try:
            return from_run.contour_view(run, run.snapshot(run.frames()[-1]), now)
        except LossvizError as error:
            st.session_state[f"{bound.name}.run wrong"] = str(error)
            return now

    bound.button("Take its weights, biases and centres", take, width="stretch")
    wrong = st.session_state.pop(f"{bound.name}.run wrong", "")
    if wrong:
        st.error(plain(wrong))


def points_input(
    bound: Binding[ContourView], name: str, label: str, points: Sequence[tuple[float, float]]
) -> None:
    """A box of coordinates; what cannot be read is said beside it and changes nothing."""
    wrong = f"{bound.name}.{name} wrong"

    def read(now: ContourView, text: str) -> ContourView:
        try:
            found = parse_points(LABELS[name], text, now.classes, WEIGHT_LIMIT)
        except LossError as error:
            st.session_state[wrong] = str(error)
            return now
        st.session_state.pop(wrong, None)
        return now.with_points(name, found)

    bound.control(
        st.text_area, f"{name} text", points_lines(points), read, label, height=34 + 24 * len(points)
    )
    if wrong in st.session_state:
        st.error(plain(f"{st.session_state.pop(wrong)}. Nothing was changed."))


def picture_controls(bound: Binding[ContourView]) -> None:
    """How the plane is drawn."""
    view = bound.view
    bound.control(
        st.select_slider,
        "reach",
        view.reach,
        lambda now, new: replace(now, reach=float(new)),
        f"{LABELS['reach']}: the plane runs from −r to r",
        sorted({0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 50.0, 100.0, view.reach}),
        format_func=lambda v: f"{v:g}",
    )
    bound.control(
        st.segmented_control,
        "heights",
        view.spacing,
        lambda now, new: replace(now, spacing=new or now.spacing),
        LABELS["heights"],
        ["linear", "log"],
        required=True,
        help="Logarithmic bands show what happens at the bottom of the valley.",
    )
    bound.control(
        st.toggle,
        "shared",
        view.shared,
        lambda now, new: replace(now, shared=new),
        LABELS["colours"],
    )
    bound.control(
        st.toggle,
        "opening",
        view.opening,
        lambda now, new: replace(now, opening=new),
        LABELS["opening"],
        help="The circle ‖z‖ = r, the line of the loss ℓ, and the angle between its walls.",
    )
    bound.control(
        st.toggle,
        "arrows",
        view.arrows,
        lambda now, new: replace(now, arrows=new),
        LABELS["arrows"],
        help="Direction of steepest descent; the length grows with the square root of the slope.",
    )
    if any(spec.composite for spec in view.specs()):
        bound.control(
            st.toggle,
            "terms",
            view.terms,
            lambda now, new: replace(now, terms=new),
            LABELS["terms"],
            help="Splits losses that are sums into their terms.",
        )
    bound.control(
        st.toggle,
        "presentation",
        view.presentation,
        lambda now, new: replace(now, presentation=new),
        f"{LABELS['presentation']}: thick lines, large text",
    )
    if any(spec.needs.adversary for spec in view.specs()):
        bound.control(
            st.number_input,
            "seed",
            view.seed,
            lambda now, new: replace(now, seed=int(new)),
            LABELS["seed"],
            0,
            9999,
        )


def descent_controls(bound: Binding[ContourView]) -> None:
    """Step size and number of steps of the path; shown once there is one."""
    view = bound.view
    if view.start is None:
        st.caption("Click the picture: gradient descent of that one feature starts there.")
        return
    bound.control(
        st.select_slider,
        "rate",
        view.rate,
        lambda now, new: replace(now, rate=float(new)),
        LABELS["rate"],
        stops(1e-3, 100.0, view.rate, per_octave=1),
        format_func=lambda v: f"{v:.3g}",
    )
    bound.control(
        st.select_slider,
        "steps",
        view.steps,
        lambda now, new: replace(now, steps=int(new)),
        LABELS["steps"],
        sorted({1, 2, 5, 10, 20, 50, 100, 200, 500, view.steps}),
    )
    bound.button("Remove the path", lambda now: replace(now, start=None), width="stretch")
